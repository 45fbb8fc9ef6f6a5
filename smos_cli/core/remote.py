"""What syncing asks of a history and of another copy of it: the ports, and the shapes that cross them.

Owns no rule of merging. Commits and blobs are named by their hashes, in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha1, sha256
from typing import NamedTuple, Protocol


class Difference(NamedTuple):
    """One path that differs between two commits; paths are relative to the vault, with ``/``."""

    path: str
    before: str = ""
    """name of the blob the first has; empty where it has no file"""
    after: str = ""
    """the same of the second"""
    refused: str = ""
    """why it can't be a file of a vault: it is a link, a repository, or a name no vault has"""


class Branch(NamedTuple):
    """The branch that is checked out, and where it is; there is no commit yet where ``tip`` is empty."""

    name: str
    """without ``refs/heads/``"""
    tip: str


class Remote(Protocol):
    """Another copy of the vault's history, while it is synced with. Nobody is asked for a password, ever.

    Raises ``OfflineError`` when it can't be reached or says nothing for too long, ``RemoteError`` when it refuses.
    """

    name: str
    """how it is named to people: without a password"""

    def fetch(self) -> str:
        """Fetch the branch of the name of ours; return where it is, or nothing when there is none yet."""

    def push(self, commit: str, *, expected: str | None = None) -> bool:
        """Move its branch to a commit; False when it has moved on since it was fetched.

        ``expected`` is where it must be for its branch to be put there although that takes commits away.
        """


class Revisions(Protocol):
    """The commits of a vault's own repository. ``StorageError`` when git fails."""

    def branch(self) -> Branch:
        """Return the branch; ``RemoteError`` where none is checked out, or a person's git command is half done."""

    def fetched(self) -> str:
        """Return where the branch that was fetched is now, or nothing."""

    def bases(self, one: str, other: str) -> Sequence[str]:
        """Return the best commits that led to both: none, one or several."""

    def count(self, commit: str, without: str = "") -> int:
        """Count the commits that led to one and not to another."""

    def seconds(self, commit: str) -> int:
        """Return when the last change that led to a commit was made, since 1970; signing the audit chain is none."""

    def differences(self, one: str, other: str) -> Sequence[Difference]:
        """Return what differs between two commits; ``one`` may be empty, and is then a vault without a file."""

    def file(self, commit: str, path: str) -> bytes:
        """Return what a commit has at a path; nothing where it has no file."""

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """Return what blobs hold, by their names."""

    def forward(self, branch: Branch, commit: str) -> None:
        """Move the branch to a commit that it led to and the index with it, after the files were changed."""


class Other(NamedTuple):
    """A vault's repository and the other copy of it, opened for one sync."""

    remote: Remote
    revisions: Revisions


Meet = AbstractContextManager[Other]
"""Holds a remote for one sync; ``IndexBusyError`` while another sync runs."""


def blob_name(data: bytes, like: str) -> str:
    """Return the name that git gives to a file's bytes, of the length (SHA-1 or SHA-256) of another name."""
    make = sha256 if len(like) == 64 else sha1
    return make(b"blob %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
