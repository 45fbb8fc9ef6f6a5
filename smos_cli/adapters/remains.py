"""A search of everything that is kept of a vault: every object of its history, git's other files, the vault, home.

Owns what is looked through. The index is not: it is made anew from the files, and nobody else may open it. Reads a
piece at a time.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from smos_cli.adapters.files import LARGEST
from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import Listed, Objects
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.traces import Judge, Verdict, changes
from smos_cli.core import cleaning
from smos_cli.core.ports import Progress
from smos_cli.core.purging import Erased
from smos_cli.core.remains import Searched
from smos_cli.errors import StorageError

_PIECE = 1 << 20
_OVERLAP = 1 << 14
_EVERY = 500
_MOST = 200
"""Places that are told one by one."""
_NOT_IN_HOME = frozenset(["vaults", "index", "models", "keys", "locks"])


class Everywhere:
    """The ``Remains`` port over a vault's folder, its repository and home."""

    def __init__(self, vault: Path, home: Path, progress: Progress) -> None:
        self._vault = vault
        self._home = home
        self._progress = progress

    def search(self, erased: Erased, texts: Collection[str]) -> Searched:
        wanted = _Wanted(Judge(erased), sorted({text.encode("utf-8", "surrogateescape") for text in texts}))
        repository = Repository(self._vault)
        found = Searched()
        if repository.is_used():
            found = self._history(repository.git(), wanted)
        files, left, also = 0, [*found.left], [*found.also_in]
        for files, (place, path) in enumerate(self._files(), 1):
            if files % _EVERY == 0:
                self._progress("Searching files", files, 0)
            verdict, hit = wanted.in_file(place, path)
            if verdict:
                left.append(place)
            elif hit:
                also.append(place)
        return Searched(found.objects, files, tuple(dict.fromkeys(left))[:_MOST], tuple(dict.fromkeys(also))[:_MOST])

    def _history(self, git: Git, wanted: _Wanted) -> Searched:
        """Search the objects; then find out at which paths the blobs lie that were hit."""
        count = 0
        left: set[str] = set()
        also: set[str] = set()
        blobs: dict[bytes, Verdict | None] = {}
        with Objects(git) as objects:
            for count, listed in enumerate(objects.listed(), 1):
                if count % _EVERY == 0:
                    self._progress("Searching the history", count, 0)
                verdict, hit = wanted.in_object(objects, listed)
                if not verdict and not hit:
                    continue
                if listed.kind == b"blob":
                    blobs[listed.name] = verdict
                else:
                    also.add(f"{listed.kind.decode()} {listed.name.decode()}")
        unplaced = set(blobs)
        for change in changes(git) if blobs else ():
            if change.blob in blobs:
                unplaced.discard(change.blob)
                path, verdict = os.fsdecode(change.path), blobs[change.blob]
                is_left = verdict is not None and wanted.judge.applies(path, verdict)
                (left if is_left else also).add(f"history: {path}")
        for name in unplaced:
            (left if blobs[name] else also).add(f"object {name.decode()}")
        return Searched(count, 0, tuple(sorted(left)), tuple(sorted(also)))

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Yield every file of the vault and of home, with its place in words."""
        git = self._vault / ".git"
        for path in _below(self._vault):
            if not path.is_relative_to(git / "objects"):
                yield path.relative_to(self._vault).as_posix(), path
        for path in _below(self._home):
            if path.relative_to(self._home).parts[0] not in _NOT_IN_HOME and not path.is_relative_to(self._vault):
                yield f"home: {path.relative_to(self._home).as_posix()}", path


class _Wanted:
    """What is looked for."""

    def __init__(self, judge: Judge, texts: list[bytes]) -> None:
        self.judge = judge
        self._texts = texts
        self._names = [b" %s.md\0" % text for text in texts if b" " not in text]

    def in_object(self, objects: Objects, listed: Listed) -> tuple[Verdict | None, bool]:
        """Judge an object, and say whether it has one of the texts; of a tree its raw bytes are looked at."""
        if listed.size > LARGEST:
            return None, sum(map(self._hit, objects.windows(listed, _PIECE, _OVERLAP))) > 0
        data = objects.read(listed.name).data
        if listed.kind == b"tree":
            return None, any(name in data for name in self._names)
        return self.judge.by_content(data) if listed.kind == b"blob" else None, self._hit(data)

    def in_file(self, place: str, path: Path) -> tuple[Verdict | None, bool]:
        """Do so for a file; one that is gone meanwhile, or can't be read by anybody here, has nothing."""
        try:
            if path.stat().st_size > LARGEST:
                return None, sum(map(self._hit, _windows(path))) > 0
            data = path.read_bytes()
        except FileNotFoundError:
            return None, False
        except OSError as error:
            raise StorageError(f"{place} can't be searched: {error.strerror}.", "Make it readable.") from error
        return None if place.startswith((".git/", "home: ")) else self.judge.of(place, data), self._hit(data)

    def _hit(self, data: bytes) -> bool:
        text = cleaning.plain(data)
        return any(one in text for one in self._texts)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; links are not followed."""
    for here, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(here, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _windows(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        piece = b""
        while data := file.read(_PIECE):
            piece = piece[-_OVERLAP:] + data
            yield piece
