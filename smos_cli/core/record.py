"""Recording a change that is already on disk: a record that fails is a warning, and the write stays."""

from __future__ import annotations

from collections.abc import Sequence

from smos_cli.core.changes import Change
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.errors import StorageError


def record(
    ports: Ports,
    verb: str,
    memories: Sequence[Memory],
    *,
    written: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> tuple[str, ...]:
    """Commit what a verb did to some memories; return the warnings."""
    if ports.episodes != "versioned":
        written, removed = ([path for path in paths if not _is_episode(ports, path)] for paths in (written, removed))
    what = memories[0].text if len(memories) == 1 else f"{len(memories)} memories"
    change = Change(
        verb=verb,
        subject=f"{verb}: {what}",
        ids=tuple(memory.id for memory in memories if memory.id),
        door=ports.door,
        actor=ports.actor,
        written=tuple(written),
        removed=tuple(removed),
    )
    try:
        ports.history.commit(change)
    except StorageError as error:
        return (f"The change is saved, but not in the history: {error.message} {error.remedy}".strip(),)
    return ()


def _is_episode(ports: Ports, path: str) -> bool:
    return role_of(path, ports.vault.base) == "episode"
