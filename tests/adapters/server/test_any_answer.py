"""Whatever a server answers is read, or is an error of ours; nothing else comes out."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from smos_cli.adapters.server.answers import json_object, tokens_used
from smos_cli.adapters.server.chat import text_in
from smos_cli.adapters.server.embedder import vectors_in
from smos_cli.adapters.server.patience import asked_wait
from smos_cli.adapters.server.refusals import refusal, words_of
from smos_cli.adapters.server.reranker import scores_in
from smos_cli.config.servers import Server
from smos_cli.core.prompting.judging import judgements_in
from smos_cli.errors import ModelError

SERVER = Server("local", "http://127.0.0.1:1/v1", "env:KEY")
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.sampled_from([10**400, 1e308, -0.0, 2**63, 2**64])
SHAPES = ["index", "embedding", "relevance_score", "score", "content", "message", "refusal", "type", "text"]
JUDGED = ["pair", "forward", "forward_sure", "backward", "backward_sure", "neutral"]
WORDS = st.sampled_from([*SHAPES, *JUDGED, "finish_reason", "total_tokens", "code", "detail"])
TOP = st.sampled_from(["data", "results", "choices", "usage", "error", "judgements", "message", "detail"])
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=8) | WORDS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=20
)
ANSWERS = st.dictionaries(TOP, VALUES | st.lists(st.dictionaries(WORDS, VALUES, max_size=5), max_size=3), max_size=4)


@given(ANSWERS, st.integers(1, 3))
@example({"data": [{"index": 0, "embedding": [True]}]}, 1)
def test_any_object_is_vectors_or_an_error(answer: dict[str, Any], count: int) -> None:
    with suppress(ModelError):
        rows = vectors_in(SERVER, answer, count)
        assert len(rows) == count
        assert all(np.isfinite(row).all() and np.linalg.norm(row) < 1.001 for row in rows)


@given(ANSWERS, st.integers(1, 3))
def test_any_object_is_scores_or_an_error(answer: dict[str, Any], count: int) -> None:
    with suppress(ModelError):
        scores = scores_in(SERVER, answer, count)
        assert len(scores) == count
        assert np.isfinite(scores).all()


@given(ANSWERS)
def test_any_object_is_a_message_or_an_error(answer: dict[str, Any]) -> None:
    with suppress(ModelError):
        assert isinstance(text_in(SERVER, answer), str)


@given(ANSWERS, st.integers(1, 2))
def test_any_text_is_judgements_or_unusable(answer: dict[str, Any], count: int) -> None:
    with suppress(ValueError):
        for judged in judgements_in(json.dumps(answer), count):
            assert abs(sum(judged.forward) - 1) < 1e-9


@given(ANSWERS)
def test_any_usage_is_a_count(answer: dict[str, Any]) -> None:
    assert tokens_used(answer) >= 0


@given(VALUES | ANSWERS, st.integers(100, 999), st.floats(0, 1e6))
def test_any_refusal_is_an_error_in_one_line(body: Any, status: int, after: float) -> None:
    error = refusal(SERVER, status, words_of(json.dumps(body).encode(), str), after)

    assert error.message.isprintable()
    assert error.remedy.isprintable()
    assert len(error.message) < 400


@given(st.binary(max_size=60) | (VALUES | ANSWERS).map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_object_or_an_error(data: bytes) -> None:
    with suppress(ModelError):
        assert isinstance(json_object(SERVER, data, str), dict)


@given(st.text() | st.floats().map(str) | st.integers().map(str), st.floats(0, 1e10))
def test_any_header_asks_for_a_wait(header: str, today: float) -> None:
    assert asked_wait(header, today) >= 0
