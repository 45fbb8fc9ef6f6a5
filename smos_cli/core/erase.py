"""Erase: a memory's file is deleted for good, from the vault or its trash, and the index is made anew without it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from smos_cli.core.forget import Forgot, meant
from smos_cli.core.masking import masks_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import fresh, refresh
from smos_cli.core.targets import Target, still_there, target
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.core.trash import opened
from smos_cli.errors import IndexBusyError, NotFoundError, StorageError

HISTORY_REMAINS = (
    "The text is gone from the vault and the index, but commits made before still hold it in the vault's .git folder."
)
INDEX_REMAINS = (
    "Another process opened the index meanwhile, so it may hold the text until it is made anew:"
    " run `smos index --rebuild`."
)


def to_erase(ports: Ports, keys: Sequence[str]) -> list[Target]:
    """Return what would be erased, in the vault or in its trash."""
    trash = opened(ports)
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = [meant(ports, key, session, trash.session).path for key in keys]
    return [trash.at(path) if trash.holds(path) else target(ports, path) for path in dict.fromkeys(found)]


def erase(ports: Ports, targets: Sequence[Target]) -> Forgot:
    """Delete files for good, leave tombstones that hold only ids, and rebuild the index with its vectors.

    The index goes first: while another process holds it nothing is erased (``IndexBusyError``). ``StaleError`` when
    a file is no longer what was shown; one that is gone is erased.
    """
    memories = tuple(item.memory for item in targets)
    with ports.vault.lock():
        # Listing under the lock also deletes what a writer that died left over: it may hold the same text.
        ports.vault.scan()
        there = still_there(ports, targets, gone_is_done=True)
        masks = masks_of(ports, memories)
        ports.index.drop()
        forgotten = read_forgotten(ports.vault)
        for memory in memories:
            forgotten = forgotten.without(memory.id, memory.digest)
        lines = [f"erased {memory.id}" for memory in memories if memory.id]
        lines += [f"masked {turn} erased" for turn in sorted(masks.turns)]
        tombstones = write_forgotten(ports.vault, forgotten.adding(lines, ports.entropy(16).hex()))
        for item in there:
            with suppress(NotFoundError):
                ports.vault.remove(item.path)
        changed = [touched(item.memory, before=item.etag) for item in targets]
        warnings = record(ports, "erase", _nameless(memories), changed, also=[tombstones])
    return Forgot(memories, (*masks.warnings, *warnings, *_index_anew(ports), HISTORY_REMAINS))


def _index_anew(ports: Ports) -> tuple[str, ...]:
    """Make the index again; it is dropped again before, as a recall may have read the files before they went."""
    try:
        ports.index.drop()
    except (IndexBusyError, StorageError):
        return (INDEX_REMAINS,)
    with suppress(IndexBusyError, StorageError):  # the next recall makes it
        refresh(ports.vault, ports.index, rebuild=False, progress=ports.progress)
    return ()


def _nameless(memories: Sequence[Memory]) -> list[Memory]:
    """A record of an erasure must not repeat what was erased."""
    return [Memory(id=memory.id, body=memory.id or "a memory without an id") for memory in memories]
