"""Frontmatter that needs a YAML parser: its fields, and where in the text each of them stands.

Owns what is refused of YAML. Works on PyYAML's events, one at a time: nothing is constructed or resolved, the
depth is counted as it grows, an alias has its own marks. Importing this module loads PyYAML, so that is left
to the moment it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from smos_cli.core import newlines
from smos_cli.core.flat import MAX_BYTES, MAX_DEPTH, NULLS
from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

FLAT_REMEDY = "Write one `key: value` a line between the two --- lines."
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a top-level key and its value stand, as offsets into the frontmatter.

    ``end`` is where the value's content ends, without blank lines and comments after it. ``kind`` is
    ``inline`` (all there is from ``start`` to ``end``), ``literal`` (a block scalar) or ``block`` (a list or
    mapping of several lines). ``items`` are the offsets of a list's items.
    """

    key_start: int
    key_end: int
    start: int
    end: int
    kind: str
    items: tuple[tuple[int, int], ...]


def read(front: str, loader: Any = LOADER) -> tuple[dict[str, Value], dict[str, Entry]]:
    """Return the fields and where each stands; ``FormatError`` for what the format does not allow."""
    reader = _Reader(front, loader)
    try:
        return reader.document()
    except yaml.reader.ReaderError as error:
        line = reader.line(max(front.find(chr(error.character)), 0))
        raise FormatError(
            f"The frontmatter holds the control character U+{error.character:04X} on line {line}.",
            "Remove it.",
        ) from error
    except yaml.MarkedYAMLError as error:
        # What is never closed is noticed at the end; its beginning says more. A mapping's says nothing.
        block = "block" in (error.context or "block")
        mark = (error.problem_mark if block else error.context_mark) or error.problem_mark
        where = f" on line {reader.line(mark.index)}" if mark else ""
        raise FormatError(f"The frontmatter is not valid YAML{where}: {error.problem}.", FLAT_REMEDY) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # An escape such as "\ud800" or "\UFFFFFFFF" names no character.
        raise FormatError(f"The frontmatter is not valid YAML: {error}.", FLAT_REMEDY) from error


class _Reader:
    """One pass over the events of one frontmatter."""

    def __init__(self, front: str, loader: Any) -> None:
        self._front = front
        self._events: Iterator[Any] = yaml.parse(front, Loader=loader)
        self._anchors: dict[str, str | None] = {}
        self._room = MAX_BYTES
        self._end = 0
        self._closed = 0
        self._items: tuple[tuple[int, int], ...] = ()

    def line(self, index: int) -> int:
        """Return the line of the file that holds a character of the frontmatter, which begins on line 2."""
        return newlines.number(self._front, index) + 1

    def _line_of(self, event: Any) -> int:
        return self.line(event.start_mark.index)

    def document(self) -> tuple[dict[str, Value], dict[str, Entry]]:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return {}, {}
        root = next(self._events)
        if not isinstance(root, yaml.MappingStartEvent):
            what = "a list" if isinstance(root, yaml.SequenceStartEvent) else "a single value"
            raise FormatError(f"The frontmatter is {what}, not keys with values.", FLAT_REMEDY)
        fields, entries = self._mapping(1)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            where = self._line_of(after)
            raise FormatError(f"The frontmatter holds a second YAML document on line {where}.", FLAT_REMEDY)
        return fields, entries

    def _mapping(self, depth: int) -> tuple[dict[str, Value], dict[str, Entry]]:
        fields: dict[str, Value] = {}
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, fields)
            key_end = event.end_mark.index
            value = next(self._events)
            self._items = ()
            fields[key] = self._value(value, depth)
            if depth == 1:
                start = value.start_mark.index
                entries[key] = Entry(event.start_mark.index, key_end, start, self._end, _kind(value), self._items)
        self._closed = _end(event)
        return fields, entries

    def _key(self, event: Any, fields: dict[str, Value]) -> str:
        where = self._line_of(event)
        if isinstance(event, yaml.AliasEvent):
            key = self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            # A key is a name: even `null` and `~` are spelled out.
            key = self._scalar(event, event.value)
        else:
            raise FormatError(f"A key of the frontmatter is a list or a mapping on line {where}.", FLAT_REMEDY)
        if key in fields:
            raise FormatError(f"The frontmatter has the key {key!r} again on line {where}.", "Keep one of them.")
        return key

    def _value(self, event: Any, depth: int) -> Value:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, "" if not event.style and event.value in NULLS else event.value)
        if depth >= MAX_DEPTH:
            where = self._line_of(event)
            message = f"The frontmatter is nested deeper than {MAX_DEPTH} levels on line {where}."
            raise FormatError(message, FLAT_REMEDY)
        if event.anchor:
            self._anchors[event.anchor] = None
        is_list = isinstance(event, yaml.SequenceStartEvent)
        value = self._list(depth + 1) if is_list else self._mapping(depth + 1)[0]
        if event.flow_style:
            self._end = self._closed
        return value

    def _list(self, depth: int) -> list[Value]:
        values: list[Value] = []
        items: list[tuple[int, int]] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, depth))
            items.append((event.start_mark.index, self._end))
        self._closed = _end(event)
        self._items = tuple(items)
        return values

    def _scalar(self, event: Any, value: str) -> str:
        value.encode()
        start, end = event.start_mark.index, event.end_mark.index
        literal = event.style in ("|", ">")
        self._end = end_of_literal(self._front, start, end) if literal else end
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _alias(self, event: Any) -> str:
        where = self._line_of(event)
        if event.anchor not in self._anchors:
            raise FormatError(f"The alias *{event.anchor} on line {where} has no anchor.", "Write the value instead.")
        value = self._anchors[event.anchor]
        if value is None:
            raise FormatError(
                f"The alias *{event.anchor} on line {where} stands for a list or a mapping.",
                "Write the value instead.",
            )
        self._room -= len(value)
        if self._room < 0:
            raise FormatError(f"The aliases of the frontmatter stand for over {MAX_BYTES} characters.", FLAT_REMEDY)
        self._end = event.end_mark.index
        return value


def _end(event: Any) -> int:
    offset: int = event.end_mark.index
    return offset


def _kind(event: Any) -> str:
    if isinstance(event, yaml.CollectionStartEvent):
        return "inline" if event.flow_style else "block"
    return "literal" if getattr(event, "style", "") in ("|", ">") else "inline"


def end_of_literal(front: str, start: int, end: int) -> int:
    """Return where a block scalar's last line of content ends; its mark is after blank lines and comments."""
    rows = newlines.split(front[start:end])
    header = rows[0].split(" #")[0]
    indents = [len(row) - len(row.lstrip(" ")) for row in rows]
    explicit = re.search(r"[|>][+-]?([1-9])", header)
    # With an explicit indent the content may begin further in; a comment is told by the least it can be.
    first = next((indent for indent, row in zip(indents[1:], rows[1:], strict=True) if row.strip()), 0)
    margin = int(explicit[1]) if explicit else first
    last = len(rows) - 1
    while last and (not rows[last].strip() or (rows[last].lstrip(" ")[0] == "#" and indents[last] < margin)):
        last -= 1
    return start + sum(map(len, rows[: last + 1])) - (len(rows[last]) - len(rows[last].rstrip("\r\n")))
