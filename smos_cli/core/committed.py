"""What the history holds, held against the audit chains: earlier states of their files, and the bodies they name.

Owns what a committed state proves: a chain only grows, so each state it ever had is the beginning of what it is now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import NamedTuple

from smos_cli.core import chain
from smos_cli.core.breaks import COMPARE, Files
from smos_cli.core.finding import Finding
from smos_cli.core.holding import Held, Said, identity_of, may_have_line
from smos_cli.core.layout import is_of_audit
from smos_cli.core.past import Past
from smos_cli.core.ports import Blob, Stamp

_Blobs = dict[tuple[str, str], str]
"""The commit that gave a file a content, by the file's path and the name of the content."""


class Versions(NamedTuple):
    """All that commits ever gave to files: the lines of chains, and texts."""

    lines: _Blobs
    texts: _Blobs


def versions(past: Past, base: str) -> Versions:
    """Read what every commit changed, newest first. ``StorageError`` where no history is kept."""
    lines: _Blobs = {}
    texts: _Blobs = {}
    for commit in past.commits():
        for change in commit.files:
            kind = _kind(change.path, base)
            if change.after and kind:
                (lines if kind == "lines" else texts)[change.path, change.after] = commit.name
    return Versions(lines, texts)


def first_loss(past: Past, known: Versions, chains: Collection[Files]) -> dict[str, Finding]:
    """Return, by machine, what a chain once had and has no more."""
    now = {f"{one.folder}/{part.file}": data for one in chains for part, data in one.parts.items()}
    found: dict[str, Finding] = {}
    states = past.contents(name for _, name in known.lines)
    for ((path, _), commit), then in zip(known.lines.items(), states, strict=True):
        machine = path.split("/")[-2]
        if machine not in found and not now.get(path, b"").startswith(then):
            found[machine] = _loss(path, commit, then, now.get(path, b""))
    return found


def bodies(past: Past, known: Versions, said: Said, base: str) -> dict[str, set[str]]:
    """Return the sha256 of every text that the history holds, by the id or token it belongs to."""
    found: dict[str, set[str]] = {}
    for (path, _), data in zip(known.texts, past.contents(name for _, name in known.texts), strict=True):
        digest = sha256(data).hexdigest()
        identity = identity_of(Blob(data, Stamp(path, len(data), 0, 0, 0), digest), base) or said.salts.token(path)
        found.setdefault(identity, set()).add(digest)
    return found


def not_kept(said: Said, held: Mapping[str, Collection[Held]], kept: Mapping[str, Collection[str]]) -> int:
    """Count the bodies that lines name and neither the history nor the vault has; erased ones are not missed."""
    count = 0
    for identity in said.balance.identities():
        salts = said.salts.all_of(identity)
        digests = {*kept.get(identity, ()), *(one.digest for one in held.get(identity, ()))}
        there = {salt.mac(digest) for salt in salts for digest in digests}
        named = {body for body in said.balance.entered(identity) if body}
        count += len(named - there) if salts and identity not in said.erased else 0
    return count


def _kind(path: str, base: str) -> str:
    """Return ``lines`` for a file of a chain, ``text`` for one that lines are about."""
    if is_of_audit(path, base) and chain.part_of(path.rpartition("/")[2]):
        return "lines"
    return "text" if may_have_line(path) else ""


def _loss(path: str, commit: str, then: bytes, now: bytes) -> Finding:
    old, new = then.split(b"\n"), now.split(b"\n")
    same = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(new))
    if not now:
        what, where = f"The file is gone, with the lines that commit {commit[:10]} has.", path
    elif then.startswith(now):
        what, where = f"It is truncated: commit {commit[:10]} has lines behind the last one.", path
    else:
        what, where = f"It was changed: commit {commit[:10]} has another line here.", f"{path}:{same + 1}"
    return Finding("problem", where, what, COMPARE.format(path))
