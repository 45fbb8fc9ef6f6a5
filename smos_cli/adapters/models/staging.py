"""A model's files while they gather, in ``models/.pulling-NAME/``, and the one rename that installs them.

What has come, and is right, lies in ``model/`` there, what is coming in ``partial/``; ``came.json`` says from where the
files came that no hash was known for. All of it outlives a kill, a full disk and a power cut: the next try goes on
from it, having read it again. A model that is replaced lies in ``.replaced-NAME`` until the new one has its place.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from smos_cli.adapters.durable import sync_folders, write_new
from smos_cli.adapters.models import manifest, shape
from smos_cli.adapters.models.files import digest, refused, silent, sync
from smos_cli.core.catalogue import MANIFEST, Installed, Part
from smos_cli.errors import ModelError, StorageError

_SPARE = 1 << 20
"""Bytes that are left free beside a model."""


class Staging:
    """The ``Stage`` port over the folder of all models, for one of them. Its lock is the caller's."""

    def __init__(self, models: Path, name: str) -> None:
        self._models, self._name = models, name
        self._folder = models / f".pulling-{name}"
        self._ready = self._folder / "model"
        self._came_file = self._folder / "came.json"

    def open(self) -> None:
        """Make the folders, and end what a killed process began; ``StorageError``."""
        try:
            recover(self._models, self._name)
            for folder in (self._ready, self._folder / "partial"):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise refused(error, self._models) from error

    def close(self) -> None:
        """Take away what nothing came into."""
        with suppress(OSError):
            for file in (self._folder / "partial").iterdir():
                if not file.stat().st_size:
                    file.unlink()
            for folder in (self._ready, self._folder / "partial", self._folder):
                folder.rmdir()

    def whole(self, part: Part) -> Part | None:
        target = self._ready / part.path
        try:
            if (found := _right(target, self._expected(part))) is not None:
                return found
            target.unlink(missing_ok=True)
            installed = self._models / self._name / part.path
            if not part.sha256 or (found := _right(installed, part)) is None:
                return None
            _link(installed, target)
        except OSError as error:
            raise refused(error, target) from error
        return found

    def begun(self, part: Part) -> int:
        try:
            return self.partial(part).stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise refused(error, self._folder) from error

    def partial(self, part: Part) -> Path:
        return self._folder / "partial" / sha256(part.path.encode()).hexdigest()[:16]

    def finish(self, part: Part) -> None:
        target, partial = self._ready / part.path, self.partial(part)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sync(partial)
            os.replace(partial, target)
            _replaced(self._came_file, json.dumps({**self._came(), part.path: [part.address, part.sha256]}).encode())
        except OSError as error:
            raise refused(error, target) from error

    def require(self, size: int) -> None:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise refused(error, self._folder) from error
        if size and (missing := size + _SPARE - free) > 0:
            raise StorageError(
                f"There is no room for the model in {self._models}.", f"Free {missing:,} more bytes there."
            )

    def commit(self, model: Installed) -> Installed:
        paths = [part.path for part in model.parts]
        target = self._models / self._name
        try:
            self._drop_all_but(paths)
            shape.check(self._ready, model.format, paths)
            write_new(self._ready / MANIFEST, manifest.written(model), sync=True)
            sync_folders({Path(folder) for folder, _, _ in os.walk(self._ready)})
            _put(self._ready, target, self._models / f".replaced-{self._name}")
            shutil.rmtree(self._folder, ignore_errors=True)
        except ModelError:
            # They are what they should be, and yet no model: another try would only find the same.
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        except OSError as error:
            raise refused(error, target) from error
        return manifest.read(target)

    def _expected(self, part: Part) -> Part | None:
        """Return a file with the digest that it must have; None when that isn't known, or is another source's."""
        if part.sha256:
            return part
        address, known = self._came().get(part.path, ("", ""))
        return part._replace(sha256=known) if known and address == part.address else None

    def _came(self) -> dict[str, Any]:
        try:
            found = json.loads(self._came_file.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _drop_all_but(self, paths: Iterable[str]) -> None:
        keep = {self._ready / path for path in paths}
        for folder, _, names in os.walk(self._ready):
            for name in names:
                if (file := Path(folder, name)) not in keep:
                    file.unlink()


def recover(models: Path, name: str) -> None:
    """End a replacement that was cut short: the model that was there is back unless the new one is; ``OSError``."""
    before, target = models / f".replaced-{name}", models / name
    if not before.exists():
        return
    if target.exists():
        shutil.rmtree(before)
    else:
        os.rename(before, target)
    sync_folders({models})


def _put(ready: Path, target: Path, before: Path) -> None:
    """Give a folder its place, in which another one may be."""
    if target.exists() or target.is_symlink():
        os.rename(target, before)
    os.rename(ready, target)
    sync_folders({target.parent})
    _discard(before)


def _discard(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _right(file: Path, part: Part | None) -> Part | None:
    """Return a file with its size and digest if it is what it must be; ``OSError`` only where it can't be read."""
    with suppress(FileNotFoundError, NotADirectoryError, ModelError):
        if part is None or (part.size and os.stat(file).st_size != part.size):
            return None
        size, found = digest(file, silent)
        if found == part.sha256:
            return part._replace(size=size)
    return None


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target)
        sync(target)


def _replaced(file: Path, data: bytes) -> None:
    """Write a small file, or write over it, durably."""
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    write_new(temporary, data, sync=True)
    os.replace(temporary, file)
