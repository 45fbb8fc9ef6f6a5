"""Recording a change that is already on disk: a record that fails is a warning, and the write stays.

Owns the order of the two records: the line of the audit chain, then one commit that has it and the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from smos_cli.core.audit import Entry, write
from smos_cli.core.changes import Change, Touched
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.errors import SmosError, StorageError


def record(
    ports: Ports, verb: str, memories: Sequence[Memory], touched: Sequence[Touched], *, also: Sequence[str] = ()
) -> tuple[str, ...]:
    """Add a line to the audit chain and commit what a verb did to some memories; return the warnings.

    ``touched`` are the files of memories, episodes and notes that changed, ``also`` our own that were written.
    To be called while the vault's lock is held.
    """
    ids = tuple(memory.id for memory in memories if memory.id)
    return recorded(
        ports, Change(verb, f"{verb}: {_told(memories)}", ids, ports.door, ports.actor, ports.reason), touched, also
    )


def _told(memories: Sequence[Memory]) -> str:
    """Return what a subject says of memories; not what was said in a conversation, which may be local."""
    if len(memories) != 1:
        return f"{len(memories)} memories"
    return "a conversation" if memories[0].kind == "episode" else memories[0].text


def recorded(ports: Ports, change: Change, touched: Sequence[Touched], also: Sequence[str] = ()) -> tuple[str, ...]:
    """Do so for a change whose subject its use case words; its files are those of ``touched`` and ``also``."""
    kept = versioned(ports, touched)
    audit, warnings = _line(ports, Entry(change.verb, kept, change.ids))
    if audit is None:
        return warnings
    written = (*(one.path for one in kept if one.after), *also, *audit)
    removed = tuple(one.path for one in kept if not one.after)
    return warnings + commit(ports, replace(change, written=written, removed=removed))


def _line(ports: Ports, entry: Entry) -> tuple[list[str] | None, tuple[str, ...]]:
    """Write the line; return its files, or None where it and the commit are left to the next change, and warnings."""
    try:
        ports.machine.name()
    except StorageError as error:
        # It would fail the next time, too, and the history is not to wait for that.
        return [], (f"The change is saved, but not in the audit chain: {error.message} {error.remedy}".strip(),)
    try:
        return write(ports, entry), ()
    except SmosError as error:
        # What is not in the history either is found when the next change is made, and gets its line then.
        return None, (f"The change is saved, but not recorded yet: {error.message} {error.remedy}".strip(),)


def commit(ports: Ports, change: Change) -> tuple[str, ...]:
    """Commit a change that is saved; a history that fails is a warning."""
    try:
        ports.history.commit(change)
    except StorageError as error:
        return (f"The change is saved, but not in the history: {error.message} {error.remedy}".strip(),)
    return ()


def versioned(ports: Ports, touched: Sequence[Touched]) -> list[Touched]:
    """Return the files that are recorded: conversations are only where they are in the history."""
    return [one for one in touched if ports.episodes == "versioned" or role_of(one.path, ports.vault.base) != "episode"]


def touched(memory: Memory, *, before: str = "", after: bytes | None = None) -> Touched:
    """Return what a memory's file was, by its etag, and what it holds now; None: it is gone."""
    return Touched(memory.id, memory.path, before, "" if after is None else sha256(after).hexdigest())
