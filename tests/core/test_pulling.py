"""What has to be right before a model is pulled, and what is said when it isn't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from smos_cli.core.catalogue import Described, Installed, Listed, Part, Stage, check_path
from smos_cli.core.ports import Problem
from smos_cli.core.pulling import Means, Pulled, Wanted, pull
from smos_cli.errors import ModelError, NotFoundError, OfflineError, SmosError, UsageError

PARTS = (
    Part("model.onnx", 100, "a" * 64, "r/resolve/1/model.onnx"),
    Part("config.json", 10, "", "r/resolve/1/config.json"),
)
FREE = Listed("free", "judge", "onnx", "", "r", "1", "MIT", True, 512, "English", 0, 110, PARTS)
BOUND = FREE._replace(name="bound", licence="LicenseRef-Bound", commercial=False)


class FakeStage:
    def __init__(self, store: FakeStore, name: str) -> None:
        self.store, self.name = store, name
        self.here: dict[str, Part] = store.gathered.setdefault(name, {})

    def whole(self, part: Part) -> Part | None:
        found = self.here.get(part.path)
        return found if found and part.sha256 in ("", found.sha256) else None

    def begun(self, part: Part) -> int:
        return 0

    def partial(self, part: Part) -> Path:
        return Path(part.path)

    def finish(self, part: Part) -> None:
        self.here[part.path] = part

    def require(self, size: int) -> None:
        self.store.required = size

    def commit(self, model: Installed) -> Installed:
        self.store.models[self.name] = model
        return model


class FakeStore:
    def __init__(self) -> None:
        self.models: dict[str, Installed] = {}
        self.gathered: dict[str, dict[str, Part]] = {}
        self.spoilt: list[Problem] = []
        self.required = 0

    def find(self, name: str) -> Installed | None:
        return self.models.get(name)

    def all(self) -> tuple[Sequence[Installed], Sequence[Problem]]:
        return list(self.models.values()), []

    @contextmanager
    def staging(self, name: str) -> Iterator[FakeStage]:
        yield FakeStage(self, name)

    def remove(self, name: str) -> bool:
        return self.models.pop(name, None) is not None

    def differences(self, model: Installed, told: Callable[[int], None]) -> Sequence[Problem]:
        return self.spoilt


class FakeSource:
    """Brings files, whose hashes are made of one letter; ``error`` is what it fails with at the second."""

    def __init__(self, error: SmosError | None = None) -> None:
        self.error = error
        self.brought: list[str] = []
        self.missing: list[Part] = []
        self.said = Described("onnx", "judge", 384, 512, (Part("model.onnx", 100), Part("tokenizer.json", 10)))

    def lacks(self, parts: Sequence[Part]) -> Sequence[Part]:
        return self.missing

    def describe(self) -> Described:
        return self.said

    def bring(self, part: Part, stage: Stage, told: Callable[[int], None]) -> Part:
        if self.error and self.brought:
            raise self.error
        self.brought.append(part.path)
        done = part._replace(sha256=part.sha256 or "b" * 64, size=part.size or 10)
        told(done.size)
        stage.finish(done)
        return done


class Scene:
    def __init__(self) -> None:
        self.store, self.source = FakeStore(), FakeSource()
        self.asked: list[str] = []
        self.told: list[tuple[int, int]] = []
        self.offline = False
        self.agrees = True

    def __call__(self, name: str = "free", **wanted: str | bool) -> Pulled | None:
        means = Means(
            store=self.store,
            table=(FREE, BOUND),
            hub=lambda _wanted: self.source,
            folder=lambda _place: self.source,
            address=lambda _wanted, part: f"https://hub/{part.address}",
            progress=lambda _stage, done, total: self.told.append((done, total)),
            offline=self.offline,
        )
        return pull(means, Wanted(name, **wanted), self._agree)  # type: ignore[arg-type]

    def _agree(self, listed: Listed) -> bool:
        self.asked.append(listed.name)
        return self.agrees


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_model_of_the_table_is_installed_as_the_table_says(scene: Scene) -> None:
    pulled = scene()
    assert pulled is not None
    assert (pulled.outcome, pulled.brought, pulled.unpinned) == ("installed", 110, ("config.json",))
    assert (pulled.model.role, pulled.model.licence, pulled.model.context) == ("judge", "MIT", 512)
    assert [part.sha256[0] for part in pulled.model.parts] == ["a", "b"]
    assert scene.told[-1] == (110, 110)
    assert scene.store.required == 110


def test_the_small_files_come_first(scene: Scene) -> None:
    scene()
    assert scene.source.brought == ["config.json", "model.onnx"]


def test_what_is_here_and_right_does_not_come_again(scene: Scene) -> None:
    scene()
    pulled = scene()
    assert pulled is not None
    assert (pulled.outcome, pulled.brought, len(scene.source.brought)) == ("present", 0, 2)


def test_a_file_that_no_hash_was_known_for_is_held_to_what_came(scene: Scene) -> None:
    scene()
    before = scene.store.models["free"]
    scene.store.models["free"] = before._replace(parts=(before.parts[0], before.parts[1]._replace(sha256="c" * 64)))
    scene.store.spoilt = [Problem("free/config.json", "it is missing")]
    scene.store.gathered.clear()
    pulled = scene()
    assert pulled is not None
    assert pulled.model.parts[1].sha256 == "c" * 64
    assert (pulled.outcome, pulled.unpinned) == ("present", ())


def test_a_licence_that_forbids_commercial_use_is_asked_for(scene: Scene) -> None:
    scene()
    assert scene.asked == []
    scene.agrees = False
    assert scene("bound") is None
    assert scene.store.find("bound") is None
    assert scene("bound", accept_licence=True) is not None
    assert scene.asked == ["bound"]


def test_what_is_missing_offline_is_told_with_how_to_bring_it(scene: Scene) -> None:
    scene.offline = True
    with pytest.raises(OfflineError) as caught:
        scene()
    assert caught.value.message == "Nothing is pulled offline."
    assert caught.value.remedy.splitlines() == [
        "2 files are missing, 110 bytes. Bring what is listed here in a folder, and run"
        " `smos models pull free --from DIR`:",
        "      model.onnx  100 bytes  https://hub/r/resolve/1/model.onnx",
        "      config.json  10 bytes  https://hub/r/resolve/1/config.json",
    ]


def test_what_came_before_the_network_went_is_not_told_as_missing(scene: Scene) -> None:
    scene.source.error = OfflineError("hub can't be reached.")
    with pytest.raises(OfflineError) as caught:
        scene()
    assert caught.value.remedy.startswith("1 file is missing, 100 bytes.")
    assert "config.json" not in caught.value.remedy
    scene.source.error = None
    assert scene() is not None
    assert scene.source.brought == ["config.json", "model.onnx"]


def test_nothing_has_to_be_asked_offline_when_all_is_here(scene: Scene) -> None:
    scene()
    scene.offline = True
    assert scene() is not None
    assert scene(folder="/some/where") is not None


def test_a_folder_that_lacks_a_file_is_told_which(scene: Scene) -> None:
    scene.source.missing = [PARTS[1]]
    with pytest.raises(NotFoundError) as caught:
        scene(folder="/there")
    assert (caught.value.message, caught.value.remedy) == (
        "/there does not have all files of free.",
        "Add to it, then try again: config.json.",
    )


def test_any_other_model_is_brought_by_a_folder(scene: Scene) -> None:
    pulled = scene("my-model", folder="/there")
    assert pulled is not None
    assert (pulled.model.role, pulled.model.source, pulled.model.dimensions) == ("judge", "/there", 0)
    assert pulled.unpinned == ()


@pytest.mark.parametrize(
    ("wanted", "kind", "said"),
    [
        ({"name": "fre"}, NotFoundError, "There is no model 'fre' in the table."),
        ({"name": "../up"}, UsageError, "'../up' can't be a model's name."),
        ({"name": "free", "role": "cook"}, UsageError, "'cook' is not a role."),
        ({"name": "free", "role": "embedder"}, UsageError, "free plays the role judge, not embedder."),
        ({"name": "my", "folder": "/there", "role": "extractor"}, UsageError, "A model of the format onnx can't play"),
    ],
)
def test_what_can_not_be_pulled_is_said(scene: Scene, wanted: dict[str, str], kind: type[SmosError], said: str) -> None:
    with pytest.raises(kind) as caught:
        scene(**wanted)  # type: ignore[arg-type]
    assert caught.value.message.startswith(said)


def test_a_near_name_is_guessed(scene: Scene) -> None:
    with pytest.raises(NotFoundError) as caught:
        scene("fre")
    assert caught.value.remedy.startswith("Did you mean free? ")


def test_a_folder_that_does_not_say_its_role_is_asked_about(scene: Scene) -> None:
    scene.source.said = scene.source.said._replace(role="")
    with pytest.raises(UsageError, match="don't say what the model is for"):
        scene("my", folder="/there")
    assert scene("my", folder="/there", role="embedder") is not None
    assert scene.store.models["my"].dimensions == 384


def test_a_model_that_is_here_is_brought_again_for_the_role_it_has(scene: Scene) -> None:
    scene.source.said = scene.source.said._replace(role="")
    scene("my", folder="/there", role="embedder")
    pulled = scene("my", folder="/there")
    assert pulled is not None
    assert pulled.model.role == "embedder"


def test_a_model_from_a_folder_is_brought_again_from_there(scene: Scene) -> None:
    scene("my", folder="/there")
    with pytest.raises(NotFoundError, match="is not in the table") as caught:
        scene("my")
    assert caught.value.remedy == "Bring it again with `smos models pull my --from DIR`; it came from /there."


def test_a_model_that_is_here_is_not_given_another_role(scene: Scene) -> None:
    scene("my", folder="/there", role="embedder")
    with pytest.raises(UsageError, match="plays the role embedder, not reranker"):
        scene("my", folder="/there", role="reranker")
    assert scene.store.models["my"].role == "embedder"


def test_a_folder_can_not_have_its_files_go_elsewhere(scene: Scene) -> None:
    scene.source.said = scene.source.said._replace(parts=(Part("../up.json", 1),))
    with pytest.raises(ModelError, match="can't have a file named"):
        scene("my", folder="/there")


@pytest.mark.parametrize(
    "path",
    ["", "..", "a/../b", "/a", "a//b", "a\\b", "C:a", ".hidden", "a/.b", "model.json", "MODEL.json", "nul", "a/b/c/d",
     "con.json", "a\nb", "a.", "a ", "é.json", "a" * 200],
)  # fmt: skip
def test_no_path_leads_out_of_a_models_folder(path: str) -> None:
    with pytest.raises(ModelError):
        check_path(path)


@pytest.mark.parametrize("path", ["model.onnx", "1_Pooling/config.json", "onnx/model.onnx_data", "a-b_c+d 1.gguf"])
def test_what_models_have_is_allowed(path: str) -> None:
    assert check_path(path) == path
