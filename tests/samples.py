"""Files of a vault as bytes, and as the index takes them in: what many tests begin with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b, sha256
from typing import Any

from smos_cli.core import episode, ulid
from smos_cli.core.episode import Turn
from smos_cli.core.markdown import compose
from smos_cli.core.memory import Memory, to_fields
from smos_cli.core.ports import Blob, Entry, Stamp
from smos_cli.core.reading import read_entry

FIRST = 1_763_467_200_000
"""2025-11-18T12:00:00Z, in ms since 1970"""
DAY = 86_400_000


def identity(number: int, milliseconds: int | None = None) -> str:
    """Return a ULID that is always the same for a number; by default each is of the day after the one before."""
    made = FIRST + number * DAY if milliseconds is None else milliseconds
    return ulid.make(made, blake2b(number.to_bytes(8, "big", signed=True), digest_size=10).digest())


def link(number: int) -> str:
    """Return the target of a link to the memory of ``identity(number)``."""
    return f"a-memory-{ulid.suffix(identity(number))}"


def memory_file(number: int, text: str, **fields: Any) -> bytes:
    """Return the file of a memory with the id of a number."""
    return compose(to_fields(Memory(identity(number), text, **fields)), text + "\n")


def episode_file(number: int, turns: Sequence[Turn], **fields: str) -> bytes:
    """Return the file of an episode with the id of a number."""
    name = identity(number)
    created = fields.get("created", ulid.created(name))
    return compose({"id": name, **fields}, episode.render(turns, created[:10]))


def entry(path: str, data: bytes, *, masks: Collection[str] = (), inode: int = 1) -> Entry:
    """Return a file as the index takes it in."""
    stamp = Stamp(path, len(data), 1_000, 2_000, inode)
    return read_entry(Blob(data, stamp, sha256(data).hexdigest()), "", masks)


def memory_entry(number: int, text: str, path: str = "", **fields: Any) -> Entry:
    """Return a memory as the index takes it in."""
    return entry(path or f"memories/m{number}.md", memory_file(number, text, **fields), inode=number + 1)
