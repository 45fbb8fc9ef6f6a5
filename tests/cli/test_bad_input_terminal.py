"""Terminals, locales, pipes and signals that are not as one would like: text is shown, never interpreted."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.cli.running import COMMAND, Home

TRICKY = "[bold red]Deploy[/] by \x1b[2J\x1b]8;;http://x\x07hand\x1b[0m :smile: on Fridays."
SHOWN = "[bold red]Deploy[/] by ␛[2J␛]8;;http://x␇hand␛[0m :smile: on Fridays."
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(smos: Home, *words: str, columns: int = 100, **env: str) -> pexpect.spawn:
    """Start a command on a terminal of 24 lines."""
    environment = {**smos.env, "TERM": "xterm-256color", **env}
    return pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], *words],
        env=environment,
        dimensions=(24, columns),
        encoding=env.get("PYTHONIOENCODING", "utf-8"),
        timeout=30,
    )


def screen(child: pexpect.spawn, code: int = 0) -> str:
    """Return all a command wrote until it ended, without colours."""
    text = child.read().replace("\r\n", "\n")
    child.close()
    assert child.exitstatus == code, text
    assert "Traceback" not in text
    return _STYLE.sub("", text)


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_a_terminal_shows_brackets_and_escapes_and_obeys_neither(smos: Home) -> None:
    identity = smos.remember(TRICKY)

    for words in (("recall", "deploy", "--why"), ("list",), ("show", identity), ("pin", identity)):
        text = screen(on_terminal(smos, *words, columns=200))
        assert SHOWN in text
        assert "\x1b" not in text
    error = screen(on_terminal(smos, "show", "[red]\x1b[2J"), code=3)
    assert "'[red]\\x1b[2J'" in error
    assert "\x1b" not in error


def test_file_names_are_shown_and_not_obeyed(smos: Home) -> None:
    smos.write("notes/[red]x\x1b[2J.md", "A note of an odd name.")

    for words in (("recall", "odd"), ("doctor",)):
        assert "\x1b" not in screen(on_terminal(smos, *words))
    assert "[red]x␛[2J.md" in smos("recall", "odd").out


@pytest.mark.parametrize("columns", [1, 20])
def test_a_narrow_terminal_is_kept_to_its_width(columns: int, smos: Home) -> None:
    smos.remember("Internationalisation is abbreviated as i18n: 缓存的有效期是十秒。")

    for words in (("recall", "i18n", "--why"), ("list",), ("tags",), ("status",)):
        text = screen(on_terminal(smos, *words, columns=columns))
        if columns > 1:
            assert max(map(width, text.splitlines()), default=0) <= columns
            assert words[0] != "recall" or "abbreviated" in re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["C", "POSIX without coercion", "latin-1"],
)
def test_any_text_can_be_stored_and_printed_in_any_locale(env: dict[str, str], smos: Home) -> None:
    text = "Café 缓存 🚀 عشر"
    stored = smos("remember", "--json", "-", stdin=text, env=env).json["memory"]

    assert stored["text"] == text
    assert smos("recall", "Café", env=env).out.startswith(f"{stored['id']}\t{text}")
    assert smos("show", stored["id"][-8:], env=env).out.endswith(f"{text}\n")
    assert screen(on_terminal(smos, "list", **env)).count("Caf") == 1
    assert smos("remember", "Straße", env=env).out.startswith("stored")
    assert "Straße" in smos("list").out


def test_a_reader_that_goes_away_is_no_error(smos: Home) -> None:
    lines = "\n".join(json.dumps({"text": f"{number} {'words ' * 60}"}) for number in range(800))
    smos("import", "-", stdin=lines)

    for words in (("list",), ("export",), ("recall", "words", "-k", "800", "--json")):
        child = subprocess.Popen([*COMMAND, *words], env=smos.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert child.stdout is not None and child.stderr is not None
        child.stdout.read(10)
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=30) == 0
        child.stderr.close()


def test_an_interrupted_import_ends_at_once_and_leaves_nothing_half_done(smos: Home) -> None:
    child = subprocess.Popen(
        [*COMMAND, "import", "-"], env=smos.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin is not None
    for number in range(1500):
        child.stdin.write(json.dumps({"text": f"Fact number {number}."}).encode() + b"\n")
    child.stdin.flush()
    _wait_for(lambda: len(list(smos.vault.glob("memories/*/*/*.md"))) == 1000)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=30)

    assert (child.returncode, error) == (130, b"Stopped.\n")
    assert [path for path in smos.vault.rglob("*") if path.name.endswith(".tmp")] == []
    there = len(list(smos.vault.glob("memories/*/*/*.md")))
    assert there in (0, 1000)
    assert len(smos("list").out.splitlines()) == there
    status = subprocess.run(["git", "-C", smos.vault, "status", "--short"], capture_output=True, check=True)
    assert status.stdout == b""


def test_a_reason_has_a_line_of_its_own_in_the_log(smos: Home) -> None:
    smos("remember", "The cache TTL is 10 seconds, not 60.", "--reason", "the limiter resets at 10")

    for columns in (40, 80):
        lines = screen(on_terminal(smos, "log", "-n", "1", columns=columns)).splitlines()
        assert lines[2].strip().startswith("because: the")


def test_a_question_on_a_terminal_is_waited_for_and_no_is_the_default(smos: Home) -> None:
    smos("remember", "Builds take four minutes.", "-t", "build")

    child = on_terminal(smos, "forget", "--tag", "build")
    child.expect_exact("Forget 1 memory? [y/N] ")
    child.sendline("")
    screen(child, code=1)
    assert smos("list").out.count("Builds") == 1

    child = on_terminal(smos, "forget", "--tag", "build")
    child.expect_exact("[y/N] ")
    child.sendintr()
    assert "Stopped." in screen(child, code=130)
    assert smos("list").out.count("Builds") == 1

    child = on_terminal(smos, "forget", "--tag", "build")
    child.expect_exact("[y/N] ")
    child.sendline("y")
    assert "Forgotten: Builds take four minutes." in screen(child)
    assert smos("list").out == ""


def test_adopting_on_a_terminal_asks_which_folders_a_model_may_see(smos: Home, tmp_path: Path) -> None:
    for name in ("Work", "Private"):
        (tmp_path / "notes" / name).mkdir(parents=True)

    child = on_terminal(smos, "persona", "add", "ann", "--path", str(tmp_path / "notes"))
    child.expect_exact("Folders: Private, Work")
    child.expect_exact("Which of them may a model see?")
    child.sendline("Work")
    screen(child)

    assert smos("persona", "show", "ann", "--json").json["model_folders"] == ["Work"]


@pytest.mark.parametrize("words", [("recall", "TTL"), ("recall", "TTL", "--json"), ("list",), ("status",)])
def test_a_closed_standard_output_is_a_sentence_and_not_a_traceback(smos: Home, words: tuple[str, ...]) -> None:
    smos.remember("The cache TTL is 10 seconds.")

    done = smos(*words, code=1, preexec_fn=lambda: os.close(1))

    assert "The output can't be written: Bad file descriptor." in done.err


@pytest.mark.parametrize(("words", "code"), [(("remember", "-"), 2), (("recall", "--batch", "-"), 0)])
def test_a_closed_standard_input_is_an_empty_one(smos: Home, words: tuple[str, ...], code: int) -> None:
    assert smos(*words, code=code, preexec_fn=lambda: os.close(0)).out == ""


def test_a_closed_standard_error_takes_nothing_away_from_the_answer(smos: Home) -> None:
    smos.remember("The cache TTL is 10 seconds.")

    assert "The cache TTL is 10 seconds." in smos("recall", "TTL", preexec_fn=lambda: os.close(2)).out


def _wait_for(happened: Callable[[], bool]) -> None:
    """Wait for another process, at most twenty seconds."""
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
