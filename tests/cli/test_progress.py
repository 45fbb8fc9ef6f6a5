"""Progress on a terminal: it comes with work that takes long, and is gone before anything else is printed."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pexpect
import pytest

from smos_cli.cli.output import Output
from smos_cli.cli.progress import Progress
from tests.cli.running import COMMAND, Home
from tests.cli.screen import HIDDEN, SHOWN, Screen


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm-256color")
    return Screen()


def long_since(output: Output) -> Progress:
    """Return the progress of work that began a second ago."""
    progress = Progress(output)
    progress._started = time.monotonic() - 1
    return progress


def test_it_is_silent_at_first(screen: Screen) -> None:
    Progress(Output(io.StringIO(), screen))("reading", 1, 10)

    assert screen.getvalue() == ""


def test_it_is_taken_away_before_a_line_is_printed(screen: Screen) -> None:
    output = Output(screen, screen)
    long_since(output)("reading", 1, 10)
    output.line("done")

    text = screen.getvalue()
    assert text.count(HIDDEN) == text.count(SHOWN) == 1
    assert text.index(SHOWN) < text.index("done")


def test_work_of_unknown_length_has_a_count_and_no_end(screen: Screen) -> None:
    progress = long_since(Output(io.StringIO(), screen))
    progress("importing", 7, 0)
    progress.stop()

    assert "importing 7" in screen.getvalue()
    assert "━" not in screen.getvalue()
    assert "?" not in screen.getvalue().replace("\x1b[?", "")


def test_nobody_in_a_pipe_is_shown_any() -> None:
    error = io.StringIO()
    long_since(Output(io.StringIO(), error))("reading", 1, 10)

    assert error.getvalue() == ""


def test_who_interrupts_a_long_import_has_the_cursor_again(smos: Home, tmp_path: Path) -> None:
    lines = tmp_path / "many.jsonl"
    lines.write_text("".join(json.dumps({"text": f"Fact number {number}."}) + "\n" for number in range(20_000)))
    child = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "import", str(lines)],
        env={**smos.env, "TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=30,
    )
    child.expect_exact(HIDDEN)
    child.sendintr()
    rest = child.read()
    child.close()

    assert child.exitstatus == 130
    assert rest.count(SHOWN) == rest.count(HIDDEN) + 1
    assert rest.rindex(SHOWN) < rest.rindex("Stopped.")
