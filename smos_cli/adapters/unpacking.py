"""Reading a backup's ``.tar.gz``, which may be damaged or made to do harm.

Owns the reading of headers: plain files only, each one the manifest's and as long as it says, so that no more is ever
unpacked than was announced. Refuses links, devices, sparse files, folders, and a name that comes twice.
"""

from __future__ import annotations

import errno
import gzip
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import IO, NamedTuple

from smos_cli.adapters.archive import CHUNK
from smos_cli.core.manifest import LARGEST, MANIFEST, Manifest, Member, manifest_of
from smos_cli.errors import FormatError, NotFoundError, SmosError, StorageError

_BLOCK = tarfile.BLOCKSIZE
_LONGEST_HEADER = 16_384
"""Bytes of the longest header that gives a name too long for the others."""
_LONGEST_END = 1 << 20
"""Bytes of nothing that may follow the last file."""
_REMEDY = "Use another backup; nothing was changed."
Place = Callable[[str], Path | None]
"""Says where a file of a backup goes, by its name there; None: nowhere."""


class _Header(NamedTuple):
    name: str
    size: int
    mtime: int


class BackupFile:
    """A backup on disk, opened anew for each reading."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def check(self, progress: Callable[[int, int], None]) -> Manifest:
        """Read all of it, and compare it with its manifest, which is returned; ``FormatError``."""
        return self.unpack(lambda _name: None, progress)

    def read(self, name: str) -> bytes:
        """Return one file of a backup that was checked."""
        with self._opened() as stream:
            manifest = _manifest(stream)
            for header in _headers(stream, manifest):
                data = bytearray()
                _pass_on(stream, header, manifest.members[header.name], data.extend)
                if header.name == name:
                    return bytes(data)
        raise FormatError(f"The backup has no {name}.", _REMEDY)

    def unpack(self, place: Place, progress: Callable[[int, int], None]) -> Manifest:
        """Write its files to where they go, not yet durably, and compare every one with the manifest."""
        with self._opened() as stream:
            manifest = _manifest(stream)
            seen: set[str] = set()
            for header in _headers(stream, manifest):
                if header.name in seen:
                    raise FormatError(f"{header.name!r} comes twice in {self.file.name}.", _REMEDY)
                seen.add(header.name)
                self._take(stream, header, manifest.members[header.name], place(header.name))
                progress(len(seen), len(manifest.members))
            if missing := sorted(manifest.members.keys() - seen):
                raise FormatError(f"{missing[0]!r} is missing in {self.file.name}.", _REMEDY)
        return manifest

    def _take(self, stream: _Stream, header: _Header, member: Member, target: Path | None) -> None:
        if target is None:
            _pass_on(stream, header, member, len)
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            with open(os.open(target, flags, 0o644), "wb") as out:
                _pass_on(stream, header, member, out.write)
            with suppress(OSError, OverflowError):
                os.utime(target, (header.mtime, header.mtime))
        except OSError as error:
            raise _unwritten(error, header.name, target) from error

    @contextmanager
    def _opened(self) -> Iterator[_Stream]:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            raw = FileIO(self.file, opener=lambda path, _: os.open(path, flags))
        except OSError as error:
            raise _unopened(error, self.file) from error
        with raw, gzip.GzipFile(fileobj=raw, mode="rb") as packed:
            yield _Stream(packed, self.file.name)


class _Stream:
    """What is in the archive, byte by byte; ``FormatError`` where it ends early or was not packed so."""

    def __init__(self, packed: IO[bytes] | gzip.GzipFile, name: str) -> None:
        self._packed = packed
        self._name = name

    def exactly(self, size: int) -> bytes:
        data = self.upto(size)
        if len(data) < size:
            raise FormatError(f"{self._name} ends too early.", _REMEDY)
        return data

    def upto(self, size: int) -> bytes:
        try:
            return self._packed.read(size)
        except EOFError as error:
            raise FormatError(f"{self._name} ends too early.", _REMEDY) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FormatError(f"{self._name} is damaged, or is no backup.", _REMEDY) from error
        except OSError as error:
            raise StorageError(
                f"{self._name} can't be read: {error.strerror}.", "Look at its disk; nothing was changed."
            ) from error

    def damaged(self) -> FormatError:
        return FormatError(f"{self._name} is damaged, or is no backup.", _REMEDY)


def _manifest(stream: _Stream) -> Manifest:
    header = _next(stream)
    if header is None or header.name != MANIFEST:
        raise stream.damaged()
    if header.size > LARGEST:
        raise FormatError("The manifest of the backup is too large.", _REMEDY)
    text = stream.exactly(header.size)
    stream.exactly(-header.size % _BLOCK)
    return manifest_of(text)


def _headers(stream: _Stream, manifest: Manifest) -> Iterator[_Header]:
    """Yield each file of the archive that the manifest has too; its content is to be read before the next one."""
    while header := _next(stream):
        member = manifest.members.get(header.name)
        if member is None:
            raise FormatError(f"{header.name!r} is in the archive, but not in its manifest.", _REMEDY)
        if member.size != header.size:
            raise FormatError(f"{header.name!r} is not as long as the manifest says.", _REMEDY)
        yield header
    rest = stream.upto(_LONGEST_END)
    if rest.strip(b"\0") or stream.upto(1):
        raise FormatError("Something follows after the end of the archive.", _REMEDY)


def _next(stream: _Stream) -> _Header | None:
    """Return the next header, or None at the end."""
    block = stream.exactly(_BLOCK)
    if not block.strip(b"\0"):
        return None
    info = _plain(stream, block)
    said: dict[str, str] = {}
    if info.type == tarfile.XHDTYPE:
        if info.size > _LONGEST_HEADER:
            raise stream.damaged()
        said = _said(stream, stream.exactly(info.size))
        stream.exactly(-info.size % _BLOCK)
        info = _plain(stream, stream.exactly(_BLOCK))
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise FormatError(f"{info.name!r} in the archive is not a plain file.", _REMEDY)
    size = said.get("size", "")
    if size and not (size.isascii() and size.isdecimal() and len(size) < 20):
        raise stream.damaged()
    return _Header(said.get("path", info.name), int(size) if size else info.size, int(info.mtime))


def _plain(stream: _Stream, block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise stream.damaged() from error
    if info.size < 0:
        raise stream.damaged()
    return info


def _said(stream: _Stream, text: bytes) -> dict[str, str]:
    """Read the records of an extended header: a length, a key and a value each (POSIX.1-2001, pax)."""
    found = {}
    while text:
        length, space, _ = text.partition(b" ")
        if not (space and length.isdigit() and len(length) < 6 and len(length) + 1 < int(length) <= len(text)):
            raise stream.damaged()
        record, text = text[len(length) + 1 : int(length)], text[int(length) :]
        try:
            key, equals, value = record.decode().partition("=")
        except UnicodeDecodeError as error:
            raise stream.damaged() from error
        if not equals or not value.endswith("\n") or key.startswith("GNU.sparse"):
            raise stream.damaged()
        found[key] = value[:-1]
    return found


def _pass_on(stream: _Stream, header: _Header, member: Member, take: Callable[[bytes], object]) -> None:
    digest, left = sha256(), header.size
    while left:
        data = stream.exactly(min(left, CHUNK))
        digest.update(data)
        take(data)
        left -= len(data)
    stream.exactly(-header.size % _BLOCK)
    if digest.hexdigest() != member.sha256:
        raise FormatError(f"{header.name!r} is not what it was when the backup was made.", _REMEDY)


def _unopened(error: OSError, file: Path) -> SmosError:
    if isinstance(error, FileNotFoundError):
        return NotFoundError(f"There is no file {file}.", "Give the backup's path.")
    return StorageError(f"{file} can't be read: {error.strerror}.", "Give a file that can be read.")


def _unwritten(error: OSError, name: str, target: Path) -> SmosError:
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return FormatError(f"{name!r} can't be beside another file of the backup on this disk.", _REMEDY)
    return StorageError(
        f"{target} could not be written: {error.strerror or error}.", "Free some space there; nothing was changed."
    )
