"""What git knows of a file that it left with conflict markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.git.conflicts import origin
from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.mending import Torn, has_markers
from tests.adapters.git.steps import Git, without_driver
from tests.adapters.git.test_driver import BASE, PATH, branch, write

EARLY, LATE = BASE.replace(b"60", b"30"), BASE.replace(b"60", b"10")


@pytest.fixture
def torn(vault: Path, history: GitHistory, git: Git) -> bytes:
    """Let git alone merge two branches; return what it makes of the file."""
    assert history.owned()
    write(vault, git, BASE, 1_000)
    branch(vault, git, EARLY, LATE)
    without_driver(vault)
    git("merge", "--quiet", "early", check=False)
    data = (vault / PATH).read_bytes()
    assert has_markers(data)
    return data


def versions(found: Torn | None) -> tuple[bytes | None, bytes, bytes, bool]:
    """Return base and both sides, and whether the second is the earlier one."""
    assert found
    return found.base, found.one.files[PATH], found.other.files[PATH], found.other.time < found.one.time


def test_a_merge_under_way_has_all_three_versions(vault: Path, torn: bytes) -> None:
    assert versions(origin(vault, PATH, torn)) == (BASE, LATE, EARLY, True)


def test_a_merge_that_was_committed_with_its_markers_has_them_too(vault: Path, git: Git, torn: bytes) -> None:
    git("commit", "--quiet", "--all", "-m", "merge")
    write(vault, git, b"x\n", 4_000, "notes/other.md")
    assert versions(origin(vault, PATH, torn)) == (BASE, LATE, EARLY, True)


def test_what_was_edited_since_is_not_what_git_merged(vault: Path, git: Git, torn: bytes) -> None:
    git("commit", "--quiet", "--all", "-m", "merge")
    assert origin(vault, PATH, torn + b"More.\n") is None


def test_a_file_that_was_never_merged_has_no_origin(vault: Path, history: GitHistory, git: Git) -> None:
    write(vault, git, BASE, 1_000)
    assert history.owned()
    assert origin(vault, PATH, BASE) is None


def test_a_repository_of_somebody_else_is_not_asked(vault: Path, git: Git) -> None:
    git("init", "--quiet")
    assert origin(vault, PATH, BASE) is None
