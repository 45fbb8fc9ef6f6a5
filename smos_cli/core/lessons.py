"""What was found in conversations is written all at once, and its turns are marked as learnt.

Owns the order that lets no crash lose a turn or learn one twice: the plan, with the ids of what is about to be
written; evidence; the new files; the record; the marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from smos_cli.core.changes import Touched
from smos_cli.core.outside import changing
from smos_cli.core.ports import Ports
from smos_cli.core.queue import Job, Worker
from smos_cli.core.record import record
from smos_cli.core.said import Conversation
from smos_cli.core.statements import Learned, Lesson, Statements

PATIENCE = 2.0
"""Seconds of reading after which what was found is written: so much a crash may cost."""


@dataclass(slots=True)
class _Mark:
    """What is to be marked of one job."""

    job: Job
    turns: set[str] = field(default_factory=set)
    etag: str = ""
    """of the file, where nothing of it is left"""


class Lessons:
    """What was read and is not written yet."""

    def __init__(self, ports: Ports, worker: Worker, model: str, report: Learned) -> None:
        self._ports = ports
        self._worker = worker
        self._model = model
        self._report = report
        self._waiting: list[Lesson] = []
        self._marks: dict[int, _Mark] = {}
        self._written = ports.timer()

    def add(self, job: Job, lesson: Lesson) -> None:
        """Take what was found in some turns; it is written, with all that waits, when the last time is a while ago."""
        self._report.turns += len(lesson.turns)
        self._waiting.append(lesson._replace(job=job))
        self._mark(job).turns.update(lesson.turns)
        if self._ports.timer() - self._written >= PATIENCE:
            self.write()

    def end(self, job: Job, talk: Conversation, read: Iterable[str]) -> None:
        """Take note that nothing of a conversation is left but what waits here; ``read`` was learnt before."""
        mark = self._mark(job)
        mark.turns.update(read)
        mark.etag = talk.etag

    def write(self) -> None:
        """Write all of it, and mark its turns."""
        waiting, self._waiting = self._waiting, []
        marks, self._marks = self._marks, {}
        lost: set[int] = set()
        if any(lesson.found for lesson in waiting):
            lost = self._store(waiting)
        for mark in marks.values():
            if mark.job.number not in lost:
                self._worker.done(mark.job, mark.turns, mark.etag)
        self._written = self._ports.timer()

    def _mark(self, job: Job) -> _Mark:
        return self._marks.setdefault(job.number, _Mark(job))

    def _store(self, lessons: Sequence[Lesson]) -> set[int]:
        """Write what the gate lets through; return the jobs that are somebody else's by now."""
        with changing(self._ports) as settled:
            self._report.warnings += settled
            jobs = {lesson.job.number: lesson.job for lesson in lessons if lesson.job}
            lost = {number for number, job in jobs.items() if not self._worker.hold(job)}
            mine = [lesson for lesson in lessons if lesson.job and lesson.job.number not in lost]
            found = Statements(self._ports, self._model, self._report)
            found.take(mine)
            for number, plan in found.plans.items():
                self._worker.hold(jobs[number], plan)
            self._write(found)
            return lost

    def _write(self, found: Statements) -> None:
        changed: list[Touched] = []
        own: list[str] = []
        try:
            own = found.mask_repeats()
            for one in found.write_evidence():
                changed.append(one)
            changed += found.write_new()
        finally:
            if changed or own:
                memories = found.of({one.path for one in changed})
                self._report.warnings += record(self._ports, "learn", memories, changed, also=own)
        self._report.memories += found.new.values()


class DryRun:
    """What was read only to see what would come of it."""

    def __init__(self, ports: Ports, model: str, report: Learned) -> None:
        self._found = Statements(ports, model, report)
        self._report = report
        self._lessons: list[Lesson] = []

    def take(self, lesson: Lesson) -> None:
        """Take what was found in some turns."""
        self._report.turns += len(lesson.turns)
        self._lessons.append(lesson)

    def decide(self) -> None:
        """Let the report tell what would be stored; what is not stored has no id and no path."""
        if any(lesson.found for lesson in self._lessons):
            self._found.take(self._lessons)
        self._report.memories += [replace(memory, id="", path="") for memory in self._found.new.values()]
