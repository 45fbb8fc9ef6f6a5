"""Texts cut into paragraphs or lines, merged piece by piece, and put together with the space there was between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from smos_cli.core import newlines
from smos_cli.core.fences import closes, fence_at
from smos_cli.core.merging.sequences import Part, three_way, two_way

_END = re.compile(r"\r\n|[\r\n]|\Z")


class Cut(NamedTuple):
    """A text as pieces: ``lead``, then each piece and the space after it make the text again."""

    lead: str
    pieces: list[str]
    spaces: list[str]
    between: str
    """what stands between pieces that had nothing between them"""

    @property
    def tail(self) -> str:
        """What follows the last piece."""
        return self.spaces[-1] if self.spaces else ""


Cutter = Callable[[str], Cut]
"""Cuts a text."""


def paragraphs(text: str) -> Cut:
    """Cut a text, newlines as LF, at its blank lines; a fenced block is one piece with what it touches."""
    starts: list[int] = []
    ends: list[int] = []
    fence, is_open, place = "", False, 0
    for line in newlines.split(text):
        if fence or line.strip():
            if not is_open:
                starts.append(place)
                ends.append(place)
            ends[-1] = place + len(line.removesuffix("\n"))
            fence = fence_after(fence, line)
        is_open = bool(fence or line.strip())
        place += len(line)
    pieces = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    if not pieces:
        return Cut(text, [], [], "\n\n")
    spaces = [text[end:start] for end, start in zip(ends, [*starts[1:], len(text)], strict=True)]
    return Cut(text[: starts[0]], pieces, spaces, "\n\n")


def lines(text: str) -> Cut:
    """Cut a text into its lines."""
    pieces, spaces = [], []
    for line in newlines.split(text):
        end = _END.search(line)
        at = end.start() if end else len(line)
        pieces.append(line[:at])
        spaces.append(line[at:])
    return Cut("", pieces, spaces, newlines.style(text))


def merged(base: Cut | None, early: Cut, late: Cut) -> tuple[str, bool]:
    """Return the merge of two texts, and whether they clash; without a base, only one that has all of the other."""
    parts = [two_way(early.pieces, late.pieces)]
    if base is not None:
        parts = list(three_way(base.pieces, early.pieces, late.pieces))
    base = base or Cut("", [], [], "")
    pieces: list[str] = []
    spaces: list[str] = []
    for part in parts:
        _take(part, (base, early, late), pieces, spaces)
    lead = scalar(base.lead, early.lead, late.lead)
    return together(lead, pieces, spaces, late.between) + _tail(base, early, late), any(part.clash for part in parts)


def together(lead: str, pieces: Sequence[str], spaces: Sequence[str], between: str) -> str:
    """Return a text made of pieces and, but for the last, the space after each."""
    inner = [piece + (space or between) for piece, space in zip(pieces[:-1], spaces, strict=False)]
    return lead + "".join([*inner, *pieces[-1:]])


def scalar(base: str, early: str, late: str) -> str:
    """Return the merge of three values of one thing: what changed, and the later side's where both did."""
    return early if late == base else late


def fence_after(fence: str, line: str) -> str:
    """Return the mark of the fence that is open after a line, given that before it; empty where none is."""
    place = len(line) - len(line.lstrip())
    if not fence:
        return fence_at(line, place)
    return "" if closes(fence, line, place) else fence


def _take(part: Part, cuts: tuple[Cut, Cut, Cut], pieces: list[str], spaces: list[str]) -> None:
    """Add the pieces of a part, and the space after each; none after a piece that was the last of its text."""
    _, early, late = cuts
    if part.take == "same":
        for same in zip(part.base, part.early, part.late, strict=True):
            pieces.append(late.pieces[same[2]])
            known = [_space(cut, place) for cut, place in zip(cuts, same, strict=True)]
            spaces.append(scalar(*known) if all(known) else known[2] or known[1] or known[0])
        return
    for cut, places, names in ((early, part.early, ("early", "both")), (late, part.late, ("late", "both"))):
        if part.take in names:
            pieces += cut.pieces[places.start : places.stop]
            spaces += [_space(cut, place) for place in places]


def _space(cut: Cut, place: int) -> str:
    return cut.spaces[place] if place < len(cut.spaces) - 1 else ""


def _tail(base: Cut, early: Cut, late: Cut) -> str:
    return scalar(base.tail, early.tail, late.tail)
