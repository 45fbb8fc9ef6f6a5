"""A home that takes in a backup: unpacked beside where it goes, made whole there, renamed into place.

Owns the way back when a step fails. A vault that is in place, but not yet in the settings, has a mark, so that the
next try after a kill knows it for what it is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from smos_cli import config as configuration
from smos_cli.adapters.durable import create, sync_all, sync_folders
from smos_cli.adapters.git.bundle import unbundle
from smos_cli.adapters.home import HomeFolder
from smos_cli.adapters.identity import MachineIdentity
from smos_cli.adapters.scan import TEMPORARY
from smos_cli.adapters.unpacking import BackupFile
from smos_cli.core.manifest import AUDIT, CONFIG, STATE, text_of
from smos_cli.core.ports import Progress
from smos_cli.core.restoring import Backup, Goal, Meant
from smos_cli.errors import ConfigError, FormatError, StorageError

_MARK = f"{TEMPORARY}restored.tmp"
_SPARE = 16_000_000
"""Bytes that are left free."""


class HomeRestoring:
    """The ``Household`` port over a home folder."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.home = HomeFolder(environ)
        self._folder = Path(self.home.folder)

    def open(self, file: str, progress: Progress) -> Backup:
        """Read all of a backup and compare it with its manifest; ``FormatError`` for what is none."""
        found = BackupFile(Path(file).absolute())
        manifest = found.check(lambda done, total: progress("checking", done, total))
        return Backup(str(found.file), manifest, found.read(CONFIG))

    def is_fresh(self) -> bool:
        return not os.path.lexists(self.home.config_file)

    def meant(self, config: bytes) -> Mapping[str, Meant]:
        try:
            parsed = configuration.parsed(config, self._folder)
        except ConfigError as error:
            raise FormatError(
                f"The settings in the backup are broken: {error.message}", "Use another backup; nothing was changed."
            ) from error
        return {
            name: Meant(
                os.path.abspath(persona.path),
                persona.adopted,
                persona.model_folders,
                persona.git,
                name == parsed["default_persona"],
            )
            for name, persona in parsed.personas.items()
        }

    def is_free(self, path: str) -> bool:
        try:
            return not os.listdir(path)
        except FileNotFoundError:
            return not os.path.lexists(path)
        except OSError:
            return False

    def is_placed(self, path: str, backup: Backup) -> bool:
        try:
            return Path(path, _MARK).read_bytes() == _mark(backup)
        except OSError:
            return False

    @contextmanager
    def placing(
        self, backup: Backup, goals: Sequence[Goal], progress: Progress, *, whole: bool
    ) -> Iterator[Sequence[str]]:
        place = _Placing(self._folder, backup, goals)
        try:
            place.unpack(progress, whole=whole)
            warnings = place.histories(progress)
            place.rename(whole=whole)
            yield warnings
        except BaseException as error:
            place.take_back()
            if isinstance(error, OSError):
                raise _foreign(error) from error
            raise
        finally:
            place.clear()
        place.unmark()

    def write_config(self, data: bytes) -> None:
        try:
            create({self.home.config_file: data}, mode=0o600)
        except OSError as error:
            raise _foreign(error) from error


class _Placing:
    """One restore under way."""

    def __init__(self, home: Path, backup: Backup, goals: Sequence[Goal]) -> None:
        self._home = home
        self._backup = backup
        self._goals = goals
        self._new = [goal for goal in goals if not goal.placed]
        self._beside = home / f"{TEMPORARY}restore"
        owner = sha256(os.fsencode(home)).hexdigest()[:8]
        self._scratch = {
            goal.name: Path(goal.path).with_name(f"{TEMPORARY}restore-{goal.name}-{owner}") for goal in self._new
        }
        self._placed: list[tuple[Path, Path]] = []
        self._made: list[Path] = []

    def unpack(self, progress: Progress, *, whole: bool) -> None:
        """Unpack into scratch folders; what an earlier try left in them goes."""
        self.clear()
        self._check_space()
        for folder in (self._beside, *self._scratch.values()):
            self._make(folder)
        manifest = BackupFile(Path(self._backup.file)).unpack(
            lambda name: self._place(name, whole=whole), lambda done, total: progress("restoring", done, total)
        )
        if manifest != self._backup.manifest:
            raise FormatError(f"{self._backup.file} changed while it was read.", "Try again when it is at rest.")

    def histories(self, progress: Progress) -> list[str]:
        """Make the repositories; return warnings."""
        warnings = []
        for done, goal in enumerate(self._new, 1):
            folder = self._scratch[goal.name]
            (folder / ("smos" if goal.adopted else "") / "memories").mkdir(parents=True, exist_ok=True)
            bundle = self._beside / f"{goal.part.name}.bundle"
            if goal.part.head and not unbundle(folder, bundle, goal.part.head):
                warnings.append(
                    f"git is not there, so the history of {goal.name} was not restored; it is still in the backup."
                )
            (folder / _MARK).write_bytes(_mark(self._backup))
            _sync(folder)
            progress("restoring histories", done, len(self._new))
        return warnings

    def rename(self, *, whole: bool) -> None:
        """Put everything where it goes, vaults last."""
        if whole:
            self._put_state()
        for goal in self._new:
            source, target = self._scratch[goal.name], Path(goal.path)
            if os.name == "nt" and target.exists():
                target.rmdir()
            self._rename(source, target)
            sync_folders({target.parent})
        self._begin_new_chains()

    def take_back(self) -> None:
        """Undo what was done, as far as that is possible."""
        for target, source in reversed(self._placed):
            with suppress(OSError):
                target.rename(source)

    def clear(self) -> None:
        """Delete the scratch folders, and folders that were made for nothing."""
        for folder in (self._beside, *self._scratch.values()):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()

    def unmark(self) -> None:
        """Delete the marks: what is in place is in the settings now."""
        for goal in self._goals:
            with suppress(OSError):
                Path(goal.path, _MARK).unlink(missing_ok=True)

    def _rename(self, source: Path, target: Path) -> None:
        source.replace(target)
        self._placed.append((target, source))

    def _place(self, name: str, *, whole: bool) -> Path | None:
        for goal in self._new:
            if name.startswith(goal.part.folder):
                return self._scratch[goal.name] / name.removeprefix(goal.part.folder)
            if name == goal.part.bundle:
                return self._beside / f"{goal.part.name}.bundle"
        return self._beside / name if whole and name == STATE else None

    def _put_state(self) -> None:
        """Put back the state, where home has none."""
        source, target = self._beside / STATE, self._home / STATE
        if source.is_file() and not os.path.lexists(target):
            source.chmod(0o600)
            self._rename(source, target)

    def _begin_new_chains(self) -> None:
        """Become another machine where the backup has a chain of this one, which may have gone on since.

        Two lines of one number would break the chain of both. How far it had come is noted of the lost vault.
        """
        names = {goal.name for goal in self._goals}
        marks = [mark for mark in (self._home / AUDIT).glob("*") if mark.suffix in (".head", ".kept")]
        if mine := next(filter(None, map(self._own_chain, self._goals)), ""):
            keys = self._home / "keys"
            for public in keys.glob("audit-*.pub"):
                public.unlink()  # it is made again, with the secret
            with suppress(FileNotFoundError):
                self._rename(keys / "audit.key", keys / f"audit.key.{mine}")
            names = {mark.stem for mark in marks}
        for mark in marks:
            if mark.stem in names:
                self._rename(mark, mark.with_name(f"{mark.name}.old"))

    def _own_chain(self, goal: Goal) -> str:
        """Return the name of this machine's chain for a persona, if its vault has that."""
        mine = MachineIdentity(self._home, goal.name).known()
        return mine if mine and Path(goal.path, "smos" if goal.adopted else "", AUDIT, mine).is_dir() else ""

    def _make(self, folder: Path) -> None:
        """Make a folder with its parents, and remember which there were not."""
        missing = [one for one in folder.parents if not one.exists()]
        self._made += reversed(missing)
        folder.mkdir(parents=True)

    def _check_space(self) -> None:
        there = next(folder for folder in (self._home, *self._home.parents) if folder.exists())
        free, needed = shutil.disk_usage(there).free, self._backup.manifest.size + _SPARE
        if free < needed:
            raise StorageError(
                f"The backup needs {needed / 1e6:.0f} MB, and there are {free / 1e6:.0f} MB free in {there}.",
                "Free some space; nothing was changed.",
            )


def _mark(backup: Backup) -> bytes:
    return sha256(text_of(backup.manifest)).hexdigest().encode()


def _sync(folder: Path) -> None:
    """Make a folder and all below it durable, but for what git has in it, which it has made so itself."""
    folders, files = [], []
    for place, below, names in os.walk(folder):
        if ".git" in below:
            below.remove(".git")
        folders.append(Path(place))
        files += [Path(place, name) for name in names]
    sync_all(files)
    sync_folders(folders)


def _foreign(error: OSError) -> StorageError:
    return StorageError(
        f"{error.filename or 'The backup'} could not be written: {error.strerror or error}.",
        "Free some space, or make the folder writable; nothing was changed.",
    )
