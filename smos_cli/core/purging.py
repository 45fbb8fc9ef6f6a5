"""Taking what was erased out of a history: the port, and the shapes that cross it.

Owns what is asked for: ids, and turns of conversations. What of one file has to go is in ``cleaning``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from smos_cli.core.forgotten import Forgotten


class Erased(NamedTuple):
    """What must be in no history any more."""

    ids: frozenset[str] = frozenset()
    """of memories, and of whole conversations"""
    turns: frozenset[str] = frozenset()
    """as tombstones name them, ``EPISODE-ID#t12``"""
    salts: frozenset[str] = frozenset()
    """that could be used to guess at such a turn, by their hashes"""


class Rewritten(NamedTuple):
    """What a rewrite did."""

    commits: int = 0
    """how many have a new name"""
    tips: Mapping[str, tuple[str, str]] = {}
    """of each branch, tag and remote-tracking branch that moved, by its full name: the object before and after"""
    of: Mapping[str, str] = {}
    """the new name of each commit that has one, by its old one"""
    tip: str = ""
    """the commit that is checked out, by its name now"""
    kept: tuple[str, ...] = ()
    """why the old objects are still in the repository, where they could not all be deleted"""


class Survey(NamedTuple):
    """What a history holds of something, and what a rewrite would do."""

    paths: tuple[str, ...] = ()
    """where it lay, sorted"""
    versions: int = 0
    """different contents of those files"""
    holding: int = 0
    """commits that brought it in, changed it or name it"""
    rewritten: int = 0
    """commits that would get a new name"""
    commits: int = 0
    """commits in all"""
    signed: int = 0
    """commits that would lose a signature"""
    texts: frozenset[str] = frozenset()
    """what has to be gone afterwards: statements, paragraphs, turns, subjects and names of files"""
    bodies: Mapping[str, tuple[str, bytes]] = {}
    """by id, the path and the bytes of one version of each memory that was found"""
    remotes: tuple[tuple[str, str], ...] = ()
    """the name and the address of each"""


class Purge(Protocol):
    """The history of one vault, as something that can be rewritten.

    A rewrite is a pure function of the commits and of what was erased: two clones get equal commits. It can be
    repeated at any moment, also after one that was killed. ``StorageError`` when git fails; nothing is lost then.
    """

    def refusal(self) -> tuple[str, str] | None:
        """Return why the history can't be rewritten here, and what to do about it; None when it can, or is none."""

    def survey(self, erased: Erased) -> Survey:
        """Return what is there of it, also in commits that no branch has any more. Nothing where there is no git."""

    def holds(self, erased: Erased, revisions: Sequence[str] = ()) -> bool:
        """Say whether revisions, as ``git rev-list`` takes them, hold any of it; by default, whether any ref does."""

    def rewrite(self, erased: Erased) -> Rewritten:
        """Take it out of every branch, tag and remote-tracking branch, and delete what nothing reaches any more."""


def erased_of(forgotten: Forgotten) -> Erased:
    """Return what tombstones say was erased."""
    return Erased(forgotten.erased, forgotten.erased_turns, forgotten.retired)
