"""Each writing call of each act fails once: a clear error, the old file whole, nothing half done, a retry works."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from smos_cli.adapters.home import HomeFolder
from smos_cli.errors import NotFoundError, SmosError
from tests.adapters.acts import (
    ACTS,
    Act,
    Tree,
    check_readable,
    files_of,
    prepare,
    temporaries,
    tree,
    without_hashes,
    without_records,
)
from tests.adapters.faults import FAULTS, FaultyDisk, SlowPipe, on

LONG = bool(os.environ.get("SMOS_LONG"))
STRIDE = 1 if LONG else 37
"""Of an act with very many calls, every how manieth fails."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("first") / "home"
    prepare(home)
    return home


@pytest.fixture(params=ACTS, ids=lambda act: act.name)
def act(request: pytest.FixtureRequest) -> Act:
    found: Act = request.param
    return found


def homes(first: Path, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Yield a fresh home for every number from 1 on, by larger steps once there were many."""
    number = 1
    for place in count():
        home = tmp_path / str(place)
        shutil.copytree(first, home)
        yield number, home
        shutil.rmtree(home)
        number += 1 if LONG or number < 20 else STRIDE


def after(act: Act, first: Path, tmp_path: Path) -> Tree:
    """Return what an act leads to when nothing fails."""
    home = tmp_path / "whole"
    shutil.copytree(first, home)
    act.do(home)
    return tree(home)


@pytest.mark.parametrize("turn", range(len(FAULTS) if LONG else 1))
def test_a_call_that_fails_leaves_the_old_or_the_new_and_can_be_repeated(
    act: Act, turn: int, first: Path, tmp_path: Path
) -> None:
    old, new = tree(first), after(act, first, tmp_path)
    for number, home in homes(first, tmp_path):
        disk = FaultyDisk(number, FAULTS[(number + turn) % len(FAULTS)])
        ended = how_it_ends(act, home, disk)
        if not disk.failed:
            assert number > 3
            break
        check(Try(act, home, f"{number}: {disk.failed}"), old, new, ended)


def test_a_disk_that_stays_full_leaves_the_old_or_the_new(act: Act, first: Path, tmp_path: Path) -> None:
    old, new = tree(first), after(act, first, tmp_path)
    for number, home in homes(first, tmp_path):
        disk = FaultyDisk(number, FAULTS[0], lasting=True)
        ended = how_it_ends(act, home, disk)
        if not disk.failed:
            break
        check(Try(act, home, f"{number}: {disk.failed}", gives_up=act.name == "forget two"), old, new, ended)


def test_writes_that_take_half_are_gone_on_with(act: Act, first: Path, tmp_path: Path) -> None:
    new, home = after(act, first, tmp_path), tmp_path / "home"
    shutil.copytree(first, home)

    with on(SlowPipe(), ["durable"]):
        act.do(home)

    assert tree(home) == new


class Try(NamedTuple):
    """An act that was tried in a home, and which of its calls failed."""

    act: Act
    home: Path
    where: str
    gives_up: bool = False
    """whether what failed half-way can't be taken back, as the disk takes nothing more"""


def how_it_ends(act: Act, home: Path, disk: FaultyDisk) -> SmosError | tuple[str, ...]:
    """Return the error, or the warnings."""
    try:
        with on(disk):
            return tuple(getattr(act.do(home), "warnings", ()))
    except SmosError as error:
        return error


def check(tried: Try, old: Tree, new: Tree, ended: SmosError | tuple[str, ...]) -> None:
    now = tree(tried.home)
    lasting = {path: data for path, data in now.items() if path not in temporaries(now)}
    check_readable(lasting)
    for path in {*old, *new, *lasting}:
        before, there, then = (files.get(path, b"") for files in (old, lasting, new))
        lines_more = path.endswith(".jsonl") and there.startswith(before) and then.startswith(there)
        assert lines_more or lasting.get(path) in (old.get(path), new.get(path)), (tried.where, path)
    if isinstance(ended, SmosError):
        assert ended.message, tried.where
        assert ended.remedy, tried.where
        if tried.act.whole and "was changed, but" not in ended.message:
            assert lasting == old, tried.where
        with suppress(NotFoundError):  # what was to go is gone
            tried.act.do(tried.home)
        assert tried.gives_up or comparable(tidied(tried.home)) == comparable(new), tried.where
    elif ended:
        assert memories(lasting) in (memories(old), memories(new)), tried.where
    else:
        assert lasting == new, tried.where
    assert temporaries(tidied(tried.home)) == [], tried.where


def comparable(files: Tree) -> Tree:
    """Return what has to be there, however often it was tried."""
    return without_records(without_hashes(files))


def memories(files: Tree) -> Tree:
    """Return the files that the warnings are not about."""
    return {path: data for path, data in files.items() if path.endswith(".md")}


def tidied(home: Path) -> Tree:
    """Return what is there once the next writers have tidied up."""
    with HomeFolder({"SMOS_HOME": str(home)}).lock():
        for vault in (home / "bob", home / "vaults/ann"):
            files = files_of(home, vault)
            with files.lock():
                if vault.is_dir():
                    files.scan()
    return tree(home)
