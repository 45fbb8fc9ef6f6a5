"""A build of the index that is stopped, by Ctrl-C or by ``kill -9``: what is done stays, and the next goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from smos_cli.adapters.duck.opening import size
from tests.cli.running import COMMAND, Home

COUNT = 8_000
"""So many that there is time to stop it between the first chunk and the last."""


@pytest.fixture(scope="module")
def archive(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    user = tmp_path_factory.mktemp("archive") / "user"
    shutil.copytree(first_home, user)
    home = Home(user)
    for number in range(COUNT):
        home.write(f"notes/{number // 500}/{number}.md", f"Note {number} of the archive is about build {number * 7}.\n")
    return home


@pytest.fixture
def many(archive: Home) -> Home:
    shutil.rmtree(archive.folder / "index", ignore_errors=True)
    return archive


def left_to_read(smos: Home, words: Sequence[str]) -> int:
    """Refresh to the end; return how many files had to be read for it."""
    counts = smos.counts(*words)
    assert counts["seen"] >= COUNT
    assert smos.recalled("note 17 of the archive")[0].startswith("Note 17 ")
    stored: int = counts["stored"]
    return stored


def begun(smos: Home, words: Sequence[str]) -> pexpect.spawn[bytes]:
    """Start a build; return when some chunks of it are in."""
    child = pexpect.spawn(COMMAND[0], [*COMMAND[1:], *words], env={**smos.env, "TERM": "xterm-256color"}, timeout=60)
    child.expect(rb"Indexing[^\r\n]*[2-9]\d\d\d/")
    return child


@pytest.mark.parametrize("words", [("index",), ("index", "--rebuild")])
def test_a_killed_build_is_gone_on_with(many: Home, words: tuple[str, ...]) -> None:
    child = begun(many, words)
    child.kill(signal.SIGKILL)
    child.expect(pexpect.EOF)
    child.close()

    assert left_to_read(many, words) < COUNT


@pytest.mark.parametrize("words", [("index",), ("index", "--rebuild"), ("recall", "archive")])
def test_ctrl_c_says_how_far_it_came(many: Home, words: tuple[str, ...]) -> None:
    child = begun(many, words)
    child.sendintr()
    said = child.read().decode()
    child.close()

    assert child.exitstatus == 130
    assert "Stopped after " in said
    assert "goes on from there" in said
    assert "Traceback" not in said
    assert left_to_read(many, words if words[0] == "index" else ("index",)) < COUNT


def test_a_program_is_told_in_json(many: Home) -> None:
    log = many.folder / "index/bob.duckdb.wal"
    process = subprocess.Popen([*COMMAND, "index", "--json"], env=many.env, cwd=many.user, stderr=subprocess.PIPE)
    with process:
        deadline = time.monotonic() + 60
        while size(log) < 100_000:
            assert process.poll() is None, "it ended before it was stopped"
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        assert process.stderr
        said = process.stderr.read()

    assert process.returncode == 130
    error = json.loads(said)["error"]
    assert error["code"] == "stopped"
    assert error["message"].startswith("Stopped after ")
