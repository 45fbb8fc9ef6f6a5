"""A repository that is damaged is found so, and mended around the files; what is whole is left as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from smos_cli.adapters.git.health import examine_repository, mend_repository
from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.make import ATTRIBUTES
from smos_cli.adapters.git.repository import Repository
from tests.adapters.git.steps import NOTE, Git, remember, write

Damage = Callable[[Path, Git], object]


@pytest.fixture
def repository(vault: Path, history: GitHistory) -> Repository:
    """A repository with two commits of ours after the first."""
    history.commit(remember(write(vault, text="one\n")))
    history.commit(remember(write(vault, "other.md")))
    return Repository(vault)


def found(repository: Repository, level: str = "problem") -> list[str]:
    return [finding.what for finding in examine_repository(repository) if finding.level == level]


def objects(git: Git, *names: str) -> list[Path]:
    """Return the files of loose objects."""
    top = Path(git("rev-parse", "--absolute-git-dir").strip())
    hashes = [git("rev-parse", name).strip() for name in names]
    return [top / "objects" / name[:2] / name[2:] for name in hashes]


def empty(*files: Path) -> None:
    for file in files:
        file.chmod(0o644)
        file.write_bytes(b"")


DAMAGES: dict[str, Damage] = {
    "HEAD is nonsense": lambda folder, _: empty(folder / "HEAD"),
    "HEAD is gone": lambda folder, _: (folder / "HEAD").unlink(),
    "the branch is empty": lambda folder, _: empty(folder / "refs/heads/main"),
    "the branch is nonsense": lambda folder, _: (folder / "refs/heads/main").write_text("nonsense\n"),
    "the index is nonsense": lambda folder, _: empty(folder / "index"),
    "the index is half of what it was": lambda folder, _: os.truncate(folder / "index", 200),
    "the last commit is gone": lambda _, git: objects(git, "HEAD")[0].unlink(),
    "its tree is gone": lambda _, git: objects(git, "HEAD^{tree}")[0].unlink(),
    "a file is gone from it": lambda _, git: objects(git, "HEAD:other.md")[0].unlink(),
    "its objects are empty": lambda _, git: empty(*objects(git, "HEAD", "HEAD^{tree}", "HEAD:other.md")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_a_problem_and_mended_without_a_file_being_touched(
    vault: Path, repository: Repository, git: Git, damage: Damage
) -> None:
    write(vault, "new.md", "not committed yet\n")
    files = {path: path.read_bytes() for path in vault.glob("**/*.md")}
    damage(repository.folder, git)
    assert found(repository)

    done = list(mend_repository(repository))

    assert done
    assert found(repository) == []
    git("fsck", "--strict", "--no-dangling")
    assert {path: path.read_bytes() for path in vault.glob("**/*.md")} == files
    outside = {one.path for one in GitHistory(vault).outside()}
    assert "new.md" in outside
    assert GitHistory(vault).commit(remember(*outside))
    assert git("status", "--porcelain") == ""
    assert git("show", f"HEAD:{NOTE}") == "one\n"
    assert list(mend_repository(repository)) == []


def test_what_is_whole_is_left_as_it_is(vault: Path, repository: Repository, git: Git) -> None:
    git("add", write(vault, "staged.md"))
    before = (git("rev-parse", "HEAD"), git("ls-files", "--stage"))

    assert found(repository) == found(repository, "note") == []
    assert list(mend_repository(repository)) == []
    assert (git("rev-parse", "HEAD"), git("ls-files", "--stage")) == before


def test_an_old_commit_that_is_damaged_costs_none_of_the_later_ones(repository: Repository, git: Git) -> None:
    before = git("rev-parse", "HEAD")
    for file in objects(git, "HEAD~2^{tree}"):
        file.unlink()

    list(mend_repository(repository))

    assert git("rev-parse", "HEAD") == before
    assert found(repository)


@pytest.mark.parametrize("name", ["index", "HEAD", "refs/heads/main", "packed-refs"])
def test_a_lock_that_nobody_holds_is_deleted(repository: Repository, name: str) -> None:
    lock = repository.folder / f"{name}.lock"
    lock.touch()
    assert found(repository)

    (done,) = mend_repository(repository)

    assert done.done == "Deleted."
    assert not lock.exists()
    assert found(repository) == []


def test_objects_that_were_never_finished_are_no_problem_and_deleted(repository: Repository) -> None:
    left = repository.folder / "objects/ab/tmp_obj_x1Y2z3"
    left.parent.mkdir(exist_ok=True)
    left.touch()
    assert found(repository) == []

    (done,) = mend_repository(repository)

    assert done.done == "Deleted."
    assert not left.exists()


def test_the_line_that_keeps_bytes_is_put_back_after_what_is_there(repository: Repository) -> None:
    attributes = repository.folder / "info/attributes"
    attributes.write_text("*.png binary\n")
    assert found(repository, "note") == ["Lines that keep every byte, such as `* -text`, are missing."]

    assert [one.done for one in mend_repository(repository)] == ["Added."]

    lines = attributes.read_text().splitlines()
    assert lines[0] == "*.png binary"
    assert {*ATTRIBUTES} <= {*lines}
    assert found(repository, "note") == []


def test_a_commit_that_was_begun_and_not_ended_is_worth_a_note(repository: Repository) -> None:
    repository.pending.begin([NOTE])

    assert found(repository, "note") == ["A commit was begun and not ended."]
