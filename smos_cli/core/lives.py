"""A memory's life in the history: the commits that concern it, wherever its file lay and whatever it was called.

Owns how it is followed, from now back: by ids in the records, by moves, by file names that end in the id's last eight
characters, and, where it was gone for a while, by what it held when it came back. Also how one that only the history
has is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.changes import Told, read_record
from smos_cli.core.layout import role_of
from smos_cli.core.past import Commit, FileChange
from smos_cli.core.ports import Ports
from smos_cli.core.reading import memory_in
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import SHORTEST_END
from smos_cli.core.trash import former, opened
from smos_cli.errors import AmbiguousError, NotFoundError, StorageError

_SHOWN = 5


class Known(NamedTuple):
    """A memory, episode or note that is there, or was."""

    identity: str
    """its id; empty where it has none"""
    path: str
    """where it is, or where it was last; empty where only records name it"""
    there: bool = True
    """whether it is in the vault"""

    @property
    def name(self) -> str:
        """What an error calls it."""
        return self.identity or self.path


class Step(NamedTuple):
    """One commit of a life."""

    commit: Commit
    told: Told
    files: tuple[FileChange, ...]
    """what it did to the memory's file"""


def known(ports: Ports, key: str) -> Known:
    """Return what a key names in the vault, else in its trash, else in the history.

    ``NotFoundError``, ``AmbiguousError``; without a history the error is that of the vault.
    """
    try:
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            found = resolve(session, key)
        return Known(found.id, found.path)
    except NotFoundError as error:
        missing = error
    trash = opened(ports)
    try:
        found = resolve(trash.session, key)
        return Known(found.id, former(ports, found.path), there=False)
    except NotFoundError:
        pass
    try:
        candidates = _in_history(ports, key)
    except StorageError:
        candidates = []
    if not candidates:
        raise missing
    if len(candidates) > 1:
        names = ", ".join(one.name for one in candidates[:_SHOWN])
        raise AmbiguousError(
            f"{key!r} could be {len(candidates)} memories: {names}{' ...' if len(candidates) > _SHOWN else ''}.",
            "Give more characters of the id, or the path.",
        )
    return candidates[0]


def life(ports: Ports, memory: Known) -> Iterator[Step]:
    """Yield the commits that concern a memory, newest first."""
    trail = Trail(memory, ports.vault.base)
    for commit in ports.past.commits():
        told = read_record(commit.text)
        files = trail.follow(commit, told)
        if files or (memory.identity and memory.identity in told.ids):
            yield Step(commit, told, files)


class Trail:
    """Where one memory's file lay; it is shown the commits, newest first."""

    def __init__(self, memory: Known, base: str) -> None:
        self._identity = memory.identity
        self._base = base
        self.paths: set[str] = {memory.path} if memory.there else set()
        """where it lay before the commits seen"""
        self._awaited = set() if memory.there else {memory.path}
        self._brought: set[str] = set()

    def follow(self, commit: Commit, told: Told) -> tuple[FileChange, ...]:
        """Return what a commit did to the memory's file."""
        alone = told.ids == (self._identity,) and sum(self._may_be(change) for change in commit.files) == 1
        found = tuple(change for change in commit.files if self._is_its(change) or (alone and self._may_be(change)))
        for change in found:
            self._go_back(change)
        return found

    def _is_its(self, change: FileChange) -> bool:
        if change.path in self.paths or any(is_named(path, self._identity) for path in (change.path, change.was)):
            return True
        return not change.after and (change.path in self._awaited or change.before in self._brought)

    def _may_be(self, change: FileChange) -> bool:
        return role_of(change.path, self._base) in ("memory", "episode")

    def _go_back(self, change: FileChange) -> None:
        self.paths.discard(change.path)
        if change.was:
            self.paths.add(change.was)
        elif change.before:
            self.paths.add(change.path)
        else:
            self._brought.add(change.after)


def is_named(path: str, identity: str) -> bool:
    """Say whether a file's name ends in the last eight characters of an id."""
    if not identity or not path:
        return False
    name, ending = path.rsplit("/", 1)[-1].lower().removesuffix(".md"), ulid.suffix(identity)
    return name == ending or name.endswith(f"-{ending}")


def _in_history(ports: Ports, key: str) -> Sequence[Known]:
    wanted = key.strip().split("#", 1)[0].removeprefix("[[").removesuffix("]]").split("|", 1)[0].strip()
    if not wanted:
        return []
    ids: set[str] = set()
    paths: dict[str, str] = {}
    removed: dict[str, str] = {}
    for commit in ports.past.commits():
        ids.update(one for one in read_record(commit.text).ids if _is_meant(one, wanted))
        for change in filter(_is_markdown, commit.files):
            if _is_called(change.path, wanted):
                paths.setdefault(change.path, change.after or change.before)
            if change.was and _is_called(change.was, wanted):
                paths.setdefault(change.was, change.before)
            if not change.after:
                removed.setdefault(change.path, change.before)
    found = _identified(ports, paths)
    if not ids and not found and ulid.is_valid(wanted.ljust(26, "0")):
        # The end of an id is in a file's name; the beginning of one that no record names only in the file.
        found = [one for one in _identified(ports, removed) if _is_meant(one.identity, wanted)]
    by_name = {one.name: one for one in (*found, *(Known(one, "", there=False) for one in ids - _ids(found)))}
    exact = [one for one in by_name.values() if wanted in (one.path, one.identity)]
    return exact[:1] or list(by_name.values())


def _is_markdown(change: FileChange) -> bool:
    return change.path.lower().endswith(".md")


def _ids(found: Iterable[Known]) -> set[str]:
    return {one.identity for one in found}


def _is_meant(identity: str, wanted: str) -> bool:
    upper = wanted.upper()
    return bool(identity) and (identity.startswith(upper) or (len(wanted) >= SHORTEST_END and identity.endswith(upper)))


def _is_called(path: str, wanted: str) -> bool:
    """Say whether a path is one that a key names: in full, by file name, or by the end of it."""
    if path == wanted or path.endswith(f"/{wanted}"):
        return True
    stem = path.removesuffix(".md")
    ending = ulid.suffix(wanted) if ulid.is_valid(wanted) else wanted.removesuffix(".md").lower()
    return (
        stem == wanted
        or stem.endswith(f"/{wanted}")
        or (len(ending) >= SHORTEST_END and stem.lower().endswith(ending) and path != stem)
    )


def _identified(ports: Ports, paths: dict[str, str]) -> list[Known]:
    """Return what lay at some paths, given the blob of each; each memory once, with its newest path."""
    ours = {path: blob for path, blob in paths.items() if role_of(path, ports.vault.base) != "own"}
    found: dict[str, Known] = {}
    for path, data in zip(ours, ports.past.contents(ours.values()), strict=True):
        one = Known(memory_in(data, path, ports.vault.base).id, path, there=False)
        found.setdefault(one.name, one)
    return list(found.values())
