"""Forget and restore: out of every door, into the trash, and back.

Owns the order: the tombstone first, so that what is half forgotten is not learnt again, then the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smos_cli.core.layout import TRASH, role_of
from smos_cli.core.memory import Memory
from smos_cli.core.placing import Placer
from smos_cli.core.ports import IndexSession, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.core.ulid import suffix
from smos_cli.errors import AmbiguousError, NotFoundError, UsageError


@dataclass(frozen=True, slots=True)
class Forgot:
    """The memories that are no longer recalled (or, after restore or erase, that are back or gone for good)."""

    memories: tuple[Memory, ...]
    warnings: tuple[str, ...] = ()


def to_forget(ports: Ports, keys: Sequence[str], selection: Selection | None) -> list[Memory]:
    """Return what would be forgotten: the memories named, or all that a filter selects."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = [resolve(session, key) for key in keys]
        if selection is not None:
            found += session.memories(selection)
    unique = list({memory.path: memory for memory in found}.values())
    for memory in unique:
        if memory.kind == "note" and not memory.id and role_of(memory.path, ports.vault.base) == "note":
            raise UsageError(f"{memory.path} is a note of yours, not a memory.", "Delete the file yourself.")
    return unique


def forget(ports: Ports, memories: Sequence[Memory]) -> Forgot:
    """Move memories to the trash and leave tombstones."""
    if not memories:
        return Forgot(())
    base = ports.vault.base
    with ports.vault.lock():
        whole = [read_memory(ports.vault.read(memory.path), base) for memory in memories]
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            masks = [mask for memory in whole if (mask := _turn(session, memory))]
        key = ports.entropy(16).hex()
        forgotten = read_forgotten(ports.vault)
        lines = [forgotten.forgotten_line(memory.id, memory.digest, key) for memory in whole]
        tombstones = write_forgotten(ports.vault, forgotten.adding([*lines, *(f"masked {m}" for m in masks)], key))
        for memory in whole:
            ports.vault.move(memory.path, _free_in_trash(ports, memory.path))
        removed = [memory.path for memory in whole]
        return Forgot(tuple(whole), record(ports, "forget", whole, written=[tombstones], removed=removed))


def restore(ports: Ports, keys: Sequence[str]) -> Forgot:
    """Bring memories back from the trash to where they were."""
    with ports.vault.lock():
        found = dict(find_in_trash(ports, key) for key in keys)
        forgotten = read_forgotten(ports.vault)
        memories = []
        for trashed, memory in found.items():
            target = _former_place(ports, trashed, memory)
            ports.vault.move(trashed, target)
            forgotten = forgotten.without(memory.id, memory.digest)
            memories.append(read_memory(ports.vault.read(target), ports.vault.base))
        for mask in _no_longer_masked(ports, memories):
            forgotten = forgotten.unmasked(mask)
        written = [*(memory.path for memory in memories), write_forgotten(ports.vault, forgotten)]
        return Forgot(tuple(memories), record(ports, "restore", memories, written=written))


def find_in_trash(ports: Ports, key: str) -> tuple[str, Memory]:
    """Return the path and content of the one forgotten memory that a key names."""
    wanted = key.strip()
    matches = [path for path in trash(ports) if _names(path, wanted)]
    if not matches:
        raise NotFoundError(
            f"Nothing in the trash has the id {key!r}.", "See what was forgotten in the vault's .trash."
        )
    if len(matches) > 1:
        raise AmbiguousError(f"{key!r} could be {', '.join(matches)}.", "Give more of the name.")
    blob = ports.vault.read(matches[0])
    inner = blob._replace(stamp=blob.stamp._replace(path=matches[0].replace(TRASH, "", 1)))
    return matches[0], read_memory(inner, ports.vault.base)


def trash(ports: Ports) -> Iterator[str]:
    """Yield the path of every file in the trash."""
    yield from _walk(ports, (ports.vault.base + TRASH).rstrip("/"))


def _former_place(ports: Ports, trashed: str, memory: Memory) -> str:
    target = trashed.replace(TRASH, "", 1)
    folder, _, name = target.rpartition("/")
    return (
        Placer(ports.vault).path(memory, f"{memory.text[:40]} restored")
        if name in ports.vault.names(folder)
        else target
    )


def _no_longer_masked(ports: Ports, memories: Sequence[Memory]) -> list[str]:
    """Return the turns of restored memories that no memory still in the trash came from."""
    linked = [memory for memory in memories if memory.session]
    if not linked:
        return []
    still = {find_in_trash(ports, path)[1].session for path in trash(ports)}
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        return [mask for memory in linked if memory.session not in still and (mask := _turn(session, memory))]


def _walk(ports: Ports, folder: str) -> Iterator[str]:
    for name in ports.vault.names(folder):
        path = f"{folder}/{name}"
        if name.endswith(".md"):
            yield path
        else:
            yield from _walk(ports, path)


def _names(path: str, wanted: str) -> bool:
    """Say whether a key names a file of the trash: by path, file name, or the end of the id in its name."""
    name = path.rsplit("/", 1)[-1].removesuffix(".md")
    ending = wanted.lower() if len(wanted) <= 8 else suffix(wanted)
    return wanted in (path, path.replace(TRASH, "", 1), name) or (len(ending) >= 4 and name.endswith(ending))


def _free_in_trash(ports: Ports, path: str) -> str:
    base = ports.vault.base
    target = f"{base}{TRASH}{path.removeprefix(base)}"
    folder, _, name = target.rpartition("/")
    number, free = 2, name
    while free in ports.vault.names(folder):
        free = f"{name.removesuffix('.md')}.{number}.md"
        number += 1
    return f"{folder}/{free}"


def _turn(session: IndexSession, memory: Memory) -> str:
    """Return the turn a memory came from, as ``EPISODE#turn``, or an empty text."""
    name, _, turn = memory.session.partition("#^")
    if not turn:
        return ""
    episodes = [found for found in session.memories(Selection(key=name, everything=True)) if found.kind == "episode"]
    return f"{episodes[0].id}#{turn}" if episodes else ""
