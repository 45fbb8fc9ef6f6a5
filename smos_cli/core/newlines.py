"""What a line is: text up to LF, CRLF or CR, as CommonMark and YAML have it.

Owns finding, replacing and comparing lines without touching the ends of those that stay. ``str.splitlines``
will not do: it also breaks lines at a form feed or at U+2028.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(r"\r\n|[\r\n]")
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|[\r\n])|[^\r\n]++")


def with_lf(text: str) -> str:
    """Return a text with every newline as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def style(text: str) -> str:
    """Return the newline that a text uses: its first, or LF."""
    end = _END.search(text)
    return end.group() if end else "\n"


def split(text: str) -> list[str]:
    """Return the lines of a text with their newlines; the last may have none."""
    return _LINE.findall(text)


def number(text: str, offset: int) -> int:
    """Return the number, from 1, of the line that holds a character."""
    return with_lf(text[:offset]).count("\n") + 1


def start(text: str, offset: int) -> int:
    """Return where the line of a character begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def end(text: str, offset: int) -> int:
    """Return where the line of a character ends, after its newline."""
    found = _END.search(text, offset)
    return found.end() if found else len(text)


def equal_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """Return how many items two sequences share at their beginning, and then at their end."""
    fewer = min(len(old), len(new))
    first = 0
    while first < fewer and old[first] == new[first]:
        first += 1
    last = 0
    while last < fewer - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, last


def replaced(raw: str, text: str, newline: str) -> str:
    """Return ``text``, whose newlines are LF, with those of ``raw`` in the lines they share at either end."""
    old, new = split(raw), split(text)
    first, last = equal_ends([with_lf(line) for line in old], new)
    middle = "".join(new[first : len(new) - last]).replace("\n", newline)
    result = "".join(old[:first]) + middle + "".join(old[len(old) - last :])
    # After a line that ends in CR, a line that is only LF would be taken for its other half.
    return result if with_lf(result) == text else text.replace("\n", newline)
