"""Import: memories, conversations and notes from elsewhere, each once.

Owns the order: all lines, then the episodes they make up, then the files, then one record in the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from smos_cli.core.arrivals import CHUNK, Arrivals, Imported
from smos_cli.core.conversations import take_session
from smos_cli.core.documents import Documents
from smos_cli.core.incoming import extra_of, has_own_id, is_turn, memory_of, parse_line, parse_whole, text_of, turn_of
from smos_cli.core.outside import changing
from smos_cli.core.ports import Ports, Problem
from smos_cli.core.record import record
from smos_cli.core.secrets import redact
from smos_cli.core.transcripts import plain
from smos_cli.core.transcripts.dialect import Dialect, of_line, of_whole
from smos_cli.core.transcripts.spoken import Conversations
from smos_cli.errors import FormatError

__all__ = ["CHUNK", "Imported", "Source", "import_source"]


class Source(Protocol):
    """What is imported: a file of lines, one that is read as a whole, or Markdown files."""

    name: str

    def whole(self) -> bytes | None:
        """Return all that is in a file that may be one JSON value or plain text; None for any other source."""

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, from 1; nothing for Markdown."""

    def documents(self) -> Iterator[str | Problem]:
        """Yield the relative path of each Markdown file, and what is not looked into and why; nothing for lines."""

    def read(self, path: str) -> bytes:
        """Return what is in such a file; ``StorageError`` or ``FormatError`` when it can't be taken."""


def import_source(ports: Ports, source: Source) -> Imported:
    """Import a file or folder; lines and files that can't be taken are counted with their reasons."""
    with changing(ports) as settled:
        arrivals = Arrivals(ports, redact(source.name).text)
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
    heard = Conversations(source.name.removesuffix(".jsonl"))
    whole = source.whole()
    if whole is None or not _take_whole(arrivals, whole, heard):
        dialect: Dialect | None = None
        for number, line in source.lines():
            if line.strip():
                dialect = _take_line(arrivals, number, line, heard, dialect)
    for session, turns in heard.sessions.items():
        arrivals.count(len(turns))
        take_session(arrivals, session, turns)
    for number, reason in heard.failures:
        arrivals.count()
        arrivals.fail(f"{arrivals.name}:{number}", FormatError(reason))
    for reason, count in heard.passed_over.items():
        arrivals.count(count)
        arrivals.pass_over(source.name, reason, count)


def _take_whole(arrivals: Arrivals, data: bytes, heard: Conversations) -> bool:
    """Take a file that is one JSON value, or a conversation as plain text; say whether it is one of these."""
    try:
        found = parse_whole(data)
        if found is None:
            return False
        if isinstance(found, str):
            plain.read(found, heard)
        elif dialect := of_whole(found):
            dialect(found, 1, heard)
        else:
            reads: Dialect | None = None
            for number, item in enumerate(found if isinstance(found, list) else [found], 1):
                reads = _take_object(arrivals, number, item, heard, reads)
    except FormatError as error:
        arrivals.count()
        arrivals.fail(arrivals.name, error)
    return True


def _take_line(
    arrivals: Arrivals, number: int, line: bytes, heard: Conversations, dialect: Dialect | None
) -> Dialect | None:
    """Take one line of JSON; return what reads the next."""
    try:
        data = parse_line(line)
    except FormatError as error:
        arrivals.count()
        arrivals.fail(f"{arrivals.name}:{number}", error)
        return dialect
    return _take_object(arrivals, number, data, heard, dialect)


def _take_object(
    arrivals: Arrivals, number: int, data: Any, heard: Conversations, dialect: Dialect | None
) -> Dialect | None:
    """Take a memory, or what was said, kept until its session is whole. Return what reads the next object."""
    where = f"{arrivals.name}:{number}"
    try:
        if not isinstance(data, dict):
            raise FormatError("It is JSON, but not an object.")
        dialect = dialect or of_line(data)
        if dialect:
            dialect(data, number, heard)
        elif is_turn(data):
            heard.say(text_of(data, "session"), number, turn_of(data))
        else:
            memory = memory_of(data, origin=arrivals.name, now=arrivals.ports.now())
            arrivals.memory(memory, where, extra_of(data), made=not has_own_id(data))
            arrivals.count()
    except FormatError as error:
        arrivals.count()
        arrivals.fail(where, error)
    return dialect


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
