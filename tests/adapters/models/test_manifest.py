"""What is written of a model is what is read of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.models import manifest
from smos_cli.core.catalogue import PLAYED_BY, Installed, Part
from smos_cli.errors import ModelError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
COUNTS = st.integers(0, 10**15)
PATHS = st.from_regex(r"f[a-z0-9_]{1,8}(/f[a-z0-9_]{1,8}){0,2}\.json", fullmatch=True)
PARTS = st.lists(
    st.builds(Part, PATHS, COUNTS, st.binary(min_size=32, max_size=32).map(bytes.hex), st.just("")),
    min_size=1,
    unique_by=lambda part: part.path,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("models") / "mine"
    found.mkdir()
    return found


@pytest.mark.parametrize(
    ("key", "value"), [("kind", []), ("kind", {}), ("role", []), ("name", None), ("files", []), ("dimensions", True)]
)
def test_a_value_that_can_not_be_is_damage(tmp_path: Path, key: str, value: object) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    part = Part("model.onnx", 1, "00" * 32)
    model = Installed("mine", "judge", "onnx", folder, "", 0, 0, "", "", "", (part,))
    written = manifest.written(model)
    (folder / "model.json").write_bytes(written)
    assert manifest.read(folder).name == "mine"

    (folder / "model.json").write_text(json.dumps(json.loads(written) | {key: value}))
    with pytest.raises(ModelError, match="The model mine is damaged"):
        manifest.read(folder)


@given(
    st.sampled_from([(form, role) for form, roles in PLAYED_BY.items() for role in roles]),
    PARTS,
    st.tuples(COUNTS, COUNTS),
    st.tuples(TEXTS, TEXTS, TEXTS),
)
def test_a_manifest_is_read_as_it_was_written(
    folder: Path, kind: tuple[str, str], parts: list[Part], counts: tuple[int, int], texts: tuple[str, str, str]
) -> None:
    ordered = tuple(sorted(parts))
    identity = manifest.model_id("mine", ordered)
    model = Installed("mine", kind[1], kind[0], folder, identity, *counts, *texts, ordered)
    (folder / "model.json").write_bytes(manifest.written(model))
    assert manifest.read(folder) == model
    assert manifest.model_id("mine", reversed(ordered)) == identity
