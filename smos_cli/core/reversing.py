"""A commit reversed, file by file: what each would become, decided before anything is written, then done.

Owns the rule: a file that is as the commit left it becomes what it was; one that was changed since keeps that change
if both can be had, else it stops the whole. What leaves the vault goes to the trash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from smos_cli.core.changes import Touched
from smos_cli.core.layout import TOMBSTONES, is_of_audit
from smos_cli.core.lives import Known
from smos_cli.core.memory import Memory
from smos_cli.core.merging import merge_text
from smos_cli.core.past import Commit, FileChange
from smos_cli.core.ports import Blob, IndexSession, Ports
from smos_cli.core.reading import memory_in
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.sides import Sides, sides_of
from smos_cli.core.trash import opened, trash_place
from smos_cli.core.versions import SHORT, check_not_erased
from smos_cli.errors import NotFoundError, StaleError

Find = Callable[[str], Sequence[str]]
"""Returns the paths of the memories that have an id."""
_MANY = 50
"""Files from which one look at all memories costs less than one a file."""


class Back(NamedTuple):
    """One file as it is, and as it is to be."""

    memory: Memory
    """what is in it: of one that goes, what was"""
    now: str
    """its path; empty where it is not there"""
    etag: str
    then: str
    """the path it is to have; empty: the trash"""
    data: bytes = b""
    trashed: str = ""
    """path in the trash of a file that holds the same"""


def planned(ports: Ports, commit: Commit) -> list[Back]:
    """Return what reversing a commit means for files; nothing for those that are as they were before it.

    ``StaleError`` for a file that was changed since in a way that can't be kept, ``NotFoundError`` for one erased.
    """
    sides = sides_of(ports, [change for change in commit.files if not _is_ours(ports, change)])
    if not sides:
        return []
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        plan = _Plan(ports, commit.name, _finder(session, len(sides)))
        found = [plan.back(one) for one in sides]
    return [back for back in found if back]


def carry_out(ports: Ports, back: Back) -> list[Touched]:
    """Make a file what it is to be; return what changed."""
    vault, identity = ports.vault, back.memory.id
    gone = Touched(identity, back.now, before=back.etag)
    if not back.then:
        vault.move(back.now, trash_place(ports, back.now))
        return [gone]
    after = sha256(back.data).hexdigest()
    if back.trashed:
        vault.move(back.trashed, back.then)
    elif not back.now:
        vault.create({back.then: back.data})
    elif back.now != back.then:
        vault.move(back.now, back.then)
    if back.now and back.etag != after:
        vault.replace(back.then, back.data, back.etag)
    if back.now == back.then:
        return [Touched(identity, back.then, back.etag, after)]
    return [gone] * bool(back.now) + [Touched(identity, back.then, after=after)]


class _Plan:
    """What is needed to decide of each file; the trash is read when a file has to come back."""

    def __init__(self, ports: Ports, commit: str, find: Find) -> None:
        self._ports = ports
        self._find = find
        self._short = commit[:SHORT]
        self._trashed: dict[str, str] | None = None

    def back(self, sides: Sides) -> Back | None:
        there = self._present(sides)
        if sides.before is None:
            return self._out(sides, there)
        if there is None:
            return self._in(sides)
        data = self._reversed(sides, there)
        then = there.stamp.path
        if sides.change.was and then == sides.change.path:
            then = sides.change.was
            self._check_free(then)
        if then == there.stamp.path and data == there.data:
            return None
        return Back(self._memory(data, then), there.stamp.path, there.etag, then, data)

    def _out(self, sides: Sides, there: Blob | None) -> Back | None:
        """Return how a file goes that the commit brought."""
        if there is None:
            return None
        if there.data != sides.after:
            raise self._stale(there.stamp.path)
        return Back(self._memory(there.data, there.stamp.path), there.stamp.path, there.etag, "")

    def _in(self, sides: Sides) -> Back:
        """Return how a file comes back that the commit took away."""
        path, data = sides.change.was or sides.change.path, sides.before or b""
        if sides.after is not None:
            raise StaleError(
                f"{path} is gone since {self._short}.", "Nothing was changed; `smos restore` brings it back first."
            )
        self._check_free(path)
        memory = self._memory(data, path)
        check_not_erased(self._ports, Known(memory.id, path))
        return Back(memory, "", "", path, data, self._in_trash(data))

    def _reversed(self, sides: Sides, there: Blob) -> bytes:
        """Return what a file holds without what the commit did to it."""
        before = sides.before or b""
        if there.data == before:
            return before
        merged = merge_text(sides.after, there.data, before) if sides.after is not None else None
        if merged is None:
            raise self._stale(there.stamp.path)
        return merged

    def _present(self, sides: Sides) -> Blob | None:
        """Return a file as it is, also where it was moved since; one of another memory in its place is not it."""
        path = sides.change.path
        there = self._read(path)
        identity = self._memory(sides.after or sides.before or b"", path).id
        if not identity or (there is not None and self._memory(there.data, path).id in (identity, "")):
            return there
        paths = self._find(identity)
        return self._read(paths[0]) if len(paths) == 1 else None

    def _read(self, path: str) -> Blob | None:
        try:
            return self._ports.vault.read(path)
        except NotFoundError:
            return None

    def _check_free(self, path: str) -> None:
        if self._read(path) is not None:
            raise StaleError(f"{path} is there again since {self._short}.", "Nothing was changed; move that file away.")

    def _in_trash(self, data: bytes) -> str:
        """Return where in the trash the same file lies."""
        if self._trashed is None:
            self._trashed = {}
            for place, item in opened(self._ports).targets.items():
                self._trashed[item.etag] = place
        return self._trashed.pop(sha256(data).hexdigest(), "")

    def _memory(self, data: bytes, path: str) -> Memory:
        return memory_in(data, path, self._ports.vault.base)

    def _stale(self, path: str) -> StaleError:
        return StaleError(
            f"{path} was changed since {self._short}, in the same place.",
            f"Nothing was changed; see what {self._short} did with `smos diff {self._short}` and edit the file.",
        )


def _finder(session: IndexSession, count: int) -> Find:
    """Return what finds memories by id: one by one, or for many in a table of all."""
    if count < _MANY:
        return lambda identity: [
            one.path for one in session.memories(Selection(key=identity, everything=True)) if one.id == identity
        ]
    paths: dict[str, list[str]] = {}
    for one in session.memories(Selection(everything=True)):
        paths.setdefault(one.id, []).append(one.path)
    return lambda identity: paths.get(identity, [])


def _is_ours(ports: Ports, change: FileChange) -> bool:
    return is_of_audit(change.path, ports.vault.base) or change.path == ports.vault.base + TOMBSTONES
