"""What is imported: a file read line by line or as a whole, Markdown files, or standard input.

Owns what is looked at in a folder: hidden files and folders are not; links are reported and not followed.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from smos_cli.adapters.files import LARGEST
from smos_cli.adapters.scan import is_utf8, printable
from smos_cli.core.layout import CARD, TOMBSTONES
from smos_cli.core.ports import Problem
from smos_cli.errors import FormatError, NotFoundError, StorageError, UsageError

LONGEST_LINE = 16_000_000
"""Bytes of the longest line that is read."""
_LINK = "it is a link, and links are not followed"
_NO_MARKDOWN = "there is no Markdown in this folder; import its other files one by one"
_PERMISSIONS = "Look at its permissions."
_FORMS = "Give a .jsonl, .json, .txt or .md file, or a folder of Markdown."
_LINES, _WHOLES = (".jsonl", ".ndjson"), (".json", ".txt", ".text")


class LinesSource:
    """A file of JSON Lines."""

    def __init__(self, name: str, path: Path | None) -> None:
        self.name = name
        self._path = path

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number; of an overlong one only the beginning, which is no JSON."""
        try:
            with self._open() as file:
                number = 0
                while line := file.readline(LONGEST_LINE):
                    number += 1
                    yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                    while not line.endswith(b"\n") and (line := file.readline(LONGEST_LINE)):
                        pass
        except OSError as error:
            raise StorageError(f"{self.name} can't be read: {error.strerror}.", _PERMISSIONS) from error

    def whole(self) -> bytes | None:
        return None

    def documents(self) -> Iterator[str | Problem]:
        return iter(())

    def read(self, path: str) -> bytes:
        raise NotFoundError(f"There is no file {path} in {self.name}.")

    def _open(self) -> BinaryIO:
        return self._path.open("rb") if self._path else open(os.dup(sys.stdin.fileno()), "rb")


class WholeSource(LinesSource):
    """A file that may be one JSON value or plain text, with what belongs to it in other files."""

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(name, path)
        self._file = path

    def whole(self) -> bytes:
        """Return all that is in it; ``StorageError`` where it can't be read, is too large or no file."""
        try:
            data = _read_file(self._file)
        except OSError as error:
            raise StorageError(f"{self.name} can't be read: {error.strerror}.", _PERMISSIONS) from error
        from smos_cli.adapters.opencode import put_together

        return put_together(self._file, data, _read_file)


class MarkdownSource:
    """The Markdown files of a folder at any depth, or a single one: ``start``, seen from ``root``.

    The root lies above the start where a vault does, whose tombstones say what of it was forgotten.
    """

    def __init__(self, root: Path, start: Path) -> None:
        self.name = start.name
        self._root = root
        self._start = start
        self._closed: dict[str, OSError] = {}

    def whole(self) -> bytes | None:
        return None

    def lines(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def documents(self) -> Iterator[str | Problem]:
        """Yield each Markdown file, each link, and each folder that can't be looked into and so not read either.

        A folder that holds transcripts or lines instead is told of, or nothing would say why nothing came.
        """
        if not self._start.is_dir():
            yield self._path(self._start)
            return
        markdown = others = False
        failures: list[OSError] = []
        for folder, folders, names in os.walk(self._start, onerror=failures.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in folders:
                if os.path.islink(os.path.join(folder, name)):
                    yield Problem(printable(self._path(Path(folder, name))), _LINK)
            for name in sorted(names):
                if name.startswith(".") or not name.lower().endswith(".md"):
                    others = others or name.lower().endswith((*_LINES, *_WHOLES))
                    continue
                markdown = True
                file = Path(folder, name)
                yield Problem(printable(self._path(file)), _LINK) if file.is_symlink() else self._path(file)
        for failure in failures:
            path = f"{self._path(Path(os.fsdecode(failure.filename)))}/"
            self._closed[path] = failure
            yield path
        if others and not (markdown or failures):
            yield Problem(printable(f"{self.name}/"), _NO_MARKDOWN)

    def read(self, path: str) -> bytes:
        """Return what is in a file; ``StorageError``, or ``FormatError`` where a vault could not hold it."""
        if not is_utf8(path):
            raise FormatError("Its name is not UTF-8.", "Rename it.")
        try:
            if path in self._closed:
                raise self._closed[path]
            return _read_file(os.path.join(self._root, path))
        except OSError as error:
            raise StorageError(f"It can't be read: {error.strerror}.", _PERMISSIONS) from error

    def _path(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def open_source(text: str) -> LinesSource | MarkdownSource:
    """Return the source a user named by path, or ``-`` for standard input."""
    if text == "-":
        return LinesSource("stdin", None)
    if not text:
        raise UsageError("There is no path.", _FORMS)
    path = Path(text)
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(f"There is no file {text}.", _FORMS) from error
    except OSError as error:
        raise StorageError(f"{text} can't be read: {error.strerror}.", _PERMISSIONS) from error
    if is_folder or path.suffix.lower() == ".md":
        start = path.resolve()
        return MarkdownSource(_root(start, is_folder=is_folder), start)
    if path.suffix.lower() in _WHOLES:
        return WholeSource(path.name, path)
    if path.suffix.lower() in _LINES:
        return LinesSource(path.name, path)
    raise UsageError(f"{path.name} is in no format that is known.", _FORMS)


def _root(start: Path, *, is_folder: bool) -> Path:
    """Return the folder of the vault with tombstones that a path lies in, else the folder itself."""
    for folder in (start, *start.parents):
        if os.path.isfile(folder / CARD) and os.path.isfile(folder / TOMBSTONES):
            return folder
    return start if is_folder else start.parent


def _read_file(path: str | Path) -> bytes:
    # Not blocking, since a named pipe would keep whoever opens it waiting for somebody to write.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("It is not a regular file.", "Give a file of text.")
        if status.st_size > LARGEST:
            raise FormatError(f"It has more than {LARGEST / 1e6:.0f} MB.", "Split it.")
        return file.read()
