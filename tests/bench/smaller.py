"""A pool in smaller stores, and in one without vectors: what holds for much memory has to hold for little.

Owns how a pool is cut and how a part is indexed: by the index itself, without files and history. A question is asked
of the part that has the first of its gold ids; of the others', every second is asked of one part.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import NamedTuple

from smos_cli.adapters.duck.index import DuckIndex
from smos_cli.adapters.duck.space import Embedding
from smos_cli.core.ports import Entry
from smos_cli.core.scanning import ScannedSession
from tests.bench.calibration import Observation, observed
from tests.bench.homes import throw_away
from tests.bench.metrics import Asked
from tests.bench.systems import Remembering

SIZES = (150, 30)
"""The most passages of a part."""
WHOLE = 0
_SEED = 5
_FIFTH = 5

Observations = list[Observation | None]
"""By question; None for one that was not asked."""


class Seen(NamedTuple):
    """What stores of one size showed: their own questions, and the others' by their pool."""

    size: int
    """the most passages, or ``WHOLE``"""
    own: Observations
    others: dict[str, Observations]


class Cut(NamedTuple):
    """A pool in parts: the most passages of one, or ``WHOLE``, their files, and how one is opened."""

    size: int
    parts: Sequence[Sequence[Entry]]
    opening: Callable[[Sequence[Entry]], AbstractContextManager[Remembering]]


def seen_whole(session: Remembering, questions: Sequence[Asked], others: Mapping[str, Sequence[Asked]]) -> Seen:
    """Ask a whole pool everything."""
    own: Observations = [observed(session, one, own=True) for one in questions]
    foreign: dict[str, Observations] = {
        name: [observed(session, one, own=False) for one in asked] for name, asked in others.items()
    }
    return Seen(WHOLE, own, foreign)


def seen_in_parts(whole: Cut, questions: Sequence[Asked], others: Mapping[str, Sequence[Asked]]) -> Seen:
    """Ask each part what it has to answer, and its share of the others' questions."""
    seen = Seen(whole.size, [None] * len(questions), {name: [None] * len(asked) for name, asked in others.items()})
    homes = _homes(whole.parts, questions)
    guests = [(name, number) for name, asked in others.items() for number in range(len(asked))]
    guests = [(name, number) for name, number in guests if not number // _FIFTH % 2]
    for place, part in enumerate(whole.parts):
        with whole.opening(part) as session:
            for number in (number for number, home in enumerate(homes) if home == place):
                seen.own[number] = observed(session, questions[number], own=True)
            for name, number in (guest for guest in guests if guest[1] % len(whole.parts) == place):
                seen.others[name][number] = observed(session, others[name][number], own=False)
    return seen


def _homes(parts: Sequence[Sequence[Entry]], questions: Sequence[Asked]) -> list[int | None]:
    """Return the place of the part that each question is asked of."""
    part_of = {ref: place for place, part in enumerate(parts) for ref in _refs(part)}
    return [next((part_of[ref] for ref in asked.gold if ref in part_of), None) for asked in questions]


def cut(entries: Sequence[Entry], size: int) -> Iterator[list[Entry]]:
    """Yield parts of at most so many passages, but no file in two: episodes in their order, memories at random."""
    ordered = sorted(entries, key=lambda entry: (entry.memory.created if entry.memory else "", entry.stamp.path))
    if ordered[0].role == "memory":
        random.Random(_SEED).shuffle(ordered)
    part: list[Entry] = []
    for entry in ordered:
        if part and sum(len(one.passages) for one in [*part, entry]) > size:
            yield part
            part = []
        part.append(entry)
    yield part


@contextmanager
def indexed(entries: Sequence[Entry], model: Embedding) -> Iterator[Remembering]:
    """Open an index that holds these files."""
    with throw_away() as folder:
        index = DuckIndex(folder, "part", model)
        with index.session(write=True) as session:
            session.write(entries, (), "part")
        with index.session() as session:
            yield Remembering(session)


def scanned(entries: Sequence[Entry]) -> AbstractContextManager[Remembering]:
    """Open what recall has when the index is held by somebody else."""
    session = ScannedSession()
    session.write(entries, (), "part")
    return nullcontext(Remembering(session))


def _refs(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        for passage in entry.passages:
            yield passage.ref or (entry.memory.ref if entry.memory else "")
