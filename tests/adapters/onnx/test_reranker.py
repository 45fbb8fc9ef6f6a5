"""The ONNX reranker: the best window of a text, with the question beside each."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.onnx.reranker import OnnxReranker
from tests.adapters.onnx import tiny


def test_a_score_is_the_logit_of_the_pair(tmp_path: Path) -> None:
    reranker = OnnxReranker(tiny.reranker(tmp_path), "tiny@1")

    assert reranker.scores("warm", ["warm cache", "cold cache", "cache"]) == pytest.approx([3, -3, 0])


def test_a_long_text_has_the_score_of_its_best_window(tmp_path: Path) -> None:
    reranker = OnnxReranker(tiny.reranker(tmp_path), "tiny@1")
    filler, cold = "filler " * 40, "cold " * 40

    assert reranker.scores("cache", [cold + filler + "warm"]) == pytest.approx([3])


def test_a_question_longer_than_the_window_leaves_room_for_the_text(tmp_path: Path) -> None:
    reranker = OnnxReranker(tiny.reranker(tmp_path), "tiny@1")

    assert reranker.scores("cache " * 1_000, ["warm", "cold"]) == pytest.approx([3, -3])


def test_of_two_outputs_the_second_says_that_it_answers(tmp_path: Path) -> None:
    folder = tiny.classifier(tmp_path, ["LABEL_0", "LABEL_1"], {"warm": (1, 3), "cold": (2, 0)})

    assert OnnxReranker(folder, "tiny@1").scores("cache", ["warm", "cold"]) == pytest.approx([2, -2])


def test_no_texts_have_no_scores(tmp_path: Path) -> None:
    assert OnnxReranker(tiny.reranker(tmp_path), "tiny@1").scores("cache", []) == []
