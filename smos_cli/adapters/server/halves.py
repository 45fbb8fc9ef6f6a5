"""More text than a server takes at once, given to it in halves, and long texts in windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from smos_cli.adapters.server.refusals import TooLongError

T = TypeVar("T")

_SHORTEST = 200
"""characters; what is refused for its length below this is refused for something else"""


def by_halves(
    texts: Sequence[str], ask: Callable[[Sequence[str]], Sequence[T]], join: Callable[[Sequence[T], Sequence[int]], T]
) -> list[T]:
    """Return what a server makes of each text, however little it takes at once.

    ``join`` makes one of what the parts of a text gave, and their lengths. What a text gives depends on the server
    and on the text alone, never on the texts beside it.
    """
    try:
        return list(ask(texts))
    except TooLongError:
        if len(texts) == 1 and len(texts[0]) < _SHORTEST:
            raise
    if len(texts) > 1:
        middle = len(texts) // 2
        return by_halves(texts[:middle], ask, join) + by_halves(texts[middle:], ask, join)
    parts = windows(texts[0], (len(texts[0]) + 1) // 2)
    return [join(by_halves(parts, ask, join), [len(part) for part in parts])]


def windows(text: str, longest: int) -> list[str]:
    """Cut a text into parts of up to so many characters, none of them blank, at white space where it is not far."""
    parts = []
    while len(text) > longest:
        end = max(text.rfind(space, longest // 2, longest) for space in " \n\t")
        end = end + 1 if end >= 0 else longest
        parts.append(text[:end])
        text = text[end:]
    return [part for part in (*parts, text) if part.strip()] or [text]
