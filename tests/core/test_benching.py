"""The arithmetic of measuring models."""

from __future__ import annotations

from smos_cli.core.benching import found, judged
from smos_cli.core.models import Judgement

ENTAILS, NEUTRAL, CONTRADICTS = Judgement(0.8, 0.1, 0.1), Judgement(0.1, 0.8, 0.1), Judgement(0.1, 0.1, 0.8)


def test_recall_is_the_mean_share_of_what_answers_among_the_first_ten() -> None:
    ranked = [["a", "b"], ["x"] * 10 + ["c"]]

    assert found(ranked, [["a", "missing"], ["c"]])["recall_at_10"] == 0.25


def test_mrr_goes_by_the_first_that_answers() -> None:
    assert found([["x", "a", "b"], ["x"]], [["a", "b"], ["c"]])["mrr_at_10"] == 0.25


def test_a_judge_is_right_where_it_says_the_label() -> None:
    figures = judged([ENTAILS, NEUTRAL, CONTRADICTS, ENTAILS], [0, 0, 1, 0], ["entailment"] * 2 + ["contradiction"] * 2)

    assert figures["accuracy"] == 0.5


def test_anything_but_a_contradiction_is_right_where_no_more_is_known() -> None:
    labels = ["not_contradiction"] * 4

    assert judged([ENTAILS, NEUTRAL, CONTRADICTS, NEUTRAL], [0] * 4, labels)["accuracy"] == 0.75


def test_precision_and_recall_are_of_the_contradictions_that_it_is_sure_of() -> None:
    labels = ["contradiction", "contradiction", "contradiction", "neutral"]

    figures = judged([NEUTRAL] * 4, [0.9, 0.2, 0.3, 0.8], labels)

    assert figures["contradiction_precision"] == 0.5
    assert figures["contradiction_recall"] == 1 / 3


def test_where_nothing_was_noticed_there_is_no_precision() -> None:
    assert judged([NEUTRAL], [0.1], ["neutral"])["contradiction_precision"] is None
    assert judged([NEUTRAL], [0.1], ["neutral"])["contradiction_recall"] is None
