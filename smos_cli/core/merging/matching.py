"""Which files of three trees are one thing: those with one id, wherever they lie; else those with one path.

An id that two files of one tree have says nothing. A file that had no id, or lost it, is what lies where it lay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.markdown import parse
from smos_cli.errors import FormatError

Tree = Mapping[str, bytes]


class File(NamedTuple):
    """One file of a tree."""

    path: str
    data: bytes


class Unit(NamedTuple):
    """One thing in the base and on both sides. ``key`` is its id where it has one, else its path."""

    key: str
    base: File | None
    early: File | None
    late: File | None


def matched(base: Tree, early: Tree, late: Tree) -> Iterator[Unit]:
    """Yield everything in the trees once, sorted by key."""
    trees = (base, early, late)
    ids = [{path: identity for path in tree if (identity := identity_of(path, tree[path]))} for tree in trees]
    twice = {identity for found in ids for identity, count in Counter(found.values()).items() if count > 1}
    named = [{path: "" if identity in twice else identity for path, identity in found.items()} for found in ids]
    before = {path: named[0].get(path) or path for path in base}
    keyed = [_keyed(tree, found, before) for tree, found in zip(trees, named, strict=True)]
    for key in sorted(set().union(*keyed)):
        yield Unit(key, *(files.get(key) for files in keyed))


def identity_of(path: str, data: bytes) -> str:
    """Return the id in a Markdown file, in upper case; empty where there is none or the file can't be read."""
    if not path.lower().endswith(".md") or b"id" not in data:
        return ""
    try:
        identity = parse(data).fields.get("id")
    except FormatError:
        return ""
    return identity.upper() if isinstance(identity, str) and ulid.is_valid(identity) else ""


def _keyed(tree: Tree, ids: Mapping[str, str], before: Mapping[str, str]) -> dict[str, File]:
    """Return the files of a tree by what they are known by, given the keys that paths have in the base."""
    known, present = frozenset(before.values()), frozenset(ids.values())
    keyed = {}
    for path, data in tree.items():
        identity, former = ids.get(path, ""), before.get(path, "")
        # The id that this path had is nowhere now, or the path had none: it is still the same thing.
        stays = former and former not in present and (not identity or former == path)
        key = identity if identity in known or not stays else former
        keyed[key or path] = File(path, data)
    return keyed
