"""``smos queue``, and what ``status`` and ``doctor`` tell of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from smos_cli.adapters.state import StateQueue
from smos_cli.core.queue import MOST_ATTEMPTS, Task
from tests.cli.running import Home
from tests.cli.synced import Pair

REASON = "It gave no usable answer."


@pytest.fixture
def state(smos: Home) -> Iterator[StateQueue]:
    with closing(StateQueue(smos.folder, lambda: time.time_ns() // 1_000_000, lambda: 1.0)) as state:
        yield state


def failing(state: StateQueue, *times: int) -> None:
    """Put in a job for each number, that has failed so often."""
    tasks = [Task("bob", f"EPISODE{number}", "llm@1") for number in range(len(times))]
    state.enqueue(tasks)
    with state.working() as worker:
        for job, number in zip(state.jobs("bob"), times, strict=True):
            for _ in range(number):
                leased = worker.lease(job.number)
                assert leased
                worker.fail(leased, REASON, "the sky is green")


def states(home: Home) -> dict[int, str]:
    return {job["id"]: job["state"] for job in home("queue", "list", "--json").json["jobs"]}


def test_an_empty_queue_says_so(smos: Home) -> None:
    done = smos("queue", "list")

    assert (done.out, done.err) == ("", "Nothing waits to be learnt from.\n")
    assert states(smos) == {}


def test_what_waits_is_listed_with_why_and_when(smos: Home, state: StateQueue) -> None:
    failing(state, 0, 1, MOST_ATTEMPTS)

    rows = [line.split("\t") for line in smos("queue", "list").out.splitlines()]

    assert [row[:5] for row in rows] == [
        ["1", "pending", "EPISODE0", "llm@1", "0"],
        ["2", "waiting", "EPISODE1", "llm@1", "1"],
        ["3", "dead", "EPISODE2", "llm@1", str(MOST_ATTEMPTS)],
    ]
    assert [row[6] for row in rows] == ["", REASON, REASON]
    assert [bool(row[5]) for row in rows] == [False, True, False]
    assert [job["kept"] for job in smos("queue", "list", "--json").json["jobs"]] == [None, *["the sky is green"] * 2]


def test_another_personas_queue_is_not_seen(smos: Home, state: StateQueue) -> None:
    failing(state, 1)
    smos("persona", "add", "eve")

    assert smos("queue", "list", "-p", "eve").out == ""
    assert smos("queue", "drop", "1", "-p", "eve", code=3).out == ""


def test_retry_takes_back_all_that_failed_or_what_is_named(smos: Home, state: StateQueue) -> None:
    failing(state, 0, 1, MOST_ATTEMPTS, MOST_ATTEMPTS)

    assert smos("queue", "retry", "4").out == "retried\t4\tEPISODE3\n"
    assert states(smos) == {1: "pending", 2: "waiting", 3: "dead", 4: "pending"}
    assert smos("queue", "retry", "--json").json == {"schema": 1, "retried": [2, 3]}
    assert set(states(smos).values()) == {"pending"}


def test_drop_takes_out_what_is_named(smos: Home, state: StateQueue) -> None:
    failing(state, 1, 1)

    assert smos("queue", "drop", "1", "1").out == "dropped\t1\tEPISODE0\n"
    assert states(smos) == {2: "waiting"}
    assert "nothing to drop" in smos("queue", "drop", code=2).err


@pytest.mark.parametrize(("word", "code"), [("7", 3), ("9" * 5000, 3), ("x", 2), ("-1", 2), ("²", 2)])
def test_what_is_no_job_is_an_error(smos: Home, state: StateQueue, word: str, code: int) -> None:
    failing(state, 1)

    for verb in ("retry", "drop"):
        assert smos("queue", verb, "--", word, code=code).err.startswith("smos: ")
    assert states(smos) == {1: "waiting"}


def test_status_counts_what_waits(smos: Home, state: StateQueue) -> None:
    assert "to learn from" not in smos("status").out
    failing(state, 0, 1, MOST_ATTEMPTS)

    assert "to learn from\t1 pending, 1 waiting, 1 dead\n" in smos("status").out
    assert smos("status", "--json").json["queue"] == {"pending": 1, "leased": 0, "waiting": 1, "dead": 1}


def test_doctor_tells_what_was_given_up_until_it_is_dropped(smos: Home, state: StateQueue) -> None:
    failing(state, 1, MOST_ATTEMPTS, MOST_ATTEMPTS)

    assert smos.findings() == {"queue": f"2 conversations could not be learnt from: {REASON}"}
    smos("queue", "drop", "2", "3")
    assert smos.findings() == {}


def test_what_was_kept_aside_goes_when_something_is_forgotten(smos: Home, state: StateQueue) -> None:
    failing(state, 1)
    identity = smos.remember("The sky is green.")

    smos("forget", identity)

    assert smos("queue", "list", "--json").json["jobs"][0]["kept"] is None
    files = [file for file in smos.folder.glob("state.sqlite*") if b"the sky is green" in file.read_bytes()]
    assert files == []


def test_what_was_kept_aside_goes_when_another_machine_forgot_something(pair: Pair) -> None:
    identity = pair.ann.remember("The sky is green.")
    pair.sync()
    with closing(StateQueue(pair.ben.folder, lambda: 0, lambda: 1.0)) as state:
        failing(state, 1)
    pair.ann("forget", identity)

    pair.sync()

    assert [job["kept"] for job in pair.ben("queue", "list", "--json").json["jobs"]] == [None]


def test_a_queue_that_can_not_be_read_is_a_finding_and_no_more(smos: Home) -> None:
    (smos.folder / "state.sqlite").mkdir()

    assert "state.sqlite can't be written" in smos.findings()["queue"]
    assert smos("status", "--json").json["queue"] is None
    assert json.loads(smos("queue", "list", "--json", code=1).err)["error"]["code"] == "storage"
