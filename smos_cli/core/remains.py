"""Looking for what should be gone: the port over it, and what it says."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from smos_cli.core.purging import Erased


class Searched(NamedTuple):
    """What a search went through, and what it found. A place is a path, or names a commit or an object."""

    objects: int = 0
    """of the history, whether anything reaches them or not"""
    files: int = 0
    """of the vault, of git's own folder and of home"""
    left: tuple[str, ...] = ()
    """places that still have a file of an erased memory, or an erased turn"""
    also_in: tuple[str, ...] = ()
    """places where the same words stand in something that was not erased"""


class Remains(Protocol):
    """Everything that is kept of one persona, but for its index, which is derived. ``StorageError``."""

    def search(self, erased: Erased, texts: Collection[str]) -> Searched:
        """Look for files and turns that were erased, and for texts as ``cleaning.plain`` has them."""
