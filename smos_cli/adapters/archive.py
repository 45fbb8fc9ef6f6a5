"""Writing a ``.tar.gz`` whose first file tells what follows it, so that it can be checked before it is unpacked.

Owns the archive's bytes: names, modes and times, no owner, no clock. It is made in a folder of its own beside the file
that it becomes when it is whole and on the disk. Refuses to write over a file.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BufferedRandom, FileIO
from pathlib import Path

from smos_cli.adapters.durable import sync_folders
from smos_cli.adapters.renames import move_to_free
from smos_cli.adapters.scan import TEMPORARY
from smos_cli.core.manifest import MANIFEST, Member
from smos_cli.errors import NotFoundError, SmosError, StaleError, StorageError

CHUNK = 1 << 20
"""Bytes that are held in memory at a time."""
_AT_ONCE = 16 * CHUNK
"""Bytes of a file that is read whole before any of it is written."""
_LEVEL = 6
_AS_GZIP = 31


@contextmanager
def archive(file: Path) -> Iterator[Archive]:
    """Make an archive; unless ``finish`` was called nothing of it stays. ``StaleError`` when the file is there."""
    if os.path.lexists(file):
        raise _in_the_way(file)
    if not file.parent.is_dir():
        raise NotFoundError(f"There is no folder {file.parent}.", "Make it, or give another place.")
    try:
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=file.parent, ignore_cleanup_errors=True) as scratch:
            made = Archive(file, Path(scratch))
            try:
                yield made
            finally:
                made.close()
    except OSError as error:
        raise foreign(error, file) from error


class Archive:
    """An archive in the making. ``scratch`` is its folder, for what is made only to be put into it."""

    def __init__(self, file: Path, scratch: Path) -> None:
        self.scratch = str(scratch)
        self.members: dict[str, Member] = {}
        self._file = file
        self._body = BufferedRandom(FileIO(os.open(scratch / "body", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+"))
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _AS_GZIP)

    def add(self, name: str, data: bytes) -> None:
        """Put in a file of its own making."""
        self._write(_header(name, len(data), 0, 0o600) + data + _padding(len(data)))
        self.members[name] = Member(len(data), sha256(data).hexdigest())

    def take(self, name: str, source: str, mode: int = 0o644) -> str:
        """Put in a file of the disk; return why that can't be done, or nothing. Links are not followed."""
        try:
            file, status, first = _opened(source)
        except FileNotFoundError:
            return "it is gone"
        except OSError as error:
            return f"it can't be read: {error.strerror}"
        with file:
            size = status.st_size if status.st_size > _AT_ONCE else len(first)
            self._write(_header(name, size, int(status.st_mtime), mode))
            self.members[name] = self._copy(first, file, size, source)
        return ""

    def finish(self, manifest: bytes) -> int:
        """Put the manifest before all else, and the whole where it belongs; return its size in bytes."""
        self._write(bytes(2 * tarfile.BLOCKSIZE))
        self._body.write(self._packer.flush())
        self._body.seek(0)
        whole = Path(self.scratch, "whole")
        with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            head = _header(MANIFEST, len(manifest), 0, 0o600) + manifest + _padding(len(manifest))
            # What is packed in two parts, one after the other, unpacks as one.
            out.write(gzip.compress(head, _LEVEL, mtime=0))
            shutil.copyfileobj(self._body, out, CHUNK)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        try:
            move_to_free(whole, self._file)
        except StaleError as error:
            raise _in_the_way(self._file) from error
        sync_folders({self._file.parent})
        return size

    def close(self) -> None:
        """Let go of what is open."""
        with suppress(OSError):
            self._body.close()

    def _write(self, data: bytes) -> None:
        self._body.write(self._packer.compress(data))

    def _copy(self, first: bytes, file: FileIO, size: int, source: str) -> Member:
        digest, left, data = sha256(), size, first
        while True:
            self._write(data)
            digest.update(data)
            left -= len(data)
            if not left:
                break
            try:
                data = _read(file, min(left, CHUNK))
            except OSError as error:
                raise StorageError(f"{source} can't be read: {error.strerror}.", "Look at its disk.") from error
            if not data:
                raise StorageError(f"{source} became shorter while it was read.", "Try again when it is at rest.")
        self._write(_padding(size))
        return Member(size, digest.hexdigest())


def _opened(source: str) -> tuple[FileIO, os.stat_result, bytes]:
    """Return a file that is open, what the system says of it, and how it begins."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(source, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
    except OSError:
        os.close(descriptor)
        raise
    file = FileIO(descriptor)
    try:
        return file, status, _read(file, min(status.st_size, _AT_ONCE))
    except OSError:
        file.close()
        raise


def _read(file: FileIO, size: int) -> bytes:
    """Return that many bytes of a file, fewer only at its end."""
    data = bytearray(size)
    place = 0
    while place < size and (count := file.readinto(memoryview(data)[place:])):
        place += count
    return bytes(data[:place])


def _header(name: str, size: int, mtime: int, mode: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, max(0, mtime), mode
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def _in_the_way(file: Path) -> StaleError:
    return StaleError(f"{file} is there already, and is not written over.", "Give another name, or move it away.")


def foreign(error: OSError, file: Path) -> SmosError:
    """Return our error for one of the disk that a backup lies on."""
    return StorageError(
        f"{file} could not be written: {error.strerror or error}.",
        "Free some space or choose another place; what is there is as it was.",
    )
