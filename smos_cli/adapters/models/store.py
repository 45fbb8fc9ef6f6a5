"""The models that are here: a folder each below ``models/`` in home, with its files and ``model.json``.

Reads no weights; what is installed was checked when it came, and is again by ``differences``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from smos_cli.adapters.durable import sync_folders
from smos_cli.adapters.locks import held
from smos_cli.adapters.models import manifest
from smos_cli.adapters.models.files import digest, refused
from smos_cli.adapters.models.staging import Staging, recover
from smos_cli.core.catalogue import MANIFEST, Installed, check_model_name
from smos_cli.core.ports import Problem
from smos_cli.errors import IndexBusyError, ModelError, NotFoundError, SmosError

_WAIT = 0.5
_RECOVERY_WAIT = 5.0


class ModelStore:
    """The ``Store`` port over ``models/`` of a home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def installed(self, name: str) -> Installed:
        """Return a model; ``NotFoundError`` when it is not here, ``ModelError`` when what is here is damaged."""
        found = self.find(name)
        if found is None:
            raise NotFoundError(f"The model {name} is not installed.", f"Pull it with `smos models pull {name}`.")
        return found

    def find(self, name: str) -> Installed | None:
        target = self._folder / check_model_name(name)
        try:
            if not target.exists() and (self._folder / f".replaced-{name}").exists():
                with self._locked(name, _RECOVERY_WAIT):
                    recover(self._folder, name)
            return manifest.read(target) if target.exists() else None
        except (FileNotFoundError, NotADirectoryError) as error:
            raise manifest.broken(name) from error
        except OSError as error:
            raise refused(error, target) from error

    def all(self) -> tuple[Sequence[Installed], Sequence[Problem]]:
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if not entry.name.startswith("."))
        except FileNotFoundError:
            return (), ()
        except OSError as error:
            raise refused(error, self._folder) from error
        models, problems = [], []
        for name in names:
            try:
                models.append(self.installed(name))
            except SmosError as error:
                problems.append(Problem(name, error.message))
        return models, problems

    @contextmanager
    def staging(self, name: str) -> Iterator[Staging]:
        with self._locked(name, _WAIT):
            stage = Staging(self._folder, name)
            stage.open()
            try:
                yield stage
            finally:
                stage.close()

    def remove(self, name: str) -> bool:
        gone = False
        with self._locked(name, _WAIT):
            for left_over in self._folder.glob(".removed-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            for folder in (
                self._folder / name,
                *(self._folder / f".{what}-{name}" for what in ("replaced", "pulling")),
            ):
                gone = _removed(folder, self._folder / f".removed-{name}") or gone
        return gone

    def differences(self, model: Installed, told: Callable[[int], None]) -> Sequence[Problem]:
        found: list[Problem] = []
        base = 0
        for part in model.parts:
            try:
                size, sha256 = digest(model.folder / part.path, lambda read, at=base: told(at + read))  # type: ignore[misc]
            except ModelError as error:
                reason = error.message
            except OSError as error:
                reason = (
                    "it is missing" if isinstance(error, FileNotFoundError) else f"it can't be read: {error.strerror}"
                )
            else:
                base += size
                reason = "" if sha256 == part.sha256 else f"it is not what came: {size:,} bytes, sha256 {sha256}"
            if reason:
                found.append(Problem(f"{model.name}/{part.path}", reason))
        return found + [Problem(f"{model.name}/{path}", "it came from elsewhere") for path in _strangers(model)]

    @contextmanager
    def _locked(self, name: str, wait: float) -> Iterator[None]:
        home = self._folder.parent
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise refused(error, home) from error
        try:
            with held(home / "locks" / f"model-{check_model_name(name)}.lock", wait):
                yield
        except IndexBusyError as error:
            raise IndexBusyError(
                f"Another smos is pulling or removing the model {name}.", "Try again when it is done."
            ) from error


def _removed(folder: Path, aside: Path) -> bool:
    """Delete a folder, which nobody sees half deleted; False when there is none."""
    if not os.path.lexists(folder):
        return False
    try:
        shutil.rmtree(aside, ignore_errors=True)
        os.rename(folder, aside)
        sync_folders({folder.parent})
        with suppress(FileNotFoundError):  # who removes another model deletes what is left over of this one, too
            if aside.is_symlink() or not aside.is_dir():
                aside.unlink()
            else:
                shutil.rmtree(aside)
    except OSError as error:
        raise refused(error, folder) from error
    return True


def _strangers(model: Installed) -> Iterator[str]:
    """Yield the paths of files that are not the model's, sorted."""
    known = {MANIFEST, *(part.path for part in model.parts)}
    paths = (
        Path(folder, name).relative_to(model.folder).as_posix()
        for folder, _, names in os.walk(model.folder)
        for name in names
    )
    yield from sorted(path for path in paths if path not in known)
