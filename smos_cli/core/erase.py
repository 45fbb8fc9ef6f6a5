"""Erase: a memory's file is deleted for good, from the vault or its trash, and the index is made anew without it."""

from __future__ import annotations

from collections.abc import Sequence

from smos_cli.core.forget import Forgot, masked_turn, to_forget
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record
from smos_cli.core.refresh import fresh, refresh
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.core.trash import find_in_trash
from smos_cli.errors import NotFoundError

HISTORY_REMAINS = (
    "The text is gone from the vault and the index, but commits made before still hold it in the vault's .git folder."
)


def to_erase(ports: Ports, keys: Sequence[str]) -> list[tuple[str, Memory]]:
    """Return the path and content of what would be erased, in the vault or in its trash."""
    return [_find(ports, key) for key in keys]


def erase(ports: Ports, targets: Sequence[tuple[str, Memory]]) -> Forgot:
    """Delete files for good, leave tombstones that hold only ids, and rebuild the index with its vectors."""
    memories = tuple(memory for _, memory in targets)
    with ports.vault.lock():
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            lines = [f"masked {mask}" for memory in memories if (mask := masked_turn(session, memory))]
        forgotten = read_forgotten(ports.vault)
        for memory in memories:
            forgotten = forgotten.without(memory.id, memory.digest)
        lines += [f"erased {memory.id}" for memory in memories if memory.id]
        forgotten = forgotten.adding(lines, ports.entropy(16).hex())
        tombstones = write_forgotten(ports.vault, forgotten)
        for path, _ in targets:
            ports.vault.remove(path)
        removed = [memory.path for memory in memories]
        warnings = record(ports, "erase", _nameless(memories), written=[tombstones], removed=removed)
    ports.index.drop()
    refresh(ports.vault, ports.index, rebuild=False, progress=ports.progress)
    return Forgot(memories, (*warnings, HISTORY_REMAINS))


def _find(ports: Ports, key: str) -> tuple[str, Memory]:
    try:
        return find_in_trash(ports, key)
    except NotFoundError:
        found = to_forget(ports, [key], None)[0]
        return found.path, read_memory(ports.vault.read(found.path), ports.vault.base)


def _nameless(memories: Sequence[Memory]) -> list[Memory]:
    """A record of an erasure must not repeat what was erased."""
    return [Memory(id=memory.id, body=memory.id or "a memory without an id") for memory in memories]
