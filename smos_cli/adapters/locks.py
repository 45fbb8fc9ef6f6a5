"""Locks between processes, on files that a dead process cannot hold.

Owns ``flock`` and its counterpart on Windows. A lock is advisory: it keeps smos from itself, not an editor from
a file. A lock file may be deleted at any moment: who got the lock of one that is not there any more takes it anew.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from smos_cli.errors import IndexBusyError, StorageError

_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.01
"""Short, so that a lock seldom lies idle between two who want it: eight that wait cost 2 % of a core."""


@contextmanager
def held(path: Path, wait: float, *, shared: bool = False) -> Iterator[Callable[[], bool]]:
    """Hold the lock file while the block runs; ``IndexBusyError`` when others keep it for ``wait`` seconds.

    What it yields says whether others would still meet this lock, or have deleted its file.
    """
    while True:
        descriptor = _open(path)
        try:
            _wait_for(descriptor, path, wait, shared=shared)
            try:
                if _is_still(descriptor, path):
                    yield partial(_is_still, descriptor, path)
                    return
            finally:
                # Closing alone would leave it to a child that was forked meanwhile.
                _unlock(descriptor)
        finally:
            _close(descriptor)


def is_free(path: Path) -> bool:
    """Say whether nobody holds the lock file, or waits for something with it. Any number may ask at once."""
    descriptor = _open(path)
    try:
        if not _try_lock(descriptor, shared=True):
            return False
        _unlock(descriptor)
        return True
    finally:
        _close(descriptor)


def _close(descriptor: int) -> None:
    with suppress(OSError):  # nothing is written by it, so nothing is lost
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, wait: float, *, shared: bool) -> None:
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while not _try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            raise IndexBusyError(
                f"Another process holds {path.name} and did not give it up within {wait:g} s.",
                "Try again, or end the other smos command if it hangs.",
            )
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _is_still(descriptor: int, path: Path) -> bool:
    """Say whether the lock file that was opened is the one that others find there now."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise StorageError(
            f"The lock file {path} can't be made: {error.strerror}.",
            "Make its folder writable, or set SMOS_HOME.",
        ) from error


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001 - Windows has no shared byte locks
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise StorageError(
                f"A lock file can't be locked: {error.strerror}.", "Set SMOS_HOME to a folder on a disk that has locks."
            ) from error
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
