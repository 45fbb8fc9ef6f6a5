"""Several processes on one memory at once: none fails, nothing is lost, nothing is stored twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.cli.running import BUSY, Home

TTL = "The cache TTL is 10 seconds."

_HOLDER = """
import sys
from pathlib import Path
from smos_cli.adapters.locks import held
with held(Path(sys.argv[1]), 5.0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_many_processes_remember_at_once_is_all_there_while_others_recall(smos: Home) -> None:
    smos.remember(TTL)
    texts = [f"Fact {number} of process {process}." for process in range(4) for number in range(8)]

    with ThreadPoolExecutor(5) as pool:
        recalling = pool.submit(lambda: [smos("recall", "TTL", "--json").json for _ in range(12)])
        stored = list(pool.map(lambda text: smos("remember", "--json", text).json, texts))

    assert [answer["outcome"] for answer in stored] == ["stored"] * len(texts)
    assert all(TTL in [hit["text"] for hit in answer["hits"]] for answer in recalling.result())
    there = smos("list", "--json").json["memories"]
    assert sorted(memory["text"] for memory in there) == sorted([TTL, *texts])
    assert len({memory["id"] for memory in there}) == len(there)
    assert len(list(smos.vault.glob("memories/*/*/*.md"))) == len(there)
    log = subprocess.run(["git", "-C", smos.vault, "log", "--format=%s"], capture_output=True, text=True, check=True)
    assert log.stdout.count("remember: ") == len(there)
    status = subprocess.run(["git", "-C", smos.vault, "status", "--short"], capture_output=True, check=True)
    assert status.stdout == b""
    assert smos("doctor").out == "Nothing is wrong.\n"


def test_one_text_that_many_processes_remember_at_once_is_stored_once(smos: Home) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: smos("remember", "--json", TTL).json, range(6)))

    assert sorted(answer["outcome"] for answer in answers) == ["duplicate"] * 5 + ["stored"]
    assert len({answer["memory"]["id"] for answer in answers}) == 1
    assert len(smos("list").out.splitlines()) == 1


def test_many_processes_that_need_a_home_at_once_make_one(smos: Home) -> None:
    home = smos.user / "another home"

    with ThreadPoolExecutor(4) as pool:
        texts = [f"Fact {number}." for number in range(4)]
        list(pool.map(lambda text: smos("remember", text, env={"SMOS_HOME": str(home)}), texts))

    listed = smos("list", "--json", env={"SMOS_HOME": str(home)}).json["memories"]
    assert sorted(memory["text"] for memory in listed) == texts


@contextmanager
def index_held(smos: Home) -> Iterator[subprocess.Popen[bytes]]:
    """Hold the index in a process of its own, which lets go when it is killed or the block ends."""
    smos("config", "set", "index.wait_seconds", "0.2")
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(smos.folder / "index/bob.lock")],
        env=smos.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield holder


@pytest.fixture
def busy(smos: Home) -> Iterator[Home]:
    """A home whose index another process holds, after it took in one memory."""
    smos.remember(TTL)
    smos("index")
    with index_held(smos):
        yield smos


def test_recall_answers_from_the_files_while_the_index_is_held(busy: Home) -> None:
    done = busy("recall", "cache", "TTL", "--json")

    assert done.json["degraded"] is True
    assert [hit["text"] for hit in done.json["hits"]] == [TTL]
    assert done.err.startswith("warning: ")
    assert "from the files alone." in done.err


def test_remember_does_not_wait_for_an_index_that_is_held(busy: Home) -> None:
    assert busy("remember", "--json", "Ann has the pager.").json["outcome"] == "stored"
    assert busy("remember", "--json", TTL).json["outcome"] == "duplicate"
    assert busy("recall", "pager", "--json").json["hits"][0]["text"] == "Ann has the pager."


def test_what_needs_the_index_says_that_it_is_held(busy: Home) -> None:
    for words in (("index",), ("index", "--rebuild"), ("list",)):
        error = json.loads(busy(*words, "--json", code=BUSY).err)["error"]
        assert error["code"] == "index_busy"
        assert error["message"].startswith("Another process holds ")
    assert "held by another process" in busy("status").out


def test_an_index_whose_holder_was_killed_catches_up(smos: Home) -> None:
    with index_held(smos) as holder:
        smos.remember(TTL)
        holder.kill()

    done = smos("recall", "TTL", "--json").json
    assert (done["degraded"], done["hits"][0]["text"]) == (False, TTL)
