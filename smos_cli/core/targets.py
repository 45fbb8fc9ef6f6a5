"""What is about to be forgotten, restored or erased: a file as it was when it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_memory
from smos_cli.errors import NotFoundError, StaleError


class Target(NamedTuple):
    """A memory and the file it lies in. ``memory.path`` is its place in the vault, now or before it was forgotten."""

    path: str
    memory: Memory
    etag: str


def target(ports: Ports, path: str) -> Target:
    """Return what lies at a path of the vault; ``FormatError`` says what is wrong with a file that can't be read."""
    blob = ports.vault.read(path)
    return Target(path, read_memory(blob, ports.vault.base), blob.etag)


def still_there(ports: Ports, targets: Sequence[Target], *, gone_is_done: bool = False) -> list[Target]:
    """Return the targets whose files are there; ``StaleError`` when one is not what was shown.

    One that is gone is left out if that is all that was wanted, else a ``NotFoundError``.
    """
    there = []
    for item in targets:
        try:
            blob = ports.vault.read(item.path)
        except NotFoundError:
            if not gone_is_done:
                raise
            continue
        if blob.etag != item.etag:
            raise StaleError(f"{item.path} changed since it was shown.", "Look at it again, then repeat the command.")
        there.append(item)
    return there
