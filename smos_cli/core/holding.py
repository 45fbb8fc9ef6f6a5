"""What the vault holds, held against what its audit chains say: which bodies are current, erased, or unknown to them.

Owns what counts as an outside edit, which is no forgery, and whose a file is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.balance import Balance
from smos_cli.core.finding import Finding
from smos_cli.core.layout import role_of
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import read_entry
from smos_cli.core.salts import Salts
from smos_cli.errors import NotFoundError, SmosError

_ID = re.compile(rb"---[ \t]*\r?\n(?:(?!---)[^\n]*\n)*?id: ([0-9A-HJKMNP-TV-Z]{26})\r?\n")
_TOLD_NEXT = "The next change gives it its own line; see what changed with `smos diff`."


class Held(NamedTuple):
    """A file of the vault now: where it lies, and the sha256 of its bytes."""

    path: str
    digest: str


class Said(NamedTuple):
    """What all chains of a vault say, and what it takes to compare that with files."""

    balance: Balance
    salts: Salts
    erased: Collection[str]
    """ids that tombstones, and tokens that lines, say are erased"""


def holdings(ports: Ports, salts: Salts) -> tuple[dict[str, list[Held]], list[Finding]]:
    """Return every file of the vault by its id or token, and those that can't be read.

    Those of nobody, by the empty name, are memories that no chain can name; other files without a token are left out.
    """
    base = ports.vault.base
    found: dict[str, list[Held]] = {}
    problems = []
    for stamp in ports.vault.scan().stamps():
        try:
            blob = ports.vault.read(stamp.path)
        except NotFoundError:
            continue
        except SmosError as error:
            problems.append(Finding("problem", stamp.path, error.message, error.remedy))
            continue
        identity = identity_of(blob, base) or salts.token(stamp.path)
        if identity or role_of(stamp.path, base) == "memory":
            found.setdefault(identity, []).append(Held(stamp.path, blob.etag))
    return found, problems


def may_have_line(path: str) -> bool:
    """Say whether a file is of the kind that lines are about: Markdown, and in no hidden folder."""
    return path.lower().endswith(".md") and not any(part.startswith(".") for part in path.split("/"))


def identity_of(blob: Blob, base: str) -> str:
    """Return the id by which lines name a file, also one that is broken, or an empty text."""
    role = role_of(blob.stamp.path, base)
    if role == "own":
        return ""
    # As smos itself writes it; whatever is spelled in another way is read in full.
    if role != "note" and (plain := _ID.match(blob.data)):
        return plain[1].decode()
    if role == "note" and b"id:" not in blob.data:
        return ""
    memory = read_entry(blob, base, ()).memory
    return memory.id if memory else ""


def compare(said: Said, held: Mapping[str, Collection[Held]]) -> list[Finding]:
    """Return what differs between the files and what the chains say is current."""
    found: list[Finding] = []
    for identity in said.balance.identities():
        here = held.get(identity, ())
        if said.salts.all_of(identity):
            found += _differences(said, identity, here)
        elif identity not in said.erased and (ulid.is_valid(identity) or not said.erased):
            # The salt of a file without an id goes with an erased memory that lay at its path, on every machine.
            what = f"The salt of {identity} is not there, so that nothing its lines say can be checked."
            found.append(Finding("problem", "audit", what, "Bring the .salts files back from the history or a copy."))
    found += [
        Finding("problem", one.path, "It was erased, and is here again.", "Erase it again.")
        for identity, files in held.items()
        if identity in said.erased and ulid.is_valid(identity)
        for one in files
    ]
    return found + _unnamed(said, held)


def _differences(said: Said, identity: str, here: Collection[Held]) -> list[Finding]:
    salts, balance = said.salts.all_of(identity), said.balance
    found = [
        Finding("note", one.path, "It was changed outside smos, and no line tells of that yet.", _TOLD_NEXT)
        for one in here
        if not any(balance.is_current(identity, salt.mac(one.digest)) for salt in salts)
    ]
    if not here and not balance.is_current(identity, ""):
        where = next((salt.path for salt in salts if salt.path), identity)
        found.append(Finding("note", where, "It was deleted outside smos, and no line tells of that yet.", _TOLD_NEXT))
    if not found and len(salts) == 1 and balance.unexplained(identity):
        where = next((one.path for one in here), identity)
        what = "It was changed outside smos once, before a later change, and no line tells of that."
        found.append(Finding("note", where, what, "Nothing needs to be done."))
    return found


def _unnamed(said: Said, held: Mapping[str, Collection[Held]]) -> list[Finding]:
    named = said.balance.identities()
    count = sum(len(files) for identity, files in held.items() if identity not in named)
    if not count:
        return []
    what = f"{count} {'memory' if count == 1 else 'memories'} that no line names, made before the chain began."
    return [Finding("note", "memories", what, "The next change of each gets a line.")]
