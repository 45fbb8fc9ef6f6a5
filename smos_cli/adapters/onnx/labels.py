"""The outputs of a judge by their names: entailment, neutral, contradiction, or one of them against the rest."""

from __future__ import annotations

from collections.abc import Sequence

ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
_NAMES = {
    "entailment": ENTAILMENT,
    "entail": ENTAILMENT,
    "entails": ENTAILMENT,
    "neutral": NEUTRAL,
    "contradiction": CONTRADICTION,
    "contradict": CONTRADICTION,
    "contradicts": CONTRADICTION,
    # What is not the one may be either of the others, so nothing is claimed of it.
    "notentailment": NEUTRAL,
    "nonentailment": NEUTRAL,
    "notcontradiction": NEUTRAL,
    "noncontradiction": NEUTRAL,
}


def columns(labels: Sequence[str]) -> tuple[int, ...] | None:
    """Return which of the three each output says, in their order; None when the labels are not a judge's."""
    found = [_NAMES.get("".join(filter(str.isalpha, label))) for label in labels]
    known = tuple(column for column in found if column is not None)
    is_judge = len(known) == len(found) == len(set(known)) and len(known) in (2, 3) and set(known) != {NEUTRAL}
    return known if is_judge else None


def has_labels_of_a_judge(labels: Sequence[str]) -> bool:
    """Say whether a model's labels are a judge's."""
    return columns(labels) is not None
