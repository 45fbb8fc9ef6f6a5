"""What goes into a merge and what comes out: trees of files by path, relative to the repository, with ``/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Side(NamedTuple):
    """One side of a merge. Sides are ordered by ``time``, then ``name``; where both can't be had, the later wins."""

    files: Mapping[str, bytes]
    """restricted to paths that differ between the base and the sides; ``.tombstones`` always"""
    time: int = 0
    """of the commit, in seconds since 1970"""
    name: str = ""
    """the commit's hash"""


class Clash(NamedTuple):
    """What both sides changed differently: the later side's is in the file, the other's in a copy."""

    path: str
    """of the file that was kept"""
    identity: str
    """id of the memory that was kept; empty where it has none"""
    copy: str
    """path of the copy; empty where the other version was put away"""
    copy_identity: str
    """id of the copy; empty where it has none"""
    why: str
    """what clashed: ``body``, names of keys, or ``bytes``"""


class Merged(NamedTuple):
    """What a merge makes of two sides."""

    files: dict[str, bytes]
    """the merged tree, restricted as the sides are: a path of the base or a side that is not in it is gone"""
    put_away: dict[str, bytes]
    """versions that leave the vault, for the trash, by the path they had; nothing of what was erased"""
    clashes: tuple[Clash, ...]
