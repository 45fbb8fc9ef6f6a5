"""A memory brought back from the history: a version of it in place of what is there, or of what is gone.

Owns what becomes of the copy in the trash: it goes when the history has its text, else it stays.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from smos_cli.core.changes import Touched
from smos_cli.core.lives import Known, known, life
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import memory_in
from smos_cli.core.trash import Trash, former_place
from smos_cli.core.versions import last_version, version_at


class Recovery(NamedTuple):
    """A version that is to be written."""

    memory: Memory
    """as it was, with the path that it is to have"""
    data: bytes
    etag: str = ""
    """of the file that it replaces; empty where there is none"""
    trashed: tuple[str, ...] = ()
    """files of the trash that go"""
    warnings: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where it is written."""
        return self.memory.path


def recovery(ports: Ports, trash: Trash, key: str, when: str) -> Recovery:
    """Return the version of a memory at a revision or a date; ``NotFoundError`` if none, or erased."""
    memory = known(ports, key)
    version = version_at(ports, memory, when)
    if not memory.there:
        place = former_place(ports, version.path)
        trashed, warnings = _copies(ports, trash, memory)
        return Recovery(_memory(ports, memory, version.data, place), version.data, "", trashed, warnings)
    etag = ports.vault.read(memory.path).etag
    return Recovery(_memory(ports, memory, version.data, memory.path), version.data, etag)


def last_recovery(ports: Ports, memory: Known) -> Recovery:
    """Return the last version of a memory that is neither in the vault nor in its trash; ``NotFoundError``."""
    version = last_version(ports, memory)
    return Recovery(_memory(ports, memory, version.data, former_place(ports, version.path)), version.data)


def recover(ports: Ports, item: Recovery) -> list[Touched]:
    """Write a version; return what changed. ``StaleError`` when the file changed since it was looked at."""
    after = sha256(item.data).hexdigest()
    if item.etag == after:
        return []
    if item.etag:
        ports.vault.replace(item.path, item.data, item.etag)
    else:
        ports.vault.create({item.path: item.data})
    for copy in item.trashed:
        ports.vault.remove(copy)
    return [Touched(item.memory.id, item.path, item.etag, after)]


def _memory(ports: Ports, memory: Known, data: bytes, path: str) -> Memory:
    found = memory_in(data, path, ports.vault.base)
    return replace(found, id=found.id or memory.identity)


def _copies(ports: Ports, trash: Trash, memory: Known) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the copies in the trash that the history has too, and a warning for each that it lacks."""
    copies = {path: item.etag for path, item in trash.targets.items() if memory.identity == item.memory.id != ""}
    if not copies:
        return (), ()
    blobs = {blob for step in life(ports, memory) for one in step.files for blob in (one.before, one.after) if blob}
    held = {sha256(data).hexdigest() for data in ports.past.contents(blobs)}
    there = tuple(path for path, etag in copies.items() if etag in held)
    return there, tuple(f"{path} stays: the history has no such text." for path in copies if path not in there)
