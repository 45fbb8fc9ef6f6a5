"""Three-way merging of one file: Markdown with frontmatter by key and piece, other text by line.

Owns that bytes which nobody meant to change stay. Declines with None where a file can't be read, or what came out
would not read as it was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.core import newlines
from smos_cli.core.markdown import compose, edit, parse
from smos_cli.core.merging import cuts
from smos_cli.core.merging.fields import merge_fields
from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.markdown import Document, Value

_BOM = b"\xef\xbb\xbf"


class Versions(NamedTuple):
    """One file of the base and of both sides."""

    base: bytes | None
    early: bytes
    late: bytes


class Written(NamedTuple):
    """A merged file, and what clashed in it: the names of keys, ``body``, ``comments`` or ``bytes``."""

    data: bytes
    clashes: tuple[str, ...] = ()


def settled(versions: Versions) -> Written | None:
    """Return the merge where at most one side changed anything, or both the same."""
    if versions.early in (versions.late, versions.base):
        return Written(versions.late)
    return Written(versions.early) if versions.late == versions.base else None


def merge_document(versions: Versions, cut: cuts.Cutter) -> Written | None:
    """Merge a Markdown file, its body cut into pieces; None where a side or the result is none that can be read."""
    if done := settled(versions):
        return done
    base, early, late = read(versions)
    if early is None or late is None:
        return None
    body, clash = cuts.merged(cut(base.body) if base else None, cut(early.body), cut(late.body))
    fields, keys = merge_fields(base.fields if base else {}, early.fields, late.fields)
    return write(versions, fields, body, (*keys, *(["body"] if clash else [])))


def read(versions: Versions) -> tuple[Document | None, Document | None, Document | None]:
    """Return each version as it is read, None where it can't be."""
    base, early, late = versions
    return _read(base), _read(early), _read(late)


def write(versions: Versions, fields: Mapping[str, Value], body: str, clashes: tuple[str, ...] = ()) -> Written | None:
    """Return the late side's file with these fields and this body, and the early side's comments."""
    comments = set(_comments(versions.early)) - set(_comments(versions.base or b""))
    try:
        data = edit(_joined_front(versions, fields) or _with_fields(versions.late, fields), {}, body)
    except FormatError:
        try:
            data = compose(fields, body)
            comments |= set(_comments(versions.late))
        except FormatError:
            return None
    lost = comments - set(_comments(data))
    return Written(data, (*clashes, *(["comments"] if lost else [])))


def merge_lines(versions: Versions) -> Written | None:
    """Merge a text by its lines; None where a side is no text."""
    if done := settled(versions):
        return done
    try:
        base, early, late = (None if data is None else cuts.lines(_text(data)) for data in versions)
    except (UnicodeDecodeError, ValueError):
        return None
    assert early
    assert late
    text, clash = cuts.merged(base, early, late)
    return Written(text.encode(), ("body",) if clash else ())


def text_of(data: bytes) -> str:
    """Return a file's text without its byte order mark, its line ends as they are; ``ValueError`` if it is none."""
    return _text(data).removeprefix("\ufeff")


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise ValueError("NUL")
    return data.decode()


def _read(data: bytes | None) -> Document | None:
    if data is None:
        return None
    try:
        return parse(data)
    except FormatError:
        return None


def _with_fields(data: bytes, fields: Mapping[str, Value]) -> bytes:
    before = parse(data).fields
    gone: dict[str, Value | None] = {key: None for key in before if key not in fields}
    return edit(data, {**gone, **fields})


def _joined_front(versions: Versions, fields: Mapping[str, Value]) -> bytes | None:
    """Return the late side's file with the frontmatters joined line by line, if that has the fields that are meant."""
    fronts = [_front(data or b"") for data in versions]
    if fronts[1] == fronts[2] or not fronts[1] or not fronts[2]:
        return None
    base, early, late = (cuts.lines(front) for front in fronts)
    front, clash = cuts.merged(base, early, late)
    if clash:
        return None
    head, _, rest = versions.late.partition(fronts[2].encode())
    data = head + front.encode() + rest
    with suppress(FormatError):
        if parse(data).fields == fields:
            return data
    return None


def _front(data: bytes) -> str:
    """Return the lines of a frontmatter as they are written."""
    try:
        document, lines = parse(data), newlines.split(text_of(data))
    except (FormatError, ValueError):
        return ""
    return "".join(lines[1 : document.body_line - 2]) if document.has_frontmatter else ""


def _comments(data: bytes) -> list[str]:
    found = []
    for line in newlines.split(_front(data)):
        _, mark, comment = f" {line.strip()}".partition(" #")
        found += [comment.strip()] * bool(mark)
    return found
