"""The table of recommended models holds to its own rules."""

from __future__ import annotations

import re

import pytest

from smos_cli.adapters.models.table import table
from smos_cli.core.catalogue import PLAYED_BY, Listed
from smos_cli.core.models import ROLES

TABLE = table()
PERMISSIVE = ("Apache-2.0", "MIT")


@pytest.mark.parametrize("listed", TABLE, ids=[item.name for item in TABLE])
def test_an_entry_is_whole(listed: Listed) -> None:
    assert listed.role in PLAYED_BY[listed.format]
    assert re.fullmatch(r"[0-9a-f]{40}", listed.revision)
    assert all(re.fullmatch(r"(?:[0-9a-f]{64})?", part.sha256) for part in listed.parts)
    assert all(part.size for part in listed.parts if part.sha256)
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+/resolve/[0-9a-f]{40}/[\w./-]+", part.address) for part in listed.parts)
    assert len({part.path for part in listed.parts}) == len(listed.parts)
    assert listed.size >= sum(part.size for part in listed.parts) > 0 or not listed.pinned
    assert (listed.dimensions > 0) == (listed.role == "embedder")
    assert min(listed.size, listed.context) > 0
    assert listed.about
    assert listed.languages


@pytest.mark.parametrize("listed", TABLE, ids=[item.name for item in TABLE])
def test_a_model_is_of_one_format(listed: Listed) -> None:
    endings = {part.path.rpartition(".")[2] for part in listed.parts}
    assert listed.format in endings
    assert listed.format == "gguf" or {"tokenizer.json", "model.onnx"} <= {part.path for part in listed.parts}


def test_the_first_of_each_role_is_free_and_pinned() -> None:
    firsts = [next(item for item in TABLE if item.role == role) for role in ROLES]
    assert all(item.commercial and item.licence in PERMISSIVE and item.pinned for item in firsts)


def test_what_is_not_permissive_is_marked() -> None:
    assert {item.name for item in TABLE if not item.commercial} == {
        item.name for item in TABLE if item.licence not in PERMISSIVE
    }
