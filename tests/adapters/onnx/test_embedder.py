"""The ONNX embedder: what a row is made of, for every way in which a model's files describe it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smos_cli.adapters.onnx.embedder import OnnxEmbedder
from tests.adapters.onnx import tiny

POOLING = "1_Pooling/config.json"


def made(folder: Path, **options: Any) -> OnnxEmbedder:
    return OnnxEmbedder(tiny.embedder(folder, **options), "tiny@1")


def unit(*rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    total = np.sum(rows, axis=0)
    return np.asarray(total / np.linalg.norm(total))


def words(folder: Path, *names: str) -> list[np.ndarray[Any, Any]]:
    return [tiny.vector(folder, name) for name in names]


@pytest.mark.parametrize("bert", [True, False])
def test_a_token_matrix_is_pooled_to_its_mean_unless_a_file_says_otherwise(tmp_path: Path, bert: bool) -> None:
    row = made(tmp_path, bert=bert).embed(["cache warm"])[0]

    assert row == pytest.approx(unit(*words(tmp_path, "[CLS]", "cache", "warm", "[SEP]")), abs=1e-6)


@pytest.mark.parametrize(
    ("said", "token"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "[CLS]"),
        ({"pooling_mode": "cls"}, "[CLS]"),
        ({"pooling_mode_lasttoken": True}, "[SEP]"),
    ],
)
def test_the_pooling_is_the_one_that_the_files_say(tmp_path: Path, said: dict[str, Any], token: str) -> None:
    row = made(tmp_path, **{POOLING: said}).embed(["cache warm"])[0]

    assert row == pytest.approx(unit(*words(tmp_path, token)), abs=1e-6)


def test_the_largest_of_each_column_is_taken_where_the_files_say_max(tmp_path: Path) -> None:
    row = made(tmp_path, **{POOLING: {"pooling_mode_max_tokens": True}}).embed(["cache"])[0]

    assert row == pytest.approx(unit(np.max(words(tmp_path, "[CLS]", "cache", "[SEP]"), axis=0)), abs=1e-6)


def test_an_output_that_is_pooled_is_taken_as_it_is(tmp_path: Path) -> None:
    row = made(tmp_path, pooled=True, **{POOLING: {"pooling_mode": "cls"}}).embed(["cache warm"])[0]

    assert row == pytest.approx(unit(*words(tmp_path, "[CLS]", "cache", "warm", "[SEP]")), abs=1e-6)


def test_a_long_text_is_the_mean_of_its_windows_and_none_of_it_is_cut(tmp_path: Path) -> None:
    embedder = made(tmp_path, longest=6)  # four words beside the two marks
    first, second = embedder.embed(["cache warm cold", "not yes no"])

    row = embedder.embed(["cache warm cold not yes no"])[0]

    assert row == pytest.approx(unit(first, second), abs=1e-6)


def test_a_text_far_longer_than_the_tokenizers_own_limit_ends_in_its_row_too(tmp_path: Path) -> None:
    embedder = made(tmp_path)
    filler = "filler " * 100

    assert not np.allclose(embedder.embed([filler])[0], embedder.embed([filler + "cold"])[0], atol=1e-4)


def test_a_row_is_the_same_to_the_bit_in_any_company(tmp_path: Path) -> None:
    embedder = made(tmp_path)
    texts = ["cache", "cache warm the cold", "filler " * 40, ""]

    assert (embedder.embed(texts) == np.concatenate([embedder.embed([text]) for text in texts])).all()


def test_a_question_and_a_passage_get_the_prompts_of_the_files(tmp_path: Path) -> None:
    prompts = {"prompts": {"query": "query : ", "document": "passage : "}}
    embedder = made(tmp_path, **{"config_sentence_transformers.json": prompts})

    expected = [words(tmp_path, "[CLS]", name, ":", "cache", "[SEP]") for name in ("query", "passage")]
    assert embedder.embed_query("cache") == pytest.approx(unit(*expected[0]), abs=1e-6)
    assert embedder.embed(["cache"])[0] == pytest.approx(unit(*expected[1]), abs=1e-6)


def test_the_users_own_file_of_prompts_comes_before_the_models(tmp_path: Path) -> None:
    other = {"prompts": {"query": "no "}}
    mine = {"prompts": {"query": "yes "}}
    embedder = made(tmp_path, **{"config_sentence_transformers.json": other, "smos.json": mine})

    assert embedder.embed_query("cache") == pytest.approx(
        unit(*words(tmp_path, "[CLS]", "yes", "cache", "[SEP]")), abs=1e-6
    )


def test_a_model_of_the_e5_family_gets_the_prompts_of_its_description(tmp_path: Path) -> None:
    embedder = made(tmp_path, **{"model.json": {"source": "intfloat/multilingual-e5-small"}})

    expected = unit(*words(tmp_path, "[CLS]", "query", ":", "cache", "[SEP]"))
    assert embedder.embed_query("cache") == pytest.approx(expected, abs=1e-6)


def test_each_window_of_a_long_passage_gets_the_prompt(tmp_path: Path) -> None:
    embedder = made(tmp_path, longest=6, **{"smos.json": {"prompts": {"passage": "passage "}}})

    row = embedder.embed(["cache warm cold not"])[0]

    halves = [words(tmp_path, "[CLS]", "passage", *half, "[SEP]") for half in (("cache", "warm"), ("cold", "not"))]
    assert row == pytest.approx(unit(*(unit(*half) for half in halves)), abs=1e-6)


def test_a_prompt_does_not_make_something_of_nothing(tmp_path: Path) -> None:
    embedder = made(tmp_path, **{"smos.json": {"prompts": {"query": "query ", "passage": "passage "}}})

    assert not embedder.embed([" \n"]).any()
    assert not embedder.embed_query("").any()


def test_lone_surrogates_are_read_as_something(tmp_path: Path) -> None:
    assert made(tmp_path).embed(["cache \ud800"]).any()


def test_the_dimensions_of_the_manifest_are_known_without_loading_anything(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"dimensions": 6}')

    assert OnnxEmbedder(tmp_path, "tiny@1").dimensions == 6


def test_without_a_manifest_the_graph_says_the_dimensions(tmp_path: Path) -> None:
    assert made(tmp_path, dimensions=5).dimensions == 5


@pytest.mark.parametrize(
    ("files", "words_in_a_window"),
    [
        ({"sentence_bert_config.json": {"max_seq_length": 8}, "tokenizer_config.json": {"model_max_length": 7}}, 5),
        ({"sentence_bert_config.json": {}, "tokenizer_config.json": {"model_max_length": 1e30}}, 254),
        ({"sentence_bert_config.json": {}, "config.json": {"max_position_embeddings": 12}}, 10),
        ({"sentence_bert_config.json": {}, "config.json": {"max_position_embeddings": 12, "model_type": "roberta"}}, 8),
    ],
)
def test_a_window_is_as_long_as_the_strictest_file_says(
    tmp_path: Path, files: dict[str, Any], words_in_a_window: int
) -> None:
    embedder = made(tmp_path, **files)
    whole = unit(*words(tmp_path, "[CLS]", *["filler"] * (words_in_a_window - 1), "cold", "[SEP]"))
    text = "filler " * (words_in_a_window - 1) + "cold"

    assert embedder.embed([text])[0] == pytest.approx(whole, abs=1e-6)
    assert embedder.embed(["filler " + text])[0] != pytest.approx(whole, abs=1e-5)
