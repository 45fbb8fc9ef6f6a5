"""A lock file of git is left over when nobody can hold it any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.git.locks import is_left_over
from tests.adapters.git.steps import Git


@pytest.fixture
def lock(vault: Path) -> Path:
    (vault / ".git").mkdir()
    file = vault / ".git/index.lock"
    file.touch()
    return file


def test_one_that_nobody_has_open_is(lock: Path) -> None:
    if sys.platform != "linux":
        os.utime(lock, (0, 0))

    assert is_left_over(lock, lock.parents[1])


def test_one_that_is_not_there_is_not(lock: Path) -> None:
    lock.unlink()

    assert not is_left_over(lock, lock.parents[1])


def test_one_that_a_process_has_open_is_not(lock: Path) -> None:
    code = "import sys; file = open(sys.argv[1], 'a'); print('open', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", code, str(lock)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()

        assert not is_left_over(lock, lock.parents[1])
        process.communicate(b"")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the lock's age tells")
def test_one_in_a_tree_where_a_git_runs_is_not(vault: Path, lock: Path, git: Git) -> None:
    git("init", "--quiet")
    with subprocess.Popen(
        ["git", "-C", vault, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"HEAD\n")
        process.stdin.flush()
        process.stdout.readline()

        assert not is_left_over(lock, lock.parents[1])
        process.communicate(b"")
    assert is_left_over(lock, lock.parents[1])
