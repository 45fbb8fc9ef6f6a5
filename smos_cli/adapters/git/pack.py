"""Writing objects into a repository as one pack, which git itself checks and takes in.

Owns the form of a pack (gitformat-pack, version 2) and the names of objects.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import LIMIT, finish

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
_DELTA = 7
"""The kind of an entry that names another object, and says what is different."""
_DEEPEST = 40
_LONGEST_COPY, _LONGEST_INSERT = 0xFFFF, 0x7F
_HEADER = b"PACK\0\0\0\2"
_FAST = 1
"""zlib's level: what git repacks soon need not be small."""
_CHUNK = 1 << 20


class Pack:
    """Objects that are spooled to a file of git's folder until ``store`` takes them in."""

    def __init__(self, git: Git, folder: Path, name_length: int) -> None:
        self._git = git
        self._hash = hashlib.sha256 if name_length == 64 else hashlib.sha1
        # A name that `git prune` deletes if this process dies.
        self._path = folder / "objects/pack" / f"tmp_pack_{os.urandom(6).hex()}"
        self._file = self._path.open("w+b")
        self._file.write(_HEADER + bytes(4))
        self._known: dict[bytes, int] = {}
        """how many others each object in it is kept by way of"""

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def add(self, kind: bytes, data: bytes, like: bytes = b"") -> bytes:
        """Take in an object; return its name in hex.

        ``like`` are the bytes of one that was taken in before: where most of it is the same, only the rest is kept.
        """
        digest = self._named(kind, data)
        if digest not in self._known:
            base = self._named(kind, like) if like else b""
            depth = self._known.get(base, _DEEPEST) + 1
            if depth > _DEEPEST:
                self._write(_KINDS[kind], b"", data)
                depth = 0
            else:
                self._write(_DELTA, base, delta(like, data))
            self._known[digest] = depth
        return digest.hex().encode()

    def store(self) -> None:
        """Give all of it to git; durable when it returns."""
        if not self._known:
            return
        self._file.seek(len(_HEADER))
        self._file.write(len(self._known).to_bytes(4, "big"))
        self._file.seek(0)
        digest = self._hash()
        call = self._git.start("index-pack", "--stdin", limit=LIMIT)
        while chunk := self._file.read(_CHUNK):
            digest.update(chunk)
            call.write(chunk)
        call.write(digest.digest())
        finish(call)

    def _named(self, kind: bytes, data: bytes) -> bytes:
        digest = self._hash(b"%s %d\0" % (kind, len(data)))
        digest.update(data)
        return digest.digest()

    def _write(self, kind: int, base: bytes, data: bytes) -> None:
        self._file.write(_head(kind, len(data)) + base + zlib.compress(data, _FAST))


def delta(old: bytes, new: bytes) -> bytes:
    """Return what makes a new object of an old one: the beginning and the end that they share, and what is between."""
    first = _shared(old, new)
    last = _shared(old[first:][::-1], new[first:][::-1])
    middle = new[first : len(new) - last]
    inserts = (middle[at : at + _LONGEST_INSERT] for at in range(0, len(middle), _LONGEST_INSERT))
    return b"".join(
        [
            _number(len(old)),
            _number(len(new)),
            *_copies(0, first),
            *(bytes([len(piece)]) + piece for piece in inserts),
            *_copies(len(old) - last, last),
        ]
    )


def _shared(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts share at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _copies(begin: int, size: int) -> list[bytes]:
    """Return the commands that copy a piece of the old object: four bytes of its offset, two of its size."""
    pieces = ((at, min(_LONGEST_COPY, begin + size - at)) for at in range(begin, begin + size, _LONGEST_COPY))
    return [b"\xbf" + at.to_bytes(4, "little") + length.to_bytes(2, "little") for at, length in pieces]


def _number(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _head(kind: int, size: int) -> bytes:
    """Return an entry's head: the kind and the size in groups of 4, 7, 7 ... bits."""
    first, rest = kind << 4 | size & 15, size >> 4
    return bytes([first | 0x80]) + _number(rest) if rest else bytes([first])
