"""Scores every passage that may answer: BM25 over the postings, cosines over the vector file, and what is known of it.

Nothing is cut before it is scored: every signal has a value for every passage, the formula of ``core.ranking`` is
applied to them as arrays, and the best go on to be ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from smos_cli.adapters.duck.intake import term_number
from smos_cli.core import ranking
from smos_cli.core.ranking import BM25_B, BM25_K1, BM25_LONGEST, Beside, Candidate, Facts, Moments, Sight, Signals

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.table import Table
    from smos_cli.core.ports import Question

    Floats = NDArray[np.float64]

_FEW = 24
"""Terms of an ordinary question; a page of text has many more."""
_STEPS = (-1, 1, -2, 2)
"""The turns around a turn, in the order of ``Beside``."""
NOTHING = Moments(0.0, 0.0)
_TIE = 1e-5
_MOST_TIES = 1000


class Matches(NamedTuple):
    """What the words of a question found, with a value for each passage."""

    bm25: Floats
    identifiers: Floats | float
    share: Floats
    """of what the words are worth, the part that each passage has"""
    rarity: Mapping[str, float]
    """the idf of each word"""


class Sights(NamedTuple):
    """A ``Sight`` of every passage."""

    bm25: Floats
    cosine: NDArray[np.float32]


class Chosen(NamedTuple):
    """The places of the candidates, and what all candidates are chosen from."""

    places: NDArray[np.intp]
    sights: Sights
    facts: Facts


class Measured(NamedTuple):
    """The moments of a question's signals, as ``ranking.topic`` asks for them."""

    bm25: Moments
    cosine: Moments


def score(question: Question, table: Table, found: Matches, dots: NDArray[np.float32] | None) -> Signals:
    """Return the best candidates and the moments of the signals.

    ``dots`` has the cosine of the question with each row of the vector file; None: there is none.
    """
    eligible = table.eligible(question.selection)
    places = np.flatnonzero(eligible)
    if not len(places):
        return Signals(NOTHING, NOTHING, [], 0, len(question.terms))
    sight = Sights(found.bm25, table.of_passages(np.empty(0, np.float32) if dots is None else dots))
    measured = Measured(*[_moments(values, places, len(eligible)) for values in sight])
    topics = ranking.topic(sight, measured, question.weights)
    around = _Around(table, eligible, topics)
    facts = _facts(question, table, found)
    parts = ranking.context(around.beside(), facts, question.weights)
    scores = sum(parts, topics)
    places = _best(scores, places, question.depth)
    candidates = _candidates(Chosen(places, sight, facts), table, found, around)
    return Signals(*measured, candidates, int(eligible.sum()), len(question.terms), found.rarity)


def _best(scores: Floats, places: NDArray[np.intp], depth: int) -> NDArray[np.intp]:
    """Return the places of the best scores, and of those that tie with the last, or the order of arrival would show."""
    if len(places) <= depth:
        return places
    values = scores[places]
    least = np.partition(values, len(values) - depth)[len(values) - depth]
    better = values > least + _TIE
    ties = np.flatnonzero((values >= least - _TIE) & ~better)
    better[ties[: depth + _MOST_TIES]] = True
    best: NDArray[np.intp] = places[better]
    return best


def match(connection: duckdb.DuckDBPyConnection, table: Table, question: Question) -> Matches:
    """Look up the words of a question. The postings come by SQL; adding them up is twice as fast here."""
    scores = np.zeros(len(table.number))
    whole = set(map(term_number, question.identifiers))
    terms = sorted({*map(term_number, question.terms), *whole})
    if not terms or not len(scores):
        return Matches(scores, 0.0, scores, {})
    found = connection.execute(_postings(terms)).fetchnumpy()
    term, passage, times, length = (np.asarray(found[name]) for name in ("term", "passage", "count", "length"))
    if not len(term):
        return Matches(scores, 0.0, scores, {})
    # Without np.unique here and below: it loads numpy.ma, which takes 10 ms.
    which = np.searchsorted(np.array(terms, term.dtype), term)
    documents = np.bincount(which, minlength=len(terms))
    idf = np.log(1 + (len(scores) - documents + 0.5) / (documents + 0.5))
    rarity = dict(zip(terms, idf.tolist(), strict=True))
    told = {name: rarity[number] for name, number in zip(question.terms, map(term_number, question.terms), strict=True)}
    relative = np.minimum(length / table.mean_length, BM25_LONGEST)
    share = times * (BM25_K1 + 1) / (times + BM25_K1 * (1 - BM25_B + BM25_B * relative))
    places = table.places(passage)
    bm25 = np.bincount(places, idf[which] * share, len(scores)).astype(np.float64)
    aside = set(map(term_number, question.aside))
    worth = np.where([number in aside for number in terms], 0.0, idf)
    share = np.bincount(places, worth[which], len(scores)) / max(float(worth.sum()), 1e-9)
    if not whole:
        return Matches(bm25, 0.0, share, told)
    exact = np.array([number in whole for number in terms])[which]
    return Matches(bm25, np.bincount(places[exact], minlength=len(scores)).astype(np.float64), share, told)


def _postings(terms: Sequence[int]) -> str:
    """Return the query for the postings of some terms, their numbers written out, not bound.

    One equality a term lets DuckDB skip the blocks without it, which a list does not: a third of the time.
    """
    columns = "SELECT term, passage, count, length FROM postings WHERE term"
    if len(terms) > _FEW:
        return f"{columns} IN ({', '.join(map(str, terms))})"
    return " UNION ALL ".join(f"{columns} = {term}" for term in terms)


def _moments(values: NDArray[Any], places: NDArray[np.intp], count: int) -> Moments:
    # In double precision, or the order in which files came in would show in the scores.
    chosen = values if len(places) == count else values[places]
    return Moments(float(chosen.mean(dtype=np.float64)), float(chosen.std(dtype=np.float64)))


def _facts(question: Question, table: Table, found: Matches) -> Facts:
    """Return what else is known, each a value for every passage or one for all."""
    time: Any = 0.0
    if question.interval:
        time = ranking.nearness(table.day, question.interval)
    today = question.today
    return Facts(
        speaker=table.said_by_named(question.terms),
        identifiers=found.identifiers,
        time=time,
        recency=ranking.recency(table.day, today) if today is not None else 0.0,
        confidence=table.confidence,
        lapsed=(table.until < today).astype(np.float64) if today is not None and table.any_ends else 0.0,
    )


class _Around:
    """The passages beside each passage, and the best of its file."""

    def __init__(self, table: Table, eligible: NDArray[np.bool_], topics: Floats) -> None:
        self._table = table
        self._eligible = eligible
        self._topics = topics

    def beside(self) -> Beside:
        """Return the topics of the neighbours for every passage, 0 where there is none."""
        if not self._table.any_shared:
            return Beside()
        topics = np.where(self._eligible, self._topics, 0.0)
        best = np.maximum.reduceat(np.where(self._eligible, self._topics, -np.inf), self._table.file_starts)
        shared = np.where(self._table.shared, np.maximum(best, 0.0)[self._table.file_order], 0.0)
        if not self._table.any_turns:
            return Beside(best=shared)
        previous, following, before, after = (self._shifted(topics, step) for step in _STEPS)
        return Beside(previous, following, before, after, shared)

    def _shifted(self, topics: Floats, step: int) -> Floats:
        moved = np.zeros_like(topics)
        if step < 0:
            moved[-step:] = topics[:step]
        else:
            moved[:-step] = topics[step:]
        moved[~self._table.has_neighbour(step)] = 0.0
        return moved

    def neighbours(self, places: NDArray[np.intp], step: int) -> NDArray[np.intp]:
        """Return the place beside each of some places, -1 where there is none."""
        if not self._table.any_turns:
            return np.full(len(places), -1)
        there = self._table.has_neighbour(step)[places]
        beside = np.where(there, places + step, -1)
        return np.where(there & self._eligible[beside], beside, -1)

    def best(self, places: NDArray[np.intp]) -> list[int]:
        """Return the place of the best passage of the file of each place, -1 where it is no better than the average."""
        table = self._table
        bests: dict[int, int] = {}
        found = []
        for place in places.tolist():
            if not table.shared[place]:
                found.append(-1)
                continue
            number = int(table.file_order[place])
            if number not in bests:
                start = int(table.file_starts[number])
                end = int(table.file_starts[number + 1]) if number + 1 < len(table.file_starts) else len(self._topics)
                topics = np.where(self._eligible[start:end], self._topics[start:end], -np.inf)
                best = int(topics.argmax())
                bests[number] = start + best if topics[best] > 0 else -1
            found.append(bests[number])
        return found


def _candidates(chosen: Chosen, table: Table, found: Matches, around: _Around) -> list[Candidate]:
    places = chosen.places
    columns = [np.asarray(values, np.float64) for values in chosen.sights]

    def sights(at: NDArray[np.intp]) -> list[Sight | None]:
        seen = map(Sight, *[column[at].tolist() for column in columns])
        return [one if there else None for one, there in zip(seen, (at >= 0).tolist(), strict=True)]

    nothing = [None] * len(places)
    beside = [sights(around.neighbours(places, step)) if table.any_turns else nothing for step in _STEPS]
    best = sights(np.array(around.best(places))) if table.any_shared else nothing
    facts = [
        value[places].tolist() if isinstance(value, np.ndarray) else [float(value)] * len(places)
        for value in chosen.facts
    ]
    return list(
        map(
            Candidate,
            table.number[places].tolist(),
            map(Sight, *[column[places].tolist() for column in columns]),
            map(Facts, *facts),
            *beside,
            best,
            table.day[places].tolist(),
            found.share[places].tolist(),
            table.short[places].tolist(),
        )
    )
