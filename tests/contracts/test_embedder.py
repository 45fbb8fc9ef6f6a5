"""What every embedder gives an index: ``StaticEmbedder`` and ``FakeEmbedder``."""

from __future__ import annotations

import numpy as np
import pytest

from smos_cli.adapters.duck.index import Embedding
from smos_cli.adapters.static.embedder import StaticEmbedder
from tests.fakes import FakeEmbedder

TEXTS = ["The cache is warm.", "Deploy on Friday", "キャッシュ", "x " * 2000, "naïve café", "rateLimiter v1.5.5", "a"]


@pytest.fixture(params=[StaticEmbedder, FakeEmbedder], scope="module")
def embedder(request: pytest.FixtureRequest) -> Embedding:
    made: Embedding = request.param()
    return made


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


def test_it_has_a_name_and_a_size(embedder: Embedding) -> None:
    assert embedder.model_id
    assert embedder.dimensions > 0


def test_names_tell_models_apart() -> None:
    assert StaticEmbedder().model_id != FakeEmbedder().model_id
