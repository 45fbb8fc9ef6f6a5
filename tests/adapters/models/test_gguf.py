"""Reading the header of a GGUF file, whatever it holds."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.models.gguf import Header, header
from smos_cli.errors import ModelError
from tests.adapters.models.made import gguf

WHOLE = gguf({"general.architecture": "bert", "bert.context_length": 512, "bert.pooling_type": 1, "tokens": [1, 2, 3]})


def read(folder: Path, data: bytes) -> Header | None:
    file = folder / "m.gguf"
    file.write_bytes(data)
    try:
        return header(file)
    except ModelError:
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gguf")


def test_a_header_is_read_past_lists_in_it(folder: Path) -> None:
    assert read(folder, WHOLE) == Header("bert", 512, 0, True)


def test_a_header_that_says_nothing_is_one(folder: Path) -> None:
    assert read(folder, gguf({})) == Header("", 0, 0, False)


@pytest.mark.parametrize("count", [2**31, 2**62, 2**63 - 1, 2**64 - 1])
def test_a_list_longer_than_its_file_is_refused(folder: Path, count: int) -> None:
    key = struct.pack("<Q", 1) + b"k"
    assert read(folder, b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + key + struct.pack("<IIQ", 9, 0, count)) is None


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=12))
def test_no_bytes_do_more_than_be_refused(folder: Path, place: int, spoilt: bytes) -> None:
    read(folder, WHOLE[:place] + spoilt + WHOLE[place + len(spoilt) :])
    read(folder, WHOLE[:place])
