"""A home as a backup sees it: which files of a vault are copied, the settings, the history, what home has beside.

Owns the walk through a vault. Links are not followed, and what lies in a ``.git`` is never copied as it is.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import smos_cli
from smos_cli import config as configuration
from smos_cli.adapters import archive as archives
from smos_cli.adapters.git.bundle import bundle, tracked
from smos_cli.adapters.home import HomeFolder
from smos_cli.adapters.scan import TEMPORARY, is_utf8, printable
from smos_cli.core.backup import Archive, Listed
from smos_cli.core.manifest import AUDIT, STATE, check_name, is_gits
from smos_cli.core.personas import PersonaInfo
from smos_cli.core.ports import Problem, Scan
from smos_cli.errors import FormatError, StorageError, UsageError

_DERIVED = ("index", "models", "locks", "keys")
_OWN = "smos/"
_IGNORE = ".smosignore"


class HomeCopies:
    """The ``Copies`` port over a home folder."""

    version = smos_cli.__version__

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._home = HomeFolder(environ)
        self._folder = Path(self._home.folder)

    def now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def personas(self) -> Mapping[str, PersonaInfo]:
        return self._home.personas()

    @contextmanager
    def archive(self, file: str) -> Iterator[archives.Archive]:
        place = Path(os.path.abspath(file))
        folder = Path(os.path.realpath(place.parent))
        vaults = {persona.path: f"the vault of {persona.name}" for persona in self.personas().values()}
        theirs = {str(self._folder / name): f"{name} in home" for name in _DERIVED}
        for taken, what in (vaults | theirs).items():
            if folder.is_relative_to(os.path.realpath(taken)):
                raise UsageError(f"{place} lies in {what}.", "Give a place apart from it, best on another disk.")
        with archives.archive(place) as made:
            yield made

    def config(self, names: Sequence[str]) -> bytes:
        data = self._home.config_file.read_bytes()
        others = sorted(self.personas().keys() - set(names))
        if not others:
            return data
        import tomlkit

        document = tomlkit.parse(data)
        for name in others:
            document["personas"].pop(name, None)
        if document.get("default_persona") in others:
            document.pop("default_persona")
        return tomlkit.dumps(document).encode()

    def files(self, persona: PersonaInfo, scan: Scan) -> Listed:
        walk = _Walk(Path(persona.path))
        if not persona.adopted:
            walk.folder("")
            return walk.listed()
        walk.folder(_OWN)
        walk.found |= {stamp.path for stamp in scan.stamps()}
        walk.problems += scan.problems()
        if self._keeps_history(persona):
            walk.found |= {path for path in tracked(Path(persona.path)) if _is_file(walk.root / path)}
        if _is_file(walk.root / _IGNORE):
            walk.found.add(_IGNORE)
        return walk.listed()

    def history(self, persona: PersonaInfo, archive: Archive, name: str) -> str:
        if not self._keeps_history(persona):
            return ""
        file = Path(archive.scratch, "history")
        head = bundle(Path(persona.path), file)
        if head:
            if reason := archive.take(name, str(file)):
                raise StorageError(f"The history of {persona.name} can't be backed up: {reason}.", "Try again.")
            file.unlink()
        return head

    def beside(self, archive: Archive, names: Sequence[str], *, whole: bool) -> None:
        folder = self._folder / AUDIT
        for name in sorted(os.listdir(folder)) if folder.is_dir() else ():
            if name[0] != "." and (whole or name.split(".")[0] in names):
                archive.take(f"{AUDIT}{name}", str(folder / name), 0o600)
        if whole and (self._folder / STATE).is_file():
            self._state(archive)

    def _state(self, archive: Archive) -> None:
        """Put in the state as one file, as of one moment, whoever is writing to it."""
        copy = Path(archive.scratch, STATE)
        try:
            with closing(sqlite3.connect(self._folder / STATE)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise StorageError(f"{self._folder / STATE} can't be read: {error}.", "Look at the file.") from error
        archive.take(STATE, str(copy), 0o600)

    def _keeps_history(self, persona: PersonaInfo) -> bool:
        return configuration.load(self._environ).persona(persona.name).has_history


class _Walk:
    """The files found in a vault so far, and what was passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: set[str] = set()
        self.problems: list[Problem] = []
        self._skipped: list[Problem] = []

    def folder(self, path: str) -> None:
        """Find everything below a folder, which is empty or ends in ``/``."""
        below = [path]
        while below:
            folder = below.pop()
            try:
                with os.scandir(self.root / folder) as entries:
                    below += [found for entry in entries if (found := self._take(folder, entry))]
            except FileNotFoundError:
                continue
            except OSError as error:
                self.problems.append(Problem(printable(folder) or "/", f"the folder can't be read: {error.strerror}"))

    def listed(self) -> Listed:
        paths = []
        for path in sorted(self.found):
            try:
                check_name(path)
                paths.append(path)
            except FormatError:
                self.problems.append(Problem(path, "its name is too long, or git's own"))
        failed = [problem for problem in self.problems if not (self.root / problem.where).is_symlink()]
        skipped = [problem for problem in self.problems if problem not in failed]
        return Listed(paths, sorted({*self._skipped, *skipped}), sorted(set(failed)))

    def _take(self, folder: str, entry: os.DirEntry[str]) -> str:
        """Note one thing in a folder; return a folder that is to be walked too, or nothing."""
        path, name = folder + entry.name, entry.name
        if name.startswith(TEMPORARY):
            return ""
        if not is_utf8(name):
            self.problems.append(Problem(printable(path), "its name is not UTF-8"))
        elif is_gits(name):
            if folder:
                self._skipped.append(Problem(path, "it is of a repository of its own"))
        elif entry.is_symlink():
            self._skipped.append(Problem(path, "it is a link, and links are not followed"))
        elif entry.is_dir(follow_symlinks=False):
            return f"{path}/"
        elif entry.is_file(follow_symlinks=False):
            self.found.add(path)
        else:
            self._skipped.append(Problem(path, "it is not a file"))
        return ""


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
