"""What measuring a model comes to: its speed, its memory, and how well it does on data with known answers.

Owns the arithmetic: recall@10, MRR@10, and a judge's accuracy with the precision and recall of its contradictions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from smos_cli.core.models import Judgement

DEPTH = 10
SURE = 0.5
"""The chance from which a contradiction counts as noticed."""
LABELS = ("entailment", "neutral", "contradiction")
NO_CONTRADICTION = "not_contradiction"
"""A label that says only that much: entailment or neutral."""


class Figures(NamedTuple):
    """What was measured of one model; None is what its role or the data does not give."""

    load_ms: float
    """from nothing to the first answer"""
    per_second: float
    """texts of 30 tokens: passages, pairs with a question or a statement, or turns of a conversation"""
    peak_bytes: int
    """of its process, smos included"""
    asked: int | None = None
    """questions or pairs of the data"""
    recall_at_10: float | None = None
    mrr_at_10: float | None = None
    accuracy: float | None = None
    contradiction_precision: float | None = None
    contradiction_recall: float | None = None


class Benched(NamedTuple):
    """A model that was measured, or why it could not be."""

    name: str
    """of an installed model; ``default`` for the embedded one"""
    role: str
    figures: Figures | None
    problem: str = ""


def found(ranked: Sequence[Sequence[str]], gold: Sequence[Collection[str]]) -> Mapping[str, float | int]:
    """Return recall and MRR at 10 of what questions found, best first, against what answers them."""
    recall = [len(set(ids[:DEPTH]) & set(wanted)) / len(set(wanted)) for ids, wanted in zip(ranked, gold, strict=True)]
    ranks = [
        next((1 / (place + 1) for place, one in enumerate(ids[:DEPTH]) if one in wanted), 0.0)
        for ids, wanted in zip(ranked, gold, strict=True)
    ]
    return {"asked": len(gold), "recall_at_10": _mean(recall), "mrr_at_10": _mean(ranks)}


def judged(given: Sequence[Judgement], sure: Sequence[float], labels: Sequence[str]) -> Mapping[str, Any]:
    """Return how a judge did: its judgements, how sure it was of a contradiction, and the right labels."""
    said = [LABELS[max(range(len(LABELS)), key=one.__getitem__)] for one in given]
    right = [
        one != LABELS[-1] if label == NO_CONTRADICTION else one == label
        for one, label in zip(said, labels, strict=True)
    ]
    noticed = [label for chance, label in zip(sure, labels, strict=True) if chance > SURE]
    hits, there = noticed.count(LABELS[-1]), list(labels).count(LABELS[-1])
    return {
        "asked": len(labels),
        "accuracy": _mean(right),
        "contradiction_precision": hits / len(noticed) if noticed else None,
        "contradiction_recall": hits / there if there else None,
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
