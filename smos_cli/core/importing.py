"""Import: memories, transcripts and notes from elsewhere, each once.

Owns the order: all lines, then the episodes they make up, then the files, then one record in the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from smos_cli.core.arrivals import CHUNK, Arrivals, Imported
from smos_cli.core.conversations import Session, take_session
from smos_cli.core.documents import Documents
from smos_cli.core.incoming import extra_of, has_own_id, is_turn, memory_of, parse_line, text_of, turn_of
from smos_cli.core.outside import changing
from smos_cli.core.ports import Ports, Problem
from smos_cli.core.record import record
from smos_cli.errors import FormatError

__all__ = ["CHUNK", "Imported", "Source", "import_source"]


class Source(Protocol):
    """What is imported: a file of lines, or Markdown files."""

    name: str

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, from 1; nothing for Markdown."""

    def documents(self) -> Iterator[str | Problem]:
        """Yield the relative path of each Markdown file, and what is not looked into and why; nothing for lines."""

    def read(self, path: str) -> bytes:
        """Return what is in such a file; ``StorageError`` or ``FormatError`` when it can't be taken."""


def import_source(ports: Ports, source: Source) -> Imported:
    """Import a file or folder; lines and files that can't be taken are counted with their reasons."""
    with changing(ports) as settled:
        arrivals = Arrivals(ports, source.name)
        arrivals.report.warnings = settled
        try:
            _take_lines(arrivals, source)
            _take_documents(arrivals, source)
            arrivals.flush()
        finally:
            # An import that is stopped half-way records what it wrote.
            _record(arrivals)
    return arrivals.report


def _take_lines(arrivals: Arrivals, source: Source) -> None:
    sessions: dict[str, Session] = {}
    for number, line in source.lines():
        if line.strip():
            arrivals.count()
            _take_line(arrivals, number, line, sessions)
    for session, turns in sessions.items():
        take_session(arrivals, session, turns)


def _take_line(arrivals: Arrivals, number: int, line: bytes, sessions: dict[str, Session]) -> None:
    """Take one line of JSON: a memory, or a turn that is kept until its session is whole."""
    where = f"{arrivals.name}:{number}"
    try:
        data = parse_line(line)
        if is_turn(data):
            session, turn = text_of(data, "session"), turn_of(data)
            sessions.setdefault(session, []).append((number, turn))
        else:
            memory = memory_of(data, origin=arrivals.name, now=arrivals.ports.now())
            arrivals.memory(memory, where, extra_of(data), made=not has_own_id(data))
    except FormatError as error:
        arrivals.fail(where, error)


def _take_documents(arrivals: Arrivals, source: Source) -> None:
    documents = Documents(arrivals, source.read)
    for found in source.documents():
        if isinstance(found, Problem):
            arrivals.count()
            arrivals.pass_over(*found)
        else:
            documents.take(found)


def _record(arrivals: Arrivals) -> None:
    if not arrivals.changed:
        return
    arrivals.ports.progress("Recording", 0, 0)
    report, there = arrivals.report, {one.path for one in arrivals.changed}
    stored = [memory for memory in report.memories if memory.path in there]
    report.warnings += record(arrivals.ports, "import", stored, arrivals.changed)
