"""A GGUF file is read to its end before llama.cpp sees it."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smos_cli.adapters.llamacpp.gguf import header
from smos_cli.errors import ModelError
from tests.adapters.llamacpp.ggufs import STORIES, gguf, needs_stories, tiny_bert, with_values

BERT = tiny_bert()
TOKENS = "tokenizer.ggml.tokens"


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


@needs_stories
def test_a_model_says_what_it_is() -> None:
    head = header(STORIES)
    assert (head.architecture, head.context, head.dimensions, head.words) == ("llama", 2_048, 64, 512)
    assert (head.pooling, head.is_encoder, head.is_ranker) == (-1, False, False)


def test_an_encoder_says_that_it_is_one(tmp_path: Path) -> None:
    head = header(_file(tmp_path, BERT))
    assert (head.architecture, head.pooling, head.is_encoder, head.dimensions) == ("bert", 1, True, 16)


@pytest.mark.parametrize(
    ("key", "value"), [("llama.pooling_type", 3), ("llama.attention.causal", False), ("general.architecture", "clip")]
)
def test_a_model_that_pools_or_looks_ahead_is_an_encoder(tmp_path: Path, key: str, value: str | int | bool) -> None:
    values = {"general.architecture": "llama", key: value}
    assert header(_file(tmp_path, gguf(values, {}))).is_encoder


def test_an_output_of_another_length_than_the_model_is_wide_is_none_that_can_be_read(tmp_path: Path) -> None:
    values = {"general.architecture": "llama", "llama.embedding_length": 64, "llama.embedding_length_out": 128}
    assert header(_file(tmp_path, gguf(values, {}))).dimensions == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "can't be loaded"),
        (b"GG", "not a GGUF file"),
        (b"GGUF", "can't be loaded"),
        (b"<!DOCTYPE html><html>" * 9, "not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 2**63), "can't be loaded"),
        (BERT[:-1], "it ends after"),
        (BERT[:100], "in the middle of its header"),
        (gguf({"general.alignment": 0}, {}), "alignment"),
        (gguf({TOKENS: ["a", "b", "a"]}, {}), "the same"),
        (gguf({TOKENS: ["a", "b", "a\0b"]}, {}), "the same"),
        (gguf({"general.architecture": "bert", "bert.block_count": 70_000}, {}), "block_count is 70000"),
        (gguf({"general.architecture": "bert", "bert.context_length": 2**31}, {}), "context_length is 2147483648"),
        (gguf({"x": 1}, {}).replace(struct.pack("<II", 4, 1), struct.pack("<II", 99, 1)), "unknown type 99"),
        (with_values(BERT, {"n": [1]}).replace(struct.pack("<IQ", 5, 1), struct.pack("<IQ", 5, 2**62)), "middle"),
        (with_values(BERT, {"n": [1]}).replace(struct.pack("<IQ", 5, 1), struct.pack("<IQ", 9, 1)), "unknown type 9"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as refused:
        header(_file(tmp_path, data))
    assert "smos models pull" in refused.value.remedy


def test_empty_words_may_repeat(tmp_path: Path) -> None:
    assert header(_file(tmp_path, gguf({TOKENS: ["", "a", ""]}, {}))).words == 3


def test_a_file_without_tensors_needs_nothing_after_its_header(tmp_path: Path) -> None:
    data = gguf({"general.architecture": "llama"}, {})
    assert header(_file(tmp_path, data.rstrip(b"\0"))).architecture == "llama"


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.gguf"):
        with pytest.raises(ModelError):
            header(path)


def test_a_tensor_with_too_many_dimensions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="5 dimensions"):
        header(_file(tmp_path, gguf({}, {"t": np.zeros((1, 1, 1, 1, 1))})))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(0, len(BERT) - 1))
def test_no_file_that_is_cut_off_is_taken_for_whole(tmp_path: Path, length: int) -> None:
    path = _file(tmp_path, BERT[:length])
    with pytest.raises(ModelError):
        header(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(st.integers(0, 1_600), st.sampled_from([0, 1, 127, 128, 255]), min_size=1, max_size=4),
    noise=st.binary(max_size=40),
)
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, changes: dict[int, int], noise: bytes) -> None:
    data = bytearray(BERT)
    for place, value in changes.items():
        data[place] = value
    data[24 : 24 + len(noise)] = noise
    path = _file(tmp_path, bytes(data))
    try:
        header(path)
    except ModelError:
        pass
