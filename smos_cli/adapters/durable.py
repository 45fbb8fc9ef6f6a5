"""Writes that are on the disk when they return: temporary files, renames to free names, and the syncing of both."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from smos_cli.adapters.scan import TEMPORARY
from smos_cli.errors import StaleError

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def temporary_beside(target: Path) -> Path:
    """Return a free name in a file's folder for what is about to be renamed to it."""
    # Not of the target's name, which may be as long as a name can be, or begin like the one before it.
    return target.with_name(f"{TEMPORARY}{os.urandom(6).hex()}.tmp")


def move_to_free(source: Path, target: Path) -> None:
    """Rename a file to a name that nothing has; ``StaleError`` if something has it by now."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError as error:
        raise StaleError(f"{target.name} is there already.", "Look at it, then try again.") from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A disk without hard links: a rename, which may write over a file of this instant, is the best it has.
        source.rename(target)
        return
    source.unlink()


def write_new(path: Path, data: bytes, *, sync: bool) -> None:
    """Write a file that is not there yet, to the disk if told to; ``OSError``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o644), "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        if sync:
            os.fsync(file.fileno())


def sync_all(paths: Sequence[Path]) -> None:
    """Make many files of one disk durable: in one call where the system promises that the call waits."""
    if not _sync_disk(paths[0].parent):
        for path in paths:
            descriptor = os.open(path, os.O_RDWR)
            os.fsync(descriptor)
            os.close(descriptor)


def _sync_disk(folder: Path) -> bool:
    """Write out all that the folder's file system has in memory (Linux); False where there is no such call."""
    if sys.platform != "linux":
        return False
    # Unlike os.sync this waits for one disk, not for all of the machine.
    import ctypes

    syncfs = getattr(ctypes.CDLL(None), "syncfs", None)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return syncfs is not None and syncfs(descriptor) == 0
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> set[Path]:
    """Make a folder with its parents; return those whose entries changed or will."""
    changed = {folder}
    missing = folder
    while not missing.exists():
        missing = missing.parent
        changed.add(missing)
    folder.mkdir(parents=True, exist_ok=True)
    return changed


def sync_folders(folders: Iterable[Path]) -> None:
    """Make what was added to and taken from folders durable."""
    if os.name == "nt":  # a folder can't be opened there; NTFS journals the rename
        return
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
