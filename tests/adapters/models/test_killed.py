"""A pull that is killed before any of its changes to the disk: the model there is the old one or the new one, whole."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from smos_cli.adapters.models.folder import LocalFolder
from smos_cli.adapters.models.store import ModelStore
from smos_cli.core.catalogue import Installed
from smos_cli.core.ports import no_progress
from smos_cli.core.pulling import Means, Wanted, pull
from tests.adapters.models.made import JUDGE, onnx

if not hasattr(os, "fork"):
    pytest.skip("there is no fork here", allow_module_level=True)

_CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate")


def bring(models: Path, source: Path) -> None:
    """Install the model of a folder, as ``smos models pull mine --from`` does."""
    means = Means(
        store=ModelStore(models),
        table=(),
        hub=lambda _wanted: pytest.fail("no host is asked"),
        folder=LocalFolder,
        address=lambda _wanted, _part: "",
        progress=no_progress,
        offline=True,
    )
    pull(means, Wanted("mine", folder=str(source)), lambda _listed: False)


def killed_at(number: int, act: Callable[[], object]) -> bool:
    """Do something in a process that is killed before its ``number``-th change; False when it came to its end."""
    child = os.fork()
    if not child:
        seen = count(1)

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (writes or event in _CHANGES) and next(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def looked_at(models: Path) -> Installed | None:
    """Return what is installed, which is whole."""
    store = ModelStore(models)
    found = store.find("mine")
    models_there, problems = store.all()
    assert (list(models_there), list(problems)) == ([found] if found else [], [])
    assert found is None or store.differences(found, lambda _read: None) == []
    return found


@pytest.fixture(autouse=True)
def not_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill loses nothing that the system has: the disk below is not waited for."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return onnx(tmp_path / "old", JUDGE, vocab__txt=b"old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return onnx(tmp_path / "new", JUDGE, merges__txt=b"new")


def test_a_first_pull_is_all_there_or_not_at_all(tmp_path: Path, new: Path) -> None:
    ends = set()
    for number in count(1):
        models = tmp_path / f"home-{number}/models"
        killed = killed_at(number, lambda models=models: bring(models, new))  # type: ignore[misc]
        ends.add(looked_at(models) is not None)
        bring(models, new)
        assert looked_at(models) is not None
        assert [name for name in os.listdir(models) if name != "mine"] == []
        if not killed:
            break
    assert ends == {False, True}
    assert number > 10


def test_what_is_replaced_is_the_old_one_until_it_is_the_new_one(tmp_path: Path, old: Path, new: Path) -> None:
    ends = []
    for number in count(1):
        models = tmp_path / f"home-{number}/models"
        bring(models, old)
        killed = killed_at(number, lambda models=models: bring(models, new))  # type: ignore[misc]
        found = looked_at(models)
        assert found is not None
        ends.append("merges.txt" in {part.path for part in found.parts})
        bring(models, new)
        assert [name for name in os.listdir(models) if name != "mine"] == []
        if not killed:
            break
    assert ends == sorted(ends)
    assert set(ends) == {False, True}


def test_what_is_removed_is_whole_or_gone(tmp_path: Path, old: Path) -> None:
    ends = []
    for number in count(1):
        models = tmp_path / f"home-{number}/models"
        bring(models, old)
        killed = killed_at(number, lambda models=models: ModelStore(models).remove("mine"))  # type: ignore[misc]
        ends.append(looked_at(models) is None)
        ModelStore(models).remove("mine")
        if not killed:
            break
    assert ends == sorted(ends)
    assert ends[-1]
