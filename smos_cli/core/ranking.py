"""Fuses the signals of a search into one order.

Owns the constants of BM25 and of the fusion; an index computes the signals with them. Pure arithmetic: knows
neither text nor files. What says that it is elementwise takes numbers, or arrays with one for each passage.

BM25 is Lucene's: a term's idf is ln(1 + (N - n + 0.5) / (n + 0.5)) and its weight in a passage
idf * f * (k1 + 1) / (f + k1 * (1 - b + b * min(4, length / mean length))), summed over the different terms of the
question; lengths count every term of a passage. The sum is taken as it is: in nats, it means the same
whatever the size of the store, while its deviation over all passages shrinks where matches are rare. The
cosine is taken in deviations from its mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

BM25_K1 = 0.9
BM25_B = 0.4
BM25_LONGEST = 4.0
"""Mean lengths that a longer passage counts as, or a rare word in a pasted log would be worth nothing among short
turns. Costs nothing on the data of the fit."""

LEAST_DEVIATION = 0.05
"""What a smaller deviation of a cosine is taken as. In the stores of the fit it is 0.07 to 0.19; in one of few or of
nearly equal passages it is less, and dividing by it would make noise as weighty as a word that only one has."""
UNKNOWN_DAY = -1_000_000
"""The day of what has no date: nothing is near it."""
NO_END = 2**31 - 1
"""The last day of what holds without an end."""
SHORT = 24
"""Terms up to which a passage is short. Of the turns of the fit half are, of its memories one in forty."""
_RECENT = 30.0
"""Days after which a passage has lost half of what being new is worth."""
_YEAR = 365.25
_WIDEST = 300
"""Days of an interval from which its length does not blur its ends any further."""


class Moments(NamedTuple):
    """Mean and standard deviation of one signal over all passages that may answer."""

    mean: float
    deviation: float


class Sight(NamedTuple):
    """What a question sees of one passage by itself: BM25 in nats, and the cosine."""

    bm25: float
    cosine: float


class Facts(NamedTuple):
    """What else is known of a passage: elementwise, 1.0 for yes."""

    speaker: Any = 0.0
    """the question names who said it"""
    identifiers: Any = 0.0
    """how many of the question's identifiers it has whole"""
    time: Any = 0.0
    """how near it is to the time the question names, from ``nearness``"""
    recency: Any = 0.0
    """how new it is, from ``recency``"""
    confidence: Any = 1.0
    lapsed: Any = 0.0
    """it is not valid on the day of asking"""
    phrase: Any = 0.0
    """the idf of the question's words that stand together in it too; known only once the text is read"""


class Beside(NamedTuple):
    """The topics of the turns around a turn, elementwise, 0 where there is none, and the best of its file."""

    previous: Any = 0.0
    next: Any = 0.0
    before: Any = 0.0
    """two turns earlier"""
    after: Any = 0.0
    """two turns later"""
    best: Any = 0.0


class Candidate(NamedTuple):
    """A passage and its signals. A neighbour is None outside an episode and at its ends; so is ``best`` of a memory."""

    passage: int
    sight: Sight
    facts: Facts = Facts()
    previous: Sight | None = None
    next: Sight | None = None
    before: Sight | None = None
    after: Sight | None = None
    best: Sight | None = None
    day: int = UNKNOWN_DAY
    """when it was said or began to hold, in days since 1970"""
    share: float = 0.0
    """of what the question's words are worth (idf), the part that it has, 0 to 1; words that only say when aside"""
    is_short: bool = False
    """it is a turn, or has at most ``SHORT`` terms"""


class Signals(NamedTuple):
    """What an index found: the best candidates by the weights of the question, and what they are measured by."""

    bm25: Moments
    cosine: Moments
    candidates: Sequence[Candidate]
    passages: int
    """how many may answer"""
    terms: int
    """how many different terms the question has"""
    rarity: Mapping[str, float] = MappingProxyType({})
    """the idf of each of them, in nats"""
    model: str = ""
    """whose cosines they are; empty where there are none"""


class Weights(NamedTuple):
    """What each signal adds to the score, in nats; 0 leaves it out.

    The cosine: for each deviation above the mean. The neighbours and the best of the file: the share of their topic's
    score. ``phrase``: the share of the idf of words that stand together. The others: for a full yes.

    Fitted by ``python -m tests.bench.fit --data DIR --only weights`` to R@5, R@10 and MRR@10 of LoCoMo and LongMemEval
    (with and without the day of asking), each set weighing the same, and rounded where it is flat. Fits without a
    conversation and a fifth of LongMemEval reach there .695 / .783 / .595 and .782 / .837 / .766 (on the day .799 /
    .861 / .774). Not fitted: ``bm25``, the unit; ``identifiers``, ``confidence`` and ``lapsed``, of which the data says
    nothing. ``speaker``, ``time`` and ``recency`` are held down: the data would have them higher still. ``phrase`` was
    set apart, from 0.4 to 1: it adds .008 to R@5 and .007 to MRR@10 of LongMemEval, and takes .005 of MRR@10 from
    LoCoMo.
    """

    bm25: float = 1.0
    cosine: float = 1.0
    previous: float = 0.4
    next: float = 0.4
    before: float = 0.3
    after: float = 0.1
    best: float = 0.4
    speaker: float = 4.0
    identifiers: float = 1.0
    time: float = 4.0
    recency: float = 0.5
    confidence: float = 1.0
    lapsed: float = -2.0
    phrase: float = 0.6


DEFAULT = Weights()


class Scored(NamedTuple):
    """A ranked passage: its score is the sum of ``parts``, what each signal added, in the order of the weights."""

    passage: int
    score: float
    parts: Sequence[float]
    candidate: Candidate


def topic(sight: Any, signals: Any, weights: Weights = DEFAULT) -> Any:
    """Return how far a passage by itself is above the average, in nats; elementwise over a ``Sight``."""
    bm25, cosine = own(sight, signals, weights)
    return bm25 - weights.bm25 * signals.bm25.mean + cosine


def own(sight: Any, signals: Any, weights: Weights) -> tuple[Any, Any]:
    """Return what BM25 and the cosine of a ``Sight`` add; elementwise."""
    bm25, cosine = sight
    worth = weights.cosine / max(signals.cosine.deviation, LEAST_DEVIATION)
    return weights.bm25 * bm25, worth * (cosine - signals.cosine.mean)


def context(beside: Beside, facts: Facts, weights: Weights) -> tuple[Any, ...]:
    """Return what the other signals add, in the order of the weights; elementwise."""
    return (
        weights.previous * beside.previous,
        weights.next * beside.next,
        weights.before * beside.before,
        weights.after * beside.after,
        weights.best * beside.best,
        weights.speaker * facts.speaker,
        weights.identifiers * facts.identifiers,
        weights.time * facts.time,
        weights.recency * facts.recency,
        weights.confidence * (facts.confidence - 1.0),
        weights.lapsed * facts.lapsed,
        weights.phrase * facts.phrase,
    )


def recency(day: Any, today: int) -> Any:
    """Return 1.0 for what is of the day of asking, 0.5 for what is a month away, and so on; elementwise."""
    return _RECENT / (_RECENT + abs(day - today))


def nearness(day: Any, interval: tuple[int, int, bool]) -> Any:
    """Return 1.0 for a day within an interval of ``Question``, and less the farther away; elementwise.

    What happened is told soon after: a day after the interval is nearer than one as far before it.
    """
    start, end, yearly = interval
    width = end - start
    after, before = min(max(width, 2), _WIDEST), 1 + min(width, _WIDEST) / 10
    if not yearly:
        return 1 / (1 + _positive(day - end + 1) / after + _positive(start - day) / before)
    since = (day - start) % _YEAR
    late, early = 1 / (1 + _positive(since - width + 1) / after), 1 / (1 + (_YEAR - since) / before)
    return (day > UNKNOWN_DAY) * (late + early + abs(late - early)) / 2


def _positive(value: Any) -> Any:
    return (value + abs(value)) / 2


def rank(signals: Signals, weights: Weights = DEFAULT, limit: int | None = None) -> list[Scored]:
    """Return the candidates best first, all or the first few; equal ones in the order of their numbers."""
    ranked = [scored(candidate, signals, weights) for candidate in signals.candidates]
    ranked.sort(key=lambda one: (-one.score, one.passage))
    return ranked[:limit]


def scored(candidate: Candidate, signals: Signals, weights: Weights = DEFAULT) -> Scored:
    """Return a candidate with what each signal adds to its score."""
    sights = (candidate.previous, candidate.next, candidate.before, candidate.after, candidate.best)
    beside = Beside(*[topic(sight, signals, weights) if sight else 0.0 for sight in sights])
    parts = own(candidate.sight, signals, weights) + context(beside, candidate.facts, weights)
    return Scored(candidate.passage, sum(parts), parts, candidate)


def raw(candidate: Candidate, signals: Signals, weights: Weights = DEFAULT) -> tuple[float, ...]:
    """Return what each signal is measured by, in the order of the weights: nats, cosines, topics in nats, facts."""
    around = (candidate.previous, candidate.next, candidate.before, candidate.after, candidate.best)
    topics = [topic(sight, signals, weights) if sight else 0.0 for sight in around]
    return (*candidate.sight, *topics, *candidate.facts)
