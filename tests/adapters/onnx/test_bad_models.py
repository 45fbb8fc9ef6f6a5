"""Models that are damaged, incomplete or of another role: one sentence, one remedy, and nothing on stderr."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smos_cli.adapters.onnx.embedder import OnnxEmbedder
from smos_cli.adapters.onnx.judge import OnnxJudge
from smos_cli.adapters.onnx.reranker import OnnxReranker
from smos_cli.errors import ModelError
from tests.adapters.onnx import tiny

Use = Callable[[Path], object]


def embed(folder: Path) -> object:
    return OnnxEmbedder(folder, "tiny@1").embed(["cache"])


def rerank(folder: Path) -> object:
    return OnnxReranker(folder, "tiny@1").scores("cache", ["warm"])


def judge(folder: Path) -> object:
    return OnnxJudge(folder, "tiny@1").judge([("cache", "warm")])


MADE = {embed: tiny.embedder, rerank: tiny.reranker, judge: tiny.judge}
roles = pytest.mark.parametrize("use", MADE, ids=lambda use: use.__name__)


def refusal(use: Use, folder: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """Return the sentence that a folder is refused with, having seen that it is one, with a remedy, and in silence."""
    with pytest.raises(ModelError) as refused:
        use(folder)
    message = refused.value.message
    assert message.startswith("The model tiny ")
    assert message.endswith(".")
    assert "\n" not in message
    assert refused.value.remedy
    assert capfd.readouterr().err == ""
    return message


@roles
@pytest.mark.parametrize(
    "spoil",
    [lambda data: b"", lambda data: b"no graph at all", lambda data: data[: len(data) // 2], lambda data: b"\0" * 500],
    ids=["empty", "text", "truncated", "zeros"],
)
def test_a_damaged_graph_is_a_model_error(
    use: Use, spoil: Callable[[bytes], bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = MADE[use](tmp_path)
    graph = folder / "model.onnx"
    graph.write_bytes(spoil(graph.read_bytes()))

    assert "can't be loaded: model.onnx can't be read" in refusal(use, folder, capfd)


@roles
@pytest.mark.parametrize("text", ["", "{", '{"model": 1}', "[]"])
def test_a_damaged_tokenizer_is_a_model_error(
    use: Use, text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = MADE[use](tmp_path)
    (folder / "tokenizer.json").write_text(text)

    assert "tokenizer.json can't be read" in refusal(use, folder, capfd)


@roles
@pytest.mark.parametrize(
    ("name", "said"), [("model.onnx", "has no .onnx file"), ("tokenizer.json", "no tokenizer.json")]
)
def test_a_missing_file_is_named(
    use: Use, name: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = MADE[use](tmp_path)
    (folder / name).unlink()

    assert said in refusal(use, folder, capfd)


@roles
def test_a_folder_that_is_gone_is_a_model_error(use: Use, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "has no .onnx file" in refusal(use, tmp_path / "gone", capfd)


@roles
def test_a_config_that_is_no_json_is_a_model_error(use: Use, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = MADE[use](tmp_path, **{"config.json": "{"})

    assert "config.json can't be read" in refusal(use, folder, capfd)


@pytest.mark.parametrize(
    ("use", "make", "role"),
    [
        (judge, tiny.embedder, "judge"),
        (judge, tiny.reranker, "judge"),
        (rerank, tiny.embedder, "reranker"),
        (rerank, tiny.judge, "reranker"),
        (embed, tiny.judge, "embedder"),
        (embed, tiny.reranker, "embedder"),
    ],
)
def test_a_model_of_another_role_is_refused(
    use: Use, make: Callable[[Path], Path], role: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert f"The model tiny is no {role}: " in refusal(use, make(tmp_path), capfd)


def test_an_embedder_whose_output_is_pooled_is_no_reranker(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "is no reranker" in refusal(rerank, tiny.embedder(tmp_path, pooled=True), capfd)


@roles
def test_a_model_that_is_installed_for_another_role_is_refused(
    use: Use, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = MADE[use](tmp_path, **{"model.json": {"role": "extractor"}})

    assert "it is installed as an extractor" in refusal(use, folder, capfd)


def test_labels_without_meaning_are_no_judges(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny.classifier(tmp_path, ["LABEL_0", "LABEL_1", "LABEL_2"], tiny.CONTRADICTS)

    assert "its labels are label_0, label_1, label_2" in refusal(judge, folder, capfd)


def test_other_dimensions_than_the_manifest_says_are_a_model_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tiny.embedder(tmp_path, dimensions=5, **{"model.json": {"dimensions": 384}})

    assert "its vectors have 5 dimensions, not the 384" in refusal(embed, folder, capfd)


def test_a_tokenizer_of_another_model_is_a_model_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny.embedder(tmp_path)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["cache"] = 4_000
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))

    assert "can't be used: ONNX Runtime refuses a text" in refusal(embed, folder, capfd)


def test_an_answer_that_is_no_number_is_a_model_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny.classifier(tmp_path, ["LABEL_0"], {"warm": (float("nan"),)})

    assert "what is no number" in refusal(rerank, folder, capfd)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"1_Pooling/config.json": {"pooling_mode_weightedmean_tokens": True}}, "pools in a way"),
        (
            {"1_Pooling/config.json": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}},
            "pools in a way",
        ),
        ({"modules.json": [{"type": "sentence_transformers.models.Dense"}]}, "a layer Dense"),
        ({"modules.json": "[1"}, "modules.json can't be read"),
    ],
)
def test_what_the_graph_does_not_hold_is_refused_and_not_left_out(
    files: dict[str, Any], said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said in refusal(embed, tiny.embedder(tmp_path, **files), capfd)


def test_of_several_graphs_the_one_of_the_usual_name_is_taken(tmp_path: Path) -> None:
    folder = tiny.embedder(tmp_path)
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model_int8.onnx").write_bytes(b"not this one")

    assert embed(folder) is not None


def test_several_graphs_of_unusual_names_are_a_model_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tiny.embedder(tmp_path)
    shutil.copy(folder / "model.onnx", folder / "two.onnx")
    (folder / "model.onnx").rename(folder / "one.onnx")

    assert "several graphs: one.onnx, two.onnx" in refusal(embed, folder, capfd)


@roles
def test_without_the_library_it_is_named_and_how_to_get_it(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = MADE[use](tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match="needs ONNX Runtime, which is not installed") as refused:
        use(folder)

    assert refused.value.remedy == "Run `pip install 'smos-cli[onnx]'`."


def test_the_adapters_load_no_library_before_the_first_text() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from smos_cli.adapters.onnx import embedder, judge, reranker\n"
        "for one in (embedder.OnnxEmbedder, judge.OnnxJudge, reranker.OnnxReranker): one(Path('x'), 'x@1')\n"
        "print(sorted({'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
