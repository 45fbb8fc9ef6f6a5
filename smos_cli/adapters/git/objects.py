"""The objects of a repository as git keeps them: listed, and read through one process.

Owns the talk with ``git cat-file``. Holds one object at a time, and refuses nothing but what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from smos_cli.adapters.git.call import READING, Call, Git
from smos_cli.errors import StorageError

LIMIT = 3600.0
"""Seconds that one call over a whole history may take."""
_AT_ONCE = 200
"""Objects asked for before their answers are read: their names fit into a pipe."""
_CHUNK = 1 << 16


class Object(NamedTuple):
    """One object: its name in hex, what it is, and its bytes without git's header."""

    name: bytes
    kind: bytes
    data: bytes


class Listed(NamedTuple):
    """An object that is there, and how large it is."""

    name: bytes
    kind: bytes
    size: int


class Objects:
    """Reads objects until it is closed."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._reader: Call | None = None

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader:
            self._reader.stop()
            self._reader = None

    def listed(self) -> Iterator[Listed]:
        """Yield every object there is, also what nothing reaches any more."""
        words = ("cat-file", "--batch-all-objects", "--batch-check", "--unordered")
        for line in lines_of(self._git, *words):
            name, kind, *size = line.split()
            if len(size) != 1:
                raise _missing(name)
            yield Listed(name, kind, int(size[0]))

    def read(self, name: bytes) -> Object:
        """Return one object."""
        self._call().write(name + b"\n")
        return self._answer(name)

    def stream(self, names: Iterable[bytes]) -> Iterator[Object]:
        """Yield objects, in the order asked for; each must be used before the next one, and nothing else be asked."""
        wanted = iter(names)
        while some := list(islice(wanted, _AT_ONCE)):
            self._call().write(b"\n".join(some) + b"\n")
            for name in some:
                yield self._answer(name)

    def windows(self, listed: Listed, size: int, overlap: int) -> Iterator[bytes]:
        """Yield an object in pieces that begin with the end of the one before."""
        call = self._call()
        call.write(listed.name + b"\n")
        rest = int(self._head(listed.name)[2])
        piece = b""
        while rest:
            data = call.read(min(size, rest))
            if not data:
                raise _missing(listed.name)
            rest -= len(data)
            piece = piece[-overlap:] + data
            yield piece
        call.read(1)

    def _answer(self, name: bytes) -> Object:
        head = self._head(name)
        call = self._call()
        size = int(head[2])
        data = call.read(size + 1)
        if len(data) != size + 1:
            raise _missing(name)
        return Object(head[0], head[1], data[:-1])

    def _head(self, name: bytes) -> list[bytes]:
        head = self._call().lines(1)[0].split()
        if not head:
            finish(self._call())
        if len(head) != 3:
            raise _missing(name)
        return head

    def _call(self) -> Call:
        if self._reader is None:
            self._reader = self._git.start("cat-file", "--batch", limit=LIMIT, extra=READING)
        return self._reader


def lines_of(git: Git, *words: str, end: bytes = b"\n") -> Iterator[bytes]:
    """Yield what git prints, piece by piece as it comes; ``StorageError`` when it fails."""
    call = git.start(*words, limit=LIMIT, extra=READING)
    done = False
    try:
        rest = b""
        while chunk := call.read(_CHUNK):
            *whole, rest = (rest + chunk).split(end)
            yield from whole
        if rest:
            yield rest
        done = True
    finally:
        if not done:
            call.stop()
    finish(call)


def finish(call: Call) -> bytes:
    """End a call; its error speaks of the history, not of a change."""
    try:
        return call.finish()
    except StorageError as error:
        raise foreign(error) from error


def foreign(error: StorageError) -> StorageError:
    """Return the error of a call as one of looking through the history."""
    told = error.message.removeprefix("git failed: ").rstrip(".")
    return StorageError(f"git could not look through the history: {told}.", "See `git fsck` in the vault.")


def _missing(name: bytes) -> StorageError:
    return StorageError(f"The history lacks the object {name.decode()}.", "See what is wrong with `git fsck`.")
