"""A model brought in a folder: what its files say, what is taken of them, what is refused."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from smos_cli.adapters.models.folder import LocalFolder
from smos_cli.adapters.models.staging import Staging
from smos_cli.core.catalogue import Part
from smos_cli.errors import ModelError, NotFoundError, SmosError, StorageError, UsageError
from tests.adapters.disks import small_files
from tests.adapters.models.made import GRAPH, JUDGE, POOLING, RERANKER, TOKENIZER, gguf, onnx


def silent(_read: int) -> None:
    pass


class TestDescribing:
    @pytest.mark.parametrize(
        ("config", "role"),
        [
            (JUDGE, "judge"),
            (RERANKER, "reranker"),
            ({"architectures": ["BertModel"], "hidden_size": 384}, ""),
            ({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "joy", "1": "anger"}}, ""),
            ({"architectures": "odd", "id2label": 7}, ""),
            (None, ""),
        ],
    )
    def test_the_role_is_what_the_config_says(self, tmp_path: Path, config: dict[str, Any] | None, role: str) -> None:
        assert LocalFolder(str(onnx(tmp_path / "m", config))).describe().role == role

    def test_what_pools_is_an_embedder_with_its_dimensions(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m", {"max_position_embeddings": 512}, modules__json=b"[]")
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling/config.json").write_text(json.dumps(POOLING))
        found = LocalFolder(str(folder)).describe()
        assert (found.format, found.role, found.dimensions, found.context) == ("onnx", "embedder", 384, 512)

    def test_a_gguf_file_that_generates_is_an_extractor(self, tmp_path: Path) -> None:
        (tmp_path / "tiny.gguf").write_bytes(gguf())
        found = LocalFolder(str(tmp_path / "tiny.gguf")).describe()
        assert (found.format, found.role, found.context) == ("gguf", "extractor", 2048)
        assert [part.path for part in found.parts] == ["tiny.gguf"]

    def test_a_gguf_file_that_pools_is_an_embedder(self, tmp_path: Path) -> None:
        keys = {"general.architecture": "bert", "bert.pooling_type": 1, "bert.embedding_length": 384, "tokens": [1, 2]}
        (tmp_path / "tiny.gguf").write_bytes(gguf(keys))
        found = LocalFolder(str(tmp_path)).describe()
        assert (found.role, found.dimensions) == ("embedder", 384)

    def test_only_what_a_model_is_made_of_is_taken(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m", JUDGE, model__safetensors=b"x", vocab__txt=b"x", run__py=b"x", LICENSE=b"x")
        (folder / ".git").mkdir()
        (folder / ".git/config.json").write_text("{}")
        (folder / "model.json").write_text("{}")
        paths = [part.path for part in LocalFolder(str(folder)).describe().parts]
        assert paths == ["LICENSE", "config.json", "model.onnx", "tokenizer.json", "vocab.txt"]


class TestRefusing:
    def said(self, folder: Path, kind: type[SmosError] = ModelError) -> str:
        with pytest.raises(kind) as caught:
            LocalFolder(str(folder)).describe()
        return caught.value.message

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="There is no folder"):
            LocalFolder(str(tmp_path / "none"))

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        assert self.said(tmp_path) == "There is no model in the folder."

    def test_a_graph_without_a_tokenizer(self, tmp_path: Path) -> None:
        (onnx(tmp_path / "m") / "tokenizer.json").unlink()
        assert self.said(tmp_path / "m") == "There is no tokenizer.json beside the model."

    @pytest.mark.parametrize("data", [b"", b"<html>", b"{", b'{"no": "model"}', b"[" * 100_000])
    def test_a_tokenizer_that_is_none(self, tmp_path: Path, data: bytes) -> None:
        (onnx(tmp_path / "m") / "tokenizer.json").write_bytes(data)
        assert "tokenizer" in self.said(tmp_path / "m")

    def test_a_file_of_json_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m")
        os.truncate(folder / "tokenizer.json", 200_000_000)
        assert self.said(folder) == "tokenizer.json is too large for what it is."

    def test_two_models(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m", other__onnx=GRAPH)
        assert self.said(folder, UsageError) == "There are several models in the folder: model.onnx, other.onnx."
        for name in ("a.gguf", "b.gguf"):
            (folder / name).write_bytes(gguf())
        assert self.said(folder, UsageError) == "There are several models in the folder: a.gguf, b.gguf."

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
    @pytest.mark.parametrize("name", ["config.json", "model.gguf"])
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path, name: str) -> None:
        folder = onnx(tmp_path / "m")
        os.mkfifo(folder / name)
        assert self.said(folder).endswith(f"{name} is not a file.")

    def test_links_to_files_and_folders(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m")
        (folder / "config.json").symlink_to(tmp_path / "secret.json")
        assert self.said(folder).endswith("config.json is a link; links are not followed.")

    def test_a_heap_of_files(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m")
        for number in range(70):
            (folder / f"{number}.json").write_text("{}")
        assert "too many files" in self.said(folder)

    @pytest.mark.parametrize("length", [0, 3, 4, 8, 20, 30, 60])
    def test_a_gguf_file_that_is_cut_off(self, tmp_path: Path, length: int) -> None:
        (tmp_path / "m.gguf").write_bytes(gguf()[:length])
        assert self.said(tmp_path) == "m.gguf is no whole GGUF file."

    @pytest.mark.parametrize(
        "data",
        [
            gguf(version=1),
            gguf(version=99),
            b"GGML" + gguf()[4:],
            b"<html>" * 20,
            b"GGUF" + b"\xff" * 100,
            b"GGUF" + gguf()[4:24] + b"\xff" * 100,
        ],
    )
    def test_what_is_no_gguf_file(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "m.gguf").write_bytes(data)
        assert self.said(tmp_path) == "m.gguf is no whole GGUF file."


class TestBringing:
    def part(self, path: str, data: bytes, address: str = "") -> Part:
        return Part(path, len(data), sha256(data).hexdigest(), address)

    def test_a_file_is_copied_and_known_by_its_hash(self, tmp_path: Path, stage: Staging) -> None:
        folder = onnx(tmp_path / "m")
        told: list[int] = []
        done = LocalFolder(str(folder)).bring(Part("model.onnx", 0, ""), stage, told.append)
        assert done == self.part("model.onnx", GRAPH)
        assert stage.whole(done) == done
        assert told == [len(GRAPH)]

    @pytest.mark.parametrize("place", ["model.onnx", "onnx/model_int8.onnx", "model_int8.onnx"])
    def test_a_file_of_the_table_is_found_by_its_name_here_or_on_the_hub(
        self, tmp_path: Path, stage: Staging, place: str
    ) -> None:
        file = tmp_path / "m" / place
        file.parent.mkdir(parents=True)
        file.write_bytes(GRAPH)
        part = self.part("model.onnx", GRAPH, "a/b/resolve/1/onnx/model_int8.onnx")
        source = LocalFolder(str(tmp_path / "m"))
        assert source.lacks([part]) == []
        assert source.bring(part, stage, silent) == part

    def test_a_file_of_another_size_is_not_it(self, tmp_path: Path) -> None:
        folder = onnx(tmp_path / "m", JUDGE)
        pooling = self.part("1_Pooling/config.json", b"{}", "a/b/resolve/1/1_Pooling/config.json")
        assert LocalFolder(str(folder)).lacks([pooling]) == [pooling]

    def test_a_file_of_another_hash_is_refused_and_not_kept(self, tmp_path: Path, stage: Staging) -> None:
        folder = onnx(tmp_path / "m")
        part = self.part("model.onnx", GRAPH)._replace(sha256="0" * 64)
        with pytest.raises(ModelError, match="is not the file that the table means"):
            LocalFolder(str(folder)).bring(part, stage, silent)
        assert stage.begun(part) == 0

    def test_a_link_is_refused(self, tmp_path: Path, stage: Staging) -> None:
        (tmp_path / "m").mkdir()
        (tmp_path / "m/model.onnx").symlink_to("/etc/passwd")
        with pytest.raises(ModelError, match="is a link"):
            LocalFolder(str(tmp_path / "m")).bring(self.part("model.onnx", GRAPH), stage, silent)

    def test_a_pipe_is_no_file_and_is_not_waited_for(self, tmp_path: Path, stage: Staging) -> None:
        (tmp_path / "m").mkdir()
        os.mkfifo(tmp_path / "m/model.onnx")
        with pytest.raises(ModelError, match="is not a file"):
            LocalFolder(str(tmp_path / "m")).bring(Part("model.onnx", 0, ""), stage, silent)

    def test_a_disk_that_fills_up_keeps_nothing_and_says_what_is_missing(self, tmp_path: Path, stage: Staging) -> None:
        (tmp_path / "m").mkdir()
        (tmp_path / "m/model.onnx").write_bytes(b"x" * 10_000)
        part = self.part("model.onnx", b"x" * 10_000)
        with small_files(), pytest.raises(StorageError) as caught:
            LocalFolder(str(tmp_path / "m")).bring(part, stage, silent)
        assert caught.value.remedy == "Free 10,000 more bytes there."
        assert stage.begun(part) == 0


def test_the_tokenizer_of_the_tests_is_one() -> None:
    assert "model" in json.loads(TOKENIZER)
