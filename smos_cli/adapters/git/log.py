"""The reading of ``git log -z --raw``, piece by piece as it comes.

Owns the form that git is asked for. A path or a message may hold any byte but NUL, so only their number and order
tell the fields apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from smos_cli.core.past import Commit, FileChange

_MARK = b"\x01"
ASK = (
    "log",
    "-z",
    "--raw",
    # Those moved without a change are found however many there are.
    "-M",
    "-l200",
    # Of a merge, what is as in none of its parents.
    "-c",
    "--no-abbrev",
    "--no-relative",
    "--no-show-signature",
    "--no-mailmap",
    "--no-ext-diff",
    "--no-color",
    "-O/dev/null",
    "--ignore-submodules=none",
    "--encoding=UTF-8",
    "--format=tformat:%x01%H%x00%P%x00%ct%x00%an%x00%B",
)
"""``git log`` in the form that is read here, whatever the user's settings."""
_FILES = (b"100644", b"100755")


class _Head(NamedTuple):
    name: str
    parents: tuple[str, ...]
    seconds: int
    author: str
    text: str


def parse_log(chunks: Iterable[bytes]) -> Iterator[Commit]:
    """Yield the commits of a log that comes in pieces, each as soon as the next one begins."""
    fields = _fields(chunks)
    head: _Head | None = None
    files: list[FileChange] = []
    for field in fields:
        if field.startswith(_MARK):
            if head:
                yield Commit(*head, tuple(files))
            head, files = _head(field, fields), []
        elif (entry := field.lstrip(b"\n")).startswith(b":"):
            files += _changes(entry, fields)
    if head:
        yield Commit(*head, tuple(files))


def _fields(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _head(field: bytes, fields: Iterator[bytes]) -> _Head:
    parents, seconds, author, text = (next(fields, b"") for _ in range(4))
    return _Head(
        field[1:].decode(),
        tuple(parents.decode().split()),
        int(seconds) if seconds.isdigit() else 0,
        author.decode("utf-8", "replace"),
        text.decode("utf-8", "replace").removesuffix("\n"),
    )


def _changes(entry: bytes, fields: Iterator[bytes]) -> list[FileChange]:
    """Return what an entry tells, such as ``:100644 100644 5f0c... 91ab... M``; of a merge, as from its first parent.

    Its path, or its two, are the next fields.
    """
    words = entry.lstrip(b":").split()
    parents = len(entry) - len(entry.lstrip(b":"))
    before_mode, after_mode = words[0], words[parents]
    before, after = words[parents + 1], words[2 * parents + 1]
    was = os.fsdecode(next(fields, b"")) if words[-1][:1] in b"RC" and parents == 1 else ""
    path = os.fsdecode(next(fields, b""))
    change = FileChange(path, _blob(before_mode, before), _blob(after_mode, after), was)
    return [change] if change.before or change.after else []


def _blob(mode: bytes, name: bytes) -> str:
    return name.decode() if mode in _FILES else ""
