"""Passages: what is indexed and recalled. Owns what a file's passages are; where a text is cut is for ``pieces``.

Nothing is cut away: every character of a body is in some passage, but for the words that a learnt memory quotes as its
evidence, which are those of a turn: with them a store answers no better (R@5 .739, without .736) at twice the length.
How to cut is loaded when there is something to cut: recall reads passages far more often than it makes some.
"""

from __future__ import annotations

from typing import NamedTuple

LIMIT = 900
"""Characters that a passage of a note stays under, but for a code fence."""
OVERLAP = 120
"""Characters of the piece before it that a piece of a note may begin with."""
MEMORY_LIMIT = 4000
"""Characters up to which a memory or a turn stays one passage."""
_EVIDENCE = "\n\n> [!quote] "


class Passage(NamedTuple):
    """A piece of text that can be recalled. ``ref`` is the id it had where it came from, else empty.

    ``heading`` is the headings of a note that it stands below and does not show: ``Setup > Linux``.
    """

    text: str
    ref: str = ""
    speaker: str = ""
    turn: str = ""
    time: str = ""
    heading: str = ""


def of_memory(body: str, *, learnt: bool = False) -> list[Passage]:
    """Return a memory's passages: the whole of it, or pieces of at most 4,000 characters; of a learnt one the
    statement without the words it came from.
    """
    text = _stated(body.strip()) if learnt else body.strip()
    return of_turn(Passage(text)) if text else []


def _stated(text: str) -> str:
    """Return a text without the quotation that it ends in, if that is all that follows."""
    head, mark, quoted = text.replace("\r\n", "\n").partition(_EVIDENCE)
    ends = mark and all(line.startswith(">") for line in quoted.split("\n")[1:])
    return head.rstrip() if ends else text


def of_turn(turn: Passage) -> list[Passage]:
    """Return a turn's passages: itself, or pieces of at most 4,000 characters with its speaker, time and ids."""
    if len(turn.text) <= MEMORY_LIMIT:
        return [turn]
    from smos_cli.core.pieces import pieces

    return [turn._replace(text=piece) for piece in pieces(turn.text, MEMORY_LIMIT)]


def of_note(body: str) -> list[Passage]:
    """Return a note's sections, up to 900 characters each: a longer one in pieces that overlap a little."""
    from smos_cli.core.pieces import pieces
    from smos_cli.core.sections import sections

    found: list[Passage] = []
    for section in sections(body):
        first, *others = pieces(section.text, LIMIT, OVERLAP)
        found.append(Passage(first, heading=section.above))
        found.extend(Passage(piece, heading=section.trail) for piece in others)
    return found


def indexed_text(passage: Passage) -> str:
    """Return what is searched: a turn is searched with who said it, a section with the headings above it."""
    if passage.speaker:
        return f"{passage.speaker}: {passage.text}"
    return f"{passage.heading}\n{passage.text}" if passage.heading else passage.text
