"""Who plays a role: tried before it is chosen, set back when it is taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from smos_cli.core.catalogue import Installed
from smos_cli.core.models import ROLES
from smos_cli.core.playing import Company, Used, remove, use
from smos_cli.errors import ModelError, NotFoundError, SmosError, StaleError, UsageError
from tests.core.test_pulling import FakeStore


class FakeRoles:
    def __init__(self) -> None:
        self.played = dict.fromkeys(ROLES, "")

    def players(self) -> Mapping[str, str]:
        return dict(self.played)

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield

    def set(self, players: Mapping[str, str]) -> None:
        self.played |= players


class Scene:
    def __init__(self) -> None:
        self.store, self.roles = FakeStore(), FakeRoles()
        for name, role in (("mini", "embedder"), ("other", "embedder"), ("nli", "judge")):
            self.store.models[name] = Installed(name, role, "onnx", Path(name), f"{name}@1")
        self.tried: list[str] = []
        self.embedded: list[bool] = []
        self.broken = False
        self.company = Company(self.store, self.roles, self._probe, self._server, self._embed)

    def _probe(self, installed: Installed) -> None:
        if self.broken:
            raise ModelError("It can't be loaded.")
        self.tried.append(installed.name)

    def _server(self, name: str) -> None:
        if name != "local":
            raise NotFoundError(f"There is no model server {name!r}.")

    def _embed(self, wait: bool) -> Sequence[str]:
        self.embedded.append(wait)
        return ["bob"]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_model_is_tried_and_plays_its_role(scene: Scene) -> None:
    assert use(scene.company, "nli") == Used("judge", "nli", "")
    assert (scene.tried, scene.roles.played["judge"], scene.embedded) == (["nli"], "nli", [])


def test_a_model_that_fails_is_not_chosen(scene: Scene) -> None:
    scene.broken = True
    with pytest.raises(ModelError):
        use(scene.company, "nli")
    assert scene.roles.played["judge"] == ""


def test_another_embedder_has_every_persona_get_new_vectors(scene: Scene) -> None:
    assert use(scene.company, "mini").personas == ("bob",)
    assert use(scene.company, "mini").personas == ()
    assert use(scene.company, "default", "embedder").personas == ("bob",)
    assert scene.embedded == [False, False]


def test_waiting_makes_vectors_also_for_the_same_embedder(scene: Scene) -> None:
    use(scene.company, "mini")
    use(scene.company, "mini", wait=True)
    assert scene.embedded == [False, True]


def test_the_default_and_a_servers_model_are_chosen_for_a_role(scene: Scene) -> None:
    assert use(scene.company, "local/a/b", "judge") == Used("judge", "local/a/b", "")
    assert use(scene.company, "default", "judge") == Used("judge", "", "local/a/b")
    assert scene.tried == []


@pytest.mark.parametrize(
    ("choice", "role", "kind", "said"),
    [
        ("none", "", NotFoundError, "The model none is not installed."),
        ("nli", "embedder", UsageError, "nli plays the role judge, not embedder."),
        ("nli", "cook", UsageError, "'cook' is not a role."),
        ("default", "", UsageError, "default could play any role."),
        ("local/m", "", UsageError, "local/m could play any role."),
        ("local/", "judge", UsageError, "'local/' is not a model of a server."),
        ("other/m", "judge", NotFoundError, "There is no model server 'other'."),
        ("UP", "", UsageError, "'UP' can't be a model's name."),
    ],
)
def test_what_can_not_be_chosen_is_said(scene: Scene, choice: str, role: str, kind: type[SmosError], said: str) -> None:
    with pytest.raises(kind) as caught:
        use(scene.company, choice, role)
    assert caught.value.message == said
    assert set(scene.roles.played.values()) == {""}


def test_what_is_in_use_is_not_removed(scene: Scene) -> None:
    use(scene.company, "mini")
    with pytest.raises(StaleError, match="mini is in use as embedder"):
        remove(scene.company, "mini")
    assert scene.store.find("mini")


def test_unless_it_has_to_be(scene: Scene) -> None:
    use(scene.company, "mini")
    assert remove(scene.company, "mini", force=True) == ("embedder",)
    assert (scene.store.find("mini"), scene.roles.played["embedder"]) == (None, "")
    assert scene.embedded == [False, False]


def test_what_is_not_in_use_is_removed(scene: Scene) -> None:
    assert remove(scene.company, "nli") == ()
    with pytest.raises(NotFoundError, match="nli is not installed"):
        remove(scene.company, "nli")
