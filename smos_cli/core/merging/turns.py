"""Three-way merging of an episode: turn by turn, by their numbers.

Owns that no turn is lost: of two turns that have one number both are kept, the early side's under a new one. What
was erased stays out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.core import episode, newlines, ulid
from smos_cli.core.merging import cuts
from smos_cli.core.merging.documents import Versions, Written, read, settled, write
from smos_cli.core.merging.fields import merge_fields

if TYPE_CHECKING:
    from smos_cli.core.markdown import Document


class Episode(NamedTuple):
    """A merged episode, and the turns that got a new number: old and new, such as ``t12``."""

    written: Written
    renumbered: tuple[tuple[str, str], ...] = ()


class _Turn(NamedTuple):
    """A turn as it is written, from its heading on. What stands above the first is one with an empty number."""

    number: str
    text: str
    space: str
    time: str


_Turns = dict[str, _Turn]


def merge_episode(versions: Versions, erased: Callable[[str], bool]) -> Episode | None:
    """Merge an episode; None where it can't be read as one. ``erased`` says of a turn whether it was."""
    if done := settled(versions):
        return Episode(done)
    base, early, late = read(versions)
    if early is None or late is None:
        return None
    old, ours, theirs = (_turns(document) for document in (base, early, late))
    if old is None or ours is None or theirs is None:
        return None
    same = _same(old, ours, theirs)
    ours = {number: turn for number, turn in ours.items() if number not in same}
    kept, renumbered = _kept((old, ours, theirs), erased)
    order = _order(kept, [renumbered.get(number, number) for number in ours], list(theirs))
    pieces = [kept[number] for number in order]
    lead, tail = late.body[: -len(late.body.lstrip("\n")) or None], late.body[len(late.body.rstrip("\n")) :]
    body = cuts.together(lead, [turn.text for turn in pieces], [turn.space for turn in pieces], "\n\n")
    fields, keys = merge_fields(base.fields if base else {}, early.fields, late.fields)
    written = write(versions, fields, body + tail, keys)
    return Episode(written, tuple({**same, **renumbered}.items())) if written else None


def _turns(document: Document | None) -> _Turns | None:
    """Return the turns of an episode by number; None if two have the same."""
    if document is None:
        return {}
    day, body = _day(document), document.body.lstrip("\n")
    heads: list[tuple[int, str, str]] = [(0, "", "")]
    place = 0
    for line in newlines.split(body):
        found = episode.parse(line.rstrip("\n"), day) if line.startswith("## ") else []
        if found and found[0].turn:
            heads.append((place, found[0].turn, found[0].time))
        place += len(line)
    ends = [*(start for start, _, _ in heads[1:]), len(body)]
    turns = {}
    for (start, number, time), end in zip(heads, ends, strict=True):
        text = body[start:end].rstrip("\n")
        if number in turns:
            return None
        if number or text.strip():
            turns[number] = _Turn(number, text, "" if end == len(body) else body[start + len(text) : end], time)
    return turns


def _day(document: Document) -> str:
    created, identity = document.fields.get("created"), document.fields.get("id")
    if isinstance(created, str) and created:
        return created[:10]
    return ulid.created(identity)[:10] if isinstance(identity, str) and ulid.is_valid(identity) else ""


def _same(base: _Turns, early: _Turns, late: _Turns) -> dict[str, str]:
    """Return which turns that the early side added the late one added too, under which other number."""
    free: dict[str, list[str]] = {}
    for number, turn in late.items():
        if number and number not in base and (number not in early or early[number].text != turn.text):
            free.setdefault(_with_number(turn, "t").text, []).append(number)
    same: dict[str, str] = {}
    for number, turn in early.items():
        if number and number not in base and (number not in late or late[number].text != turn.text):
            others = free.get(_with_number(turn, "t").text)
            same |= {number: others.pop(0)} if others else {}
    return same


def _kept(turns: tuple[_Turns, _Turns, _Turns], erased: Callable[[str], bool]) -> tuple[_Turns, dict[str, str]]:
    """Return the turns of the merge by number, and the new numbers of turns of the early side."""
    numbers = list(dict.fromkeys(number for side in turns for number in side))
    fresh = max((int(number[1:]) for number in numbers if number), default=0) + 1
    kept: _Turns = {}
    renumbered: dict[str, str] = {}
    for number in numbers:
        versions = [side.get(number) for side in turns]
        chosen = _chosen(versions, gone=bool(number) and erased(number))
        if len(chosen) == 2 and number:
            new = renumbered[number] = f"t{fresh + len(renumbered)}"
            kept[new] = _with_number(chosen[0], new)
        elif len(chosen) == 2:
            chosen = [chosen[1]._replace(text=f"{chosen[1].text}\n\n{chosen[0].text}")]
        if chosen:
            kept[number] = chosen[-1]
    return kept, renumbered


def _chosen(versions: Sequence[_Turn | None], *, gone: bool) -> list[_Turn]:
    """Return what stays of a turn: nothing, one version, or the early and then the late one. An edit stays."""
    base, early, late = (turn.text if turn else None for turn in versions)
    there = [turn for turn in versions[1:] if turn]
    if gone:
        # What an erased turn was replaced by says less than the turn.
        return [min(there, key=lambda turn: (len(turn.text), turn.text))] if len(there) == 2 else []
    if early in (base, late):
        return [versions[2]] if versions[2] else []
    return there[:1] if late == base and versions[1] else [] if late == base else there


def _with_number(turn: _Turn, number: str) -> _Turn:
    heading, newline, text = turn.text.partition("\n")
    front = heading.rstrip().rpartition(" ^")[0]
    return turn._replace(number=number, text=f"{front} ^{number}{newline}{text}")


def _order(kept: _Turns, early: Sequence[str], late: Sequence[str]) -> list[str]:
    """Return the numbers in the late side's order; those of the early side follow what they followed, by time."""
    rest = [number for number in late if number in kept]
    places = {number: place for place, number in enumerate(rest)}
    of_both = places.keys() & set(early)
    order: list[str] = []
    done = 0
    for number in early:
        if number in of_both:
            order += rest[done : places[number] + 1]
            done = max(done, places[number] + 1)
        elif number in kept:
            while done < len(rest) and rest[done] not in of_both and kept[rest[done]].time <= kept[number].time:
                order.append(rest[done])
                done += 1
            order.append(number)
    return order + rest[done:]
