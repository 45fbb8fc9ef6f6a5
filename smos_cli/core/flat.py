"""Flat frontmatter, the form smos itself writes: ``key: scalar``, ``key: [a, b]``, lists of one item a line.

Owns a reader that needs no YAML library, for speed, and the writer of values. The reader answers exactly what
a YAML parser would, or declines by returning None: what is refused, and why, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

NULLS = frozenset(("~", "null", "Null", "NULL"))
"""The plain scalars that are read as an empty text."""
MAX_DEPTH = 50
"""Levels of lists and mappings, the outermost counted."""
MAX_BYTES = 65_536
"""The size of a frontmatter, and of its scalars with aliases resolved."""

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NOT_IN_FLOW = frozenset(",[]{}:?#")
_LONGEST_NAME = 100
_LAST_CONTROL, _DELETE, _LAST_C1 = 0x1F, 0x7F, 0x9F
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNSAFE = frozenset("\u2028\u2029\ufeff\ufffe\uffff")


def read(front: str) -> dict[str, Value] | None:
    """Return the fields of a frontmatter (lines ended by LF), or None where only a YAML parser can tell."""
    fields: dict[str, Value] = {}
    items: list[Value] | None = None  # of the key above, as long as it has no value on its own line
    name = margin = ""
    for line in front.split("\n"):
        if not line.isprintable():
            return None
        if not line or line[0] == "#":
            continue
        if line[0] in " -":
            lead, _, rest = line.partition("- ")
            item = _scalar(rest.strip(" "))
            if items is None or item is None or lead != (margin if items else " " * len(lead)):
                return None
            margin = lead
            items.append(item)
            fields[name] = items
            continue
        name, colon, rest = line.partition(":")
        value = _value(rest) if colon and name not in fields and _is_name(name) else None
        if value is None:
            return None
        fields[name] = value
        items = [] if value == "" and rest.strip(" ")[:1] in ("", "#") else None
    return fields


def written(value: Value, *, flow: bool = False, level: int = 1) -> str:
    """Return a value as YAML on one line, quoted only where YAML needs it; ``flow``: inside brackets."""
    if isinstance(value, str):
        plain = _is_plain_in_flow(value) if flow else _is_plain(value)
        return value if plain else _quoted(value)
    if level >= MAX_DEPTH:
        raise FormatError(f"A value is nested deeper than {MAX_DEPTH} levels.", "Keep it flat.")
    if isinstance(value, list):
        return f"[{', '.join(written(item, flow=True, level=level + 1) for item in value)}]"
    pairs = (f"{written_key(key)}: {written(item, flow=True, level=level + 1)}" for key, item in value.items())
    return f"{{{', '.join(pairs)}}}"


def written_key(key: str) -> str:
    """Return a key as YAML, quoted unless it is a simple name."""
    return key if _is_name(key) and key.isprintable() else _quoted(key)


def lines(fields: Mapping[str, Value], newline: str, margin: str = "") -> str:
    """Return fields as lines of frontmatter, one key a line."""
    return "".join(f"{margin}{written_key(key)}: {written(value)}{newline}" for key, value in fields.items())


def _is_name(text: str) -> bool:
    return (
        (text.isidentifier() or (text.replace("-", "_").isidentifier() and text[0] != "-"))
        # YAML looks for the colon of a key in 1,024 characters; so far from that, readers agree.
        and len(text) <= _LONGEST_NAME
    )


def _value(text: str) -> Value | None:
    """Read what stands after the colon of a key, to the end of the line."""
    if not text:
        return ""
    if text[0] != " ":
        return None
    text = text.strip(" ")
    if not text or text[0] == "#":
        return ""
    return _list(text[1:]) if text[0] == "[" else _scalar(text)


def _scalar(text: str) -> str | None:
    """Read a scalar, and a comment after it, from text without spaces around it."""
    if not text:
        return None
    first = text[0]
    if first in _INDICATORS:
        if first in "\"'":
            value, _, tail = text[1:].partition(first)
            closed = len(value) < len(text) - 1 and _is_comment(tail)
            return value if closed and (first == "'" or "\\" not in value) else None
        if first != "-" or not text[1:2].isalnum():
            return None
    comment = text.find(" #")
    if comment >= 0:
        text = text[:comment].rstrip(" ")
    if ": " in text or text[-1] == ":":
        return None
    return "" if text in NULLS else text


def _is_comment(tail: str) -> bool:
    """Say whether nothing but a comment stands after a closing quote or bracket."""
    return not tail or (tail[0] == " " and tail.lstrip(" ")[:1] in ("#", ""))


def _list(text: str) -> list[Value] | None:
    """Read the scalars of ``[a, b]``, and a comment after it, from the text after the bracket."""
    items: list[Value] = []
    rest = text.lstrip(" ")
    while rest and rest[0] != "]":
        if rest[0] in "\"'":
            item, closing, after = rest[1:].partition(rest[0])
            if not closing or (rest[0] == '"' and "\\" in item):
                return None
            rest = after.lstrip(" ")
        else:
            raw = rest.partition(",")[0].partition("]")[0]
            item, rest = raw.rstrip(" "), rest[len(raw) :]
            if not (_is_plain_in_flow(item) or item in NULLS):
                return None
            item = "" if item in NULLS else item
        items.append(item)
        if rest[:1] == ",":
            rest = rest[1:].lstrip(" ")
        elif rest[:1] != "]":
            return None
    return items if rest and _is_comment(rest[1:]) else None


def _is_plain(text: str) -> bool:
    """Say whether a text can stand unquoted after ``key: ``: whether the reader gives it back as it is."""
    return text.isprintable() and text == text.strip(" ") and _scalar(text) == text


def _is_plain_in_flow(text: str) -> bool:
    return (
        bool(text)
        and (text[0] not in _INDICATORS or (text[0] == "-" and text[1:2].isalnum()))
        and _NOT_IN_FLOW.isdisjoint(text)
        and text not in NULLS
        and text.isprintable()
        and text == text.strip(" ")
    )


def _quoted(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code <= _LAST_CONTROL or _DELETE <= code <= _LAST_C1:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if character in _UNSAFE else character
