"""List, tags and show: what is there, without a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import blob_of, read_memory, without_masked
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import FormatError


class Shown(NamedTuple):
    """One memory as its file has it, or had it."""

    memory: Memory
    source: str
    """the file's text, byte for byte but for its encoding and for what was forgotten"""
    problem: str = ""
    """what is wrong with a file that breaks the format; its memory has the path and, as its body, the source"""
    etag: str = ""
    """sha256 of the file's bytes, hex; empty where it is not the file as it is now"""


def list_memories(ports: Ports, selection: Selection) -> Sequence[Memory]:
    """Return memories, newest first."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        return session.memories(selection)


def tags(ports: Ports) -> dict[str, int]:
    """Return every tag with the number of memories that have it, most used first."""
    found = list_memories(ports, Selection())
    counted = Counter(tag for memory in found for tag in memory.tags)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def show(ports: Ports, key: str, at: str = "") -> Shown:
    """Return one memory, without the text of masked turns: its file as it is, or as it was at a revision or a date."""
    vault = ports.vault
    read = _then(ports, key, at) if at else _now(ports, key)
    path, etag = read.stamp.path, "" if at else read.etag
    blob = without_masked(read, vault.base, read_forgotten(vault).masks)
    source = blob.data.decode("utf-8", "replace")
    try:
        return Shown(read_memory(blob, vault.base), source, etag=etag)
    except FormatError as error:
        role = role_of(path, vault.base)
        kind = "fact" if role == "memory" else role
        return Shown(Memory(id="", body=source, path=path, kind=kind), source, error.message, etag)


def _now(ports: Ports, key: str) -> Blob:
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = resolve(session, key)
    return ports.vault.read(found.path)


def _then(ports: Ports, key: str, at: str) -> Blob:
    from smos_cli.core.lives import known
    from smos_cli.core.versions import version_at

    version = version_at(ports, known(ports, key), at)
    return blob_of(version.data, version.path)
