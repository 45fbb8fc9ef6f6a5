"""The library is found or not, and a folder's model is whole or not, before anything is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.llamacpp.library import library, model_file
from smos_cli.errors import ModelError
from tests.adapters.llamacpp.ggufs import folder_of, tiny_bert


def test_without_the_library_the_remedy_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(ModelError, match="not installed") as missing:
        library.__wrapped__()
    assert "pip install 'smos-cli[llama]'" in missing.value.remedy


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, there: bool) -> None:
    with pytest.raises(ModelError, match="no GGUF file"):
        model_file(tmp_path if there else tmp_path / "none")


def test_of_a_model_in_parts_the_first_is_given_and_each_is_whole(tmp_path: Path) -> None:
    for part in ("2", "1"):
        (tmp_path / f"m-0000{part}-of-00002.gguf").write_bytes(tiny_bert())
    path, head = model_file(tmp_path)
    assert (path.name, head.architecture) == ("m-00001-of-00002.gguf", "bert")
    folder_of(tmp_path, tiny_bert()[:-40])
    with pytest.raises(ModelError, match="it ends after"):
        model_file(tmp_path)


def test_making_an_extractor_or_an_embedder_loads_no_library() -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from smos_cli.adapters.llamacpp.extractor import LlamaExtractor;"
        "from smos_cli.adapters.llamacpp.embedder import LlamaEmbedder;"
        "LlamaExtractor(Path('none'), 'm@1'); LlamaEmbedder(Path('none'), 'm@1');"
        "assert not {'llama_cpp', 'jinja2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
