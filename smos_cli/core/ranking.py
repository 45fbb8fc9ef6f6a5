"""Fuses the signals of a search into one order, and says how likely a hit is useful.

Owns the constants of BM25 and of the fusion; an index computes the signals with them. Pure arithmetic: knows
neither text nor files.

BM25 is Lucene's: a term's idf is ln(1 + (N - n + 0.5) / (n + 0.5)) and its weight in a passage
idf * f * (k1 + 1) / (f + k1 * (1 - b + b * length / mean length)), summed over the different terms of the
question; lengths count every term of a passage. The sum is taken as it is: in nats, it means the same
whatever the size of the store, while its deviation over all passages shrinks where matches are rare. The
cosine is taken in deviations from its mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# Chosen with the weights below on LoCoMo conversations 1-5 without the adversarial questions (one index each,
# "speaker: text") and on the shared half of the LongMemEval pool, by a grid of k1 0.6-2, b 0.2-0.9, cosine
# 0.5-3, neighbours 0-0.6; checked with the same passages among 20,000 and 60,000 others. The optimum is flat.
BM25_K1 = 0.9
BM25_B = 0.4

WEAK_BELOW = 0.1
_FEWEST_FITTED = 30
LEAST_DEVIATION = 0.05
"""What a smaller deviation of the cosine is taken as. In the stores above it is 0.053 to 0.092; in one of few or of
nearly equal passages it is less, and dividing by it would make noise as weighty as a word that only one has."""


class Moments(NamedTuple):
    """Mean and standard deviation of one signal over all passages that may answer."""

    mean: float
    deviation: float


class Candidate(NamedTuple):
    """A passage and its signals; ``previous`` and ``next`` are (BM25, cosine) of the turns beside it.

    A neighbour is None outside an episode and at its ends.
    """

    passage: int
    bm25: float
    cosine: float
    previous: tuple[float, float] | None = None
    next: tuple[float, float] | None = None


class Signals(NamedTuple):
    """What an index found: the union of the best thousand passages of each signal, and the rest's moments."""

    bm25: Moments
    cosine: Moments
    candidates: Sequence[Candidate]
    passages: int
    """how many may answer"""
    terms: int
    """how many different terms the question has"""


class Weights(NamedTuple):
    """What a deviation of cosine is worth in BM25, and the share of its neighbours' scores a turn gets."""

    cosine: float = 1.2
    previous: float = 0.4
    next: float = 0.2


DEFAULT = Weights()


class Scored(NamedTuple):
    """A ranked passage: its score is the sum of what each signal contributed."""

    passage: int
    score: float
    bm25: float
    cosine: float
    previous: float
    next: float

    @property
    def parts(self) -> dict[str, float]:
        """Return the contributions by name."""
        return {"bm25": self.bm25, "cosine": self.cosine, "previous": self.previous, "next": self.next}


class Relevance(NamedTuple):
    """The estimated chance, 0 to 1, that a hit is useful; ``weak`` below the floor."""

    value: float
    weak: bool


def rank(signals: Signals, weights: Weights = DEFAULT, limit: int | None = None) -> list[Scored]:
    """Return the candidates best first, all or the first few; equal ones in the order of their numbers."""
    mean, (middle, deviation) = signals.bm25.mean, signals.cosine
    worth = weights.cosine / max(deviation, LEAST_DEVIATION)

    def beside(neighbour: tuple[float, float]) -> float:
        return neighbour[0] - mean + worth * (neighbour[1] - middle)

    ranked = []
    for passage, bm25, cosine, previous, following in signals.candidates:
        alike = worth * (cosine - middle)
        before = weights.previous * beside(previous) if previous else 0.0
        after = weights.next * beside(following) if following else 0.0
        ranked.append((-(bm25 + alike + before + after), passage, bm25, alike, before, after))
    ranked.sort()
    return [Scored(passage, -score, *parts) for score, passage, *parts in ranked[:limit]]


def relevance(scored: Scored, signals: Signals, weights: Weights = DEFAULT) -> Relevance:
    """Return the chance that a hit is useful.

    A logistic regression (ridge 1e-3) on the first ten hits of each question: useful if they are its gold,
    useless for a question about another store. Fitted on LoCoMo conversations 1-5 and the shared half of the
    LongMemEval pool, each asked its own and the other's questions, half and half, speakers' names taken out;
    on parts of 30 and 150 passages, on the whole, and among 20,000 others, all weighing the same. The area
    under the curve is 0.90; fitted on one of the two and tested on the other, 0.84 and 0.89.
    """
    size = math.log(max(2, signals.passages))
    odds = (
        -2.64
        + 1.98 * scored.bm25 / _word_worth(signals.passages)
        - 1.16 * math.log1p(signals.terms)
        + 0.47 * scored.cosine / weights.cosine
        - 0.19 * size
    )
    value = 1 / (1 + math.exp(-max(-500.0, min(500.0, odds))))
    return Relevance(value, value < WEAK_BELOW)


def _word_worth(passages: int) -> float:
    """Return about what one rare word is worth, in nats; below what the fit has seen, its idf to scale."""
    if passages >= _FEWEST_FITTED:
        return math.log(passages)
    scale = math.log(_FEWEST_FITTED) / math.log(1 + (_FEWEST_FITTED - 0.5) / 1.5)
    return scale * math.log(1 + (max(1, passages) - 0.5) / 1.5)
