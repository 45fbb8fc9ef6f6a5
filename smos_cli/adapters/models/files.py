"""Files of models, read without following links: their bytes, their digests.

A model's folder is trusted to hold what was put there, and nothing that leads out of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from smos_cli.errors import ModelError, StorageError

CHUNK = 1 << 20
"""Bytes that are held in memory at a time."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def chunks(path: Path) -> Iterator[bytes]:
    """Yield what a file holds; ``OSError``, ``ModelError`` when it is a link or no file."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if os.path.islink(path):
        raise ModelError(f"{path} is a link; links are not followed.", "Put the file itself there (`cp -rL`).")
    # Without waiting for a writer, should it be a pipe.
    with open(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)), "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ModelError(f"{path} is not a file.", "Put a file there.")
        while chunk := file.read(CHUNK):
            yield chunk


def write(file: IO[bytes], data: bytes) -> None:
    """Write all of some bytes to an unbuffered file; ``OSError``."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def sync(path: Path) -> None:
    """Make what a file holds durable: this file alone, not all that its disk has to write; ``OSError``."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(path: Path, told: Callable[[int], None]) -> tuple[int, str]:
    """Return a file's size and its sha256, hex; ``told`` hears how far it was read. ``OSError``, ``ModelError``."""
    found, size = sha256(), 0
    for chunk in chunks(path):
        found.update(chunk)
        size += len(chunk)
        told(size)
    return size, found.hexdigest()


def silent(_count: int) -> None:
    """Tell nobody."""


def refused(error: OSError, path: Path, *, lacking: int = 0) -> StorageError:
    """Return what a failed read or write means; ``lacking`` is how many bytes had still to be written."""
    if error.errno in _FULL:
        remedy = f"Free {lacking:,} more bytes there." if lacking > 0 else "Free some there."
        return StorageError(f"There is no room for the model in {path.parent}.", remedy)
    return StorageError(
        f"{error.filename or path} can't be used: {error.strerror or error}.", "Look at the disk and its permissions."
    )
