"""Relevance: the chance that a hit is useful, and whether that is too little to show it to a model.

Owns the evidence and its calibration. The order of hits is ``ranking``'s.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple

from smos_cli.core.ranking import Candidate, Signals

_FEWEST_FITTED, _MOST_FITTED = 30, 3000
"""Passages that may answer, in the stores of the fit."""
_ALL = 0.999
_LOOKED_UP = 4.0
"""What having all the words counts for when they are all that was asked. Not fitted: the data has no such question."""


class Relevance(NamedTuple):
    """The estimated chance, 0 to 1, that a hit is useful; ``weak`` below the floor."""

    value: float
    weak: bool


class Evidence(NamedTuple):
    """What speaks for a hit's being useful, or what each of these counts for."""

    words: float
    """BM25, in words that only one passage has"""
    share: float
    cosine: float
    time: float
    size: float
    """ln of how many passages may answer: among many, more are alike by chance"""


def evidence(candidate: Candidate, signals: Signals) -> Evidence:
    """Return what speaks for a candidate."""
    return Evidence(
        words=candidate.sight.bm25 / _word_worth(signals.passages),
        share=candidate.share,
        cosine=candidate.sight.cosine,
        time=candidate.facts.time,
        size=math.log(min(max(signals.passages, _FEWEST_FITTED), _MOST_FITTED)),
    )


class Calibration(NamedTuple):
    """A logistic regression, and the chance below which a hit is weak."""

    intercept: float
    counts: Evidence
    weak_below: float


SHORT = Calibration(-0.69, Evidence(0.0, 6.05, 5.3, 1.33, -0.5), 0.645)
PASSAGES = Calibration(-3.0, Evidence(1.42, 1.0, 4.8, 3.1, -0.37), 0.745)
WORDS = Calibration(-0.98, Evidence(0.82, 2.93, 0.0, 2.03, -0.3), 0.735)
"""Fitted by ``python -m tests.bench.fit --data DIR --only relevance`` on LoCoMo's turns, LongMemEval's memories,
both without vectors; whole, and in stores of 150 and 30; the floor is silent to 96 % of what others ask. Held out by
conversation or fifth of the questions, without speakers' names, no block for others' / a block for own: LoCoMo .958 /
.884 (of 30: .975 / .878), LongMemEval .956 / .615 (of 30: .964 / .778), without vectors .994 / .510 and .919 / .636."""


MINILM_SHORT = Calibration(-1.52, Evidence(0.0, 6.13, 8.14, 1.22, -0.547), 0.664)
MINILM_PASSAGES = Calibration(-3.0, Evidence(1.47, 1.0, 5.12, 3.0, -0.357), 0.726)
"""The same by all-MiniLM-L6-v2 with int8 weights (``--embedder DIR``), held out: LoCoMo .954 / .895 (of 30: .975 /
.895), LongMemEval .955 / .644 (of 30: .964 / .766); by the constants above LoCoMo .948 / .900, LongMemEval .965 / .573.
"""
_OF_MODELS = {"all-minilm-l6-v2": (MINILM_SHORT, MINILM_PASSAGES)}
"""By what comes before the ``@`` of a model's id; any other has the constants of the embedded vectors."""


def relevance(candidate: Candidate, signals: Signals, *, looked_up: bool = False) -> Relevance:
    """Return the chance that a hit is useful.

    What is short, a turn above all, and other passages are calibrated apart: with few words, each says more. So is an
    answer without vectors. ``looked_up``: the question is nothing but a word or two, such as a name.
    """
    short, passages = _OF_MODELS.get(signals.model.partition("@")[0], (SHORT, PASSAGES))
    calibration = short if candidate.is_short else passages
    if not any(signals.cosine):
        calibration = WORDS
    found = evidence(candidate, signals)
    odds = calibration.intercept + sum(map(mul, calibration.counts, found))
    odds += _LOOKED_UP * (looked_up and candidate.share > _ALL)
    value = 1 / (1 + math.exp(-max(-500.0, min(500.0, odds))))
    return Relevance(value, value < calibration.weak_below)


def _word_worth(passages: int) -> float:
    """Return about what one rare word is worth, in nats; below what the fit has seen, its idf to scale."""
    if passages >= _FEWEST_FITTED:
        return math.log(passages)
    scale = math.log(_FEWEST_FITTED) / math.log(1 + (_FEWEST_FITTED - 0.5) / 1.5)
    return scale * math.log(1 + (max(1, passages) - 0.5) / 1.5)
