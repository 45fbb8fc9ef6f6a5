"""What a vault holds and what it forgot: whether something that arrives is new."""

from __future__ import annotations

from smos_cli.core.forgotten import source_hash
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory, content_hash
from smos_cli.core.ports import Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten

NEW = ""
DUPLICATE = "duplicate"
FORGOTTEN = "it was forgotten; `smos restore` brings it back"
ERASED = "it was erased"
TAKEN = "what has its id here has another text"
CHANGED = "it was imported before, and has another text here by now"
_TIME = 10
"""Characters of a ULID that are its time."""


class Known:
    """Ids, source ids and texts of one vault at one moment, and of what was added since.

    An id that was made from a text is the same again but for its time, which may be that of an import.
    """

    def __init__(self, ports: Ports) -> None:
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            found = session.memories(Selection(everything=True))
        self._base = ports.vault.base
        self._ids: set[str] = set()
        self._ends: set[str] = set()
        self._episodes: dict[str, str] = {}
        self._digests: set[str] = set()
        self._refs: set[tuple[str, str]] = set()
        self._forgotten = read_forgotten(ports.vault)
        self._forgotten_ends = {identity[_TIME:]: identity for identity in self._forgotten.ids}
        for memory in found:
            self.add(memory)

    def verdict(self, memory: Memory, *, made: bool = False) -> str:
        """Return ``NEW``, ``DUPLICATE``, or the reason why it stays out; ``made``: its id was made from its text."""
        if reason := self._was_forgotten(memory, made=made):
            return reason
        if memory.digest in self._digests:
            return DUPLICATE
        if memory.id in self._ids:
            return CHANGED if made else TAKEN
        if made and memory.id[_TIME:] in self._ends:
            return CHANGED
        if memory.ref and (memory.file, memory.ref) in self._refs:
            return f"another text came before with the id {memory.ref} of {memory.file}"
        return NEW

    def forgot(self, text: str) -> bool:
        """Say whether exactly this text was forgotten."""
        return self._forgotten.knows(content_hash(text))

    def episode(self, identity: str) -> str:
        """Return the path of the episode of an id, whatever its time."""
        return self._episodes.get(identity[_TIME:], "")

    def add(self, memory: Memory) -> None:
        """Take note of a memory, episode or note that is there now."""
        is_episode = role_of(memory.path, self._base) == "episode"
        if is_episode:
            self._episodes[memory.id[_TIME:]] = memory.path
        elif memory.id or memory.kind != "note":
            self._digests.add(memory.digest)
        if memory.id:
            self._ids.add(memory.id)
            self._ends.add(memory.id[_TIME:])
        if memory.ref:
            self._refs.add((memory.file, memory.ref))

    def _was_forgotten(self, memory: Memory, *, made: bool) -> str:
        forgotten = self._forgotten
        made = made or memory.kind == "episode"
        if memory.id in forgotten.ids or (made and memory.id[_TIME:] in self._forgotten_ends):
            return ERASED if self._forgotten_ends[memory.id[_TIME:]] in forgotten.erased else FORGOTTEN
        if forgotten.knows(memory.digest):
            return FORGOTTEN
        if memory.ref and forgotten.knows(source_hash(memory.file, memory.ref)):
            return f"what had the id {memory.ref} of {memory.file} was forgotten"
        return NEW
