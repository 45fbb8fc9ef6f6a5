"""Merges that a person makes with git itself, and what the shell makes of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.odd import without_driver
from tests.cli.running import Home
from tests.cli.test_past import commit_all, git, path_of, verbs

THIRTY, TEN = "The cache TTL is 30 seconds.", "The cache TTL is 10 seconds."


@pytest.fixture
def torn(smos: Home) -> Path:
    """Let git alone merge two branches of a memory, and commit what it makes; return the file."""
    path = path_of(smos, smos.remember("The cache TTL is 60 seconds."))
    text = path.read_text()
    without_driver(smos)
    git(smos, "checkout", "--quiet", "-b", "other")
    path.write_text(text.replace("60", "30"))
    commit_all(smos, "Thirty")
    git(smos, "checkout", "--quiet", "main")
    path.write_text(text.replace("60", "10"))
    commit_all(smos, "Ten")
    words = ["git", "-C", str(smos.vault), "-c", "user.name=M", "-c", "user.email=m@example.org", "merge", "other"]
    subprocess.run(words, env=smos.env, check=False, capture_output=True)
    assert "<<<<<<<" in path.read_text()
    commit_all(smos, "Merge")
    return path


def test_index_mends_a_merge_that_git_made_alone_and_both_sides_are_recalled(smos: Home, torn: Path) -> None:
    mended = smos("index", "--json")
    assert mended.json["mended"] == [str(torn.relative_to(smos.vault))]
    assert mended.json["failed"] == 0
    hits = smos("recall", "cache TTL", "--json").json["hits"]
    assert sorted(hit["text"] for hit in hits) == [TEN, THIRTY]
    assert all(hit["conflicts_with"] for hit in hits)
    assert verbs(smos)[0] == "mend"
    assert git(smos, "status", "--porcelain") == ""
    assert smos("audit", "verify").code == 0
    assert "mended" not in smos("index", "--json").json


def test_doctor_repair_mends_it_too_and_says_so(smos: Home, torn: Path) -> None:
    done = smos("doctor", "--repair")
    assert f"repaired: {torn.relative_to(smos.vault)} had conflict markers. Merged anew." in done.out


def test_reading_leaves_it_as_it_is(smos: Home, torn: Path) -> None:
    before = torn.read_bytes()
    smos("recall", "cache")
    smos("list")
    assert torn.read_bytes() == before
    assert smos.findings()


def test_a_verb_that_git_calls_is_not_in_the_help(smos: Home) -> None:
    assert "merge-driver" not in smos("--help").out
