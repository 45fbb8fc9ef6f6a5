"""Writes that are on the disk when they return: whole files that come, change, move and go.

Owns every call that writes what must last: temporary files, the syncing of files and folders, and the way back when a
step fails. What is derived (index, vectors, pipes, locks) is written elsewhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.renames import discard, move_new, move_to_free
from smos_cli.adapters.scan import TEMPORARY
from smos_cli.errors import StaleError, StorageError

BULK = 64
"""From this many new files on, the disk is told once to write them all."""
_STEP = 4096


def temporary_beside(target: Path) -> Path:
    """Return a free name in a file's folder for what is about to be renamed to it."""
    # Not of the target's name, which may be as long as a name can be, or begin like the one before it.
    return target.with_name(f"{TEMPORARY}{os.urandom(6).hex()}.tmp")


def create(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """Write new files, all of them or none; ``StaleError`` if something has one's name, ``OSError``."""
    made: list[tuple[Path, Path]] = []
    folders: set[Path] = set()
    unfinished: list[Path] = []
    try:
        for target, data in files.items():
            folders.update(make_folder(target.parent))
            temporary = temporary_beside(target)
            made.append((temporary, target))
            unfinished.append(temporary)
            write_new(temporary, data, sync=len(files) < BULK, mode=mode)
        if len(files) >= BULK:
            sync_all([temporary for temporary, _ in made])
        for temporary, target in made:
            move_to_free(temporary, target)
            unfinished.append(target)
        sync_folders(folders)
        unfinished = []
    finally:
        # All of them or none, also when it is interrupted.
        for path in unfinished:
            discard(path)


def write_over(target: Path, data: bytes, before: bytes) -> None:
    """Write over a file that holds ``before``, keeping its permissions; the old one stays if that fails, ``OSError``.

    ``StorageError`` when it could not be put back, which takes two failures.
    """
    try:
        _swap(target, data)
    except OSError as error:
        try:
            if target.read_bytes() == data != before:
                _swap(target, before)
        except OSError:
            raise StorageError(
                f"{target.name} was changed, but may be as it was after a power cut: {error.strerror}.",
                "Look at the disk, then at the file.",
            ) from error
        raise


def append(target: Path, data: bytes) -> None:
    """Add to a file, or begin it, durably, after what stands behind its last newline is cut off; ``OSError``.

    Where that fails it is as it was, or not there.
    """
    folders = make_folder(target.parent)
    is_new = not os.path.lexists(target)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(target, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)
    try:
        size, whole = _end_of_lines(descriptor)
        if whole < size:
            os.ftruncate(descriptor, whole)
        try:
            _write(descriptor, data)
            os.fsync(descriptor)
            if is_new:
                sync_folders(folders)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, whole)
            if is_new:
                discard(target)
            raise
    finally:
        _close_synced(descriptor)


def move(source: Path, target: Path) -> None:
    """Rename a file to a name that nothing has (``StaleError``); where that fails it is back, ``OSError``."""
    folders = make_folder(target.parent)
    move_new(source, target)
    try:
        # Where it is now comes first: after a power cut it may be in both places, and never in neither.
        sync_folders(folders)
        sync_folders({source.parent} - folders)
    except BaseException:
        with suppress(OSError, StaleError):
            move_new(target, source)
        raise


def remove(path: Path) -> None:
    """Delete a file for good; ``OSError`` when it is still there, ``StorageError`` when it may come back."""
    os.unlink(path)
    try:
        sync_folders({path.parent})
    except OSError as error:
        raise StorageError(
            f"{path.name} was deleted, but may be there again after a power cut: {error.strerror}.",
            "Look at the disk, then whether the file is there.",
        ) from error


def write_new(path: Path, data: bytes, *, sync: bool, mode: int = 0o644) -> None:
    """Write a file that is not there yet, to the disk if told to; ``OSError``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags, mode)
    try:
        _write(descriptor, data)
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(paths: Sequence[Path]) -> None:
    """Make many files of one disk durable: in one call where the system promises that the call waits."""
    if not _sync_disk(paths[0].parent):
        for path in paths:
            _sync(path, os.O_RDWR)


def make_folder(folder: Path) -> set[Path]:
    """Make a folder with its parents; return those whose entries changed or will."""
    changed = {folder}
    missing: list[Path] = []
    while not os.path.exists(folder):
        missing.append(folder)
        folder = folder.parent
        changed.add(folder)
    for one in reversed(missing):
        try:
            os.mkdir(one)
        except FileExistsError:
            if not os.path.isdir(one):
                raise
    return changed


def sync_folders(folders: Iterable[Path]) -> None:
    """Make what was added to and taken from folders durable."""
    if os.name == "nt":  # a folder can't be opened there; NTFS journals the rename
        return
    for folder in folders:
        _sync(folder, os.O_RDONLY)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _end_of_lines(descriptor: int) -> tuple[int, int]:
    """Return the size of an open file, and how much of it is whole lines."""
    size = end = os.lseek(descriptor, 0, os.SEEK_END)
    while end:
        start = os.lseek(descriptor, max(0, end - _STEP), os.SEEK_SET)
        if (place := os.read(descriptor, end - start).rfind(b"\n")) >= 0:
            return size, start + place + 1
        end = start
    return size, 0


def _swap(target: Path, data: bytes) -> None:
    """Put a file with these bytes in the place of one that is there."""
    temporary = temporary_beside(target)
    try:
        mode = os.stat(target).st_mode & 0o777
        write_new(temporary, data, sync=True, mode=mode)
        os.chmod(temporary, mode)  # what the umask took away
        os.replace(temporary, target)
        sync_folders({target.parent})
    finally:
        discard(temporary)


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
        _close_synced(descriptor)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        _close_synced(descriptor)


def _close_synced(descriptor: int) -> None:
    with suppress(OSError):  # it has told what it had to by then
        os.close(descriptor)
