"""Calls of git that go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.git_call import Git
from smos_cli.errors import StorageError


def test_a_call_that_takes_too_long_is_stopped(vault: Path) -> None:
    call = Git(vault, "git").start("hash-object", "--stdin-paths", limit=0.05)

    assert call.lines(1) == [b""]
    with pytest.raises(StorageError, match=r"within 0\.05 s"):
        call.finish()


def test_a_program_that_is_not_there_is_an_error(vault: Path) -> None:
    with pytest.raises(StorageError, match="can't be started"):
        Git(vault, "no-such-git").run("version")


def test_an_error_is_what_git_said(vault: Path) -> None:
    with pytest.raises(StorageError, match="not a git repository"):
        Git(vault, "git").run("rev-parse", "HEAD")
