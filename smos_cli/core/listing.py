"""List, tags and show: what is there, without a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_memory, without_masked
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import FormatError


class Shown(NamedTuple):
    """One memory as its file has it now."""

    memory: Memory
    source: str
    """the file's text, byte for byte but for its encoding and for what was forgotten"""
    problem: str = ""
    """what is wrong with a file that breaks the format; its memory has the path and, as its body, the source"""


def list_memories(ports: Ports, selection: Selection) -> Sequence[Memory]:
    """Return memories, newest first."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        return session.memories(selection)


def tags(ports: Ports) -> dict[str, int]:
    """Return every tag with the number of memories that have it, most used first."""
    found = list_memories(ports, Selection())
    counted = Counter(tag for memory in found for tag in memory.tags)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def show(ports: Ports, key: str) -> Shown:
    """Return one memory, read from its file, without the text of masked turns."""
    vault = ports.vault
    with fresh(vault, ports.index, ports.progress) as (session, _):
        found = resolve(session, key)
    blob = without_masked(vault.read(found.path), vault.base, read_forgotten(vault).masks)
    source = blob.data.decode("utf-8", "replace")
    try:
        return Shown(read_memory(blob, vault.base), source)
    except FormatError as error:
        role = role_of(found.path, vault.base)
        kind = "fact" if role == "memory" else role
        return Shown(Memory(id="", body=source, path=found.path, kind=kind), source, error.message)
