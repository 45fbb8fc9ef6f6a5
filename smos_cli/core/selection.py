"""Which memories are meant: the filters that every door shares."""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST_END = 4
"""Characters of the end of an id that name it: fewer may be a word that was meant for something else."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter over memories, episodes and notes; everything that is set must hold.

    ``statuses`` empty means those recalled by default: accepted and not superseded. ``after`` is inclusive and
    ``before`` exclusive; both compare with the time a thing was said or created, as ISO-8601 text.
    ``key`` matches a full id, its beginning, its end from four characters on, a path, a file name or an alias.
    """

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    everything: bool = False
    """also archived, pending and superseded ones"""
    key: str = ""
    digest: str = ""
    """the content hash of a body"""
    limit: int = 0
    """0: no limit"""
    memories_only: bool = False
