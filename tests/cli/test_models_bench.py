"""``smos models bench``: each model in a process of its own, with and without data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smos_cli.cli.shelf import print_benched
from smos_cli.core.benching import Benched, Figures
from tests.adapters.onnx import tiny
from tests.cli.running import Home
from tests.cli.test_output import Terminal


def write(path: Path, *lines: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def data(folder: Path) -> str:
    write(
        folder / "notes/memories.jsonl", {"id": "a", "text": "bread needs yeast"}, {"id": "b", "text": "a warm cache"}
    )
    write(folder / "notes/queries.jsonl", {"id": "q", "query": "is the cache warm", "gold": ["b"]})
    pair = {"premise": "The cache TTL is 10 seconds.", "label": "contradiction"}
    write(folder / "pairs.jsonl", {**pair, "hypothesis": "The cache TTL is 60 seconds."})
    return str(folder)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "user").mkdir()
    return Home(tmp_path / "user")


def test_installed_and_embedded_models_are_measured(home: Home, tmp_path: Path) -> None:
    home("models", "pull", "tiny", "--role", "reranker", "--from", str(tiny.reranker(tmp_path / "tiny")))

    done = home("models", "bench", "--data", data(tmp_path / "data"), "--json").json

    found = {(one["role"], one["name"]): one for one in done["models"]}
    assert list(found) == [
        ("embedder", "default"),
        ("judge", "default"),
        ("extractor", "default"),
        ("reranker", "tiny"),
    ]
    assert all(one["per_second"] > 0 and one["peak_bytes"] > 1_000_000 for one in found.values())
    assert found["embedder", "default"]["recall_at_10"] == 1
    assert found["reranker", "tiny"]["mrr_at_10"] == 1
    assert found["judge", "default"]["contradiction_recall"] == 1
    assert done["problems"] == []


def test_a_terminal_shows_no_column_that_nothing_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    print_benched(terminal.output, [Benched("default", "embedder", Figures(20, 5721, 52_300_000))])

    sent = terminal.sent()
    terminal.close()
    assert "embedder" in sent
    assert "loads in ms" in sent
    assert "accuracy" not in sent


def test_a_model_that_can_not_be_loaded_is_a_problem_beside_the_others(home: Home, tmp_path: Path) -> None:
    home("models", "pull", "tiny", "--role", "judge", "--from", str(tiny.judge(tmp_path / "tiny")))
    (home.folder / "models/tiny/model.onnx").write_bytes(b"spoilt")

    done = home("models", "bench", "tiny", "--json", code=1).json

    assert done["models"][0]["per_second"] is None
    assert "can't be loaded" in done["problems"][0]["reason"]
    assert "`smos models pull" in done["problems"][0]["reason"]


def test_a_model_that_is_not_installed_is_not_found(home: Home) -> None:
    assert "not installed" in home("models", "bench", "nothing", code=3).err


def test_a_folder_without_data_is_told_before_anything_is_measured(home: Home, tmp_path: Path) -> None:
    assert "no folder" in home("models", "bench", "--data", str(tmp_path / "gone"), code=3).err
    assert "no data" in home("models", "bench", "--data", str(tmp_path), code=3).err


def test_data_that_is_damaged_is_told_once(home: Home, tmp_path: Path) -> None:
    folder = data(tmp_path / "data")
    (tmp_path / "data/pairs.jsonl").write_text("{\n")

    assert "pairs.jsonl can't be read" in home("models", "bench", "--data", folder, code=1).err
