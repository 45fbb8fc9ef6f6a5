"""What a commit made of files: their contents before and after it.

Owns how a move is seen where git sees none: a memory that left one path and came at another is one, by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from smos_cli.core.past import FileChange
from smos_cli.core.ports import Ports
from smos_cli.core.reading import memory_in


class Sides(NamedTuple):
    """One file before and after a commit; None where there was no file."""

    change: FileChange
    before: bytes | None
    after: bytes | None


def sides_of(ports: Ports, changes: Sequence[FileChange]) -> list[Sides]:
    """Return what files held before and after the commit that changed them."""
    names = list(dict.fromkeys(blob for change in changes for blob in (change.before, change.after) if blob))
    held = dict(zip(names, ports.past.contents(names), strict=True))
    found = [Sides(change, held.get(change.before), held.get(change.after)) for change in changes]
    gone = [one for one in found if one.after is None]
    came = [one for one in found if one.before is None]
    return _with_moves(ports, found, gone, came) if gone and came else found


def _with_moves(ports: Ports, found: list[Sides], gone: list[Sides], came: list[Sides]) -> list[Sides]:
    left = _by_identity(ports, gone)
    moved = {identity: one for identity, one in _by_identity(ports, came).items() if identity and identity in left}
    parts = {id(part) for identity, one in moved.items() for part in (one, left[identity])}
    joined = [
        Sides(
            one.change._replace(before=left[identity].change.before, was=left[identity].change.path),
            left[identity].before,
            one.after,
        )
        for identity, one in moved.items()
    ]
    return [one for one in found if id(one) not in parts] + joined


def _by_identity(ports: Ports, sides: Iterable[Sides]) -> dict[str, Sides]:
    return {memory_in(one.after or one.before or b"", one.change.path, ports.vault.base).id: one for one in sides}
