"""Recording a change that is already on disk: a record that fails is a warning, and the write stays."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from smos_cli.core.changes import Change, Touched
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.errors import StorageError


def record(
    ports: Ports, verb: str, memories: Sequence[Memory], touched: Sequence[Touched], *, also: Sequence[str] = ()
) -> tuple[str, ...]:
    """Commit what a verb did to some memories; return the warnings.

    ``touched`` are the files of memories, episodes and notes that changed, ``also`` our own that were written.
    """
    kept = [one for one in touched if ports.episodes == "versioned" or not _is_episode(ports, one.path)]
    what = memories[0].text if len(memories) == 1 else f"{len(memories)} memories"
    change = Change(
        verb=verb,
        subject=f"{verb}: {what}",
        ids=tuple(memory.id for memory in memories if memory.id),
        door=ports.door,
        actor=ports.actor,
        why=ports.reason,
        written=(*(one.path for one in kept if one.after), *also),
        removed=tuple(one.path for one in kept if not one.after),
    )
    try:
        ports.history.commit(change)
    except StorageError as error:
        return (f"The change is saved, but not in the history: {error.message} {error.remedy}".strip(),)
    return ()


def touched(memory: Memory, *, before: str = "", after: bytes | None = None) -> Touched:
    """Return what a memory's file was, by its etag, and what it holds now; None: it is gone."""
    return Touched(memory.id, memory.path, before, "" if after is None else sha256(after).hexdigest())


def _is_episode(ports: Ports, path: str) -> bool:
    return role_of(path, ports.vault.base) == "episode"
