"""What is imported: a file read line by line, a folder of Markdown, or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from smos_cli.adapters.files import LARGEST
from smos_cli.adapters.scan import is_utf8
from smos_cli.errors import FormatError, NotFoundError, StorageError, UsageError

LONGEST_LINE = 16_000_000
"""Bytes of the longest line that is read."""


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
            raise StorageError(f"{self.name} can't be read: {error.strerror}.", "Look at its permissions.") from error

    def documents(self) -> Iterator[str]:
        return iter(())

    def read(self, path: str) -> bytes:
        raise NotFoundError(f"There is no file {path} in {self.name}.")

    def _open(self) -> BinaryIO:
        return self._path.open("rb") if self._path else open(os.dup(sys.stdin.fileno()), "rb")


class FolderSource:
    """A folder with Markdown files at any depth; hidden ones and links are left out."""

    def __init__(self, root: Path) -> None:
        self.name = root.name
        self._root = root

    def lines(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def documents(self) -> Iterator[str]:
        """Yield each Markdown file, and each folder that can't be looked into, which then can't be read either."""
        closed: list[str] = []
        for folder, folders, names in os.walk(self._root, onerror=lambda error: closed.append(error.filename)):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(".") or not name.lower().endswith(".md") or path.is_symlink():
                    continue
                yield path.relative_to(self._root).as_posix()
        for name in closed:
            yield f"{Path(name).relative_to(self._root).as_posix()}/"

    def read(self, path: str) -> bytes:
        """Return what is in a file; ``StorageError``, or ``FormatError`` where a vault could not hold it."""
        if not is_utf8(path):
            raise FormatError("Its name is not UTF-8.", "Rename it.")
        try:
            if (self._root / path).stat().st_size > LARGEST:
                raise FormatError(f"It has more than {LARGEST / 1e6:.0f} MB.", "Split it.")
            return (self._root / path).read_bytes()
        except OSError as error:
            raise StorageError(f"It can't be read: {error.strerror}.", "Look at its permissions.") from error


def open_source(text: str) -> LinesSource | FolderSource:
    """Return the source a user named by path, or ``-`` for standard input."""
    if text == "-":
        return LinesSource("stdin", None)
    path = Path(text)
    if path.is_dir():
        return FolderSource(path)
    if not path.exists():
        raise NotFoundError(f"There is no file {text}.", "Give the path of a .jsonl file or of a folder of Markdown.")
    if path.suffix.lower() not in (".jsonl", ".ndjson", ".json"):
        raise UsageError(f"{path.name} is in no format that is known.", "Give a .jsonl file or a folder of Markdown.")
    return LinesSource(path.name, path)
