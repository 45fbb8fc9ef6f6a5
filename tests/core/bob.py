"""A persona made of fakes, and what the tests of the use cases do with it over and over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any

from smos_cli.core.answering import Query
from smos_cli.core.episode import Turn
from smos_cli.core.erasable import to_erase
from smos_cli.core.erase import Erasure, Tools, erase
from smos_cli.core.forget import Forgot, forget, restore, to_forget
from smos_cli.core.importing import Imported, import_source
from smos_cli.core.listing import list_memories
from smos_cli.core.memory import Memory
from smos_cli.core.past import Past
from smos_cli.core.recall import Recalled, recalling
from smos_cli.core.remember import NewMemory, Remembered, remember
from smos_cli.core.scanning import ScannedSession
from smos_cli.core.selection import Selection
from smos_cli.core.ulid import suffix
from smos_cli.errors import NotFoundError, StorageError
from tests.fake_purge import FakePurge, FakeRemains
from tests.fakes import FakeClock, FakeHistory, FakeIndex, FakeMachine, FakeVault, fake_ports
from tests.samples import episode_file, identity

EPISODE = f"2025-11-18-rate-limiter-bug-{suffix(identity(7))}"
EPISODE_PATH = f"episodes/2025/11/{EPISODE}.md"


class Bob:
    """The ports, and what they are made of. ``files`` lie in the vault beside its card."""

    def __init__(self, files: Mapping[str, bytes] | None = None, base: str = "", **others: Any) -> None:
        self.vault = FakeVault({f"{base}PERSONA.md": b"Bob.\n", **(files or {})}, base)
        self.index: FakeIndex = others.pop("index", None) or FakeIndex()
        self.history = FakeHistory()
        self.clock = FakeClock()
        self.machine: FakeMachine = others.pop("machine", None) or FakeMachine()
        shared = {"index": self.index, "history": self.history, "clock": self.clock, "machine": self.machine}
        self.ports = fake_ports(self.vault, **shared, **others)

    def on(self, machine: FakeMachine) -> Bob:
        """Return the same vault on another machine."""
        there = copy(self)
        there.machine, there.ports = machine, replace(self.ports, machine=machine)
        return there

    def with_history(self, history: FakeHistory, past: Past) -> Bob:
        """Return the same vault with another history."""
        there = copy(self)
        there.history, there.ports = history, replace(self.ports, history=history, past=past)
        return there

    def remember(self, text: str, **more: Any) -> Remembered:
        return remember(self.ports, NewMemory(text, **more))

    def forget(self, *keys: str) -> Forgot:
        return forget(self.ports, to_forget(self.ports, keys, None))

    def erase(self, *keys: str) -> Erasure:
        purge = FakePurge()
        return erase(self.ports, Tools(purge, FakeRemains(self.vault, purge)), to_erase(self.ports, purge, keys))

    def restore(self, *keys: str) -> Forgot:
        return restore(self.ports, keys)

    def import_(self, *lines: Mapping[str, Any] | bytes, name: str = "lines.jsonl") -> Imported:
        return import_source(self.ports, FakeSource(lines, name=name))

    def memories(self, **selection: Any) -> Sequence[Memory]:
        return list_memories(self.ports, Selection(**selection))

    def texts(self) -> list[str]:
        """Return the statements of all memories, sorted."""
        return sorted(memory.text for memory in self.memories(everything=True, memories_only=True))

    def recall(self, question: str, limit: int = 10, **selection: Any) -> Recalled:
        with recalling(self.vault, self.index, self.ports.timer) as ask:
            return ask(Query(question, Selection(**selection), limit))

    def answers(self, question: str, **selection: Any) -> list[str]:
        """Return the texts of all hits, best first."""
        return [hit.found.passage.text for hit in self.recall(question, **selection).hits]

    def file(self, path: str) -> str:
        return self.vault.files[path].decode()

    def paths(self, folder: str = "") -> list[str]:
        """Return the paths of the Markdown files in a folder; at the top, all but the trash's and the card."""
        found = [path for path in sorted(self.vault.files) if path.endswith(".md") and path.startswith(folder)]
        return found if folder else [path for path in found if ".trash" not in path and "PERSONA" not in path]


class FakeSource:
    """The ``Source`` port over lines, given as objects or as bytes, or over documents by path."""

    def __init__(
        self,
        lines: Sequence[Mapping[str, Any] | bytes] = (),
        documents: Mapping[str, bytes] | None = None,
        name: str = "lines.jsonl",
        whole: bytes | None = None,
    ) -> None:
        self.name = name
        self._whole = whole
        self._lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        self._documents = documents or {}
        self.unreadable: set[str] = set()

    def lines(self) -> Iterator[tuple[int, bytes]]:
        return enumerate(self._lines, 1)

    def whole(self) -> bytes | None:
        return self._whole

    def documents(self) -> Iterator[str]:
        return iter(self._documents)

    def read(self, path: str) -> bytes:
        if path in self.unreadable:
            raise StorageError(f"{path} can't be read.", "Look at its permissions.")
        if path not in self._documents:
            raise NotFoundError(f"{path} is not there.", "Look again.")
        return self._documents[path]


class DamagedIndex(FakeIndex):
    """An index that can't be opened at all."""

    @contextmanager
    def session(self, *, write: bool = False, wait: float | None = None) -> Iterator[ScannedSession]:
        raise StorageError("The index can't be read.", "Rebuild it.")
        yield ScannedSession()


def apart(paths: Iterable[str]) -> tuple[str, ...]:
    """Return paths without those of the audit chain, which every change writes."""
    return tuple(path for path in paths if not path.startswith(("audit/", "smos/audit/")))


def conversation(number: int = 7) -> dict[str, bytes]:
    """Return a file with an episode of three turns."""
    turns = [
        Turn("Marta", "The limiter resets every ten seconds.", "2025-11-18T08:38:00Z", "D1:1"),
        Turn("Bob", "Then the cache TTL should be ten seconds.", "2025-11-18T08:39:00Z", "D1:2"),
        Turn("Marta", "Hector is switched off.", "2025-11-18T08:40:00Z", "D1:3"),
    ]
    return {EPISODE_PATH: episode_file(number, turns)}
