"""Conversations are read by an extractor, job by job.

Owns in what portions they are read, and what a failure of one leaves to the others. What becomes of what is found is
for ``lessons``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from smos_cli.core.held import Held
from smos_cli.core.lessons import DryRun, Lessons
from smos_cli.core.models import Candidate, Extractor, Said
from smos_cli.core.ports import Ports, Problem
from smos_cli.core.prompting.writer import UnusableOutputError
from smos_cli.core.queue import DEAD, Job, Learnt, Task, Worker
from smos_cli.core.said import Conversation, conversation
from smos_cli.core.secrets import redact
from smos_cli.core.statements import Learned, Lesson
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import ModelError, NotFoundError, SmosError

_TURNS, _CHARACTERS = 48, 8_000
"""What is read at once until it is known how fast the extractor is: what a small language model reads at once."""
_QUICK, _FASTER, _FASTEST = 0.5, 8, 512
"""Seconds below which the next portion is so many times as large, up to that."""
_GIVE_UP_AFTER = 2
"""Conversations in a row that the extractor can't read, or portions of one: nor would it read the next."""
_GONE = "gone"


class Reader:
    """Reads conversations with an extractor, as much at once as it does quickly."""

    def __init__(self, ports: Ports, extractor: Extractor, held: Held, report: Learned) -> None:
        self._ports = ports
        self._extractor = extractor
        self.held = held
        self._report = report
        self._faster = 1

    def task(self, place: str) -> Task:
        """Return what the queue calls the reading of a conversation."""
        return Task(self._ports.persona, place, self._extractor.model_id)

    def open(self, place: str) -> Conversation:
        """Return a conversation; ``NotFoundError`` when it is not in the vault any more."""
        path = self.held.paths.get(place)
        if path is None:
            raise NotFoundError(f"The conversation {place} is not there any more.")
        return conversation(self._ports.vault.read(path), read_forgotten(self._ports.vault).masks)

    def progress(self, turns: int) -> None:
        """Tell how many turns were read."""
        self._ports.progress("Learning", turns, 0)

    def portions(self, turns: Sequence[Said]) -> Iterator[list[Said]]:
        """Yield turns, as many as are to be read at once; the next is asked for when one was read."""
        start = 0
        while start < len(turns):
            end, room = start + 1, _CHARACTERS * self._faster - len(turns[start].text)
            while end < len(turns) and end - start < _TURNS * self._faster and len(turns[end].text) <= room:
                room -= len(turns[end].text)
                end += 1
            yield list(turns[start:end])
            start = end

    def read(self, talk: Conversation, part: Sequence[Said]) -> Sequence[Candidate]:
        """Return what the extractor finds in some turns of a conversation."""
        names = frozenset(said.turn for said in part)
        began = self._ports.timer()
        try:
            found = self._extractor.extract(talk.turns, names.__contains__)
        finally:
            if self._ports.timer() - began < _QUICK:
                self._faster = min(self._faster * _FASTER, _FASTEST)
        return [one for one in found if one.turn in names or one.confirmed in names]

    def try_out(self, places: Sequence[str], learnt: Callable[[str], Learnt]) -> None:
        """Read conversations and store nothing."""
        dry = DryRun(self._ports, self._extractor.model_id, self._report)
        for place in places:
            try:
                talk = self.open(place)
                read, _ = self.held.begun(talk, learnt(place), {})
                for part in self.portions([said for said in talk.turns if said.turn not in read]):
                    dry.take(Lesson(talk, [said.turn for said in part], self.read(talk, part)))
            except SmosError as error:
                self._report.fail(self.held.paths.get(place, place), error)
        dry.decide()


class Study:
    """Does jobs, one after the other."""

    def __init__(self, reader: Reader, lessons: Lessons, worker: Worker, report: Learned) -> None:
        self._reader = reader
        self._held = reader.held
        self._progress = reader.progress
        self._lessons = lessons
        self._worker = worker
        self._report = report
        self._failures = 0

    def take_all(self, jobs: Sequence[Job]) -> None:
        """Do jobs, unless another process has them, or the extractor can't read several in a row."""
        for done, job in enumerate(jobs):
            if self._failures >= _GIVE_UP_AFTER:
                reason = f"{len(jobs) - done} more were not tried, and wait: `smos learn` goes on"
                self._report.problems.append(Problem("queue", reason))
                return
            self._take(job)

    def _take(self, seen: Job) -> None:
        job = self._worker.lease(seen.number)
        if job is None:
            where = self._held.paths.get(seen.task.episode, seen.task.episode)
            self._report.problems.append(Problem(where, "another process is learning from it, or has just done so"))
            return
        try:
            talk = self._reader.open(job.task.episode)
        except NotFoundError:
            self._worker.done(job, (), _GONE)
            return
        except SmosError as error:
            self._give_back(job, error)
            return
        self._read(job, talk)

    def _read(self, job: Job, talk: Conversation) -> None:
        read, half = self._held.begun(talk, self._worker.learnt(job.task), job.plan or {})
        unusable: list[UnusableOutputError] = []
        for part in self._parts(talk, read, half):
            error = self._portion(job, talk, part)
            if isinstance(error, UnusableOutputError):
                unusable.append(error)
            elif error:
                self._give_back(job, error)
                self._failures += isinstance(error, ModelError)
                return
            if len(unusable) == _GIVE_UP_AFTER:
                break
        self._failures = 0
        if unusable:
            self._give_back(job, unusable[0], unusable[0].output)
        else:
            self._lessons.end(job, talk, read)

    def _parts(self, talk: Conversation, read: set[str], half: set[str]) -> Iterator[Sequence[Said]]:
        """Yield what is left of a conversation; each part is asked for when the one before was read."""
        if half:
            # First and at once: the next plan takes the place of the one that tells of them.
            yield [said for said in talk.turns if said.turn in half]
            self._lessons.write()
        yield from self._reader.portions([said for said in talk.turns if said.turn not in read | half])

    def _portion(self, job: Job, talk: Conversation, part: Sequence[Said]) -> SmosError | None:
        """Read a part of a conversation; return why it could not be read, or not all of it."""
        turns = [said.turn for said in part]
        self._progress(self._report.turns)
        try:
            found = self._reader.read(talk, part)
        except UnusableOutputError as error:
            learnt = [turn for turn in turns if turn not in error.turns]
            found = [candidate for candidate in error.candidates if candidate.turn in learnt]
            self._lessons.add(job, Lesson(talk, learnt, found))
            return error
        except SmosError as error:
            return error
        self._lessons.add(job, Lesson(talk, turns, found))
        return None

    def _give_back(self, job: Job, error: SmosError, kept: str = "") -> None:
        # Its plan is of what waits: that is to be written first.
        self._lessons.write()
        failed = self._worker.fail(job, redact(error.message).text, redact(kept).text)
        place = job.task.episode
        self._report.fail(self._held.paths.get(place, place), error, given_up=failed.state == DEAD)
