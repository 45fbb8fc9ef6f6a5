"""The reranker that a server plays: a logit a text, whatever scale the server has."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.reranker import ServerReranker
from smos_cli.errors import ModelError
from tests.adapters.server.playing import PlayedServer, answers, overlap

Clients = Callable[..., Client]
QUERY = "cache ttl seconds"
TEXTS = ["the sky is blue", "cache ttl seconds are 10", "cache me"]


def logits(query: str, text: str) -> float:
    """Score as llama.cpp does, by a logit that is between 0 and 1 for what just answers."""
    return 8 * overlap(query, text) - 7.5


def test_chances_become_logits_in_the_order_of_the_texts(client: Clients) -> None:
    scores = ServerReranker(client(), "tiny").scores(QUERY, TEXTS)

    assert scores[0] < scores[2] < 0 < scores[1]
    assert scores[2] == pytest.approx(math.log(0.5))


def test_logits_stay_what_they_are(server: PlayedServer, client: Clients) -> None:
    server.score = logits

    assert ServerReranker(client(), "tiny").scores(QUERY, TEXTS) == pytest.approx([-7.5, 0.5, -7.5 + 8 / 3])


def test_logits_are_known_for_what_they_are_when_all_are_small(server: PlayedServer, client: Clients) -> None:
    server.score = logits
    reranker = ServerReranker(client(), "tiny")

    assert reranker.scores(QUERY, [TEXTS[1]]) == [0.5]
    assert reranker.scores(QUERY, [TEXTS[1]]) == [0.5]
    assert [len(body["documents"]) for body in server.bodies()] == [2, 1]


def test_many_texts_go_in_batches_and_keep_their_order(server: PlayedServer, client: Clients) -> None:
    texts = [f"text {number}" for number in range(80)]
    server.score = lambda _, text: int(text.split()[1]) / 100 if text.startswith("text") else 0

    scores = ServerReranker(client(), "tiny").scores(QUERY, texts)

    assert list(scores) == sorted(scores)
    assert len(scores) == 80


def test_of_a_long_text_the_best_window_counts(server: PlayedServer, client: Clients) -> None:
    long = "nothing here " * 400 + QUERY

    scores = ServerReranker(client(), "tiny").scores(QUERY, [long, "cache"])

    assert scores[0] > 10
    assert all(len(text) <= 2_000 for body in server.bodies() for text in body["documents"])


def test_a_server_that_takes_little_is_given_little(server: PlayedServer, client: Clients) -> None:
    server.most_texts, server.most_characters = 2, 300

    assert ServerReranker(client(), "tiny").scores(QUERY, ["nothing here " * 40 + QUERY, "x"])[0] > 10


@pytest.mark.parametrize("texts", [[], ["", "  "]])
def test_texts_of_nothing_are_not_sent(server: PlayedServer, client: Clients, texts: list[str]) -> None:
    scores = ServerReranker(client(), "tiny").scores(QUERY, texts)

    assert all(score < -10 and math.isfinite(score) for score in scores)
    assert len(scores) == len(texts)
    assert server.requests == []


@pytest.mark.parametrize(
    "results",
    [
        [{"index": 0, "score": 0.5}, {"index": 1, "score": 0.1}],
        [{"index": 1, "relevance_score": 0.1, "document": {"text": "x"}}, {"index": 0, "relevance_score": 0.5}],
    ],
)
def test_the_shapes_of_several_servers_are_read(
    server: PlayedServer, client: Clients, results: list[dict[str, Any]]
) -> None:
    server.next(answers(200, {"results": results, "model": "m", "object": "list"}))

    assert ServerReranker(client(), "tiny").scores("q", ["a"]) == [0.0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "without scores"),
        ({"results": {}}, "without scores"),
        ({"results": [1, 2]}, "without scores"),
        ({"results": []}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}]}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}] * 2}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}, {"index": 7, "relevance_score": 1}]}, "not one each"),
        ({"results": [{"index": [], "relevance_score": 1}, {"index": {}, "relevance_score": 1}]}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}, {"index": 1}]}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}, {"index": 1, "relevance_score": "1"}]}, "not one each"),
        ({"results": [{"index": 0, "relevance_score": 1}, {"index": 1, "relevance_score": True}]}, "not one each"),
        ('{"results": [{"index": 0, "score": 1}, {"index": 1, "score": 1e999}]}', "no number"),
        ('{"results": [{"index": 0, "score": 1}, {"index": 1, "score": 1' + "0" * 400 + "}]}", "no number"),
    ],
)
def test_what_are_no_scores_of_the_texts_is_refused(
    server: PlayedServer, client: Clients, body: Any, said: str
) -> None:
    server.next(answers(200, body))

    with pytest.raises(ModelError, match=said):
        ServerReranker(client(), "tiny").scores("q", ["a"])
