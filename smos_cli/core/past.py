"""What the history holds: commits, the files each one changed, and what was in them.

Owns the port over it and the shapes that cross it. Reading only; recording a change is ``ports.History``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol


class FileChange(NamedTuple):
    """What one commit did to one file. Links, and repositories inside the vault, are left out."""

    path: str
    """relative to the vault, with ``/``; bytes that are not UTF-8 are surrogates"""
    before: str = ""
    """name of the blob it had in the (first) parent; empty where there was no file"""
    after: str = ""
    """the same of what the commit has; empty where the file is gone"""
    was: str = ""
    """the path it had before, where the commit moved it"""


class Commit(NamedTuple):
    """One commit, with all that it changed; of a merge only the files that are as in none of its parents."""

    name: str
    """its hash, in full"""
    parents: tuple[str, ...]
    seconds: int
    """when it was committed, since 1970"""
    author: str
    text: str
    """the whole message"""
    files: tuple[FileChange, ...] = ()

    @property
    def time(self) -> str:
        """When it was committed, as ISO-8601 UTC to the second."""
        try:
            return datetime.fromtimestamp(self.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        except (OverflowError, ValueError, OSError):  # made by hand, or by a broken clock
            return "1970-01-01T00:00:00Z"


class Past(Protocol):
    """The committed history of one vault.

    Every method but ``recording`` raises ``StorageError`` where no history is kept, or when it can't be read.
    Commits and blobs are named by hashes in full, as the methods themselves return them; ``HEAD`` is one, too.
    """

    @property
    def recording(self) -> bool:
        """Whether what commands do is committed now."""

    def commits(self, start: str = "HEAD", *, under: Sequence[str] = ()) -> Iterator[Commit]:
        """Yield a commit and all that led to it, newest first; none where nothing is committed yet.

        ``under`` are files and folders; only commits that touch one are given then, with no more than those files.
        """

    def find(self, revision: str) -> str:
        """Return the commit that a revision names, as a person writes it; ``NotFoundError``, ``AmbiguousError``."""

    def until(self, seconds: int) -> str:
        """Return the last commit that led to HEAD and was made by then (s since 1970); empty when there was none."""

    def files(self, commit: str = "HEAD", *, under: Sequence[str] = ()) -> Mapping[str, str]:
        """Return the blob of each file that a commit has, by path; those in or at ``under`` if that is given."""

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        """Yield what blobs hold, in the order asked for; ``NotFoundError`` for one that is not there."""

    def unrecorded(self) -> Sequence[FileChange]:
        """Return the files that are not as HEAD has them, staged or not, sorted; ``after`` is ``"?"``, or empty.

        What is ignored is left out. Writes nothing, and needs no lock.
        """
