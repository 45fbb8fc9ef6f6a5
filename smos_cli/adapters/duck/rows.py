"""Rows of the index as the core's values, and the core's filters as SQL. Values are always bound, never pasted."""

from __future__ import annotations

from typing import Any

from smos_cli.core.memory import SCALARS, Memory
from smos_cli.core.passages import Passage
from smos_cli.core.ports import Found
from smos_cli.core.selection import SHORTEST_END, STANDING_KINDS, Selection

COLUMNS = [*SCALARS, "tags", "sources", "aliases"]
"""Columns of ``files`` that are fields of a ``Memory`` under the same name."""

MEMORY = ", ".join(["f.ulid", "f.path", *(f"f.{name}" for name in COLUMNS), "f.body_hash"])
"""What ``memory`` reads, in its order."""
_WIDTH = len(COLUMNS) + 3
PASSAGE = ", ".join(f"p.{name}" for name in Passage._fields)
"""A passage, in the order of its fields."""

_LINKED = (
    "list_sort((SELECT coalesce(list(DISTINCT coalesce(nullif(o.ulid, ''), o.path)), []) FROM links l"
    " JOIN files o ON {join} WHERE l.relation = '{relation}' AND o.status = 'accepted'{{begun}}))"
)
_SUPERSEDED_BY = _LINKED.format(join="o.id = l.file AND l.target = f.suffix", relation="supersedes")
_CONFLICTS_WITH = _LINKED.format(
    join="(o.id = l.file AND l.target = f.suffix) OR (l.file = f.id AND o.suffix = l.target)",
    relation="conflicts",
)

_CURRENT = (
    "(f.status = 'accepted' AND (f.suffix = '' OR f.suffix NOT IN (SELECT l.target FROM links l"
    " JOIN files o ON o.id = l.file WHERE l.relation = 'supersedes' AND o.status = 'accepted'{newer}))){held}"
)
"""Recalled by default: accepted, and no accepted memory says that it supersedes it."""
_BEGUN = "left(coalesce(nullif({table}.valid_from, ''), {time}), length(?)) <= ?"
_HELD = " AND (f.valid_to = '' OR left(?, length(f.valid_to)) <= f.valid_to)"
"""At a date: ``selection.has_begun`` and not ``has_ended``."""

STANDING = f"(f.role = 'memory' AND (f.pinned OR f.kind IN {STANDING_KINDS!r}))"
"""Offered whatever the query."""
STANDING_FIRST = f"f.pinned DESC, list_position({list(STANDING_KINDS)!r}, f.kind) NULLS LAST"


def linked(as_of: str = "", *, any_links: bool) -> tuple[str, list[str]]:
    """Return the columns for what a memory conflicts with and what supersedes it at a date, and their values.

    Constants where nothing is linked.
    """
    if not any_links:
        return "[]::VARCHAR[], []::VARCHAR[]", []
    begun = f" AND {_BEGUN.format(table='o', time='o.created')}" if as_of else ""
    return f"{_CONFLICTS_WITH}, {_SUPERSEDED_BY}".format(begun=begun), [as_of] * (4 if as_of else 0)


def memory(row: tuple[Any, ...], body: str) -> Memory:
    """Read a memory from the columns of ``MEMORY``."""
    fields = dict(zip(COLUMNS, row[2 : _WIDTH - 1], strict=True))
    for name in ("tags", "sources", "aliases"):
        fields[name] = tuple(fields[name])
    return Memory(id=row[0], body=body, path=row[1], body_hash=row[_WIDTH - 1], **fields)


def joined(passage: tuple[Any, ...], file: tuple[Any, ...]) -> Found:
    """Make a passage and its memory of a row of each: number, ordinal, file, the passage; the memory, role, links."""
    number, ordinal, _, *fields = passage
    *columns, role, conflicts, newer = file
    held = Passage._make(fields)
    return Found(number, ordinal, held, memory(tuple(columns), held.text), role, conflicts, newer)


def where(selection: Selection, time: str = "f.created") -> tuple[str, list[Any]]:
    """Return the condition over ``files f`` and its values; ``time`` is the SQL of when a thing was said."""
    as_of = selection.as_of
    asked: list[tuple[Any, str, tuple[Any, ...]]] = [
        (selection.statuses, "f.status IN (SELECT unnest(?::VARCHAR[]))", (list(selection.statuses),)),
        (not selection.statuses and not selection.everything, *_current(as_of)),
        (as_of, _BEGUN.format(table="f", time=time), (as_of, as_of)),
        (selection.kinds, "f.kind IN (SELECT unnest(?::VARCHAR[]))", (list(selection.kinds),)),
        (selection.tags, "list_has_all(f.tags, ?::VARCHAR[])", (list(selection.tags),)),
        (selection.after, f"{time} >= ?", (selection.after,)),
        (selection.before, f"({time} <> '' AND {time} < ?)", (selection.before,)),
        (selection.memories_only, "f.role = 'memory'", ()),
        (selection.standing, STANDING, ()),
        (selection.note_folders is not None, _IN_FOLDERS, (list(selection.note_folders or ()),)),
        (selection.digest, "f.body_hash = ?", (selection.digest,)),
        (selection.key, _NAMED, _key(selection.key)),
    ]
    parts = [condition for wanted, condition, _ in asked if wanted]
    values = [value for wanted, _, bound in asked if wanted for value in bound]
    return " AND ".join(parts) or "true", values


def _current(as_of: str) -> tuple[str, tuple[str, ...]]:
    if not as_of:
        return _CURRENT.format(newer="", held=""), ()
    newer = f" AND {_BEGUN.format(table='o', time='o.created')}"
    return _CURRENT.format(newer=newer, held=_HELD), (as_of, as_of, as_of)


_IN_FOLDERS = "(f.role <> 'note' OR len(list_filter(?::VARCHAR[], lambda folder: starts_with(f.path, folder))) > 0)"
_NAMED = (
    "(f.path = ? OR f.path = ? || '.md' OR ends_with(f.path, '/' || ? || '.md') OR list_contains(f.aliases, ?)"
    " OR (f.ulid <> '' AND (starts_with(f.ulid, ?) OR ends_with(f.ulid, ?))))"
)
"""A path, a file name with or without its ending, an alias, or the beginning or end of an id."""


def _key(key: str) -> tuple[str, ...]:
    stem = key.removesuffix(".md")
    end = key.upper() if len(key) >= SHORTEST_END else "-"  # which no id ends in
    return key, stem, stem, key, key.upper(), end
