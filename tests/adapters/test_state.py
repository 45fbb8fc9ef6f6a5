"""state.sqlite: its file, its damage, and many processes at once; what it answers is in the contracts."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from smos_cli.adapters.state import LEASE_MS, StateQueue, forget_persona
from smos_cli.core.queue import LEASED, PENDING, Task
from smos_cli.errors import StorageError
from tests.fakes import FakeClock

TALK = Task("bob", "EPISODE1", "rules@1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def state(tmp_path: Path, clock: FakeClock) -> Iterator[StateQueue]:
    made = StateQueue(tmp_path, clock, lambda: 1.0)
    yield made
    made.close()


def test_only_its_owner_can_read_it(state: StateQueue, tmp_path: Path) -> None:
    state.enqueue([TALK])

    names = [name for name in os.listdir(tmp_path) if name.startswith("state.sqlite")]
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in names} == {0o600}


def test_nothing_is_made_by_looking(state: StateQueue, tmp_path: Path) -> None:
    state.jobs("bob")
    state.settled("bob", "rules@1")
    state.wipe("bob")

    assert os.listdir(tmp_path) == []


def test_sqlite_is_not_loaded_to_look_at_what_is_not_there(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from smos_cli.adapters.state import StateQueue;"
        f"StateQueue(Path({str(tmp_path)!r}), int, float).jobs('bob'); sys.exit('sqlite3' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("damage", ["no database", "a hole", "another table"])
def test_what_is_damaged_is_put_aside_and_begun_anew(tmp_path: Path, clock: FakeClock, damage: str) -> None:
    file = tmp_path / "state.sqlite"
    with_much(tmp_path, clock)
    if damage == "no database":
        file.write_bytes(b"not a database, whatever its name says")
    elif damage == "a hole":
        data = file.read_bytes()
        file.write_bytes(data[:4096] + b"\xff" * 8192 + data[12288:])
    else:
        with closing(sqlite3.connect(file)) as database:
            database.execute("DROP TABLE learnt")
    broken = file.stat().st_size

    with closing(StateQueue(tmp_path, clock, lambda: 1.0)) as state:
        assert list(state.jobs("bob")) == []
        state.enqueue([TALK])

        assert [job.task for job in state.jobs("bob")] == [TALK]
        assert "No memory is lost" in state.warnings[0]
    assert (tmp_path / "state.sqlite.damaged-1").stat().st_size == broken


def test_what_is_damaged_again_is_put_aside_beside_the_first(tmp_path: Path, clock: FakeClock) -> None:
    for _ in range(2):
        (tmp_path / "state.sqlite").write_bytes(b"not a database")
        with closing(StateQueue(tmp_path, clock, lambda: 1.0)) as state:
            state.jobs("bob")

    assert sorted(tmp_path.glob("*.damaged-*")) == [tmp_path / f"state.sqlite.damaged-{n}" for n in (1, 2)]


def with_much(home: Path, clock: FakeClock) -> None:
    """Make a queue of several pages, all of them in its file."""
    with closing(StateQueue(home, clock, lambda: 1.0)) as state:
        state.enqueue([TALK._replace(episode=f"EPISODE{number}") for number in range(500)])
    with closing(sqlite3.connect(home / "state.sqlite")) as database:
        database.execute("PRAGMA journal_mode = DELETE")


def test_what_a_newer_smos_wrote_is_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    with closing(sqlite3.connect(tmp_path / "state.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")

    with closing(StateQueue(tmp_path, clock, lambda: 1.0)) as state, pytest.raises(StorageError, match="newer smos"):
        state.jobs("bob")
    assert os.listdir(tmp_path) == ["state.sqlite"]


def test_a_folder_in_its_place_is_an_error_with_a_remedy(state: StateQueue, tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").mkdir()

    with pytest.raises(StorageError, match="can't be written"):
        state.enqueue([TALK])


@pytest.mark.parametrize("learnt", [False, True])
def test_what_is_wiped_is_in_no_file_any_more(state: StateQueue, tmp_path: Path, *, learnt: bool) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        worker.fail(job, "It said the door code.", "the door code is 4711")
        state.retry([1])
        if learnt and (again := worker.lease(1)):
            worker.done(again, ["t1"], "etag")
    state.wipe("bob")

    assert len(state.jobs("bob")) == (0 if learnt else 1)
    assert not any(b"door code" in (tmp_path / name).read_bytes() for name in os.listdir(tmp_path) if name != "locks")


def test_who_looks_for_dead_workers_is_in_nobody_s_way(tmp_path: Path, clock: FakeClock) -> None:
    done = Event()

    def sweep() -> None:
        state = StateQueue(tmp_path, clock, lambda: 1.0)
        while not done.is_set():
            state._sweep()

    with ThreadPoolExecutor(3) as threads:
        sweeping = [threads.submit(sweep) for _ in range(3)]
        try:
            for _ in range(800):
                with closing(StateQueue(tmp_path, clock, lambda: 1.0)) as state, state.working():
                    pass
        finally:
            done.set()
    assert [one.result() for one in sweeping] == [None] * 3


def test_of_a_persona_that_is_no_more_nothing_is_kept(state: StateQueue, tmp_path: Path) -> None:
    forget_persona(tmp_path, "bob")
    assert os.listdir(tmp_path) == []
    state.enqueue([TALK, TALK._replace(persona="eve")])
    state.unlearn([TALK])

    forget_persona(tmp_path, "bob")

    assert list(state.jobs("bob")) == []
    assert len(state.jobs("eve")) == 1
    with state.working() as worker:
        assert worker.learnt(TALK) == (frozenset(), False)


HOLD = """
import sys; from pathlib import Path
from smos_cli.adapters.state import StateQueue
with StateQueue(Path(sys.argv[1]), int, float).working() as worker:
    print(worker.lease(1) is not None, flush=True)
    sys.stdin.read()
"""


def test_the_job_of_a_worker_that_was_killed_is_free_at_once(state: StateQueue, tmp_path: Path) -> None:
    state.enqueue([TALK])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout and process.stdout.readline() == "True\n"
        process.kill()
        process.wait()

    assert state.jobs("bob")[0].state == PENDING
    with state.working() as worker:
        assert worker.lease(1)
    assert list((tmp_path / "locks").glob("*.worker")) == []


def test_a_worker_that_gave_no_sign_for_long_has_lost_its_job(state: StateQueue, clock: FakeClock) -> None:
    state.enqueue([TALK])
    with state.working() as one, state.working() as other:
        job = one.lease(1)
        assert job
        clock.milliseconds += LEASE_MS - 1
        assert one.hold(job)
        clock.milliseconds += LEASE_MS - 1
        assert state.jobs("bob")[0].state == LEASED
        clock.milliseconds += 1
        assert other.lease(1)
        assert not one.hold(job)


WORK = """
import sys, time; from pathlib import Path
from smos_cli.adapters.state import StateQueue
state = StateQueue(Path(sys.argv[1]), lambda: time.time_ns() // 1_000_000, lambda: 0.5)
with state.working() as worker:
    for job in state.jobs("bob"):
        if job := worker.lease(job.number):
            print(job.task.episode)
            worker.done(job, ["t1"], "etag")
"""


def test_many_processes_do_every_job_and_none_twice(state: StateQueue, tmp_path: Path, clock: FakeClock) -> None:
    wanted = [f"EPISODE{number}" for number in range(60)]
    state.enqueue([TALK._replace(episode=episode) for episode in wanted])
    state.close()

    workers = [
        subprocess.Popen([sys.executable, "-c", WORK, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    done = [line for worker in workers for line in worker.communicate()[0].split()]

    assert [worker.returncode for worker in workers] == [0] * 4
    assert sorted(done) == sorted(wanted)
    assert list(state.jobs("bob")) == []
    assert len(state.settled("bob", "rules@1")) == len(wanted)
