"""Which paths of a vault are left out: ``.smosignore`` and the note app's own excluded files.

Owns the reading of both. What can't be read or understood is an error that names the file: to go on without it could
read what its owner wants left alone. The patterns are gitignore's, matched by pathspec, loaded only when there are any.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from smos_cli.adapters.scan import Ignored
from smos_cli.errors import FormatError, StorageError

_OBSIDIAN = ".obsidian/app.json"
_LARGEST = 1_000_000
"""Bytes of the longest list of exclusions."""
_MOST_REPEATS = 4
"""Signs for any number of characters in one pattern, or one folder of it."""
_Filter = Callable[[str], object]


def ignored(root: Path, base: str) -> Ignored | None:
    """Return the test for a vault, or None when nothing is excluded.

    ``FormatError`` and ``StorageError`` name the file that can't be understood or read.
    """
    tests = [_patterns(root, ""), *([_patterns(root, base)] if base else []), _obsidian(root)]
    there = [test for test in tests if test is not None]
    return (lambda path: any(test(path) for test in there)) if there else None


def _patterns(root: Path, base: str) -> Ignored | None:
    """Return the test of the ``.smosignore`` in a folder of the vault, for paths of the vault."""
    name = f"{base}.smosignore"
    data = _read(root / name, name)
    if data is None:
        return None
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not UTF-8 (byte {error.start}).", "Save it as UTF-8.") from error
    if not any(line.strip() and not line.startswith("#") for line in lines):
        return None
    matches = _compiled(lines, name)
    return lambda path: path.startswith(base) and path != base and matches(path[len(base) :])


def _compiled(lines: list[str], name: str) -> Ignored:
    from pathspec import GitIgnoreSpec

    for number, line in enumerate(lines, start=1):
        try:
            _check_cost([segment.replace("**", "") for segment in line.split("/")])
            GitIgnoreSpec.from_lines([line])
        except ValueError as error:
            raise FormatError(f"Line {number} of {name}, {line!r}, is no pattern.", "Correct or remove it.") from error
    return GitIgnoreSpec.from_lines(lines).match_file


def _obsidian(root: Path) -> Ignored | None:
    """Return the test of Obsidian's excluded files: each a path's beginning, or a regex between slashes."""
    data = _read(root / _OBSIDIAN, _OBSIDIAN)
    if data is None:
        return None
    import json

    try:
        filters = json.loads(data).get("userIgnoreFilters") or []
        tests = [test for text in filters if (test := _filter(text))]
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise FormatError(
            f"The excluded files in {_OBSIDIAN} can't be understood.", "Set them again in Obsidian."
        ) from error
    return (lambda path: any(test(path) for test in tests)) if tests else None


def _filter(text: str) -> _Filter | None:
    """Return one filter's test, blind to case as Obsidian's are."""
    if len(text) > 1 and text[0] == text[-1] == "/":
        try:
            _check_cost([text[1:-1]])
            return re.compile(text[1:-1], re.IGNORECASE).search
        except (re.error, ValueError) as error:
            raise FormatError(
                f"The excluded files {text!r} in {_OBSIDIAN} can't be understood.",
                "Write them as a path in Obsidian, or in other words.",
            ) from error
    start = text.lstrip("/").casefold()
    return (lambda path: path.casefold().startswith(start)) if start else None


def _check_cost(parts: list[str]) -> None:
    """Raise ``ValueError`` for a pattern that a long name could keep busy for hours: a vault may be a stranger's."""
    for part in parts:
        if len(re.findall(r"[*+{]", part)) > _MOST_REPEATS or re.search(r"\)[*+{]", part):
            raise ValueError("it repeats too much")


def _read(path: Path, name: str) -> bytes | None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it is not a file")
            data = file.read(_LARGEST + 1)
            if len(data) > _LARGEST:
                raise OSError(errno.EFBIG, "it has more than 1 MB")
            return data
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(
            f"{name} can't be read: {error.strerror}. Nothing is read without it.",
            "Make it readable, or remove it.",
        ) from error
