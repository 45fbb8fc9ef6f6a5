"""The embedder that a server plays: rows in order and of length 1, however little the server takes at once."""

from __future__ import annotations

import base64
import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.embedder import ServerEmbedder, vectors_in
from smos_cli.adapters.server.halves import windows
from smos_cli.adapters.server.prefixes import prefixes
from smos_cli.config.servers import Server
from smos_cli.errors import ModelError
from tests.adapters.server.playing import DIMENSIONS, PlayedServer, answers, vector

Clients = Callable[..., Client]
SERVER = Server("local", "http://127.0.0.1:1/v1")
REPLAY = Path(__file__).parents[4] / "shared/replay/embeddings.jsonl"


def unit(text: str) -> np.ndarray:
    row = np.array(vector(text))
    return row / np.linalg.norm(row)


def answer(*vectors: Any) -> dict[str, Any]:
    return {"data": [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]}


def test_there_is_a_row_of_length_1_a_text_in_their_order(client: Clients) -> None:
    texts = [f"text {number}" for number in range(100)]

    rows = ServerEmbedder(client(), "tiny").embed(texts)

    assert rows.dtype == np.float32
    assert np.allclose(rows, [unit(text) for text in texts], atol=1e-6)


def test_texts_go_in_batches(server: PlayedServer, client: Clients) -> None:
    ServerEmbedder(client(dimensions=DIMENSIONS), "tiny").embed([f"text {number}" for number in range(70)])

    assert [len(body["input"]) for body in server.bodies()] == [32, 32, 6]


def test_texts_of_nothing_are_zeros_and_are_not_sent(server: PlayedServer, client: Clients) -> None:
    rows = ServerEmbedder(client(dimensions=DIMENSIONS), "tiny").embed(["", " \n", "a", "\t"])

    assert np.linalg.norm(rows, axis=1).round(5).tolist() == [0, 0, 1, 0]
    assert [body["input"] for body in server.bodies()] == [["a"]]


def test_no_texts_are_no_rows(server: PlayedServer, client: Clients) -> None:
    assert ServerEmbedder(client(dimensions=3), "tiny").embed([]).shape == (0, 3)
    assert server.requests == []


def test_dimensions_are_asked_once_where_they_are_not_stated(server: PlayedServer, client: Clients) -> None:
    embedder = ServerEmbedder(client(), "tiny")

    assert (embedder.dimensions, embedder.dimensions) == (DIMENSIONS, DIMENSIONS)
    assert len(server.requests) == 1


def test_stated_dimensions_ask_nobody(server: PlayedServer, client: Clients) -> None:
    assert ServerEmbedder(client(dimensions=512), "tiny").dimensions == 512
    assert server.requests == []


def test_vectors_of_other_dimensions_than_stated_are_refused(client: Clients) -> None:
    with pytest.raises(ModelError, match=f"vectors of {DIMENSIONS} numbers, not 512"):
        ServerEmbedder(client(dimensions=512), "tiny").embed(["a"])


def test_a_model_that_wants_prefixes_gets_them(server: PlayedServer, client: Clients) -> None:
    embedder = ServerEmbedder(client(dimensions=DIMENSIONS), "nomic-embed-text:latest")

    embedder.embed(["a passage"])
    row = embedder.embed_query("a question")

    sent = [body["input"] for body in server.bodies()]
    assert sent == [["search_document: a passage"], ["search_query: a question"]]
    assert row.shape == (DIMENSIONS,)


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("text-embedding-3-small", ""),
        ("intfloat/multilingual-e5-large", "query: "),
        ("qwen3-embedding:0.6b", "Instruct: "),
        ("bge-m3", ""),
        ("BAAI/bge-small-en-v1.5", "Represent "),
        ("snowflake-arctic-embed2", "query: "),
        ("embeddinggemma", "task: "),
        ("all-minilm", ""),
    ],
)
def test_prefixes_are_known_by_the_models_name(model: str, query: str) -> None:
    assert prefixes(model).query.startswith(query)
    assert bool(prefixes(model).query) == bool(query)


def test_the_id_changes_with_what_changes_a_vector(client: Clients) -> None:
    ids = {
        ServerEmbedder(client(**settings), model).model_id
        for settings in ({}, {"url": "http://127.0.0.1:2/v1"}, {"name": "other"})
        for model in ("tiny", "large")
    }

    assert len(ids) == 6
    assert all("/tiny@" in name or "/large@" in name for name in ids)


class TestLongTexts:
    def test_a_long_text_is_the_mean_of_its_windows(self, server: PlayedServer, client: Clients) -> None:
        text = "word " * 2_000

        row = ServerEmbedder(client(), "tiny").embed([text])[0]

        sent = [text for body in server.bodies() for text in body["input"]]
        assert max(map(len, sent)) <= 6_000
        assert "".join(sent[:2]) == text.strip()
        mean = sum(len(part) * unit(part) for part in sent[:2])
        assert np.allclose(row, mean / np.linalg.norm(mean), atol=1e-6)

    @pytest.mark.parametrize(("texts", "characters"), [(5, 10**9), (10**9, 700), (3, 250)])
    def test_a_server_that_takes_little_is_given_little(
        self, server: PlayedServer, client: Clients, texts: int, characters: int
    ) -> None:
        server.most_texts, server.most_characters = texts, characters
        asked = [f"{number} " + "some words " * 60 for number in range(12)]

        rows = ServerEmbedder(client(), "tiny").embed(asked)

        assert np.allclose(np.linalg.norm(rows, axis=1), 1)
        assert len({row.tobytes() for row in rows}) == 12

    def test_a_text_gives_the_same_row_whatever_is_beside_it(self, server: PlayedServer, client: Clients) -> None:
        server.most_texts, server.most_characters = 4, 300
        texts = ["short", "some longer words " * 40, "other", *[f"number {number}" for number in range(40)]]
        embedder = ServerEmbedder(client(), "tiny")

        together = embedder.embed(texts)

        assert np.array_equal(together, np.stack([embedder.embed([text])[0] for text in texts]))

    def test_one_that_takes_nothing_is_given_up(self, server: PlayedServer, client: Clients) -> None:
        server.most_characters = 0

        with pytest.raises(ModelError, match="takes less text at once"):
            ServerEmbedder(client(dimensions=DIMENSIONS), "tiny").embed(["some words " * 100])
        assert len(server.requests) < 10

    @given(st.text(), st.integers(1, 40))
    def test_windows_hold_all_of_a_text_but_blanks(self, text: str, longest: int) -> None:
        parts = windows(text, longest)

        assert all(len(part) <= longest for part in parts) or parts == [text]
        assert "".join("".join(parts).split()) == "".join(text.split())
        assert all(part.strip() for part in parts) or parts == [text]


class TestOddAnswers:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({}, "without vectors"),
            ({"data": {}}, "without vectors"),
            ({"data": [1]}, "without vectors"),
            (answer([1.0]), "with 1 vectors to 2 texts"),
            (answer([1.0], [1.0], [1.0]), "with 3 vectors to 2 texts"),
            ({"data": [{"index": 0, "embedding": [1]}] * 2}, "not numbered by the texts"),
            ({"data": [{"index": 1, "embedding": [1]}, {"index": 2, "embedding": [1]}]}, "not numbered"),
            ({"data": [{"index": "0", "embedding": [1]}, {"index": "1", "embedding": [1]}]}, "not numbered"),
            ({"data": [{"index": [], "embedding": [1]}, {"index": 1.0, "embedding": [1]}]}, "not numbered"),
            (answer([1.0], [[1.0]]), "no vector"),
            (answer([1.0], []), "no vector"),
            (answer([1.0], None), "no vector"),
            (answer([1.0], ["1.0"]), "no vector"),
            (answer([1.0], [1.0, None]), "no vector"),
            (answer([1.0], [1.0, [2.0]]), "no vector"),
            (answer([1.0], [10**400]), "no vector"),
            (answer([1.0], {"a": 1}), "no vector"),
            (answer([1.0], 7), "no vector"),
            (answer([1.0], "not base64!"), "no vector"),
            (answer([1.0], "AAAA"), "no vector"),
            (answer([1.0], "é"), "no vector"),
            (answer([1.0], base64.b64encode(np.array([np.nan], "<f4")).decode()), "has no length"),
            ('{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1e999]}]}', "has no length"),
            ('{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1]}]}', "not JSON"),
        ],
    )
    def test_what_are_no_vectors_of_the_texts_is_refused(
        self, server: PlayedServer, client: Clients, body: Any, said: str
    ) -> None:
        server.next(answers(200, body))

        with pytest.raises(ModelError, match=said) as caught:
            ServerEmbedder(client(dimensions=1), "tiny").embed(["a", "b"])
        assert caught.value.remedy

    @pytest.mark.parametrize("value", [[3.0, 4.0], [3, 4], [3e30, 4e30], [3e-300, 4e-300], [True, 1.5]])
    def test_numbers_of_any_size_are_a_vector_of_length_1(self, value: list[float]) -> None:
        (row,) = vectors_in(SERVER, answer(value), 1)

        assert math.isclose(float(np.linalg.norm(row)), 1, rel_tol=1e-6)

    def test_a_vector_of_zeros_stays_one(self) -> None:
        assert vectors_in(SERVER, answer([0.0, 0.0]), 1)[0].tolist() == [0, 0]

    def test_vectors_without_numbers_are_in_the_order_of_the_texts(self) -> None:
        rows = vectors_in(SERVER, {"data": [{"embedding": [2, 0]}, {"embedding": [0, 2]}]}, 2)

        assert [row.tolist() for row in rows] == [[1, 0], [0, 1]]

    def test_vectors_in_base64_are_vectors(self) -> None:
        packed = base64.b64encode(np.array([3, 4], "<f4")).decode()

        assert np.allclose(vectors_in(SERVER, answer(packed), 1)[0], [0.6, 0.8])


@pytest.mark.skipif(not REPLAY.is_file() and "CI" not in os.environ, reason=f"there is no {REPLAY}")
def test_recorded_answers_of_real_services_are_read(server: PlayedServer, client: Clients) -> None:
    exchanges = [json.loads(line) for line in REPLAY.read_text(encoding="utf-8").splitlines()]
    assert exchanges

    for exchange in exchanges:
        texts = exchange["request"]["body"]["input"]
        server.next(answers(200, exchange["response"]["body"]))
        server.next(answers(200, exchange["response"]["body"]))
        sizes = {len(row) for row in vectors_in(SERVER, exchange["response"]["body"], len(texts))}
        rows = ServerEmbedder(client(dimensions=sizes.pop()), "recorded").embed(texts)
        server.faults.clear()
        assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
