"""Changes inside a frontmatter: a value's bytes replaced, a key's lines removed, new keys below the last one.

Owns what is cut where. Refuses a change after which the frontmatter would not read as meant, for any reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from smos_cli.core import flat, frontmatter, newlines
from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.frontmatter import Entry
    from smos_cli.core.markdown import Value

_Cut = tuple[int, int, str]
"""Where it begins, where it ends, and what takes its place."""


def changed(front: str, changes: Mapping[str, Value | None], newline: str) -> str:
    """Return a frontmatter with keys set, removed where the value is None; all else stays byte for byte.

    ``FormatError`` where that can't be done, as when the key holds an anchor that another one uses.
    """
    fields, entries = frontmatter.read(front)
    cuts: list[_Cut] = []
    new: dict[str, Value] = {}
    for key, value in changes.items():
        if key not in entries:
            new |= {} if value is None else {key: value}
        elif value is None:
            entry = entries[key]
            cuts.append((newlines.start(front, entry.key_start), newlines.end(front, entry.end), ""))
        else:
            cuts += _replacement(front, entries[key], (fields[key], value), newline)
    margin = _margin(front, entries)
    for start, end, text in sorted(cuts, reverse=True):
        front = front[:start] + text + front[end:]
    front += flat.lines(new, newline, margin)
    meant = {key: value for key, value in {**fields, **changes}.items() if value is not None}
    if not _reads_as(front, meant):
        raise FormatError(
            "The frontmatter is written in a way that can't be changed without touching the rest of it.",
            "Write it as one `key: value` a line, or change it in an editor.",
        )
    return front


def _reads_as(front: str, meant: Mapping[str, Value]) -> bool:
    try:
        return list(frontmatter.read(front)[0].items()) == list(meant.items())
    except FormatError:
        return False


def _margin(front: str, entries: Mapping[str, Entry]) -> str:
    """Return the spaces before the keys of the frontmatter."""
    first = next(iter(entries.values()), None)
    lead = front[newlines.start(front, first.key_start) : first.key_start] if first else ""
    return lead if lead.isspace() else ""


def _replacement(front: str, entry: Entry, values: tuple[Value, Value], newline: str) -> list[_Cut]:
    """Return the cuts that put the second value in the place of the first."""
    old, new = values
    if entry.kind == "literal":
        return _instead_of_literal(front, entry, flat.written(new))
    if entry.kind == "block" and newlines.start(front, entry.start) > entry.key_end:
        if isinstance(old, list) and isinstance(new, list) and new and _is_one_a_line(front, entry, [*old, *new]):
            return _items(front, entry, (old, new), newline)
        return _instead_of_block(front, entry, flat.written(new))
    return [_inline(front, (entry.start, entry.end), new)]


def _inline(front: str, span: tuple[int, int], value: Value) -> _Cut:
    start, end = span
    # After `key:` or `-` with no value, a space is due.
    space = " " if start == end and front[start - 1] != " " else ""
    return start, end, space + flat.written(value)


def _instead_of_literal(front: str, entry: Entry, text: str) -> list[_Cut]:
    """Put a value in the place of a block scalar's indicator and lines; a comment after the first stays."""
    line_end = newlines.end(front, entry.start)
    indicator = front[entry.start : line_end].split(" #")[0].rstrip()
    return [
        (entry.start, entry.start + len(indicator), text),
        (line_end, newlines.end(front, max(entry.end, entry.start)), ""),
    ]


def _instead_of_block(front: str, entry: Entry, text: str) -> list[_Cut]:
    """Put a value after the colon of a key, and remove the lines of the list or mapping below it."""
    colon = front.index(":", entry.key_end) + 1
    return [
        (colon, colon, f" {text}"),
        (newlines.start(front, entry.start), newlines.end(front, entry.end), ""),
    ]


def _is_one_a_line(front: str, entry: Entry, values: Sequence[Value]) -> bool:
    """Say whether a block list has one scalar a line, and only scalars are to go into it."""
    return all(isinstance(value, str) for value in values) and all(
        front[newlines.start(front, start) : start].strip(" ") == "-" and newlines.end(front, start) > end
        for start, end in entry.items
    )


def _items(front: str, entry: Entry, values: tuple[Sequence[Value], Sequence[Value]], newline: str) -> list[_Cut]:
    """Return the cuts that make one list of lines into another; lines of items that stay are not touched."""
    old, new = values
    if len(old) == len(new):
        spans = zip(entry.items, old, new, strict=True)
        return [_inline(front, span, value) for span, before, value in spans if value != before]
    first, last = newlines.equal_ends(old, new)
    top = newlines.start(front, entry.start)
    indent = front[top : front.index("-", top)]
    lines = "".join(f"{indent}- {flat.written(value)}{newline}" for value in new[first : len(new) - last])
    place = newlines.end(front, entry.items[first - 1][1]) if first else top
    gone = entry.items[first : len(old) - last]
    cuts = [(newlines.start(front, start), newlines.end(front, end), "") for start, end in gone]
    return [*cuts, (place, place, lines)]
