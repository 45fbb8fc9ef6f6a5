"""The ONNX judge: labels by their names, both directions, and statements of any length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smos_cli.adapters.onnx.judge import OnnxJudge
from smos_cli.core.models import Judgement
from tests.adapters.onnx import tiny


def strongest(judgement: Judgement) -> str:
    return Judgement._fields[int(np.argmax(judgement))]


@pytest.mark.parametrize(
    ("labels", "column"),
    [
        (("contradiction", "entailment", "neutral"), 0),
        (("entailment", "neutral", "contradiction"), 2),
        (("ENTAILMENT", "CONTRADICTION", "NEUTRAL"), 1),
    ],
)
def test_the_order_of_the_labels_is_read_from_the_config(tmp_path: Path, labels: tuple[str, ...], column: int) -> None:
    numbers = [0.0, 0.0, 0.0]
    numbers[column] = 6
    judge = OnnxJudge(tiny.classifier(tmp_path, labels, {"not": numbers}), "tiny@1")

    assert strongest(judge.judge([("cache is warm", "cache is not warm")])[0].forward) == "contradiction"


def test_labels_that_only_have_names_are_read_by_these(tmp_path: Path) -> None:
    config = {"label2id": {"entailment": 1, "neutral": 2, "contradiction": 0}}
    judge = OnnxJudge(tiny.judge(tmp_path, **{"config.json": config}), "tiny@1")

    assert strongest(judge.judge([("cache", "yes")])[0].forward) == "entailment"


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (("entailment", "not_entailment"), ("entailment", "neutral")),
        (("contradiction", "not_contradiction"), ("contradiction", "neutral")),
        (("entailment", "contradiction"), ("entailment", "contradiction")),
    ],
)
def test_a_model_of_two_labels_claims_nothing_of_the_third(
    tmp_path: Path, labels: tuple[str, str], said: tuple[str, str]
) -> None:
    judge = OnnxJudge(tiny.classifier(tmp_path, labels, {"yes": (6, 0), "no": (0, 6)}), "tiny@1")

    found = [one.forward for one in judge.judge([("cache", "yes"), ("cache", "no")])]

    assert tuple(map(strongest, found)) == said
    assert all(sum(one) == pytest.approx(1) for one in found)
    third = set(Judgement._fields) - set(said)
    assert [getattr(found[0], one) for one in third] == [0]


def test_both_directions_are_read(tmp_path: Path) -> None:
    first, second = {"warm": (0, 6, 0)}, {"warm": (6, 0, 0)}
    judge = OnnxJudge(tiny.classifier(tmp_path, tiny.NLI, first, second), "tiny@1")

    judged = judge.judge([("warm", "cache")])[0]

    assert (strongest(judged.forward), strongest(judged.backward)) == ("entailment", "contradiction")


def test_a_contradiction_at_the_end_of_a_long_statement_counts(tmp_path: Path) -> None:
    judge = OnnxJudge(tiny.judge(tmp_path), "tiny@1")
    long = "filler " * 200

    plain, contradicting = judge.judge([("cache is warm", long), ("cache is warm", long + "not")])

    assert plain.contradiction < 0.3
    assert contradicting.contradiction > 0.9
    assert contradicting.forward.contradiction == pytest.approx(contradicting.backward.contradiction)


def test_one_part_of_a_long_premise_is_enough_to_entail(tmp_path: Path) -> None:
    judge = OnnxJudge(tiny.judge(tmp_path), "tiny@1")

    judged = judge.judge([("filler " * 60 + "yes", "cache")])[0]

    assert strongest(judged.forward) == "entailment"
    assert strongest(judged.backward) != "entailment"


def test_two_long_statements_are_both_read_whole(tmp_path: Path) -> None:
    judge = OnnxJudge(tiny.judge(tmp_path), "tiny@1")

    judged = judge.judge([("filler " * 60, "cache " * 60 + "not")])[0]

    assert judged.contradiction > 0.9
    assert sum(judged.forward) == pytest.approx(1)


def test_a_pair_is_judged_the_same_to_the_bit_in_any_company(tmp_path: Path) -> None:
    judge = OnnxJudge(tiny.judge(tmp_path), "tiny@1")
    pairs = [("cache is warm", "cache is cold"), ("yes", "no"), ("filler " * 90, "not"), ("", "cache")]

    assert judge.judge(pairs) == [judge.judge([pair])[0] for pair in pairs]
