"""The vault's listing, made in a second process while this one starts. What it lists: tests/contracts/test_scan.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smos_cli.adapters.prefetch import Prefetch
from smos_cli.adapters.scan import MANY, Apart, Listing, scan
from smos_cli.errors import VaultMissingError
from tests.children import children


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("A note.")
    return tmp_path


def test_it_is_the_listing_that_would_be_made_here(vault: Path) -> None:
    here = scan(vault, "")

    listing = Prefetch(lambda apart: scan(vault, "", None, apart)).result()

    assert listing.fingerprint == here.fingerprint
    assert (listing.stamps(), listing.problems()) == (here.stamps(), here.problems())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_it_is_made_by_another_process(tmp_path: Path) -> None:
    def made(_apart: Apart | None) -> Listing:
        (tmp_path / "by").write_text(str(os.getpid()))
        return scan(tmp_path, "")

    Prefetch(made).result()

    assert int((tmp_path / "by").read_text()) != os.getpid()


def test_a_listing_of_more_than_a_pipe_holds_comes_through(vault: Path) -> None:
    for number in range(2000):
        (vault / f"notes/{'long' * 20}{number}.md").touch()

    assert len(Prefetch(lambda apart: scan(vault, "", None, apart)).result().stamps()) == 2001


@pytest.fixture
def large(tmp_path: Path) -> Path:
    for number in range(MANY + 5):
        for name in ("a.md", "b/c.md"):
            (tmp_path / f"{number}/{name}").parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / f"{number}/{name}").write_text("A note.")
    return tmp_path


def test_half_of_many_folders_is_listed_by_another_process_and_it_is_the_same_listing(large: Path) -> None:
    here = scan(large, "")

    listing = Prefetch(lambda apart: scan(large, "", None, apart)).result()

    assert listing.fingerprint == here.fingerprint
    assert (listing.stamps(), listing.problems()) == (here.stamps(), here.problems())


def test_what_the_other_half_fails_in_is_listed_all_the_same(large: Path) -> None:
    parent = os.getpid()
    here = scan(large, "")

    def ignored(path: str) -> bool:
        # The child's own child: its parent is neither this process nor the init that takes in orphans.
        if os.getpid() != parent and os.getppid() != parent:
            os._exit(7)
        return False

    assert Prefetch(lambda apart: scan(large, "", ignored, apart)).result().fingerprint == here.fingerprint


def test_who_needs_only_the_fingerprint_leaves_nothing_behind(large: Path) -> None:
    there = children()
    fingerprint = Prefetch(lambda apart: scan(large, "", None, apart)).result().fingerprint

    assert fingerprint == scan(large, "").fingerprint
    assert children() == there


def test_what_fails_there_is_tried_here_and_the_error_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(VaultMissingError):
        Prefetch(lambda apart: scan(tmp_path / "gone", "", None, apart)).result()


def test_what_fails_only_there_is_made_here(vault: Path) -> None:
    parent = os.getpid()

    def made(_apart: Apart | None) -> Listing:
        if os.getpid() != parent:
            os._exit(7)
        return scan(vault, "")

    assert len(Prefetch(made).result().stamps()) == 1


def test_no_process_is_left_behind(vault: Path) -> None:
    there = children()
    Prefetch(lambda apart: scan(vault, "", None, apart)).result()

    assert children() == there
