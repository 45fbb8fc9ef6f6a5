"""What is imported: a file read line by line, a folder of Markdown, or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from smos_cli.errors import NotFoundError, StorageError, UsageError

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

    def documents(self) -> Iterator[tuple[str, bytes]]:
        return iter(())

    def _open(self) -> BinaryIO:
        return self._path.open("rb") if self._path else open(os.dup(sys.stdin.fileno()), "rb")


class FolderSource:
    """A folder with Markdown files at any depth; hidden ones and links are left out."""

    def __init__(self, root: Path) -> None:
        self.name = root.name
        self._root = root

    def lines(self) -> Iterator[tuple[int, bytes]]:
        return iter(())

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Yield each Markdown file; one that can't be read is given as bytes that are not text."""
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith(".") or not name.lower().endswith(".md") or path.is_symlink():
                    continue
                yield path.relative_to(self._root).as_posix(), _bytes(path)


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


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} can't be read: {error.strerror}.", "Look at its permissions.") from error
