"""What every judge says of pairs: ``RulesJudge`` and ``OnnxJudge``."""

from __future__ import annotations

import pytest

from smos_cli.adapters.onnx.judge import OnnxJudge
from smos_cli.adapters.rules.judge import RulesJudge
from smos_cli.core.models import Judge
from tests.adapters.onnx import tiny

PAIRS = [
    ("The cache is warm.", "The cache is not warm."),
    ("The cache is warm.", "The cache is warm."),
    ("", ""),
    ("naïve café \ud800", "キャッシュ"),
    ("filler " * 2_000, "The cache is not warm."),
]


@pytest.fixture(params=["rules", "onnx"], scope="module")
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return (
        RulesJudge() if request.param == "rules" else OnnxJudge(tiny.judge(tmp_path_factory.mktemp("judge")), "tiny@1")
    )


def test_each_pair_is_judged_in_both_directions_and_chances_add_up_to_one(judge: Judge) -> None:
    judged = judge.judge(PAIRS)

    assert len(judged) == len(PAIRS)
    for one in judged:
        for judgement in one:
            assert sum(judgement) == pytest.approx(1)
            assert min(judgement) >= 0


def test_a_negation_contradicts(judge: Judge) -> None:
    assert judge.judge(PAIRS[:1])[0].contradiction > 0.5


def test_a_judgement_depends_on_its_pair_alone(judge: Judge) -> None:
    alone = [judge.judge([pair])[0] for pair in PAIRS]

    assert list(judge.judge(PAIRS)) == alone


def test_a_pair_the_other_way_round_has_its_directions_the_other_way_round(judge: Judge) -> None:
    for (first, second), judged in zip(PAIRS, judge.judge(PAIRS), strict=True):
        turned = judge.judge([(second, first)])[0]
        assert turned.contradiction == pytest.approx(judged.contradiction, abs=1e-6)
        assert turned.forward.entailment == pytest.approx(judged.backward.entailment, abs=1e-6)


def test_no_pairs_have_no_judgements(judge: Judge) -> None:
    assert len(judge.judge([])) == 0


def test_it_has_a_name(judge: Judge) -> None:
    assert judge.model_id
