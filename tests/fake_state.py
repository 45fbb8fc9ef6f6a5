"""The ``State`` port in memory: the queue, and what was learnt."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from smos_cli.core.queue import DEAD, LEASED, MOST_ATTEMPTS, PENDING, WAITING, Job, Learnt, Plan, Task, wait_ms

DROPPED = "dropped"


class FakeState:
    """Jobs by number. A worker that was killed is one whose block was left without its end: ``kill``."""

    def __init__(self, clock: Callable[[], int], chance: Callable[[], float] = lambda: 1.0) -> None:
        self.warnings: Sequence[str] = []
        self.clock = clock
        self.chance = chance
        self.held: dict[int, object] = {}
        self.known: dict[Task, Learnt] = {}
        self.etags: dict[Task, str] = {}
        self._jobs: dict[int, Job] = {}
        self._last = 0

    def enqueue(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            there = next((job for job in self._jobs.values() if job.task == task), None)
            if there is None:
                self._last += 1
                there = Job(self._last, task, PENDING, asked=0)
            attempts = 0 if there.state in (DEAD, DROPPED) else there.attempts
            self._put(there._replace(state="", asked=there.asked + 1, due=self.clock(), attempts=attempts))

    def jobs(self, persona: str) -> Sequence[Job]:
        mine = (self._seen(job) for number, job in sorted(self._jobs.items()) if job.task.persona == persona)
        return [job for job in mine if job.state != DROPPED]

    def retry(self, numbers: Collection[int]) -> None:
        for number in numbers:
            self._put(self._jobs[number]._replace(state="", due=self.clock(), attempts=0))

    def drop(self, numbers: Collection[int]) -> None:
        for number in numbers:
            self._put(self._jobs[number]._replace(state=DROPPED, plan=None, reason="", kept=""))
            self.held.pop(number, None)

    @contextmanager
    def working(self) -> Iterator[FakeWorker]:
        worker = FakeWorker(self)
        try:
            yield worker
        finally:
            worker.kill()

    def settled(self, persona: str, extractor: str) -> Mapping[str, str]:
        wanted = (persona, extractor)
        read = {task.episode: etag for task, etag in self.etags.items() if (task.persona, task.extractor) == wanted}
        tasks = [job.task for job in self._jobs.values() if job.state == DROPPED]
        return read | {task.episode: "" for task in tasks if (task.persona, task.extractor) == wanted}

    def unlearn(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            self.known[task] = Learnt(again=True)
            self.etags.pop(task, None)

    def wipe(self, persona: str) -> None:
        for job in list(self._jobs.values()):
            if job.task.persona == persona:
                self._put(job._replace(reason="", kept=""))

    def at(self, number: int) -> Job | None:
        return self._jobs.get(number)

    def _put(self, job: Job) -> None:
        self._jobs[job.number] = job

    def _remove(self, number: int) -> None:
        del self._jobs[number]

    def _seen(self, job: Job) -> Job:
        if job.state:
            return job
        state = LEASED if job.number in self.held else WAITING if job.due > self.clock() else PENDING
        return job._replace(state=state)


class FakeWorker:
    """The ``Worker`` port."""

    def __init__(self, state: FakeState) -> None:
        self._state = state

    def lease(self, number: int) -> Job | None:
        job = self._state.at(number)
        if job is None or job.state or self._state.held.get(number, self) is not self:
            return None
        self._state.held[number] = self
        return job._replace(state=LEASED)

    def hold(self, job: Job, plan: Plan | None = None) -> bool:
        if self._state.held.get(job.number) is not self:
            return False
        if plan is not None:
            self._put(job.number, plan={turn: list(ids) for turn, ids in plan.items()})
        return True

    def done(self, job: Job, turns: Iterable[str], etag: str = "") -> None:
        known = self._state.known.get(job.task, Learnt())
        self._state.known[job.task] = Learnt(known.turns | {*turns}, known.again and not etag)
        self._state.etags.pop(job.task, None)
        if etag:
            self._state.etags[job.task] = etag
        if self._state.held.get(job.number) is not self:
            return
        self._put(job.number, plan=None, reason="", kept="")
        if etag:
            del self._state.held[job.number]
            there = self._state.at(job.number)
            if there and there.asked == job.asked:
                self._state._remove(job.number)

    def fail(self, job: Job, reason: str, kept: str = "") -> Job:
        attempts = job.attempts + 1
        dead = attempts >= MOST_ATTEMPTS
        due = self._state.clock() + (0 if dead else wait_ms(attempts, self._state.chance()))
        failed = {"attempts": attempts, "due": due, "reason": reason, "kept": kept}
        if self._state.held.get(job.number) is self:
            del self._state.held[job.number]
            self._put(job.number, state=DEAD if dead else "", **failed)
        return job._replace(state=DEAD if dead else WAITING, **failed)

    def learnt(self, task: Task) -> Learnt:
        return self._state.known.get(task, Learnt())

    def kill(self) -> None:
        for number in [number for number, worker in self._state.held.items() if worker is self]:
            del self._state.held[number]

    def _put(self, number: int, **changes: object) -> None:
        there = self._state.at(number)
        assert there
        self._state._put(there._replace(**changes))  # type: ignore[arg-type]
