"""Progress of bytes on a terminal: how much came, gone before anything else is printed."""

from __future__ import annotations

import io
import time

import pytest

from smos_cli.cli.output import Output
from smos_cli.cli.transferring import Transfer
from tests.cli.screen import HIDDEN, SHOWN, Screen


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return Screen()


def long_since(output: Output) -> Transfer:
    """Return the progress of work that began a second ago."""
    transfer = Transfer(output)
    transfer._next = time.monotonic() - 1
    return transfer


def test_it_is_silent_at_first(screen: Screen) -> None:
    Transfer(Output(io.StringIO(), screen))("pulling mini", 1, 10)
    assert screen.getvalue() == ""


def test_it_counts_bytes_as_people_read_them(screen: Screen) -> None:
    transfer = long_since(Output(io.StringIO(), screen))
    transfer("pulling mini", 5_000_000, 20_000_000)
    transfer.stop()
    assert "pulling mini" in screen.getvalue()
    assert "5.0/20.0 MB" in screen.getvalue()


def test_a_size_that_is_unknown_is_none(screen: Screen) -> None:
    transfer = long_since(Output(io.StringIO(), screen))
    transfer("pulling mini", 5_000_000, 0)
    transfer.stop()
    assert "5.0/? MB" in screen.getvalue()


def test_it_is_taken_away_before_a_line_is_printed(screen: Screen) -> None:
    output = Output(screen, screen)
    long_since(output)("pulling mini", 1, 10)
    output.line("installed")
    text = screen.getvalue()
    assert text.count(HIDDEN) == text.count(SHOWN) == 1
    assert text.index(SHOWN) < text.index("installed")


def test_nobody_in_a_pipe_is_shown_any() -> None:
    error = io.StringIO()
    long_since(Output(io.StringIO(), error))("pulling mini", 1, 10)
    assert error.getvalue() == ""
