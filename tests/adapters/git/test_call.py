"""Calls of git that go wrong."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from smos_cli.adapters.git.call import Git
from smos_cli.errors import StorageError
from tests.adapters.git.steps import hook


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


def test_a_hook_that_hangs_is_ended_with_git(vault: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(vault)], check=True)
    told = tmp_path / "told"
    os.mkfifo(told)
    reader = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
    hook(vault, "pre-commit", f"exec > {told}; echo begun; sleep 600 & sleep 600")
    call = Git(vault, "git").start("commit", "--allow-empty", "--message=x", limit=0.5)

    with pytest.raises(StorageError, match=r"within 0\.5 s"):
        call.finish()

    os.set_blocking(reader, True)
    # The pipe ends when the last process that has it open is gone.
    assert b"".join(iter(lambda: os.read(reader, 100), b"")) == b"begun\n"
    os.close(reader)


def test_an_interrupt_ends_git_with_all_that_it_started(vault: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    reader = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
    call = Git(vault, "git").start("-c", f"alias.hang=!exec > {told}; read it; echo $it; sleep 600", "hang")

    def interrupt() -> None:
        select.select([reader], [], [])
        assert os.read(reader, 6) == b"begun\n"
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        call.finish(b"begun\n")

    thread.join()
    os.set_blocking(reader, True)
    assert os.read(reader, 100) == b""
    os.close(reader)


def test_nothing_can_be_asked_and_nothing_is_taken_from_a_calling_hook(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND", "GIT_ASKPASS"):
        monkeypatch.setenv(name, "theirs")

    plain = _variables(Git(vault, "git"), network=False)
    remote = _variables(Git(vault, "git"), network=True)

    assert (plain["GIT_ASKPASS"], plain["GIT_TERMINAL_PROMPT"], plain["SSH_ASKPASS_REQUIRE"]) == ("", "0", "never")
    assert {"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND"}.isdisjoint(plain)
    assert remote["GIT_SSH_COMMAND"] == "theirs"
    assert {"GIT_DIR", "GIT_CONFIG_COUNT"}.isdisjoint(remote)


def test_git_has_no_terminal(vault: Path) -> None:
    shown = Git(vault, "git").run("-c", "alias.who=!ps -o tty= -p $$", "who").decode().strip()

    assert shown.startswith("?")


def _variables(git: Git, *, network: bool) -> dict[str, str]:
    shown = git.run("-c", "alias.env=!env", "env", network=network).decode()
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
