"""``smos audit verify`` over a real vault, with its history and the key at home."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.cli.running import Home

KILLED = """
import os, sys
import smos_cli.adapters.git.history as git
git.GitHistory.commit = lambda self, change: os._exit(9)
from smos_cli.__main__ import main
sys.argv = ["smos", "remember", "Killed before the commit"]
main()
"""


def verified(home: Home) -> Any:
    return home("audit", "verify", "--json", code=None).json


def found(home: Home) -> list[tuple[str, str]]:
    return [(finding["level"], finding["what"]) for finding in verified(home)["findings"]]


def problems(home: Home) -> list[str]:
    """Return how each problem begins."""
    return [what.partition(":")[0] for level, what in found(home) if level == "problem"]


def chain_of(home: Home) -> Path:
    (path,) = home.vault.glob("audit/*/*.jsonl")
    return path


def git(home: Home, *words: str) -> str:
    done = subprocess.run(["git", "-C", home.vault, *words], capture_output=True, text=True, check=True, env=home.env)
    return done.stdout


@pytest.fixture
def bob(smos: Home) -> Home:
    for text in ("The TTL is 10 s", "Marta likes tea", "The limiter resets"):
        smos.remember(text)
    return smos


def test_after_changes_of_every_kind_nothing_is_wrong(bob: Home) -> None:
    one = bob.remember("Coffee is at nine")
    bob("edit", one, "--tag", "coffee")
    bob("pin", one)
    bob("forget", one, "--yes")
    bob("restore", one)
    (bob.user / "import.jsonl").write_text('{"text": "One"}\n{"text": "Two"}\n')
    bob("import", "import.jsonl")
    bob.write("memories/dropped.md", "Dropped in.\n")
    bob("index", "--adopt")

    assert verified(bob) == {
        "schema": 1,
        "findings": [],
        "counts": {"chains": 1, "lines": 11, "bodies": 13, "checkpoints": 0, "erased": 0},
    }
    assert git(bob, "status", "--short") == ""


def test_every_command_that_changes_is_one_commit_with_its_line(bob: Home) -> None:
    files = git(bob, "show", "--format=", "--name-only", "HEAD").split()

    assert [Path(file).suffix for file in files] == [".jsonl", ".salts", ".md"]


def test_what_was_killed_before_its_commit_is_committed_by_the_next(bob: Home) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], env=bob.env, cwd=bob.user, capture_output=True)
    assert done.returncode == 9
    assert "Killed" in git(bob, "grep", "--no-index", "Killed", "memories")

    bob.remember("The next")

    assert git(bob, "status", "--short") == ""
    assert verified(bob)["counts"]["lines"] == 5
    assert found(bob) == []


def test_a_chain_that_was_cut_off_is_known_from_home_and_from_the_history(bob: Home) -> None:
    path = chain_of(bob)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))

    assert problems(bob) == ["The chain is truncated"]
    (bob.folder / "audit/bob.head").unlink()
    assert problems(bob) == ["It is truncated"]


def test_without_git_the_chain_is_kept_all_the_same(bob: Home) -> None:
    bob("config", "set", "vault.autocommit", "false")
    bob.remember("Not committed")

    assert verified(bob)["counts"]["lines"] == 4
    assert found(bob) == []


def test_a_key_that_can_not_be_read_keeps_no_change_back(bob: Home) -> None:
    (bob.folder / "keys/audit.key").write_bytes(b"damaged")
    (bob.folder / "keys/audit-bob.pub").unlink()

    done = bob("remember", "Coffee is at nine")

    assert "is not a key of smos" in done.err
    assert "Coffee" in git(bob, "log", "-1", "--format=%s")


@settings(max_examples=6, deadline=None)
@given(some.data())
def test_a_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: some.DataObject) -> None:
    home = _shared(tmp_path_factory)
    path = chain_of(home)
    before = path.read_bytes()
    place = data.draw(some.integers(0, len(before) - 2))
    path.write_bytes(before[:place] + bytes([before[place] ^ data.draw(some.integers(1, 255))]) + before[place + 1 :])
    try:
        assert problems(home)
    finally:
        path.write_bytes(before)


_HOMES: list[Home] = []


def _shared(factory: pytest.TempPathFactory) -> Home:
    """Return a home that all examples of a property use."""
    if not _HOMES:
        _HOMES.append(Home(factory.mktemp("audited")))
        for text in ("The TTL is 10 s", "Marta likes tea"):
            _HOMES[0].remember(text)
    return _HOMES[0]
