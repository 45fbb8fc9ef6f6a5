"""The certificate of an erasure: what is gone, when, and how that was checked; signed, and checked again.

Owns its form. It names ids and counts, and no word of what was erased. ``hash`` is the sha256 of all but itself and
the signature as RFC 8785 writes it, and the signature (Ed25519) is over that.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from smos_cli.core import chain
from smos_cli.core.audit import ERASE, machines, read_parts
from smos_cli.core.auditing import Machine, Mark
from smos_cli.core.expunging import places_of
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Erased, Purge
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import FormatError, SmosError

SCHEMA = 1
TYPE = "erasure"
_CONTEXT = b"smos erasure certificate\n"
_NOT_HASHED = ("hash", "signature")
_FIELDS: Mapping[str, type] = {
    **dict.fromkeys(("time", "machine", "actor", "tip", "hash", "key", "signature"), str),
    **dict.fromkeys(("ids", "turns", "verified", "also_in"), list),
    **dict.fromkeys(("commits_rewritten", "objects_searched", "files_searched", "texts_searched"), int),
    "audit": dict,
}


class Proof(NamedTuple):
    """What an erasure did, and what the search after it went through."""

    erased: Erased
    commits_rewritten: int = 0
    objects_searched: int = 0
    files_searched: int = 0
    texts_searched: int = 0
    verified: tuple[str, ...] = ()
    """where nothing is left of it: ``vault``, ``trash``, ``index``, ``history`` ..."""
    also_in: tuple[str, ...] = ()
    """where the same words stand in something else"""
    tip: str = ""
    """the last commit; empty where no history is kept"""
    line: Mark = Mark(0, "")
    """of the audit chain"""


class Checked(NamedTuple):
    """A certificate that was read, and what is wrong with it or with what it says."""

    fields: Mapping[str, Any]
    problems: tuple[str, ...]


def certify(ports: Ports, proof: Proof) -> dict[str, Any]:
    """Return the certificate of an erasure that was just done, signed with this machine's key; ``StorageError``."""
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "type": TYPE,
        "ids": sorted(proof.erased.ids),
        "turns": sorted(proof.erased.turns),
        "time": ports.now(),
        "machine": ports.machine.name(),
        "actor": ports.actor,
        "commits_rewritten": proof.commits_rewritten,
        "objects_searched": proof.objects_searched,
        "files_searched": proof.files_searched,
        "texts_searched": proof.texts_searched,
        "verified": list(proof.verified),
        "also_in": list(proof.also_in),
        "tip": proof.tip,
        "audit": {"n": proof.line.number, "line": proof.line.digest},
        "key": ports.machine.public_key().hex(),
    }
    digest = _hash(fields)
    return {**fields, "hash": digest, "signature": ports.machine.sign(_CONTEXT + digest.encode()).hex()}


def check(ports: Ports, purge: Purge, data: bytes) -> Checked:
    """Check a certificate against itself, the audit chain, the vault and its history; ``FormatError``: it is none."""
    fields = _parsed(data)
    erased = Erased(frozenset(fields["ids"]), frozenset(fields["turns"]))
    problems = [*_of_itself(ports.machine, fields), *_of_chain(ports, fields), *_of_vault(ports, erased)]
    # The second looks at what no commit has, too.
    if purge.holds(erased) or purge.survey(erased).versions:
        problems.append("The history holds something of it.")
    return Checked(fields, tuple(problems))


def _parsed(data: bytes) -> dict[str, Any]:
    remedy = "Give a file that `smos erase --certificate FILE` wrote."
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError("This is not a certificate: it is not JSON.", remedy) from error
    # What `erase --json` prints has it among other things.
    fields = fields.get("certificate", fields) if isinstance(fields, dict) else None
    if not isinstance(fields, dict) or fields.get("type") != TYPE:
        raise FormatError("This is not the certificate of an erasure.", remedy)
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(fields.get(name), kind)]
    if fields.get("schema") != SCHEMA or wrong:
        raise FormatError(f"The certificate has no proper {wrong[0] if wrong else 'schema'}.", remedy)
    if not all(isinstance(one, str) for name in ("ids", "turns", "verified", "also_in") for one in fields[name]):
        raise FormatError("The certificate has no proper lists.", remedy)
    return fields


def _of_itself(machine: Machine, fields: Mapping[str, Any]) -> list[str]:
    digest = _hash({key: fields[key] for key in fields if key not in _NOT_HASHED})
    if digest != fields["hash"]:
        return ["Its hash is not that of what it says: it was changed."]
    try:
        key, signature = bytes.fromhex(fields["key"]), bytes.fromhex(fields["signature"])
    except ValueError:
        return ["Its key or signature can't be read."]
    if chain.machine_of(key) != fields["machine"]:
        return ["Its key is not that of the machine that it names."]
    if not machine.genuine(key, _CONTEXT + digest.encode(), signature):
        return ["Its signature is not of this key."]
    return []


def _of_chain(ports: Ports, fields: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with the line that it names."""
    machine, number, digest = fields["machine"], fields["audit"].get("n"), fields["audit"].get("line")
    if machine not in machines(ports.vault):
        return ["The vault has no audit chain of the machine that it names."]
    for data in read_parts(ports.vault, machine).values():
        for line in data.split(b"\n"):
            if chain.digest_of(line) == digest:
                return _of_line(line, number, fields["ids"])
    return ["The audit chain lacks the line of the erasure."]


def _of_line(line: bytes, number: object, ids: Collection[str]) -> list[str]:
    try:
        said = chain.parsed(line)
    except FormatError as error:
        return [f"The line of the erasure can't be read: {error.message}."]
    named = {*said.get("ids", ()), *(body[0] for body in said["bodies"])}
    if said["verb"] != ERASE or said["n"] != number or not named.issuperset(ids):
        return ["The line of the audit chain that it names tells of something else."]
    return []


def _of_vault(ports: Ports, erased: Erased) -> list[str]:
    forgotten = read_forgotten(ports.vault)
    lacking = sorted((erased.ids - forgotten.erased) | (erased.turns - forgotten.erased_turns))
    problems = [f"The tombstones lack {one}." for one in lacking]
    try:
        places = places_of(ports, erased)
    except SmosError as error:
        return [*problems, f"The vault can't be looked through: {error.message}"]
    return [*problems, *(f"{place.path} is of {place.identity}." for place in places if place.whole)]


def _hash(fields: Mapping[str, Any]) -> str:
    return sha256(chain.canonical(fields)).hexdigest()
