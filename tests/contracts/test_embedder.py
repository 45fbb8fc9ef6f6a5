"""What every embedder gives an index: static, fake, ``OnnxEmbedder`` with a real model, and one that a server plays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest

from smos_cli.adapters.duck.space import Embedding
from smos_cli.adapters.onnx.embedder import OnnxEmbedder
from smos_cli.adapters.server.budget import Budget
from smos_cli.adapters.server.client import Access, Client
from smos_cli.adapters.server.embedder import ServerEmbedder
from smos_cli.adapters.static.embedder import StaticEmbedder
from smos_cli.config.servers import Server
from tests.adapters.server.playing import played
from tests.fakes import FakeEmbedder

TEXTS = ["The cache is warm.", "Deploy on Friday", "キャッシュ", "x " * 2000, "naïve café", "rateLimiter v1.5.5", "a"]


MINILM = Path(__file__).parents[3] / "shared/models/all-minilm-l6-v2"


def minilm() -> Embedding:
    if not MINILM.is_dir() and "CI" not in os.environ:
        pytest.skip("the shared models are not here")
    return OnnxEmbedder(MINILM, "all-minilm-l6-v2@1")


@contextmanager
def served() -> Iterator[Embedding]:
    with played() as server:
        server.embed = lambda text: FakeEmbedder().embed([text])[0].tolist()
        client = Client(Server("local", server.url), Access(Budget(1_000, 10**9), str))
        yield ServerEmbedder(client, "tiny")
        client.close()


@pytest.fixture(params=[StaticEmbedder, FakeEmbedder, minilm, served], scope="module")
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedding]:
    made = request.param()
    with made if isinstance(made, AbstractContextManager) else nullcontext(made) as embedder:
        yield embedder


def test_a_text_is_a_row_of_float32_of_length_one(embedder: Embedding) -> None:
    rows = embedder.embed(TEXTS)

    assert rows.shape == (len(TEXTS), embedder.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1] * len(TEXTS), abs=1e-5)


def test_no_texts_are_no_rows(embedder: Embedding) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)


def test_a_text_of_nothing_is_a_row_of_zeros(embedder: Embedding) -> None:
    rows = embedder.embed(["before", " \n\t", "", "after"])

    assert rows.any(axis=1).tolist() == [True, False, False, True]


def test_a_row_depends_on_its_text_alone(embedder: Embedding) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])

    assert np.allclose(embedder.embed(TEXTS), alone, atol=1e-6)
    assert np.allclose(embedder.embed(TEXTS[::-1])[::-1], alone, atol=1e-6)
    assert (embedder.embed(TEXTS) == embedder.embed(TEXTS)).all()


def test_texts_that_share_words_are_nearer_than_those_that_do_not(embedder: Embedding) -> None:
    one, near, far = embedder.embed(["the cache ttl is short", "the cache ttl is long", "bread needs yeast"])

    assert one @ near > one @ far


def test_a_question_is_a_row_that_its_answer_is_near_to(embedder: Embedding) -> None:
    asked = embedder.embed_query("the cache ttl")
    answer, other = embedder.embed(["the cache ttl is short", "bread needs yeast"])

    assert asked.shape == (embedder.dimensions,)
    assert np.linalg.norm(asked) == pytest.approx(1, abs=1e-5)
    assert asked @ answer > asked @ other


def test_a_question_of_nothing_is_zeros(embedder: Embedding) -> None:
    assert not embedder.embed_query(" ").any()


def test_it_has_a_name_and_a_size(embedder: Embedding) -> None:
    assert embedder.model_id
    assert embedder.dimensions > 0


def test_names_tell_models_apart() -> None:
    assert StaticEmbedder().model_id != FakeEmbedder().model_id
