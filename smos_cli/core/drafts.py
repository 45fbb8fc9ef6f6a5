"""What a person writes: the port to an editor, and the copy that it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Draft(Protocol):
    """A copy that a person has edited; it stays until it is discarded."""

    path: str

    def data(self) -> bytes:
        """Return what was saved."""

    def discard(self) -> None:
        """Delete the copy."""


Editor = Callable[[str, bytes], Draft]
"""Lets a person edit a copy of a file, given its name and content; returns what became of it."""
