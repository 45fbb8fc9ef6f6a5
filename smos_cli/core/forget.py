"""Forget and restore: out of every door, into the trash, and back.

Owns the order: the tombstone first, so that what is half forgotten is not learnt again, then the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smos_cli.core.forgotten import source_hash
from smos_cli.core.layout import role_of
from smos_cli.core.links import link_target
from smos_cli.core.memory import Memory
from smos_cli.core.ports import IndexSession, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.core.trash import find_in_trash, former_place, in_trash, trash_place
from smos_cli.errors import UsageError


@dataclass(frozen=True, slots=True)
class Forgot:
    """The memories that are no longer recalled (or, after restore or erase, that are back or gone for good)."""

    memories: tuple[Memory, ...]
    warnings: tuple[str, ...] = ()


def to_forget(ports: Ports, keys: Sequence[str], selection: Selection | None) -> list[Memory]:
    """Return what would be forgotten: the memories named, or all that a filter selects."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = [_meant(session, key) for key in keys]
        if selection is not None:
            found += session.memories(selection)
    unique = list({memory.path: memory for memory in found}.values())
    for memory in unique:
        if memory.kind == "note" and not memory.id and role_of(memory.path, ports.vault.base) == "note":
            raise UsageError(f"{memory.path} is a note of yours, not a memory.", "Delete the file yourself.")
    return unique


def _meant(session: IndexSession, key: str) -> Memory:
    found = resolve(session, key)
    if found.kind == "episode" and "#" in key.replace(found.path, ""):
        raise UsageError(f"{key} is one turn of a conversation.", f"Give {found.id or found.path} for all of it.")
    return found


def forget(ports: Ports, memories: Sequence[Memory]) -> Forgot:
    """Move memories to the trash and leave tombstones."""
    if not memories:
        return Forgot(())
    base = ports.vault.base
    with ports.vault.lock():
        whole = [read_memory(ports.vault.read(memory.path), base) for memory in memories]
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            masks = [mask for memory in whole if (mask := masked_turn(session, memory))]
        key = ports.entropy(16).hex()
        forgotten = read_forgotten(ports.vault)
        lines = [
            forgotten.forgotten_line(memory.id, memory.digest, key, source_hash(memory.file, memory.ref))
            for memory in whole
        ]
        tombstones = write_forgotten(ports.vault, forgotten.adding([*lines, *(f"masked {m}" for m in masks)], key))
        for memory in whole:
            ports.vault.move(memory.path, trash_place(ports, memory.path))
        removed = [memory.path for memory in whole]
        return Forgot(tuple(whole), record(ports, "forget", whole, written=[tombstones], removed=removed))


def restore(ports: Ports, keys: Sequence[str]) -> Forgot:
    """Bring memories back from the trash to where they were."""
    with ports.vault.lock():
        found = dict(find_in_trash(ports, key) for key in keys)
        forgotten = read_forgotten(ports.vault)
        memories = []
        for trashed, memory in found.items():
            target = former_place(ports, trashed)
            ports.vault.move(trashed, target)
            forgotten = forgotten.without(memory.id, memory.digest)
            memories.append(read_memory(ports.vault.read(target), ports.vault.base))
        for mask in sorted(_no_longer_masked(ports, memories)):
            forgotten = forgotten.unmasked(mask)
        written = [*(memory.path for memory in memories), write_forgotten(ports.vault, forgotten)]
        return Forgot(tuple(memories), record(ports, "restore", memories, written=written))


def masked_turn(session: IndexSession, memory: Memory) -> str:
    """Return the turn a memory came from, as ``EPISODE#turn``, or an empty text."""
    name, _, turn = memory.session.partition("#^")
    if not turn:
        return ""
    for key in (name, link_target(name)):  # an episode that was renamed is found by the end of its id
        for found in session.memories(Selection(key=key, everything=True)):
            if found.kind == "episode":
                return f"{found.id}#{turn}"
    return ""


def _no_longer_masked(ports: Ports, memories: Sequence[Memory]) -> set[str]:
    """Return the turns of restored memories that no memory still in the trash came from."""
    if not any(memory.session for memory in memories):
        return set()
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        still = {masked_turn(session, memory) for memory in in_trash(ports)}
        return {masked_turn(session, memory) for memory in memories} - still - {""}
