"""The queue and what was learnt, in ``state.sqlite`` in home: the ``State`` port, for any number of processes.

Owns who has a job. A lease is over when its worker is done, is dead (the lock file that names it is free) or did not
say for half an hour that it lives. The clock and the dice are arguments. SQLite is loaded only where there is
something to read or to write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from smos_cli.adapters.locks import held, is_free
from smos_cli.core.manifest import STATE
from smos_cli.core.queue import (
    DEAD,
    LEASED,
    MOST_ATTEMPTS,
    PENDING,
    WAITING,
    Job,
    Learnt,
    Plan,
    Task,
    packed,
    unpacked,
    wait_ms,
)
from smos_cli.errors import SmosError

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager

    from smos_cli.adapters.statefile import StateFile

LEASE_MS = 30 * 60_000
"""ms that a worker may go without a sign of life, where its lock can't tell: twice what the slowest model takes."""
_MOMENT = 5.0
"""Seconds within which who looks at a new lock, to see whether it is a dead worker's, has let go of it."""
_DROPPED = "dropped"
_FIELDS = "number, persona, episode, extractor, asked, ended, attempts, due, worker, until, plan, reason, kept"
_ROW = tuple[int, str, str, str, int, str, int, int, str, int, str, str, str]
_SAME_TASK = "persona = ? AND episode = ? AND extractor = ?"


def forget_persona(home: Path, persona: str) -> None:
    """Take out what is kept of a persona that is no more; what can't be read tells the next of that name nothing."""
    file = home / STATE
    if not file.exists():
        return
    from smos_cli.adapters.statefile import StateFile

    state = StateFile(file, home / "locks")
    try:
        with suppress(SmosError), state.transaction() as database:
            for table in ("jobs", "learnt"):
                database.execute(f"DELETE FROM {table} WHERE persona = ?", (persona,))
    finally:
        state.close()


class StateQueue:
    """The ``State`` port over a home folder; ``clock`` returns ms since 1970, ``chance`` a number from 0 to 1."""

    def __init__(self, home: Path, clock: Callable[[], int], chance: Callable[[], float]) -> None:
        self._path = home / STATE
        self._locks = home / "locks"
        self._file: StateFile | None = None
        self._clock = clock
        self._chance = chance

    @property
    def warnings(self) -> Sequence[str]:
        return self._file.warnings if self._file else ()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Yield the database in a transaction that nobody else writes meanwhile."""
        return self._database().transaction()

    def enqueue(self, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        now = self._clock()
        with self.transaction() as database:
            database.executemany(
                "INSERT INTO jobs (persona, episode, extractor, due) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (persona, episode, extractor) DO UPDATE"
                " SET asked = asked + 1, due = excluded.due, ended = '',"
                " attempts = CASE ended WHEN '' THEN attempts ELSE 0 END",
                [(*task, now) for task in tasks],
            )

    def jobs(self, persona: str) -> Sequence[Job]:
        if not self._path.exists():
            return []
        with self.transaction() as database:
            rows = database.execute(
                f"SELECT {_FIELDS} FROM jobs WHERE persona = ? AND ended <> ? ORDER BY number", (persona, _DROPPED)
            ).fetchall()
        return [self.job(row) for row in rows]

    def retry(self, numbers: Collection[int]) -> None:
        now = self._clock()
        with self.transaction() as database:
            database.executemany(
                "UPDATE jobs SET due = ?, ended = '', attempts = 0 WHERE number = ?",
                [(now, number) for number in numbers],
            )

    def drop(self, numbers: Collection[int]) -> None:
        with self.transaction() as database:
            database.executemany(
                "UPDATE jobs SET ended = ?, worker = '', plan = '', reason = '', kept = '' WHERE number = ?",
                [(_DROPPED, number) for number in numbers],
            )

    @contextmanager
    def working(self) -> Iterator[StateWorker]:
        name = os.urandom(8).hex()
        lock = self._locks / f"{name}.worker"
        self._sweep()
        with held(lock, _MOMENT):
            worker = StateWorker(self, name)
            try:
                yield worker
            finally:
                worker.leave()
                with suppress(OSError):
                    lock.unlink()

    def settled(self, persona: str, extractor: str) -> Mapping[str, str]:
        if not self._path.exists():
            return {}
        key = (persona, extractor)
        with self.transaction() as database:
            read = database.execute(
                "SELECT episode, etag FROM learnt WHERE persona = ? AND extractor = ? AND etag <> ''", key
            ).fetchall()
            dropped = database.execute(
                "SELECT episode FROM jobs WHERE persona = ? AND extractor = ? AND ended = ?", (*key, _DROPPED)
            ).fetchall()
        return dict(read) | {episode: "" for (episode,) in dropped}

    def unlearn(self, tasks: Sequence[Task]) -> None:
        with self.transaction() as database:
            database.executemany(
                "INSERT INTO learnt (persona, episode, extractor, turns, again) VALUES (?, ?, ?, '', 1)"
                " ON CONFLICT (persona, episode, extractor) DO UPDATE SET turns = '', again = 1, etag = ''",
                tasks,
            )

    def wipe(self, persona: str) -> None:
        if not self._path.exists():
            return
        with self.transaction() as database:
            database.execute(
                "UPDATE jobs SET kept = '', reason = '' WHERE persona = ? AND (kept <> '' OR reason <> '')", (persona,)
            )
        # Else what was overwritten, now or before, is still in the log beside the file.
        self._database().checkpoint()

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._file:
            self._file.close()

    def is_held(self, worker: str, until: int) -> bool:
        """Say whether who has a job lives, as far as can be told."""
        if not worker or until <= self._clock():
            return False
        lock = self._locks / f"{worker}.worker"
        return lock.exists() and not is_free(lock)

    def renewed(self) -> int:
        """Return until when a lease of now holds."""
        return self._clock() + LEASE_MS

    def failed(self, attempts: int) -> tuple[str, int]:
        """Return how a job ended that failed so often, empty where it is to be tried again, and when."""
        if attempts >= MOST_ATTEMPTS:
            return DEAD, self._clock()
        return "", self._clock() + wait_ms(attempts, self._chance())

    def _database(self) -> StateFile:
        if self._file is None:
            from smos_cli.adapters.statefile import StateFile

            self._file = StateFile(self._path, self._locks)
        return self._file

    def _sweep(self) -> None:
        """Delete the lock files of workers that died."""
        with suppress(OSError):
            for lock in self._locks.glob("*.worker"):
                if is_free(lock):
                    lock.unlink()

    def job(self, row: _ROW) -> Job:
        """Return the job of a row."""
        number, persona, episode, extractor, asked, ended, attempts, due, worker, until, plan, reason, kept = row
        if ended:
            state = ended
        elif self.is_held(worker, until):
            state = LEASED
        else:
            state = WAITING if due > self._clock() else PENDING
        written = json.loads(plan) if plan else None
        return Job(number, Task(persona, episode, extractor), state, attempts, due, reason, kept, written, asked)


class StateWorker:
    """The ``Worker`` port: the jobs of one worker, by the name of its lock."""

    def __init__(self, state: StateQueue, name: str) -> None:
        self._state = state
        self._name = name

    def lease(self, number: int) -> Job | None:
        with self._state.transaction() as database:
            row = _row(database, number)
            if row is None or row[5] or (row[8] != self._name and self._state.is_held(row[8], row[9])):
                return None
            database.execute(
                "UPDATE jobs SET worker = ?, until = ? WHERE number = ?", (self._name, self._state.renewed(), number)
            )
        return self._state.job(row)._replace(state=LEASED)

    def hold(self, job: Job, plan: Plan | None = None) -> bool:
        written = json.dumps({turn: list(ids) for turn, ids in plan.items()}) if plan is not None else None
        with self._state.transaction() as database:
            done = database.execute(
                "UPDATE jobs SET until = ?, plan = COALESCE(?, plan) WHERE number = ? AND worker = ?",
                (self._state.renewed(), written, job.number, self._name),
            )
            return bool(done.rowcount)

    def done(self, job: Job, turns: Iterable[str], etag: str = "") -> None:
        with self._state.transaction() as database:
            known = _learnt(database, job.task)
            read = packed({*known.turns, *turns})
            again = known.again and not etag
            database.execute(
                "INSERT INTO learnt (persona, episode, extractor, turns, again, etag) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (persona, episode, extractor) DO UPDATE"
                " SET turns = excluded.turns, again = excluded.again, etag = excluded.etag",
                (*job.task, read, again, etag),
            )
            mine = (job.number, self._name)
            database.execute("UPDATE jobs SET plan = '', reason = '', kept = '' WHERE number = ? AND worker = ?", mine)
            if etag:
                database.execute("DELETE FROM jobs WHERE number = ? AND worker = ? AND asked = ?", (*mine, job.asked))
                database.execute("UPDATE jobs SET worker = '' WHERE number = ? AND worker = ?", mine)

    def fail(self, job: Job, reason: str, kept: str = "") -> Job:
        attempts = job.attempts + 1
        ended, due = self._state.failed(attempts)
        with self._state.transaction() as database:
            database.execute(
                "UPDATE jobs SET worker = '', ended = ?, attempts = ?, due = ?, reason = ?, kept = ?"
                " WHERE number = ? AND worker = ?",
                (ended, attempts, due, reason, kept, job.number, self._name),
            )
        state = ended or WAITING
        return job._replace(state=state, attempts=attempts, due=due, reason=reason, kept=kept)

    def learnt(self, task: Task) -> Learnt:
        with self._state.transaction() as database:
            return _learnt(database, task)

    def leave(self) -> None:
        """Give back what is still in hand; where that can't be written, the lock tells it."""
        with suppress(SmosError), self._state.transaction() as database:
            database.execute("UPDATE jobs SET worker = '' WHERE worker = ?", (self._name,))


def _row(database: sqlite3.Connection, number: int) -> _ROW | None:
    found: _ROW | None = database.execute(f"SELECT {_FIELDS} FROM jobs WHERE number = ?", (number,)).fetchone()
    return found


def _learnt(database: sqlite3.Connection, task: Task) -> Learnt:
    row = database.execute(f"SELECT turns, again FROM learnt WHERE {_SAME_TASK}", task).fetchone()
    return Learnt(unpacked(row[0]), bool(row[1])) if row else Learnt()
