"""The merge driver, called by the real git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.git.driver import ATTRIBUTES, Task, drive, install
from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.mending import has_markers, split
from smos_cli.errors import SmosError
from tests.adapters.git.steps import Git
from tests.samples import memory_file

SOURCES = Path(__file__).parents[3]
PATH = "memories/ttl.md"
BASE = memory_file(1, "The cache TTL is 60 seconds.\n\nIt was agreed in May.", tags=("cache",))


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the driver find these sources wherever it is started."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCES))


@pytest.fixture
def driven(vault: Path, history: GitHistory, git: Git) -> Path:
    install(vault)
    write(vault, git, BASE, 1_000)
    return vault


def write(vault: Path, git: Git, data: bytes, seconds: int, path: str = PATH) -> None:
    """Commit a file at a time."""
    (vault / path).parent.mkdir(parents=True, exist_ok=True)
    (vault / path).write_bytes(data)
    git("add", "--all")
    environment = {**os.environ, "GIT_COMMITTER_DATE": f"{1_700_000_000 + seconds} +0000"}
    subprocess.run(["git", "-C", str(vault), "commit", "--quiet", "-m", "x"], check=True, env=environment)


def branch(vault: Path, git: Git, early: bytes, late: bytes, path: str = PATH) -> None:
    """Make two branches of a file, ``early`` and ``late``, which is checked out."""
    git("checkout", "--quiet", "-b", "early")
    write(vault, git, early, 2_000, path)
    git("checkout", "--quiet", "-b", "late", "main")
    write(vault, git, late, 3_000, path)


def test_changes_of_one_file_are_merged_by_key_and_paragraph(driven: Path, git: Git) -> None:
    tagged, edited = BASE.replace(b"[cache]", b"[cache, api]"), BASE.replace(b"in May", b"in June")
    branch(driven, git, tagged, edited)
    git("merge", "--quiet", "early")
    assert (driven / PATH).read_bytes() == tagged.replace(b"in May", b"in June")
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize("ours", ["early", "late"])
def test_a_clash_is_settled_by_time_in_either_direction_and_the_other_version_lies_beside(
    driven: Path, git: Git, ours: str
) -> None:
    thirty, ten = BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10")
    branch(driven, git, thirty, ten)
    git("checkout", "--quiet", ours)
    git("merge", "--quiet", "late" if ours == "early" else "early")
    assert (driven / PATH).read_bytes() == ten
    copies = git("status", "--porcelain").split()
    assert copies[0] == "??"
    assert b"30 seconds" in (driven / copies[1]).read_bytes()


def test_a_rebase_keeps_both_sides_too(driven: Path, git: Git) -> None:
    branch(driven, git, BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10"))
    git("rebase", "--quiet", "early")
    found = b"".join(path.read_bytes() for path in (driven / "memories").rglob("*.md"))
    assert b"10 seconds" in found
    assert b"30 seconds" in found
    assert b"<<<<<<<" not in found


def test_a_file_that_both_sides_added_is_merged(driven: Path, git: Git) -> None:
    branch(driven, git, b"a\n", b"a\nb\n", "notes/list.md")
    git("merge", "--quiet", "early")
    assert (driven / "notes/list.md").read_bytes() == b"a\nb\n"


def test_tombstones_of_both_sides_stay(driven: Path, git: Git) -> None:
    branch(driven, git, b"key ab\nerased A\n", b"key cd\nerased B\n", ".tombstones")
    git("merge", "--quiet", "early")
    assert (driven / ".tombstones").read_bytes() == b"key ab\nerased A\nkey cd\nerased B\n"


def test_a_module_that_lies_in_the_vault_is_not_run(driven: Path, git: Git) -> None:
    for name in ("smos_cli/__main__.py", "typing.py"):
        (driven / name).parent.mkdir(exist_ok=True)
        (driven / name).write_text(f"open({str(driven / 'ran')!r}, 'w')\n")
    branch(driven, git, BASE.replace(b"[cache]", b"[cache, api]"), BASE.replace(b"in May", b"in June"))
    git("merge", "--quiet", "early")
    assert not (driven / "ran").exists()
    assert b"api" in (driven / PATH).read_bytes()


def test_where_it_fails_both_texts_are_in_the_file_and_git_says_so(driven: Path, git: Git) -> None:
    branch(driven, git, BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10"))
    (driven / ".trash").mkdir()
    (driven / "memories").rename(driven / ".trash/memories")
    (driven / "memories").symlink_to(driven / ".trash/memories")
    task = _task(driven.parent, BASE, BASE.replace(b"60", b"10"), BASE.replace(b"60", b"30"))
    with pytest.raises(SmosError):
        drive(driven, task, {})
    text = task.ours.read_text()
    assert text.startswith("<<<<<<< ours\n")
    assert "10 seconds" in text
    assert "30 seconds" in text


def test_where_smos_cannot_be_run_any_more_git_itself_leaves_both_texts(driven: Path, git: Git) -> None:
    command = git("config", "merge.smos.driver").replace(sys.executable, "/nowhere/python").strip()
    git("config", "merge.smos.driver", command)
    branch(driven, git, BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10"))
    git("merge", "--quiet", "early", check=False)
    assert git("ls-files", "-u").count(PATH) == 3
    assert has_markers((driven / PATH).read_bytes())


def test_where_the_driver_fails_git_has_a_conflict_with_both_texts(driven: Path, git: Git) -> None:
    branch(driven, git, BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10"))
    command = git("config", "merge.smos.driver").replace("merge-driver %O", "merge-driver /nowhere/base")
    git("config", "merge.smos.driver", command.strip())
    git("merge", "--quiet", "early", check=False)
    text = (driven / PATH).read_bytes()
    assert text.count(b"<<<<<<< ") == 1
    assert split(text, fenced=True) == (None, BASE.replace(b"60", b"10"), BASE.replace(b"60", b"30"))


def test_installing_again_changes_nothing(driven: Path) -> None:
    before = [(driven / ".git" / name).read_bytes() for name in ("config", "info/attributes")]
    assert not install(driven)
    assert [(driven / ".git" / name).read_bytes() for name in ("config", "info/attributes")] == before
    assert before[1].splitlines().count(ATTRIBUTES.encode()) == 1


def test_a_repository_of_somebody_else_is_not_told(vault: Path, git: Git) -> None:
    git("init", "--quiet")
    assert not install(vault)
    assert "merge.smos" not in git("config", "--list")


def test_the_line_endings_of_every_file_still_stay(driven: Path, git: Git) -> None:
    assert git("check-attr", "text", "merge", "--", PATH).split("\n")[:2] == [
        f"{PATH}: text: unset",
        f"{PATH}: merge: smos",
    ]


def _task(folder: Path, *texts: bytes) -> Task:
    paths = [folder / name for name in ("base", "ours", "theirs")]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    return Task(*paths, PATH)
