"""A Markdown file with frontmatter: read, changed byte by byte, or made new.

Owns the fences and what is refused of a whole file. Refuses with ``FormatError`` and then returns nothing, so
that a file that is not understood stays as it is. The format is described in man/smos-vault.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from smos_cli.core import flat, newlines
from smos_cli.errors import FormatError

Value = str | list["Value"] | dict[str, "Value"]
"""What a key holds. Every scalar is a text; null and nothing at all are the empty text."""

_BOM = "\ufeff"
_FENCE = re.compile(r"(?<![^\r\n])---[ \t]*+(?:\r\n|[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is read.

    ``fields`` is the frontmatter in file order, empty when there is none. ``body`` is the text after it with
    newlines as LF, for reading and not for writing back; it begins on line ``body_line`` of the file, from 1.
    """

    fields: dict[str, Value]
    body: str
    has_frontmatter: bool
    body_line: int


def parse(data: bytes) -> Document:
    """Read a file; ``FormatError`` names the line or the byte where it is not what the format allows."""
    text = _text(data)
    fences = _fences(text)
    if fences is None:
        return Document({}, newlines.with_lf(text), False, 1)
    opened, closed, after = fences
    front = newlines.with_lf(text[opened:closed])
    fields = flat.read(front)
    if fields is None:
        from smos_cli.core import frontmatter  # loads PyYAML, which takes 16 ms

        fields = frontmatter.read(front)[0]
    return Document(fields, newlines.with_lf(text[after:]), True, front.count("\n") + 3)


def edit(data: bytes, changes: Mapping[str, Value | None], body: str | None = None) -> bytes:
    """Return a file with keys set (removed, where None), perhaps a new body, and every other byte as it was.

    A key that is set to what it is stays as it is written. New keys go below the last one, in a new
    frontmatter if there is none. ``FormatError`` when the file can't be read or would not read as meant.
    """
    before = parse(data)
    wanted = {key: value for key, value in changes.items() if before.fields.get(key) != value}
    body = before.body if body is None else newlines.with_lf(body)
    text = _text(data)
    lead = _BOM if data.startswith(b"\xef\xbb\xbf") else ""
    newline = newlines.style(text)
    opened, closed, after = _fences(text) or (0, 0, 0)
    head, front, fence, tail = text[:opened], text[opened:closed], text[closed:after], text[after:]
    if wanted and before.has_frontmatter:
        from smos_cli.core import splice  # loads PyYAML

        front = splice.changed(front, wanted, newline)
    elif wanted:
        new = {key: value for key, value in wanted.items() if value is not None}
        head, front, fence = f"---{newline}", flat.lines(new, newline), f"---{newline}"
    if body != before.body:
        tail = newlines.replaced(tail, body, newline)
        fence += newline if fence and tail and fence[-1] not in "\r\n" else ""
    fields = {key: value for key, value in {**before.fields, **wanted}.items() if value is not None}
    return _checked(lead + head + front + fence + tail, fields, body)


def compose(fields: Mapping[str, Value], body: str) -> bytes:
    """Return a new file: UTF-8, LF, quoted only where YAML needs it; ``FormatError`` where it can't be."""
    body = newlines.with_lf(body)
    front = f"---\n{flat.lines(fields, chr(10))}---\n"
    if not fields and not body.startswith((_BOM, "---")):
        front = ""
    return _checked(front + body, dict(fields), body)


def _checked(text: str, fields: dict[str, Value], body: str) -> bytes:
    """Return the bytes of a text that reads as these fields, in this order, and this body."""
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise FormatError("The text holds half a surrogate pair, which is no character.", "Remove it.") from error
    after = parse(data)
    if after.body != body or list(after.fields.items()) != list(fields.items()):
        raise FormatError("The file would not read as it was meant.", "Change it in an editor.")
    return data


def _text(data: bytes) -> str:
    """Return a file's text without its byte order mark."""
    if b"\0" in data:
        line = _line(data, data.index(b"\0"))
        raise FormatError(f"The file holds a NUL byte on line {line}.", "Remove it, or save the file as UTF-8.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        where = f"at byte {error.start}, on line {_line(data, error.start)}"
        raise FormatError(f"The file is not UTF-8 {where}.", "Save it as UTF-8.") from error
    if "<<<<<<< " in text and (line := _conflict(text)):
        raise FormatError(
            f"The file holds git's conflict markers from line {line}.",
            "Settle the conflict, then remove the markers.",
        )
    return text[1:] if text[:1] == _BOM else text


def _line(data: bytes, offset: int) -> int:
    return len((data[:offset] + b"x").splitlines())


def _conflict(text: str) -> int:
    """Return the line on which a complete set of conflict markers begins, or 0."""
    begun = middle = 0
    for number, line in enumerate(newlines.with_lf(text).removeprefix(_BOM).split("\n"), 1):
        if line.startswith("<<<<<<< "):
            begun, middle = number, 0
        elif line == "=======" and begun:
            middle = number
        elif line.startswith(">>>>>>> ") and middle:
            return begun
    return 0


def _fences(text: str) -> tuple[int, int, int] | None:
    """Return where the frontmatter begins and ends and where the body begins, or None when there is none."""
    if text[:3] != "---" or not (opening := _FENCE.match(text)):
        return None
    closing = _FENCE.search(text, opening.end())
    if not closing:
        return None
    if (
        closing.start() - opening.end() > flat.MAX_BYTES
        or len(text[opening.end() : closing.start()].encode()) > flat.MAX_BYTES
    ):
        raise FormatError(f"The frontmatter is larger than {flat.MAX_BYTES} bytes.", "Move what is long into the body.")
    return opening.end(), closing.start(), closing.end()
