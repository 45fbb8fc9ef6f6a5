"""The history in memory: what is committed is what the files of a fake vault hold then.

``FakePast`` is both ports, ``History`` and ``Past``; ``save`` is a commit that somebody made with git itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha1, sha256

from smos_cli.core.changes import Change, record
from smos_cli.core.history import Outside
from smos_cli.core.past import Commit, FileChange
from smos_cli.errors import NotFoundError, StorageError
from tests.fakes import NOON, FakeHistory, FakeVault


class NoPast:
    """The ``Past`` port of a vault without a history."""

    recording = False

    def commits(self, start: str = "HEAD", *, under: Sequence[str] = ()) -> Iterator[Commit]:
        raise _none()

    def find(self, revision: str) -> str:
        raise _none()

    def until(self, seconds: int) -> str:
        raise _none()

    def files(self, commit: str = "HEAD", *, under: Sequence[str] = ()) -> Mapping[str, str]:
        raise _none()

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        raise _none()

    def unrecorded(self) -> Sequence[FileChange]:
        raise _none()


class FakePast(FakeHistory):
    """Commits of a fake vault, one a second. ``hidden`` are beginnings of paths that are ignored."""

    def __init__(self, vault: FakeVault, hidden: tuple[str, ...] = (".trash/",)) -> None:
        super().__init__()
        self.recording = True
        self.made: list[Commit] = []
        """oldest first"""
        self._vault = vault
        self._hidden = hidden
        self._trees: dict[str, dict[str, str]] = {}
        self._blobs: dict[str, bytes] = {}

    def outside(self) -> Sequence[Outside]:
        return [
            Outside(
                change.path,
                self._digest(self._blobs.get(change.before)),
                self._digest(self._vault.files.get(change.path)),
            )
            for change in self.unrecorded()
        ]

    def commit(self, change: Change) -> str | None:
        if super().commit(change) is None:
            return None
        return self._add(record(change), (*change.written, *change.removed))

    def save(self, *paths: str, text: str = "By hand\n", moved: Mapping[str, str] | None = None) -> str:
        """Commit what some files hold now; ``moved`` are paths now by paths before."""
        was = {now: before for before, now in (moved or {}).items()}
        return self._add(text, (*paths, *(moved or {}), *was), was)

    def save_all(self, text: str = "By hand\n") -> str:
        """Commit every difference, as a person would."""
        return self._add(text, tuple(change.path for change in self.unrecorded()))

    def commits(self, start: str = "HEAD", *, under: Sequence[str] = ()) -> Iterator[Commit]:
        last = len(self.made) if start == "HEAD" else [one.name for one in self.made].index(start) + 1
        for one in reversed(self.made[:last]):
            files = tuple(change for change in one.files if _is_under(change.path, under))
            if files or not under:
                yield one._replace(files=files)

    def find(self, revision: str) -> str:
        name, _, back = revision.partition("~")
        names = [one.name for one in self.made]
        found = [place for place, one in enumerate(names) if one.startswith(name)]
        place = (len(names) - 1 if name == "HEAD" else (found or [-1])[0]) - int(back or 0)
        if place < 0:
            raise NotFoundError(f"There is no commit {revision!r}.", "See them with `smos log`.")
        return names[place]

    def until(self, seconds: int) -> str:
        return next((one.name for one in reversed(self.made) if one.seconds <= seconds), "")

    def files(self, commit: str = "HEAD", *, under: Sequence[str] = ()) -> Mapping[str, str]:
        tree = self._trees[self.find(commit)] if self.made else {}
        return {path: blob for path, blob in tree.items() if _is_under(path, under)}

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        for blob in blobs:
            yield self._blobs[blob]

    def unrecorded(self) -> Sequence[FileChange]:
        kept = self.files()
        there = {path: data for path, data in self._vault.files.items() if not path.startswith(self._hidden)}
        return [
            FileChange(path, kept.get(path, ""), "?" if path in there else "")
            for path in sorted({*kept, *there})
            if path not in there or kept.get(path) != _name(there[path])
        ]

    def _digest(self, data: bytes | None) -> str:
        return "" if data is None else sha256(data).hexdigest()

    def _add(self, text: str, paths: tuple[str, ...], was: Mapping[str, str] | None = None) -> str:
        before = dict(self.files())
        after = dict(before)
        for path in paths:
            after.pop(path, None)
            if path in self._vault.files:
                data = self._vault.files[path]
                after[path] = _name(data)
                self._blobs[after[path]] = data
        moved = was or {}
        files = tuple(
            FileChange(path, before.get(moved.get(path, path), ""), after.get(path, ""), moved.get(path, ""))
            for path in sorted({*before, *after} - set(moved.values()))
            if before.get(path) != after.get(path)
        )
        name = sha1(f"{len(self.made)}{text}{after}".encode()).hexdigest()
        parents = (self.made[-1].name,) if self.made else ()
        self.made.append(Commit(name, parents, NOON // 1000 + len(self.made), "Marta", text, files))
        self._trees[name] = after
        return name


def _is_under(path: str, under: Sequence[str]) -> bool:
    return not under or any(path == one.rstrip("/") or path.startswith(f"{one.rstrip('/')}/") for one in under)


def _name(data: bytes) -> str:
    return sha1(data).hexdigest()


def _none() -> StorageError:
    return StorageError("No history is kept.", "Keep one.")
