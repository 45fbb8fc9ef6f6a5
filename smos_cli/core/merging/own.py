"""Three-way merging of our own files: the tombstones, the audit and its salts. Sets of lines; nothing is un-erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256

from smos_cli.core.merging.documents import Versions


def merge_tombstones(versions: Versions) -> bytes:
    """Merge tombstones: a line goes when one side took it out, unless it is a key or says that something was erased.

    Of what was erased no ``forgotten`` line stays, as it holds a hash of its text.
    """
    if versions.early == versions.late:
        return versions.late
    lines = [_lines(data or b"") for data in versions]
    stays = frozenset(line for side in lines for line in side if _stays(line.split()))
    erased = {words[1] for words in map(bytes.split, stays) if words[0] == b"erased"}
    void = {(b"forgotten", identity) for identity in erased}
    return _text(line for line in _three_way(lines, stays) if tuple(line.split()[:2]) not in void)


def merge_salts(versions: Versions, erased: Collection[str]) -> bytes:
    """Merge salts: a line goes when one side took it out or its memory was erased."""
    lines = [_lines(data or b"") for data in versions]
    gone = {identity.encode() for identity in erased}
    return _text(line for line in _three_way(lines, frozenset()) if line.split()[:1] and line.split()[0] not in gone)


def longer_chain(versions: Versions) -> bytes | None:
    """Return the file of a chain that goes on from the other's end; None where they are two chains."""
    longer, shorter = sorted([versions.early, versions.late], key=len, reverse=True)
    return longer if longer.startswith(shorter) else None


def fork_name(path: str, data: bytes) -> str:
    """Return where the second of two chains of one machine goes: beside the first, named by what it holds."""
    return f"{path.rpartition('/')[0]}/fork-{sha256(data).hexdigest()[:8]}.jsonl"


def _three_way(lines: Sequence[Sequence[bytes]], stays: frozenset[bytes]) -> list[bytes]:
    base, early, late = (dict.fromkeys(side) for side in lines)
    kept = [line for line in base if line in stays or (line in early and line in late)]
    return [*kept, *(line for line in {**early, **late} if line not in base)]


def _stays(words: Sequence[bytes]) -> bool:
    """Say whether a line of tombstones is never taken out, given its words."""
    if len(words) < 2:
        return False
    return words[0] in (b"erased", b"key", b"retired") or (words[0] == b"masked" and words[-1] == b"erased")


def _lines(data: bytes) -> list[bytes]:
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _text(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
