"""Memories that say they come from a conversation which is not there.

Looks only where conversations are versioned: elsewhere another machine may hold them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smos_cli.core import ulid
from smos_cli.core.finding import Finding
from smos_cli.core.layout import role_of
from smos_cli.core.links import link_target
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.trash import opened


def dangling(ports: Ports, memories: Sequence[Memory]) -> list[Finding]:
    """Return a finding of the memories whose conversations are neither in the vault nor in its trash."""
    if ports.episodes != "versioned":
        return []
    held = set(_names(ports, memories))
    lost = _lost(memories, held)
    if lost:
        lost = _lost(lost, held | set(_names(ports, [item.memory for item in opened(ports).targets.values()])))
    if not lost:
        return []
    paths = sorted(memory.path for memory in lost)
    others = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    what = (
        "They name a conversation that is not here." if len(paths) > 1 else "It names a conversation that is not here."
    )
    remedy = "Sync with the machine that has it, or take the link out of `session` or `sources` with `smos edit`."
    return [Finding("note", f"{', '.join(paths[:2])}{others}", what, remedy)]


def _lost(memories: Sequence[Memory], held: set[str]) -> list[Memory]:
    return [
        memory
        for memory in memories
        if any("#^" in link and link_target(link) not in held for link in (memory.session, *memory.sources))
    ]


def _names(ports: Ports, memories: Sequence[Memory]) -> Iterator[str]:
    """Yield what links to the conversations among some files are compared by."""
    for memory in memories:
        if role_of(memory.path, ports.vault.base) == "episode":
            yield from (ulid.suffix(memory.id), link_target(memory.path), *map(link_target, memory.aliases))
