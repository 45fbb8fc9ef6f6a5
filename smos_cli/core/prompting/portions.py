"""Portions of a conversation that fit a model: whole turns, and before them as much of what led to them as there is
room for.

Owns where a conversation is divided. No turn is cut but one longer than a portion: it comes in windows that end where
a paragraph or a sentence does, each a turn of the same number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from smos_cli.core.models import Said
from smos_cli.core.pieces import pieces as cut
from smos_cli.core.prompting.prompt import Piece, shown
from smos_cli.core.sentences import starts

_TURNS_BEFORE = 8
"""Turns before a wanted one that are shown with it, where they fit."""
_SHORTEST = 60
"""Tokens below which the end of a turn is not worth showing, and characters below which nothing is cut."""
_CHARACTERS = 8
"""Of a token, at most, in what people write: a text of more for each token that there is room for is not counted."""


class Room(NamedTuple):
    """Tokens that a portion may have, and how many of them may be what came before."""

    all: int
    before: int


Count = Callable[[str], int]


def portions(turns: Sequence[Said], wanted: Callable[[str], bool], room: Room, count: Count) -> Iterator[list[Piece]]:
    """Yield portions of a conversation in which each wanted turn is wanted once; system turns are in none.

    The other turns, and those of the portion before, are there to be understood by, up to ``room.before`` tokens.
    """
    said = [turn for turn in turns if turn.role != "system" and turn.text.strip()]
    everything = [piece for turn in said for piece in _windows(turn, wanted, room.all - room.before, count)]
    portion: list[Piece] = []
    used = after = 0
    for at, piece in enumerate(everything):
        if not piece.wanted:
            continue
        size = _size(piece, count)
        led_to_it, spent = _before(everything[after:at], room.before, count)
        if portion and used + spent + size > room.all:
            yield portion
            portion, used = [], 0
            led_to_it, spent = _before(everything[:at], room.before, count)
        portion += [*led_to_it, piece]
        used += spent + size
        after = at + 1
    if portion:
        yield portion


def _windows(turn: Said, wanted: Callable[[str], bool], limit: int, count: Count) -> Iterator[Piece]:
    if not wanted(turn.turn):
        yield Piece(turn, wanted=False)
        return
    for text in cut(turn.text, limit * _CHARACTERS):
        for part in _fitting(turn, text, limit, count):
            yield Piece(turn._replace(text=part), wanted=True)


def _fitting(turn: Said, text: str, limit: int, count: Count) -> Iterator[str]:
    """Yield a text in pieces that fit a limit as they are shown: what doesn't is cut in two or more, and again."""
    piece = Piece(turn._replace(text=text), wanted=True)
    if len(text) <= _SHORTEST or _size(piece, count) <= limit:
        yield text
        return
    parts = cut(text, len(text) // 2)
    if len(parts) == 1:  # a code fence, which is otherwise left whole
        middle = text.rfind("\n", 0, len(text) // 2) + 1 or len(text) // 2
        parts = [text[:middle], text[middle:]]
    for part in parts:
        yield from _fitting(turn, part, limit, count)


def _before(earlier: Sequence[Piece], limit: int, count: Count) -> tuple[list[Piece], int]:
    """Return the last turns that fit a limit together, as context, and their tokens; of one too long, its end."""
    found: list[Piece] = []
    left = limit
    for piece in reversed(earlier[-_TURNS_BEFORE:]):
        whole = len(piece.said.text) <= left * _CHARACTERS
        context = Piece(piece.said, wanted=False) if whole else None
        if context is None or _size(context, count) > left:
            context = _end_of(piece.said, left, count)
        if context is None:
            break
        found.append(context)
        left -= _size(context, count)
    return found[::-1], limit - left


def _end_of(turn: Said, limit: int, count: Count) -> Piece | None:
    """Return the last sentences of a turn, or the last words of a long one, that fit; None if it isn't worth it."""
    text = turn.text[-limit * _CHARACTERS :] if limit >= _SHORTEST else ""
    while len(text) > _SHORTEST:
        text = text[len(text) // 3 :]
        piece = Piece(turn._replace(text=f"… {text[next(starts(text), 0) :]}"), wanted=False)
        if _size(piece, count) <= limit:
            return piece
    return None


def _size(piece: Piece, count: Count) -> int:
    return count(shown(piece)) + 1
