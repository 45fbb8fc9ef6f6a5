"""Any history of edits in clones that sync in any order ends with equal vaults, and nothing lost.

``SMOS_LONG=1`` tells more stories, and longer ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smos_cli.core.cleaning import id_of
from tests.sync.clones import Clone, Story, git

LONG = bool(os.environ.get("SMOS_LONG"))
SEEDS = range(200) if LONG else range(1)
STEPS = 60 if LONG else 12
AREAS = ("memories", "notes", "episodes")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return tmp_path


def clones(folder: Path, count: int) -> list[Clone]:
    remote = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", str(remote))
    made = [Clone(folder / name) for name in ("ann", "ben", "cleo")[:count]]
    made[0].begin(remote)
    for clone in made[1:]:
        clone.join(remote)
    return made


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("count", [2, 3])
def test_clones_end_equal_and_lose_nothing(seed: int, count: int, user: Path) -> None:
    story = Story(seed, clones(user, count))
    story.happen(STEPS * count)
    story.end()
    check_equal(story)
    check_nothing_lost(story)
    check_forgotten(story)


@pytest.mark.parametrize("seed", SEEDS)
def test_clones_that_erase_end_equal_and_hold_nothing_of_it(seed: int, user: Path) -> None:
    story = Story(seed, clones(user, 2), erasing=True)
    story.happen(STEPS)
    story.end()
    check_equal(story)
    check_nothing_lost(story)
    for clone in story.clones:
        assert {id_of(data) for data in clone.objects()} & story.erased == set(), "\n".join(story.told)


def check_equal(story: Story) -> None:
    assert len({clone.tree() for clone in story.clones}) == 1, "\n".join(story.told)
    for clone in story.clones:
        assert git(clone.vault, "status", "--porcelain") == "", "\n".join(story.told)
        assert git(clone.vault, "fsck", "--strict", "--no-dangling").strip() == "", "\n".join(story.told)
        problems = [one for one in clone.smos.verify().findings if one.level == "problem"]
        assert problems == [], "\n".join([*map(str, problems), *story.told])
    texts = story.clones[0].files(*AREAS)
    assert [path for path, data in texts.items() if b"<<<<<<<" in data] == []


def check_nothing_lost(story: Story) -> None:
    held = b"".join(data for clone in story.clones for data in clone.files(*AREAS, ".trash").values())
    lost = {word for word in story.expected() if word.encode() not in held}
    assert lost == set(), "\n".join([*sorted(lost), *story.told])


def check_forgotten(story: Story) -> None:
    ids = {id_of(data) for data in story.clones[0].files("memories").values()}
    there = ids & (story.forgotten - story.restored)
    about = [one for one in story.told if "sync" in one or any(identity in one for identity in there)]
    assert there == set(), "\n".join(about)
