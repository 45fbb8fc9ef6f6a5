"""The vault's listing, made in a second process while this one starts. What it lists: tests/contracts/test_scan.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smos_cli.adapters.prefetch import Prefetch
from smos_cli.adapters.scan import Listing, scan
from smos_cli.errors import VaultMissingError


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.md").write_text("A note.")
    return tmp_path


def test_it_is_the_listing_that_would_be_made_here(vault: Path) -> None:
    here = scan(vault, "")

    listing = Prefetch(lambda: scan(vault, "")).result()

    assert listing.fingerprint == here.fingerprint
    assert (listing.stamps(), listing.problems()) == (here.stamps(), here.problems())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_it_is_made_by_another_process(tmp_path: Path) -> None:
    def made() -> Listing:
        (tmp_path / "by").write_text(str(os.getpid()))
        return scan(tmp_path, "")

    Prefetch(made).result()

    assert int((tmp_path / "by").read_text()) != os.getpid()


def test_a_listing_of_more_than_a_pipe_holds_comes_through(vault: Path) -> None:
    for number in range(2000):
        (vault / f"notes/{'long' * 20}{number}.md").touch()

    assert len(Prefetch(lambda: scan(vault, "")).result().stamps()) == 2001


def test_what_fails_there_is_tried_here_and_the_error_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(VaultMissingError):
        Prefetch(lambda: scan(tmp_path / "gone", "")).result()


def test_what_fails_only_there_is_made_here(vault: Path) -> None:
    parent = os.getpid()

    def made() -> Listing:
        if os.getpid() != parent:
            os._exit(7)
        return scan(vault, "")

    assert len(Prefetch(made).result().stamps()) == 1


def test_no_process_is_left_behind(vault: Path) -> None:
    Prefetch(lambda: scan(vault, "")).result()

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
