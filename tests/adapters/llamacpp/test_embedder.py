"""A GGUF model turns texts into rows of length 1, whatever their length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smos_cli.adapters.llamacpp.embedder import LlamaEmbedder
from smos_cli.errors import ModelError
from tests.adapters.llamacpp.ggufs import STORIES, folder_of, needs_llama, tiny_bert, with_values

pytestmark = needs_llama
TEXTS = ["Once upon a time there was a cat.", "we use uv", "a dog", "\N{GRINNING FACE}\ud800"]


@pytest.fixture(scope="module")
def stories() -> LlamaEmbedder:
    return LlamaEmbedder(STORIES.parent, "stories@1")


@pytest.fixture
def bert(tmp_path: Path) -> LlamaEmbedder:
    return LlamaEmbedder(folder_of(tmp_path, tiny_bert()), "bert@1")


def test_a_text_is_a_row_of_length_one(stories: LlamaEmbedder) -> None:
    rows = stories.embed(TEXTS)
    assert (rows.shape, rows.dtype) == ((4, 64), np.float32)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert stories.dimensions == 64


def test_a_text_of_nothing_is_zeros_and_no_text_is_no_row(stories: LlamaEmbedder) -> None:
    rows = stories.embed(["", "a cat", " \n"])
    assert np.linalg.norm(rows, axis=1).round(4).tolist() == [0, 1, 0]
    assert stories.embed([]).shape == (0, 64)
    assert stories.embed([""]).shape == (1, 64)


def test_a_row_does_not_depend_on_the_texts_beside_it(stories: LlamaEmbedder) -> None:
    together = stories.embed([*TEXTS, "word " * 450])
    alone = np.concatenate([stories.embed([text]) for text in [*TEXTS, "word " * 450]])
    assert np.allclose(together, alone, atol=1e-3)


def test_a_question_is_embedded_as_a_passage_is(stories: LlamaEmbedder) -> None:
    assert np.allclose(stories.embed_query("a cat"), stories.embed(["a cat"])[0], atol=1e-4)


def test_what_the_files_want_before_a_question_is_put_there(tmp_path: Path, stories: LlamaEmbedder) -> None:
    folder = folder_of(tmp_path, STORIES.read_bytes())
    (folder / "model.json").write_text('{"role": "embedder", "prompts": {"query": "find: ", "passage": "text: "}}')
    asking = LlamaEmbedder(folder, "asking@1")
    assert np.allclose(asking.embed_query("a cat"), stories.embed_query("find: a cat"), atol=1e-4)
    assert np.allclose(asking.embed(["a cat"]), stories.embed(["text: a cat"]), atol=1e-4)
    assert np.linalg.norm(asking.embed([" "])) == 0


def test_a_model_installed_for_another_role_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, STORIES.read_bytes())
    (folder / "model.json").write_text('{"role": "extractor"}')
    with pytest.raises(ModelError, match="extractor"):
        LlamaEmbedder(folder, "m@1").embed(["a cat"])


def test_the_end_of_a_long_text_is_read_as_well(stories: LlamaEmbedder) -> None:
    story = "Once upon a time there was a cat. " * 60
    first, second = stories.embed([story, story + "The number is 7. " * 60])
    assert first @ second < 0.999


def test_a_text_without_a_space_is_read_whole(bert: LlamaEmbedder) -> None:
    assert np.linalg.norm(bert.embed(["x" * 5_000, "貓" * 500]), axis=1).round(4).tolist() == [1, 1]


def test_an_encoder_embeds(bert: LlamaEmbedder) -> None:
    same, other, longer = bert.embed(["we use uv", "a cat", "we use uv and not pip " * 30])
    assert bert.dimensions == len(same) == 16
    assert same @ bert.embed_query("we use uv") == pytest.approx(1, abs=1e-4)
    assert same @ other < same @ longer


def test_how_tokens_become_one_row_is_read_from_the_file(tmp_path: Path, stories: LlamaEmbedder) -> None:
    last = with_values(STORIES.read_bytes(), {"llama.pooling_type": 3})
    row = LlamaEmbedder(folder_of(tmp_path, last), "last@1").embed_query("Once upon a time")
    assert row @ stories.embed_query("Once upon a time") < 0.999


def test_a_ranker_is_no_embedder(tmp_path: Path) -> None:
    ranker = with_values(STORIES.read_bytes(), {"llama.pooling_type": 4})
    with pytest.raises(ModelError, match="doesn't embed"):
        LlamaEmbedder(folder_of(tmp_path, ranker), "rank@1").embed(["a cat"])


def test_a_model_whose_rows_are_longer_than_it_is_wide_is_refused(tmp_path: Path) -> None:
    wider = with_values(STORIES.read_bytes(), {"llama.embedding_length_out": 128})
    with pytest.raises(ModelError, match="doesn't embed"):
        LlamaEmbedder(folder_of(tmp_path, wider), "wide@1").embed(["a cat"])


def test_a_model_that_computes_no_numbers_is_refused(tmp_path: Path) -> None:
    data = bytearray(STORIES.read_bytes())
    data[-4 * 100_000 :] = b"\x00\x00\xc0\x7f" * 100_000
    with pytest.raises(ModelError, match="no numbers"):
        LlamaEmbedder(folder_of(tmp_path, bytes(data)), "nan@1").embed(["a cat"])


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], bert: LlamaEmbedder) -> None:
    bert.embed(TEXTS)
    LlamaEmbedder(STORIES.parent, "stories@1").embed(TEXTS)
    assert capfd.readouterr() == ("", "")
