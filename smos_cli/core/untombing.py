"""Tombstones when a command is undone: the lines it added go, those it took away come back; what is erased stays so.

A turn stays masked while another memory in the trash came from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.masking import no_longer_masked
from smos_cli.core.memory import Memory
from smos_cli.core.nearness import near_hash
from smos_cli.core.past import Commit
from smos_cli.core.ports import Ports
from smos_cli.core.tombstones import read_forgotten, write_changed, write_forgotten


class Lines(NamedTuple):
    """What a commit did to the tombstones, as far as it is not reversed already."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def tombstone_lines(ports: Ports, commit: Commit) -> Lines:
    """Return the tombstones that a commit added and are there, and those that it removed and are not."""
    change = next((one for one in commit.files if one.path == ports.vault.base + TOMBSTONES), None)
    if change is None:
        return Lines()
    blobs = [blob for blob in (change.before, change.after) if blob]
    held = {blob: _lines(data) for blob, data in zip(blobs, ports.past.contents(blobs), strict=True)}
    before, after = held.get(change.before, {}), held.get(change.after, {})
    now = set(read_forgotten(ports.vault).render().split("\n"))
    return Lines(
        tuple(line for line in after if line not in before and line in now),
        tuple(line for line in before if line not in after and line not in now),
    )


def put_back(ports: Ports, lines: Lines) -> list[str]:
    """Write the tombstones that were taken away; return the paths written."""
    if not lines.removed:
        return []
    forgotten = read_forgotten(ports.vault)
    return [write_forgotten(ports.vault, forgotten.adding(lines.removed, ports.entropy(16).hex()))]


def take_back(ports: Ports, lines: Lines, memories: Sequence[Memory]) -> list[str]:
    """Take away the tombstones that were added, once the files of their memories are back; return the paths written."""
    if not lines.added:
        return []
    forgotten = read_forgotten(ports.vault)
    forgotten = forgotten.without_lines(line for line in lines.added if line.startswith("forgotten "))
    for memory in memories:
        forgotten = forgotten.unmasked_with(memory.digest, near_hash(memory.text))
    return write_changed(ports.vault, forgotten.unmasked(*no_longer_masked(ports, memories)))


def _lines(data: bytes) -> dict[str, None]:
    """Return the lines that an undo may touch, in their order: no key, no comment, nothing of what was erased."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return dict.fromkeys(
        line for line in lines if line.split()[:1] in (["forgotten"], ["masked"]) and line.split()[2:] != ["erased"]
    )
