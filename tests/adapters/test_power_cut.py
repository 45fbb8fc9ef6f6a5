"""The power goes at any moment: what was acknowledged is there, and every file is the old one or the new one, whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from smos_cli.adapters import durable
from smos_cli.core.remember import NewMemory, remember
from tests.adapters.acts import (
    ACTS,
    HELD,
    Act,
    Tree,
    check_readable,
    files_of,
    ports_of,
    prepare,
    temporaries,
    tree,
    without_records,
)
from tests.adapters.power import Recorder, recorded
from tests.samples import identity

LONG = bool(os.environ.get("SMOS_LONG"))
MOMENTS = 400 if LONG else 14
"""How many of an act's moments are tried"""
CHANCES = 12 if LONG else 2
"""How often each is, with other writes that came through"""
KEPT = [act for act in ACTS if act.name != "erase"]


class Run(NamedTuple):
    """Acts that were done one after another: their steps, and after how many of them each was acknowledged."""

    recorder: Recorder
    done: list[tuple[int, Tree]]

    def around(self, step: int) -> tuple[Tree, Tree]:
        """Return what was acknowledged at a moment, and what was to be next."""
        before = [files for end, files in self.done if end <= step][-1]
        return before, next((files for end, files in self.done if end > step), before)

    def moments(self) -> Iterator[int]:
        """Yield after how many steps the power goes: each, or evenly spread ones and every acknowledgement."""
        count = len(self.recorder.steps)
        stride = max(1, count // MOMENTS)
        yield from sorted({*range(0, count, stride), *(end for end, _ in self.done)})


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("first") / "home"
    prepare(home)
    return home


def run(acts: Sequence[Act], home: Path) -> Run:
    done = [(0, tree(home))]
    with recorded(home) as recorder:
        for act in acts:
            act.do(home)
            done.append((len(recorder.steps), tree(home)))
    assert recorder.until(len(recorder.steps)).after_power_cut(None) == tree(home)
    return Run(recorder, done)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_what_was_acknowledged_is_there_and_the_rest_is_old_or_new(act: Act, first: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(first, home)
    check(run([act], home), tmp_path)


@pytest.mark.parametrize("seed", range(20 if LONG else 2))
def test_many_acts_in_a_row_each_stay_once_they_are_acknowledged(seed: int, first: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(first, home)
    plain = [act for act in KEPT if act.name in ("remember", "edit", "pin", "restore", "import", "adopt", "config")]
    Random(seed).shuffle(plain)
    check(run(plain, home), tmp_path)


def check(made: Run, tmp_path: Path) -> None:
    for step in made.moments():
        disk = made.recorder.until(step)
        for seed in (None, *range(CHANCES)):
            where = f"after step {step} ({made.recorder.steps[step - 1] if step else 'nothing'}), seed {seed}"
            found = disk.after_power_cut(None if seed is None else Random(step * 100 + seed))
            check_found(found, *made.around(step), where)
            check_next(found, tmp_path / "reboot", where)


def check_found(found: Tree, before: Tree, after: Tree, where: str) -> None:
    left = temporaries(found)
    files = {path: data for path, data in found.items() if path not in left}
    check_readable(files, cut=True)
    for path in without_records({**before, **after, **files}):
        assert files.get(path) in (before.get(path), after.get(path)), f"{path} {where}"
    for path, data in before.items():
        if path.startswith("bob/audit/"):
            assert files[path].startswith(data) or files[path] == after.get(path), f"{path} {where}"
    check_places(files, after, where)


def check_places(files: Tree, after: Tree, where: str) -> None:
    """What is forgotten is in the vault or in the trash, never in both or neither, and was written down first."""
    tombstones = files.get("bob/.tombstones", b"").decode()
    for number in range(1, len(HELD) + 1):
        mark = f"id: {identity(number)}".encode()
        places = [path for path, data in files.items() if mark in data]
        erased = not any(mark in data for data in after.values())
        assert len(places) == 1 or (erased and not places), f"{number} in {places} {where}"
        if places and ".trash" in places[0]:
            assert f"forgotten {identity(number)}" in tombstones or _is_coming_back(number, after), where


def _is_coming_back(number: int, after: Tree) -> bool:
    """Say whether what is in the trash is to be restored; then what keeps it out may go a moment early."""
    return f"forgotten {identity(number)}" not in after.get("bob/.tombstones", b"").decode()


def check_next(found: Tree, home: Path, where: str) -> None:
    """After a restart the next command works, tidies up, and adds whole lines to the audit chain."""
    shutil.rmtree(home, ignore_errors=True)
    for path, data in found.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)  # the disk below is not waited for
        outcome = remember(ports_of(home, 9), NewMemory("It goes on."))
    assert (outcome.outcome, outcome.warnings) == ("stored", ()), where
    files = tree(home)
    assert [path for path in temporaries(files) if path.startswith("bob/")] == [], where
    check_readable(files)
    assert any(b"It goes on." in data for data in files.values()), where
    assert files_of(home).read(outcome.memory.path)


def test_a_writer_that_does_not_sync_is_found_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with recorded(home) as recorder:
        durable.write_new(home / "a.md", b"one\n", sync=False)

    assert recorder.until(len(recorder.steps)).after_power_cut(None) == {}
    found = [recorder.until(len(recorder.steps)).after_power_cut(Random(seed)).get("a.md") for seed in range(50)]
    assert {None, b"", b"one\n", b"\0\0\0\0"} <= {*found}
