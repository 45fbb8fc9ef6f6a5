"""The port to where changes are recorded outside the files, and what it says of files that others changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from smos_cli.core.changes import Change


class Outside(NamedTuple):
    """A file that is not as the last commit has it."""

    path: str
    before: str
    """sha256 of what the last commit has, hex; empty where it has no such file"""
    after: str
    """the same of what is on disk"""


class History(Protocol):
    """Who changed what and why, outside the files."""

    def expect(self) -> None:
        """Begin to look for what others changed, beside what the caller does next; ``outside`` is asked soon."""

    def outside(self) -> Sequence[Outside]:
        """Return what differs between the files and the last commit of smos's own, by path, whoever committed it since.

        To be asked while the vault's lock is held. What the user has staged is left out, and what is ignored. Nothing
        where no history is kept, or none can be just now.
        """

    def commit(self, change: Change) -> str | None:
        """Record a change; return its name, or None where no history is kept. ``StorageError`` when it fails."""

    def commit_merge(self, change: Change, other: str) -> str:
        """Record what became of the last commit and another one; ``StorageError`` also where no history is kept."""
