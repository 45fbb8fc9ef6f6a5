"""Forget and restore: out of every door, into the trash, and back.

Owns the order: the tombstone first, so that what is half forgotten is not learnt again, then the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from smos_cli.core.changes import Touched
from smos_cli.core.forgotten import Forgotten, source_hash
from smos_cli.core.layout import role_of
from smos_cli.core.lives import Known, known
from smos_cli.core.masking import masks_of, no_longer_masked
from smos_cli.core.memory import Memory
from smos_cli.core.nearness import near_hash
from smos_cli.core.outside import changing
from smos_cli.core.ports import IndexSession, Ports
from smos_cli.core.record import record, touched
from smos_cli.core.recovering import Recovery, last_recovery, recover, recovery
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import Selection
from smos_cli.core.targets import Target, still_there, target
from smos_cli.core.tombstones import read_forgotten, write_changed, write_forgotten
from smos_cli.core.trash import Trash, former, former_place, opened, trash_place
from smos_cli.core.versions import commit_at
from smos_cli.errors import AmbiguousError, NotFoundError, SmosError, StaleError, UsageError


@dataclass(frozen=True, slots=True)
class Forgot:
    """The memories that are no longer recalled (or, after restore or erase, that are back or gone for good)."""

    memories: tuple[Memory, ...]
    warnings: tuple[str, ...] = ()


def to_forget(ports: Ports, keys: Sequence[str], selection: Selection | None) -> list[Target]:
    """Return what would be forgotten: what is named, or all memories that a filter selects."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = [meant(ports, key, session) for key in keys]
        if selection is not None:
            found += session.memories(replace(selection, memories_only=True))
    return [target(ports, path) for path in dict.fromkeys(memory.path for memory in found)]


def meant(ports: Ports, key: str, session: IndexSession, *others: IndexSession) -> Memory:
    """Return the memory or episode that a key names; ``UsageError`` for a note, or for one turn of an episode."""
    found = resolve(session, key, *others)
    role = role_of(former(ports, found.path), ports.vault.base)
    if role == "episode" and "#" in key.replace(found.path, ""):
        raise UsageError(f"{key} is one turn of a conversation.", f"Give {found.id or found.path} for all of it.")
    if role == "note" and found.kind == "note" and not found.id:
        raise UsageError(f"{found.path} is a note of yours, not a memory.", "Delete the file yourself.")
    return found


def forget(ports: Ports, targets: Sequence[Target]) -> Forgot:
    """Move memories to the trash and leave tombstones; ``StaleError`` when one is no longer what was shown."""
    with changing(ports) as settled:
        there = still_there(ports, targets)
        whole = [item.memory for item in there]
        if not whole:
            return Forgot((), settled)
        masks = masks_of(ports, whole)
        key = ports.entropy(16).hex()
        forgotten = read_forgotten(ports.vault)
        lines = [forgotten.forgotten_line(memory.id, memory.digest, key, *_other_hashes(memory)) for memory in whole]
        lines += [f"masked {turn}" for turn in sorted(masks.turns)]
        tombstones = write_forgotten(ports.vault, forgotten.adding(lines, key))
        _to_trash(ports, whole)
        changed = [touched(item.memory, before=item.etag) for item in there]
        warnings = record(ports, "forget", whole, changed, also=[tombstones])
        return Forgot(tuple(whole), (*settled, *masks.warnings, *warnings))


def _other_hashes(memory: Memory) -> tuple[str, ...]:
    """Return what else tells a memory: where it came from, and what it says in other words nearly the same."""
    near = near_hash(memory.text) if memory.kind != "episode" else ""
    return source_hash(memory.file, memory.ref), near


def _to_trash(ports: Ports, memories: Sequence[Memory]) -> None:
    """Move files to the trash, all or none, so that the same can be asked for again."""
    moved: list[tuple[str, str]] = []
    try:
        for memory in memories:
            place = trash_place(ports, memory.path)
            ports.vault.move(memory.path, place)
            moved.append((memory.path, place))
    except SmosError:
        for path, place in reversed(moved):
            with suppress(SmosError):
                ports.vault.move(place, path)
        raise


def restore(ports: Ports, keys: Sequence[str], at: str = "") -> Forgot:
    """Bring memories back to where they were: from the trash, else as the history had them last.

    What is back already is only no longer kept out. ``at`` is a revision or a date: then they become what they were
    there, also those that are in the vault. ``NotFoundError`` for what was erased.
    """
    # What it names is looked up first: recording what others did moves HEAD.
    commit = commit_at(ports, at) if at else ""
    with changing(ports) as settled:
        trash, forgotten = opened(ports), read_forgotten(ports.vault)
        chosen = [
            recovery(ports, trash, key, commit) if at else _to_restore(ports, trash, forgotten, key) for key in keys
        ]
        found = {item.path: item for item in chosen}
        memories: list[Memory] = []
        changed: list[Touched] = []
        for item in found.values():
            memory, touched_files = _bring(ports, trash, item)
            forgotten = forgotten.without(memory.id, memory.digest).unmasked_with(memory.digest, near_hash(memory.text))
            memories.append(memory)
            changed += touched_files
        forgotten = forgotten.unmasked(*no_longer_masked(ports, memories))
        own = write_changed(ports.vault, forgotten)
        notes = [note for item in found.values() if isinstance(item, Recovery) for note in item.warnings]
        warnings = record(ports, "restore", memories, changed, also=own) if changed or own else ()
        return Forgot(tuple(memories), (*settled, *notes, *warnings))


def is_kept_out(forgotten: Forgotten, memory: Memory) -> bool:
    """Say whether a memory, with its whole body, is one that was forgotten or erased."""
    return memory.id in forgotten.ids or forgotten.knows(memory.digest)


def _bring(ports: Ports, trash: Trash, item: Target | Recovery) -> tuple[Memory, Sequence[Touched]]:
    """Put a file where it is to be; return its memory there, and what changed."""
    if isinstance(item, Recovery):
        return item.memory, recover(ports, item)
    path = _put_back(ports, item) if item.path in trash.targets else item.path
    return replace(item.memory, path=path), [Touched(item.memory.id, path, after=item.etag)]


def _to_restore(ports: Ports, trash: Trash, forgotten: Forgotten, key: str) -> Target | Recovery:
    try:
        found = trash.at(resolve(trash.session, key).path)
        _check_alone(ports, found)
        return found
    except NotFoundError as error:
        if there := _back_already(ports, forgotten, key):
            return there
        gone = _only_in_history(ports, key)
        if gone:
            return last_recovery(ports, gone)
        raise NotFoundError(
            f"Nothing in the trash has the id {key!r}.", "See what is in it with `smos restore`."
        ) from error


def _check_alone(ports: Ports, item: Target) -> None:
    """Refuse what would give an id to two files; a copy that was put back by hand to where it was is no second one."""
    wanted = item.memory
    if not wanted.id:
        return
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        same_id = session.memories(Selection(key=wanted.id, everything=True))
    for path in dict.fromkeys(memory.path for memory in same_id if memory.id == wanted.id):
        if path != wanted.path or ports.vault.read(path).etag != item.etag:
            raise StaleError(
                f"{wanted.id} is in the vault already, as {path}.",
                f"If the one in the trash is right, `smos forget` that one first, then `smos restore {item.path}`.",
            )


def _only_in_history(ports: Ports, key: str) -> Known | None:
    try:
        memory = known(ports, key)
    except NotFoundError:
        return None
    return None if memory.there else memory


def _back_already(ports: Ports, forgotten: Forgotten, key: str) -> Target | None:
    """Return what a key names in the vault if it should not be there: somebody put the file back."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        try:
            path = resolve(session, key).path
        except (NotFoundError, AmbiguousError):
            return None
    there = target(ports, path)
    return there if is_kept_out(forgotten, there.memory) else None


def _put_back(ports: Ports, item: Target) -> str:
    place = item.memory.path
    try:
        if ports.vault.read(place).etag == item.etag:
            ports.vault.remove(item.path)
            return place
    except NotFoundError:
        pass
    place = former_place(ports, item.path)
    ports.vault.move(item.path, place)
    return place
