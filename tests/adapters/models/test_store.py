"""Models on disk: whole or not there, found again after any end, checked, removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from smos_cli.adapters.models.manifest import model_id
from smos_cli.adapters.models.staging import Staging
from smos_cli.adapters.models.store import ModelStore
from smos_cli.core.catalogue import Installed, Part
from smos_cli.errors import IndexBusyError, ModelError, NotFoundError, StorageError, UsageError
from tests.adapters.models.made import GRAPH, TOKENIZER, gguf
from tests.contracts.processes import ROOT

FILES = {"model.onnx": GRAPH, "tokenizer.json": TOKENIZER, "1_Pooling/config.json": b"{}"}


def part(path: str, data: bytes) -> Part:
    return Part(path, len(data), sha256(data).hexdigest(), f"address/{path}")


def gathered(stage: Staging, files: dict[str, bytes]) -> tuple[Part, ...]:
    parts = tuple(part(path, data) for path, data in files.items())
    for one, data in zip(parts, files.values(), strict=True):
        stage.partial(one).write_bytes(data)
        stage.finish(one)
    return parts


def model(parts: tuple[Part, ...], name: str = "mine", **fields: object) -> Installed:
    given = {"role": "embedder", "format": "onnx", "folder": Path(), "model_id": "", "dimensions": 384, **fields}
    return Installed(name=name, parts=parts, **given)  # type: ignore[arg-type]


@pytest.fixture
def folder(store: ModelStore) -> Path:
    return store._folder


def install(store: ModelStore, files: dict[str, bytes] = FILES, name: str = "mine", **fields: object) -> Installed:
    with store.staging(name) as stage:
        return stage.commit(model(gathered(stage, files), name, **fields))


class TestInstalling:
    def test_what_is_committed_is_found_with_all_that_is_known_of_it(self, store: ModelStore, folder: Path) -> None:
        done = install(store, source="a/b", revision="1", licence="MIT", context=256)

        found = store.installed("mine")
        assert found == done
        assert (found.folder, found.role, found.format) == (folder / "mine", "embedder", "onnx")
        assert (found.dimensions, found.context, found.licence) == (384, 256, "MIT")
        assert found.model_id == model_id("mine", found.parts)
        assert found.size == sum(map(len, FILES.values()))
        assert {path: (found.folder / path).read_bytes() for path in FILES} == FILES

    def test_nothing_is_seen_before_it_is_committed_and_nothing_is_left_over(
        self, store: ModelStore, folder: Path
    ) -> None:
        with store.staging("mine") as stage:
            parts = gathered(stage, FILES)
            assert (store.find("mine"), store.all()) == (None, ((), ()) if not folder.exists() else ([], []))
            stage.commit(model(parts))
        assert os.listdir(folder) == ["mine"]

    def test_its_id_is_of_its_files(self, store: ModelStore) -> None:
        one = install(store)
        two = install(store, {**FILES, "tokenizer.json": TOKENIZER + b" "}, "other")
        same = install(store, FILES, "same")
        assert len({one.model_id.partition("@")[2], two.model_id.partition("@")[2]}) == 2
        assert same.model_id.partition("@")[2] == one.model_id.partition("@")[2]

    def test_another_try_has_what_came_already(self, store: ModelStore) -> None:
        with store.staging("mine") as stage:
            parts = gathered(stage, FILES)
        with store.staging("mine") as stage:
            assert [stage.whole(one) for one in parts] == list(parts)
            assert stage.whole(parts[0]._replace(sha256="0" * 64)) is None
            assert stage.whole(parts[0]) is None

    def test_a_file_without_a_known_hash_is_had_if_it_came_from_the_same_address(self, store: ModelStore) -> None:
        with store.staging("mine") as stage:
            parts = gathered(stage, FILES)
        with store.staging("mine") as stage:
            unpinned = parts[0]._replace(size=0, sha256="")
            assert stage.whole(unpinned) == parts[0]
            assert stage.whole(unpinned._replace(address="elsewhere")) is None

    def test_a_file_that_is_installed_and_right_need_not_come_again(self, store: ModelStore) -> None:
        done = install(store)
        (done.folder / "tokenizer.json").write_bytes(b"spoilt")
        with store.staging("mine") as stage:
            had = {one.path: stage.whole(one) for one in done.parts}
        assert [path for path, found in had.items() if found is None] == ["tokenizer.json"]

    def test_one_takes_the_place_of_another_with_nothing_of_it_left(self, store: ModelStore, folder: Path) -> None:
        install(store, {**FILES, "vocab.txt": b"a"})
        done = install(store)
        assert sorted(path.name for path in done.folder.iterdir()) == [
            "1_Pooling", "model.json", "model.onnx", "tokenizer.json",
        ]  # fmt: skip
        assert os.listdir(folder) == ["mine"]

    def test_files_that_make_no_model_are_not_installed(self, store: ModelStore) -> None:
        with store.staging("mine") as stage, pytest.raises(ModelError, match=r"no tokenizer\.json"):
            stage.commit(model(gathered(stage, {"model.onnx": GRAPH})))
        assert store.find("mine") is None

    def test_a_gguf_file_is_one_model(self, store: ModelStore) -> None:
        done = install(store, {"model.gguf": gguf()}, format="gguf", role="extractor")
        assert store.installed("mine") == done

    def test_a_replacement_that_was_cut_short_is_ended(self, store: ModelStore, folder: Path) -> None:
        done = install(store)
        (folder / "mine").rename(folder / ".replaced-mine")
        assert store.installed("mine") == done
        (folder / ".replaced-mine").mkdir()
        with store.staging("mine"):
            assert os.listdir(folder) == ["mine"] or ".replaced-mine" not in os.listdir(folder)


class TestLocking:
    def test_two_that_pull_one_model_do_not_meet(self, store: ModelStore) -> None:
        with store.staging("mine"), pytest.raises(IndexBusyError, match="Another smos is pulling or removing"):
            store.remove("mine")

    def test_two_models_are_pulled_at_once(self, store: ModelStore) -> None:
        with store.staging("mine"), store.staging("other"):
            pass

    def test_a_process_that_is_killed_holds_nothing(self, store: ModelStore, folder: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from smos_cli.adapters.models.store import ModelStore\n"
            "with ModelStore(Path(sys.argv[1])).staging('mine') as stage:\n"
            "    print('in', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"in\n"
            process.kill()
        with store.staging("mine"):
            pass


class TestChecking:
    @pytest.mark.parametrize(
        ("path", "data", "reason"),
        [
            ("model.onnx", b"x" * len(GRAPH), "it is not what came"),
            ("model.onnx", None, "it is missing"),
            ("added.json", b"{}", "it came from elsewhere"),
        ],
    )
    def test_what_is_not_as_it_came_is_named(
        self, store: ModelStore, path: str, data: bytes | None, reason: str
    ) -> None:
        done = install(store)
        if data is None:
            (done.folder / path).unlink()
        else:
            (done.folder / path).write_bytes(data)
        (found,) = store.differences(done, lambda _read: None)
        assert found.where == f"mine/{path}"
        assert found.reason.startswith(reason)

    def test_a_link_in_place_of_a_file_is_not_followed(self, store: ModelStore, tmp_path: Path) -> None:
        done = install(store)
        (tmp_path / "outside").write_bytes(GRAPH)
        (done.folder / "model.onnx").unlink()
        (done.folder / "model.onnx").symlink_to(tmp_path / "outside")
        assert "is a link" in store.differences(done, lambda _read: None)[0].reason

    def test_all_that_was_read_is_told(self, store: ModelStore) -> None:
        told: list[int] = []
        done = install(store)
        assert store.differences(done, told.append) == []
        assert told[-1] == done.size

    @pytest.mark.parametrize(
        "spoilt",
        [
            "",
            "{",
            "[]",
            "null",
            '{"format": 2}',
            {"name": "other"},
            {"role": "extractor"},
            {"role": 7},
            {"kind": "bin"},
            {"dimensions": -1},
            {"dimensions": True},
            {"licence": None},
            {"files": {}},
            {"files": []},
            {"files": {"../up": {"bytes": 1, "sha256": "0" * 64}}},
            {"files": {"a": {"bytes": 1, "sha256": "0"}}},
            {"files": {"a": {"bytes": "1", "sha256": "0" * 64}}},
        ],
    )
    def test_a_manifest_that_is_none_is_said_so(self, store: ModelStore, spoilt: str | dict[str, object]) -> None:
        file = install(store).folder / "model.json"
        value = json.loads(file.read_text())
        file.write_text(spoilt if isinstance(spoilt, str) else json.dumps(value | spoilt))

        with pytest.raises(ModelError, match="The model mine is damaged") as caught:
            store.installed("mine")
        assert "smos models pull mine" in caught.value.remedy
        models, problems = store.all()
        assert (list(models), [problem.where for problem in problems]) == ([], ["mine"])

    def test_a_folder_without_a_manifest_is_no_model(self, store: ModelStore, folder: Path) -> None:
        (folder / "mine").mkdir(parents=True)
        with pytest.raises(ModelError, match="damaged"):
            store.find("mine")
        (folder / "A file").write_text("")
        assert [problem.where for problem in store.all()[1]] == ["A file", "mine"]


class TestNames:
    @pytest.mark.parametrize("name", ["..", ".", "a/b", "/etc", "A", "", "default", "nul", "a" * 65, "a.", ".a", "a b"])
    def test_no_name_leads_out_of_the_folder(self, store: ModelStore, name: str) -> None:
        with pytest.raises(UsageError, match="can't be a model's name"):
            store.find(name)
        with pytest.raises(UsageError), store.staging(name):
            pass

    def test_a_model_that_is_not_here_says_how_it_can_be(self, store: ModelStore) -> None:
        with pytest.raises(NotFoundError) as caught:
            store.installed("all-minilm-l6-v2")
        assert caught.value.remedy == "Pull it with `smos models pull all-minilm-l6-v2`."


class TestRemoving:
    def test_all_of_it_goes_and_what_was_begun(self, store: ModelStore, folder: Path) -> None:
        install(store)
        with store.staging("mine") as stage:
            stage.partial(part("model.onnx", GRAPH)).write_bytes(b"half")
        assert store.remove("mine")
        assert os.listdir(folder) == []
        assert not store.remove("mine")

    def test_several_are_removed_at_once(self, store: ModelStore, folder: Path) -> None:
        for _ in range(5):
            for name in "abcd":
                (folder / name).mkdir(parents=True)
                for number in range(100):
                    (folder / name / str(number)).touch()
            with ThreadPoolExecutor(4) as threads:
                assert list(threads.map(store.remove, "abcd")) == [True] * 4
            assert not any(folder.iterdir())

    def test_a_link_is_removed_and_not_what_it_leads_to(self, store: ModelStore, folder: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "kept").write_text("kept")
        folder.mkdir(parents=True)
        (folder / "mine").symlink_to(outside)
        assert store.remove("mine")
        assert (outside / "kept").read_text() == "kept"

    def test_a_folder_that_is_no_model_can_be_removed(self, store: ModelStore, folder: Path) -> None:
        (folder / "mine").mkdir(parents=True)
        assert store.remove("mine")


def test_a_home_that_can_not_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError), ModelStore(tmp_path / "file/home/models").staging("mine"):
        pass
