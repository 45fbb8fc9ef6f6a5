"""Three-way merging of sequences, such as the paragraphs of a text: what each side changed of the base, joined.

Owns what counts as the same place. Changes of different places both apply, also where they touch; insertions at one
point are both kept. An edit wins over a deletion. What is left is a clash, and the later side's stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from smos_cli.core.newlines import equal_ends

_LARGEST = 1_000_000
"""Comparisons that finding equal parts may take; beyond that, they are looked for between items that occur once."""


class Part(NamedTuple):
    """A stretch of the result: items of one side, by place. A stretch that nobody changed has places in all three."""

    base: range
    early: range
    late: range
    take: str
    """``same``, ``early``, ``late``, or ``both``: the early side's items, then the late side's"""
    clash: bool = False


class _Edit(NamedTuple):
    """A stretch of the base, and the stretch of a side that took its place."""

    start: int
    end: int
    side_start: int
    side_end: int


def three_way(base: Sequence[str], early: Sequence[str], late: Sequence[str]) -> Iterator[Part]:
    """Yield the parts of the merge of two sequences that came from a base, in order."""
    done = early_shift = late_shift = 0
    for ours, theirs in _groups(_edits(base, early), _edits(base, late)):
        start = min(edit.start for edit in (*ours, *theirs))
        end = max(edit.end for edit in (*ours, *theirs))
        if done < start:
            yield _same(range(done, start), early_shift, late_shift)
        early_places = _places(ours, start, end, early_shift)
        late_places = _places(theirs, start, end, late_shift)
        yield _joined(range(start, end), (early_places, early), (late_places, late), _who(ours, theirs))
        early_shift, late_shift, done = early_places.stop - end, late_places.stop - end, end
    if done < len(base):
        yield _same(range(done, len(base)), early_shift, late_shift)


def two_way(early: Sequence[str], late: Sequence[str]) -> Part:
    """Return the merge of two sequences without a base: the one that has all of the other, else a clash."""
    has_all = _is_within(late, early) and not _is_within(early, late)
    clash = not has_all and not _is_within(early, late)
    return Part(range(0), range(len(early)), range(len(late)), "early" if has_all else "late", clash)


def _same(base: range, early_shift: int, late_shift: int) -> Part:
    early = range(base.start + early_shift, base.stop + early_shift)
    return Part(base, early, range(base.start + late_shift, base.stop + late_shift), "same")


def _who(ours: Sequence[_Edit], theirs: Sequence[_Edit]) -> str:
    return "" if ours and theirs else "early" if ours else "late"


def _joined(base: range, early: tuple[range, Sequence[str]], late: tuple[range, Sequence[str]], who: str) -> Part:
    """Return the part for a stretch of the base that ``who``, or both, changed."""
    (first, early_all), (second, late_all) = early, late
    ours, theirs = early_all[first.start : first.stop], late_all[second.start : second.stop]
    if who:
        return Part(base, first, second, who)
    if ours == theirs or not ours:
        return Part(base, first, second, "late")
    if not theirs:
        return Part(base, first, second, "early")
    if base:
        return Part(base, first, second, "late", clash=True)
    begin, end = equal_ends(ours, theirs)
    # What both inserted alike at either end is there once.
    first = range(first.start, first.stop - end)
    return Part(base, first, range(second.start + begin, second.stop), "both")


def _edits(base: Sequence[str], side: Sequence[str]) -> list[_Edit]:
    """Return what a side changed; deletions, and as many items for as many, come one by one."""
    first, last = equal_ends(base, side)
    found: list[_Edit] = []
    for edit in _different(base, side, _Edit(first, len(base) - last, first, len(side) - last)):
        start, end, side_start, side_end = edit
        if side_start == side_end:
            found += [_Edit(at, at + 1, side_start, side_start) for at in range(start, end)]
        elif end - start == side_end - side_start:
            found += [
                _Edit(start + at, start + at + 1, side_start + at, side_start + at + 1) for at in range(end - start)
            ]
        else:
            found.append(edit)
    return found


def _different(base: Sequence[str], side: Sequence[str], within: _Edit) -> Iterator[_Edit]:
    """Yield the stretches in which two sequences differ, of those within which they may."""
    old, new = base[within.start : within.end], side[within.side_start : within.side_end]
    if len(old) * len(new) <= _LARGEST:
        for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                start, end, side_start, side_end = places
                yield _Edit(
                    within.start + start,
                    within.start + end,
                    within.side_start + side_start,
                    within.side_start + side_end,
                )
        return
    start, side_start = within.start, within.side_start
    for at, side_at in [*_anchors(old, new), (len(old), len(new))]:
        end, side_end = within.start + at, within.side_start + side_at
        if (end - start) * (side_end - side_start) <= _LARGEST:
            yield from _different(base, side, _Edit(start, end, side_start, side_end))
        else:
            yield _Edit(start, end, side_start, side_end)
        start, side_start = end + 1, side_end + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the items that occur once in both are, as many as keep their order (patience diff)."""
    once = [{item: at for at, item in enumerate(items) if counts[item] == 1} for items, counts in _counted(old, new)]
    pairs = [(at, once[1][item]) for item, at in once[0].items() if item in once[1]]
    tops: list[int] = []
    before: list[int] = []
    piles: list[int] = []
    for number, (_, at) in enumerate(pairs):
        pile = bisect_left(tops, at)
        tops[pile : pile + 1], piles[pile : pile + 1] = [at], [number]
        before.append(piles[pile - 1] if pile else -1)
    found = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _counted(*sequences: Sequence[str]) -> list[tuple[Sequence[str], Counter[str]]]:
    return [(items, Counter(items)) for items in sequences]


def _groups(early: Sequence[_Edit], late: Sequence[_Edit]) -> Iterator[tuple[list[_Edit], list[_Edit]]]:
    """Yield the edits of both sides, those that change the same place together."""
    group: tuple[list[_Edit], list[_Edit]] = ([], [])
    start = end = -1
    for edit, side in sorted([*((edit, 0) for edit in early), *((edit, 1) for edit in late)]):
        same_point = edit.start == edit.end == start == end
        if edit.start >= end and not same_point:
            if start >= 0:
                yield group
            group, start = ([], []), edit.start
        group[side].append(edit)
        end = max(end, edit.end)
    if start >= 0:
        yield group


def _places(edits: Sequence[_Edit], start: int, end: int, shift: int) -> range:
    """Return where a side has what took the place of a stretch of the base."""
    if not edits:
        return range(start + shift, end + shift)
    first, last = edits[0], edits[-1]
    return range(first.side_start - (first.start - start), last.side_end + (end - last.end))


def _is_within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Say whether all items of one sequence are in another, in the same order."""
    rest = iter(many)
    return all(item in rest for item in few)
