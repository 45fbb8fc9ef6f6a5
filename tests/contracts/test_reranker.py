"""What every reranker gives a recall: ``OnnxReranker``, BERT-shaped and DeBERTa-shaped."""

from __future__ import annotations

import pytest

from smos_cli.adapters.onnx.reranker import OnnxReranker
from smos_cli.core.models import Reranker
from tests.adapters.onnx import tiny

TEXTS = ["the cache is warm", "the cache is cold", "", "filler " * 500 + "warm", "the cache is warm"]


@pytest.fixture(params=["bert", "deberta"], scope="module")
def reranker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reranker:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "bert":
        return OnnxReranker(tiny.reranker(folder), "tiny@1")
    return OnnxReranker(tiny.classifier(folder, ["LABEL_0"], {"warm": (3,), "cold": (-3,)}), "tiny@1")


def test_each_text_has_a_number_in_the_order_of_the_texts(reranker: Reranker) -> None:
    scores = reranker.scores("the cache", TEXTS)

    assert [type(score) for score in scores] == [float] * len(TEXTS)
    assert list(reranker.scores("the cache", TEXTS[::-1])) == list(scores)[::-1]


def test_what_answers_is_above_what_does_not(reranker: Reranker) -> None:
    warm, cold, *_ = reranker.scores("the cache", TEXTS)

    assert warm > 0 > cold


def test_the_end_of_a_long_text_counts(reranker: Reranker) -> None:
    with_it, without = reranker.scores("the cache", ["filler " * 500 + "warm", "filler " * 500])

    assert with_it > without


def test_a_score_depends_on_the_question_and_the_text_alone(reranker: Reranker) -> None:
    alone = [reranker.scores("the cache", [text])[0] for text in TEXTS]

    assert list(reranker.scores("the cache", TEXTS)) == pytest.approx(alone, abs=1e-6)


def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert len(reranker.scores("the cache", [])) == 0


def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.model_id
