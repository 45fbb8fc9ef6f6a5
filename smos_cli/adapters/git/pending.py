"""What smos is about to commit, noted in ``.git/smos.pending`` while it does.

The user's index is told of a file before the branch moves. When smos dies between the two, these notes tell its own
half-done commit from what the user has staged. Owns that file, and ``.git/smos.tip``: the last commit smos made.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Pending:
    """The notes of one repository; to be used by who holds its lock."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "smos.pending"
        self._tip = folder / "smos.tip"

    def paths(self) -> frozenset[str]:
        """Return the paths of commits that were begun and not ended."""
        try:
            return frozenset(filter(None, os.fsdecode(self._file.read_bytes()).split("\0")))
        except OSError:
            return frozenset()

    def begin(self, paths: Iterable[str]) -> None:
        """Note what is about to be committed, beside what is noted."""
        with suppress(OSError), self._file.open("ab") as file:
            file.write(b"".join(os.fsencode(path) + b"\0" for path in paths))

    def end(self, paths: Iterable[str], tip: str | None) -> None:
        """Strike out what is committed by now, or needs no commit; ``tip`` is the commit, if one was made."""
        left = self.paths().difference(paths)
        with suppress(OSError):
            if left:
                self._file.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in sorted(left)))
            else:
                self._file.unlink(missing_ok=True)
            if tip:
                self._tip.write_text(tip)

    def tip(self) -> str:
        """Return the hash of the last commit that smos made here, or nothing."""
        try:
            return self._tip.read_text().strip()
        except OSError:
            return ""
