"""Import: memories, transcripts and notes from elsewhere, each once.

Owns the counting and the order: all lines, then the episodes they make up, then one record in the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from smos_cli.core import episode
from smos_cli.core.episode import Turn
from smos_cli.core.incoming import is_turn, memory_of, parse_line, stable_id, text_of, turn_of
from smos_cli.core.known import DUPLICATE, Known
from smos_cli.core.markdown import Value, compose, edit, parse
from smos_cli.core.memory import Memory, to_fields
from smos_cli.core.placing import Placer
from smos_cli.core.ports import Blob, Ports, Problem, Stamp
from smos_cli.core.reading import read_entry
from smos_cli.core.record import record
from smos_cli.core.refresh import Report
from smos_cli.errors import FormatError, SmosError

CHUNK = 1000
"""Files written at a time."""
_Session = list[tuple[int, Turn]]


class Source(Protocol):
    """What is imported: a file of lines, or a folder of Markdown."""

    name: str

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, from 1; nothing for a folder."""

    def documents(self) -> Iterator[str]:
        """Yield the relative path of each Markdown file below a folder; nothing for a file."""

    def read(self, path: str) -> bytes:
        """Return what is in such a file; ``StorageError`` or ``FormatError`` when it can't be taken."""


@dataclass(slots=True)
class Imported(Report):
    """What an import did; ``memories`` are those it stored."""

    memories: list[Memory] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def import_source(ports: Ports, source: Source) -> Imported:
    """Import a file or folder; lines and files that can't be taken are counted with their reasons."""
    report = Imported()
    with ports.vault.lock():
        work = _Import(ports, source.name, report)
        sessions: dict[str, _Session] = {}
        try:
            for number, line in source.lines():
                work.line(number, line, sessions)
            for session, turns in sessions.items():
                work.episode(session, turns)
            for path in source.documents():
                work.document(path, source.read)
            work.flush()
        finally:
            # An import that is stopped half-way records what it wrote.
            _record(ports, work.written, report)
    return report


def _record(ports: Ports, written: Sequence[str], report: Imported) -> None:
    if not written:
        return
    ports.progress("Recording", 0, 0)
    there = frozenset(written)
    stored = [memory for memory in report.memories if memory.path in there]
    report.warnings = record(ports, "import", stored, written=written)


class _Import:
    """One import under way: what is there already, and what waits to be written."""

    def __init__(self, ports: Ports, name: str, report: Imported) -> None:
        self._ports = ports
        self._name = name
        self._report = report
        self._known = Known(ports)
        self._placer = Placer(ports.vault)
        self._waiting: dict[str, bytes] = {}
        self.written: list[str] = []

    def line(self, number: int, line: bytes, sessions: dict[str, _Session]) -> None:
        """Take one line of JSON: a memory, or a turn that is kept until its session is whole."""
        if not line.strip():
            return
        self._count()
        try:
            data = parse_line(line)
            if is_turn(data):
                session, turn = text_of(data, "session"), turn_of(data)
                sessions.setdefault(session, []).append((number, turn))
            else:
                memory = memory_of(data, origin=self._name, now=self._ports.now(), taken=self._known.ids)
                self._memory(memory, f"{self._name}:{number}")
        except FormatError as error:
            self._fail(f"{self._name}:{number}", error)

    def episode(self, session: str, numbered: _Session) -> None:
        """Store the turns of one session as an episode, or those that came since; turns are what is counted."""
        turns = [turn for _, turn in numbered]
        where = f"{self._name}:{numbered[0][0]}"
        if self._ports.episodes == "off":
            self._pass_over(where, "the setting vault.episodes is off", len(turns))
            return
        try:
            self._episode(session, turns, where)
        except FormatError as error:
            self._fail(where, error, len(turns))

    def _memory(self, memory: Memory, where: str) -> None:
        if verdict := self._known.verdict(memory):
            self._pass_over(where, verdict)
        else:
            path = self._placer.path(memory, memory.text)
            self._store(replace(memory, path=path), compose(to_fields(memory), memory.body + "\n"))

    def _episode(self, session: str, turns: Sequence[Turn], where: str) -> None:
        start = next((turn.time for turn in turns if turn.time), self._ports.now())
        identity = stable_id(start, f"{self._name}\n{session}\n{turns[0].ref}\n{turns[0].text}")
        memory = Memory(identity, episode.render(turns, start[:10]), kind="episode", created=start)
        if there := self._known.episode(identity):
            self._continue(there, turns, start[:10])
        elif verdict := self._known.verdict(memory):
            self._pass_over(where, verdict, len(turns))
        else:
            path = self._placer.path(memory, f"{start[:10]} {turns[0].text}", "episodes")
            fields: dict[str, Value] = {
                "id": identity,
                "created": start,
                "session": session,
                "via": "import",
                "file": self._name,
            }
            self._store(replace(memory, path=path), compose(fields, memory.body), len(turns))

    def document(self, path: str, read: Callable[[str], bytes]) -> None:
        """Take a Markdown file: a memory of ours goes where memories go, a note is copied byte for byte."""
        self._count()
        try:
            data = read(path)
            entry = read_entry(Blob(data, Stamp(path, len(data), 0, 0, 0), ""), "", ())
            if entry.problem:
                raise FormatError(entry.problem)
        except SmosError as error:
            self._fail(path, error)
            return
        memory = entry.memory
        if memory is None or not memory.id or entry.role != "memory":
            self._note(f"{self._ports.vault.base}notes/{path}", data)
        elif verdict := self._known.verdict(memory):
            self._pass_over(path, verdict)
        else:
            self._store(replace(memory, path=self._placer.path(memory, memory.text)), data)

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._ports.vault.create(self._waiting)
            self.written.extend(self._waiting)
            self._waiting = {}

    def _continue(self, path: str, turns: Sequence[Turn], day: str) -> None:
        """Append the turns that an episode does not have yet; those it has may have been edited, and stay."""
        known = len(turns)
        if path and path not in self._waiting:
            blob = self._ports.vault.read(path)
            body = parse(blob.data).body
            known = min(len(turns), sum(bool(turn.turn) for turn in episode.parse(body, day)))
            if known < len(turns):
                added = episode.render(turns, day, skip=known)
                self._ports.vault.replace(path, edit(blob.data, {}, f"{body.rstrip()}\n\n{added}"), blob.etag)
                self.written.append(path)
        self._report.duplicates += known
        self._report.stored += len(turns) - known

    def _note(self, path: str, data: bytes) -> None:
        folder, _, name = path.rpartition("/")
        if name not in self._ports.vault.names(folder):
            self._store(Memory(id="", body="", kind="note", path=path), data)
        elif self._ports.vault.read(path).data == data:
            self._pass_over(path, DUPLICATE)
        else:
            self._pass_over(path, "another note of that name is there")

    def _store(self, memory: Memory, data: bytes, count: int = 1) -> None:
        self._waiting[memory.path] = data
        self._known.add(memory)
        self._report.stored += count
        self._report.memories.append(memory)
        if len(self._waiting) >= CHUNK:
            self.flush()

    def _count(self) -> None:
        self._report.seen += 1
        if self._report.seen % 500 == 0:
            self._ports.progress("Importing", self._report.seen, 0)

    def _pass_over(self, where: str, verdict: str, count: int = 1) -> None:
        if verdict == DUPLICATE:
            self._report.duplicates += count
        else:
            self._report.skipped += count
            self._report.problems.append(Problem(where, verdict))

    def _fail(self, where: str, error: SmosError, count: int = 1) -> None:
        self._report.failed += count
        self._report.problems.append(Problem(where, error.message))
