"""What was found in conversations as memories: what the gate decides of it, and the files that come of that.

Owns what is written for each decision: a new file, or a source more in one that is there. The id of a new one follows
from the conversation, the turn and the statement, so that what is read again is recognised, whatever a person made of
it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from smos_cli.core.arrivals import Imported
from smos_cli.core.changes import Touched
from smos_cli.core.evidence import with_support
from smos_cli.core.forgotten import mask
from smos_cli.core.gate import DROP, EVIDENCE, GONE, KNOWN, STORE, Gate, hashes_of
from smos_cli.core.markdown import compose
from smos_cli.core.memory import Memory, to_fields
from smos_cli.core.models import Candidate
from smos_cli.core.placing import Placer
from smos_cli.core.ports import Ports, Problem
from smos_cli.core.queue import Job
from smos_cli.core.record import touched
from smos_cli.core.refresh import Report, fresh
from smos_cli.core.said import Conversation, masked_in
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten, write_changed
from smos_cli.errors import FormatError, NotFoundError, SmosError, StaleError

FORGOTTEN = "it was forgotten meanwhile"


@dataclass(slots=True)
class Learned(Report):
    """What learning did: the counts are of candidates, and of conversations that failed; ``memories`` are new."""

    turns: int = 0
    """that were read"""
    memories: list[Memory] = field(default_factory=list)
    warnings: tuple[str, ...] = ()

    def take(self, imported: Imported) -> None:
        """Count what was brought in first, where it could not be."""
        self.seen += imported.failed
        self.failed += imported.failed
        self.problems += imported.problems
        self.warnings += imported.warnings

    def fail(self, where: str, error: SmosError, *, given_up: bool = False) -> None:
        """Count a conversation that could not be learnt from, or not to its end."""
        self.seen += 1
        self.failed += 1
        told = (error.message, "It was given up." if given_up else "", error.remedy)
        self.problems.append(Problem(where, " ".join(filter(None, told))))


class Lesson(NamedTuple):
    """Some turns of a conversation that were read, and what was found in them."""

    talk: Conversation
    turns: Sequence[str]
    found: Sequence[Candidate]
    job: Job | None = None
    """None: it is only tried out"""


class Statements:
    """What becomes of the findings of some lessons. To be made and written while the vault's lock is held."""

    def __init__(self, ports: Ports, model: str, report: Learned) -> None:
        self._ports = ports
        self._model = model
        self._report = report
        self._placer = Placer(ports.vault)
        self._evidence: dict[str, Memory] = {}
        self.new: dict[str, Memory] = {}
        """by id"""
        self.plans: dict[int, dict[str, list[str]]] = {}
        """by job"""
        self._repeats: dict[str, Memory] = {}

    def take(self, lessons: Sequence[Lesson]) -> None:
        """Let the gate decide what becomes of each finding."""
        talks = {lesson.talk.place: lesson.talk for lesson in lessons}
        gate = Gate(
            self._ports,
            [said._replace(turn=f"{place}#{said.turn}") for place, talk in talks.items() for said in talk.turns],
        )
        with fresh(self._ports.vault, self._ports.index, self._ports.progress) as (session, _):
            there = {memory.id for memory in session.memories(Selection(everything=True))}
        masks = read_forgotten(self._ports.vault).masks
        for lesson in lessons:
            masked = masked_in(lesson.talk, masks)
            plan = self.plans.setdefault(lesson.job.number, {}) if lesson.job else {}
            plan.update({turn: [] for turn in lesson.turns})
            for candidate in lesson.found:
                self._report.seen += 1
                if masked(candidate.turn):
                    self._skip(lesson, candidate, FORGOTTEN)
                    continue
                made = self._decide(gate, lesson, candidate, there)
                if made:
                    there.add(made.id)
                    # What a turn takes up may have been said in one that was learnt long before.
                    plan[candidate.turn if candidate.turn in plan else candidate.confirmed].append(made.id)

    def write_evidence(self) -> Iterator[Touched]:
        """Write what is there and was said again, one by one; what somebody else changed or took away stays so."""
        for path, memory in self._evidence.items():
            with suppress(NotFoundError, StaleError, FormatError):
                blob = self._ports.vault.read(path)
                data = with_support(blob.data, memory)
                if data != blob.data:
                    self._ports.vault.replace(path, data, blob.etag)
                    yield touched(memory, before=blob.etag, after=data)

    def write_new(self) -> list[Touched]:
        """Write the new memories, all or none."""
        made = {memory.path: compose(to_fields(memory), memory.body + "\n") for memory in self.new.values()}
        if made:
            self._ports.vault.create(made)
        return [touched(memory, after=made[memory.path]) for memory in self.new.values()]

    def mask_repeats(self) -> list[str]:
        """Put turns that say again what was forgotten out of reach with it; return the paths written."""
        if not self._repeats:
            return []
        forgotten = read_forgotten(self._ports.vault)
        lines = [forgotten.repeat_line(turn, hashes_of(memory)) for turn, memory in self._repeats.items()]
        return write_changed(self._ports.vault, forgotten.adding(lines, self._ports.entropy(16).hex()))

    def of(self, paths: set[str]) -> list[Memory]:
        """Return the memories at some paths, the new ones first."""
        return [memory for memory in (*self.new.values(), *self._evidence.values()) if memory.path in paths]

    def _decide(self, gate: Gate, lesson: Lesson, candidate: Candidate, there: set[str]) -> Memory | None:
        """Return the new memory that a finding becomes, if it does."""
        talk, report = lesson.talk, self._report
        confirmed = f"{talk.place}#{candidate.confirmed}" if candidate.confirmed else ""
        asked = candidate._replace(turn=f"{talk.place}#{candidate.turn}", confirmed=confirmed)
        action, memory, reason = gate.take(asked, talk.link(candidate.turn))
        if memory is not None and action == STORE and memory.id not in there:
            report.stored += 1
            made = self._finished(memory, talk)
            self.new[made.id] = made
            return made
        if action == DROP and reason != KNOWN:
            self._skip(lesson, candidate, reason)
            if memory is not None and reason in GONE:
                self._repeats[mask(talk.place, candidate.turn)] = memory
            return None
        report.duplicates += 1
        if memory is not None and action == EVIDENCE:
            self._note(memory)
        return None

    def _note(self, memory: Memory) -> None:
        """Take note of what was said again. A file that has none of our ids is not ours to change."""
        if new := self.new.get(memory.id):
            self.new[memory.id] = replace(new, sources=memory.sources, confidence=memory.confidence)
        elif memory.id and memory.path:
            self._evidence[memory.path] = memory

    def _finished(self, memory: Memory, talk: Conversation) -> Memory:
        """Return what the gate let through with what is known of its conversation, and where its file goes."""
        via = "import" if talk.memory.via == "import" else "chat"
        path = self._placer.path(memory, memory.text)
        return replace(memory, path=path, via=via, model=self._model, project=talk.memory.project)

    def _skip(self, lesson: Lesson, candidate: Candidate, reason: str) -> None:
        self._report.skipped += 1
        self._report.problems.append(Problem(f"{lesson.talk.memory.path}#^{candidate.turn}", reason))
