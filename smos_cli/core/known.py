"""What a vault holds and what it forgot: whether something that arrives is new."""

from __future__ import annotations

from smos_cli.core.forgotten import source_hash
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory, content_hash
from smos_cli.core.passages import of_memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import SmosError

NEW = ""
DUPLICATE = "duplicate"
_TIME = 10
"""Characters of a ULID that are its time."""
FORGOTTEN = "it was forgotten; `smos restore` brings it back"


class Known:
    """Ids, source ids and texts of one vault at one moment, and of what was added since."""

    def __init__(self, ports: Ports) -> None:
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            found = session.memories(Selection(everything=True))
        self.ids: set[str] = set()
        self._vault = ports.vault
        self._base = ports.vault.base
        self._episodes: dict[str, str] = {}
        self._digests: set[str] = set()
        self._beginnings: dict[str, list[str]] = {}
        self._refs: set[tuple[str, str]] = set()
        self._forgotten = read_forgotten(ports.vault)
        for memory in found:
            self._take(memory)
            role = role_of(memory.path, self._base)
            if role == "memory" or (memory.id and role != "episode"):
                self._beginnings.setdefault(memory.digest, []).append(memory.path)

    def verdict(self, memory: Memory) -> str:
        """Return ``NEW``, ``DUPLICATE``, or the reason why it stays out."""
        if self._was_forgotten(memory):
            return FORGOTTEN
        if memory.id in self.ids or self._has_text(memory):
            return DUPLICATE
        return DUPLICATE if memory.ref and (memory.file, memory.ref) in self._refs else NEW

    def episode(self, identity: str) -> str:
        """Return the path of the episode of an id, whatever its time: one without times has that of its import."""
        return self._episodes.get(identity[_TIME:], "")

    def add(self, memory: Memory) -> None:
        """Take note of a memory that is there now, with its whole text."""
        self._take(memory)
        if memory.body and role_of(memory.path, self._base) != "episode":
            self._digests.add(memory.digest)

    def _take(self, memory: Memory) -> None:
        if memory.id:
            self.ids.add(memory.id)
        if role_of(memory.path, self._base) == "episode":
            self._episodes[memory.id[_TIME:]] = memory.path
        if source := memory.ref or memory.id:  # an import that keeps an id has no other
            self._refs.add((memory.file, source))

    def _has_text(self, memory: Memory) -> bool:
        """Say whether a memory of this text is there; of a long one the index gives only the beginning."""
        if memory.digest in self._digests:
            return True
        pieces = of_memory(memory.body)
        beginning = content_hash(pieces[0].text) if pieces else ""
        return any(self._digest(path, beginning) == memory.digest for path in self._beginnings.get(beginning, ()))

    def _digest(self, path: str, beginning: str) -> str:
        try:
            return read_memory(self._vault.read(path), self._base).digest
        except SmosError:
            return beginning

    def _was_forgotten(self, memory: Memory) -> bool:
        forgotten = self._forgotten
        if memory.kind == "episode" and memory.id[_TIME:] in {identity[_TIME:] for identity in forgotten.ids}:
            return True
        source = source_hash(memory.file, memory.ref)
        return memory.id in forgotten.ids or forgotten.knows(memory.digest) or forgotten.knows(source)
