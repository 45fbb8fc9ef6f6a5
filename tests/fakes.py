"""Every port in memory, for tests of the core: each keeps the same contract as its adapter (tests/contracts).

A fake is steered by plain attributes: ``vault.full = True`` is a disk without space.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b, sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from smos_cli.core.auditing import Mark, Marks
from smos_cli.core.chain import machine_of
from smos_cli.core.changes import Change
from smos_cli.core.history import Outside
from smos_cli.core.ports import Blob, Ports, Problem, Progress, Stamp, no_progress
from smos_cli.core.reembedding import Embedded
from smos_cli.core.scanning import ScannedSession
from smos_cli.errors import IndexBusyError, NotFoundError, StaleError, StorageError

SECOND_NS = 1_000_000_000
NOON = 1_763_467_200_000
"""2025-11-18T12:00:00Z in ms since 1970: when a fake clock starts."""


class FakeScan(NamedTuple):
    """The ``Scan`` port: a finished listing."""

    fingerprint: str
    rows: tuple[Stamp, ...]
    passed_over: tuple[Problem, ...]
    began_ns: int

    def stamps(self) -> Sequence[Stamp]:
        return self.rows

    def problems(self) -> Sequence[Problem]:
        return self.passed_over

    def started_ns(self) -> int:
        return self.began_ns


class FakeVault:
    """The ``Vault`` port over a dict of paths and bytes.

    ``write`` and ``delete`` are what a person does behind smos's back. Each change is a second after the one
    before; with ``step_ns = 0`` they all fall within one tick of the clock.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None, base: str = "") -> None:
        self.base = base
        self.files: dict[str, bytes] = {}
        self.step_ns = SECOND_NS
        self.now_ns = NOON * 1_000_000
        self.there = True
        """the folder can be opened"""
        self.full = False
        """the disk takes no more"""
        self.unreadable: set[str] = set()
        self.passed_over: list[Problem] = []
        """what a scan reports as problems"""
        self._times: dict[str, tuple[int, int]] = {}
        self._inodes = 0
        self._held = False
        for path, data in (files or {}).items():
            self.write(path, data)

    def write(self, path: str, data: bytes) -> None:
        """Make a file, or change it where it lies."""
        inode = self._times[path][1] if path in self._times else self._new_inode()
        self.now_ns += self.step_ns
        self.files[path] = data
        self._times[path] = (self.now_ns, inode)

    def delete(self, path: str) -> None:
        del self.files[path], self._times[path]

    def scan(self) -> FakeScan:
        if not self.there:
            raise StorageError("The vault can't be opened.", "Bring the disk back.")
        rows = tuple(self._stamp(path) for path in sorted(self.files) if _is_listed(path))
        problems = tuple(sorted(self.passed_over))
        fingerprint = blake2b(repr((rows, problems, self.base)).encode(), digest_size=16).hexdigest()
        return FakeScan(fingerprint, rows, problems, self.now_ns + self.step_ns)

    def read(self, path: str) -> Blob:
        self._check(path)
        if path not in self.files:
            raise NotFoundError(f"{path} is not there.", "Look again.")
        if path in self.unreadable:
            raise StorageError(f"{path} could not be read.", "Change its permissions.")
        data = self.files[path]
        return Blob(data, self._stamp(path), sha256(data).hexdigest())

    def create(self, files: Mapping[str, bytes]) -> None:
        self._check_free(*files)
        self._check_space()
        for path, data in files.items():
            self.write(path, data)

    def replace(self, path: str, data: bytes, etag: str) -> None:
        if self.read(path).etag != etag:
            raise StaleError(f"{path} changed since it was read.", "Look again.")
        self._check_space()
        self.delete(path)
        self.write(path, data)

    def move(self, source: str, target: str) -> None:
        self._check(source)
        self._check_free(target)
        if source not in self.files:
            raise NotFoundError(f"{source} is not there.", "Look again.")
        self.now_ns += self.step_ns
        self.files[target] = self.files.pop(source)
        self._times[target] = (self.now_ns, self._times.pop(source)[1])

    def append(self, path: str, data: bytes) -> None:
        self._check(path)
        self._check_space()
        there = self.files.get(path, b"")
        self.write(path, there[: there.rfind(b"\n") + 1] + data)

    def remove(self, path: str) -> None:
        self._check(path)
        if path not in self.files:
            raise NotFoundError(f"{path} is not there.", "Look again.")
        self.delete(path)

    def names(self, folder: str) -> Sequence[str]:
        if folder:
            self._check(folder)
        top = f"{folder}/" if folder else ""
        return sorted({path[len(top) :].split("/")[0] for path in self.files if path.startswith(top)})

    @contextmanager
    def lock(self) -> Iterator[None]:
        if self._held:
            raise IndexBusyError("The vault is held.", "Try again.")
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def _stamp(self, path: str) -> Stamp:
        time, inode = self._times[path]
        return Stamp(path, len(self.files[path]), time, time, inode)

    def _new_inode(self) -> int:
        self._inodes += 1
        return self._inodes

    def _check(self, path: str) -> None:
        parts = path.split("/")
        if not path or ".." in parts or "" in parts[:-1] or "\0" in path:
            raise NotFoundError(f"{path!r} is not a path inside the vault.", "Give another.")

    def _check_free(self, *paths: str) -> None:
        for path in paths:
            self._check(path)
            if path in self.files:
                raise StaleError(f"{path} is there already.", "Look at it.")

    def _check_space(self) -> None:
        if self.full:
            raise StorageError("No space left on device.", "Free some space.")


def _is_listed(path: str) -> bool:
    return path.lower().endswith(".md") and not any(part.startswith(".") for part in path.split("/"))


class FakeIndex:
    """The ``Index`` port over an index in memory; ``busy`` is another process that holds it."""

    def __init__(self) -> None:
        self.busy = False
        self._session = ScannedSession()

    @contextmanager
    def session(self, *, write: bool = False, wait: float | None = None) -> Iterator[ScannedSession]:
        self._check_free()
        yield self._session

    @contextmanager
    def rebuild(self) -> Iterator[ScannedSession]:
        self._check_free()
        made = ScannedSession()
        yield made
        self._session = made

    def seen(self) -> str:
        return self._session.fingerprint()

    def settle(self, progress: Progress) -> None:
        pass

    def drop(self) -> None:
        self._check_free()
        self._session = ScannedSession()

    def describe(self) -> Mapping[str, str | int]:
        return {"path": "in memory", "bytes": 0, "model": ""}

    def trouble(self) -> str:
        return ""

    def embedded(self) -> Embedded:
        return Embedded("", "")

    def reembed(self, progress: Progress) -> Embedded:
        return self.embedded()

    def _check_free(self) -> None:
        if self.busy:
            raise IndexBusyError("Another process holds the index.", "Try again.")


class FakeHistory:
    """The ``History`` port as a list; ``broken`` is a git that fails, ``kept = False`` a vault without one."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.broken = False
        self.kept = True
        self.changed_outside: list[Outside] = []

    def expect(self) -> None:
        pass

    def outside(self) -> Sequence[Outside]:
        return self.changed_outside

    def commit(self, change: Change) -> str | None:
        if self.broken:
            raise StorageError("git failed.", "The files are saved.")
        if not self.kept or not (change.written or change.removed):
            return None
        self.changes.append(change)
        known = {*change.written, *change.removed}
        self.changed_outside = [one for one in self.changed_outside if one.path not in known]
        return f"{len(self.changes):040x}"

    def commit_merge(self, change: Change, other: str) -> str:
        if self.broken or not self.kept:
            raise StorageError("git failed.", "The files are saved.")
        self.changes.append(change)
        return f"{len(self.changes):040x}"


class FakeMachine:
    """The ``Machine`` port with a key that anybody can guess; ``broken`` is a home that can't be read."""

    def __init__(self, number: int = 1) -> None:
        self.secret = number.to_bytes(32, "big")
        self.broken = False
        self.noted = Marks()

    def name(self) -> str:
        return machine_of(self.public_key())

    def known(self) -> str:
        return self.name()

    def public_key(self) -> bytes:
        if self.broken:
            raise StorageError("The key can't be read.", "Change its permissions.")
        return sha256(self.secret).digest()

    def sign(self, data: bytes) -> bytes:
        return _signature(self.public_key(), data)

    def genuine(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        return _signature(public_key, data) == signature

    def marks(self) -> Marks:
        return self.noted

    def mark(self, head: Mark) -> None:
        self.noted = self.noted._replace(head=head)

    def keep(self, *, checkpoint: Mark | None = None, lost: Mark | None = None) -> None:
        if checkpoint:
            self.noted = self.noted._replace(checkpoint=checkpoint)
        if lost:
            self.noted = self.noted._replace(lost=(*self.noted.lost, lost))


def _signature(public_key: bytes, data: bytes) -> bytes:
    return sha256(public_key + data).digest() * 2


class FakeEmbedder:
    """An embedder of sixteen dimensions: each word adds its own direction."""

    model_id = "fake-16"
    dimensions = 16

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                digest = blake2b(word.encode(), digest_size=self.dimensions).digest()
                found[row] += np.frombuffer(digest, np.uint8).astype(np.float32) - 127.5
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, lengths, out=found, where=lengths > 0)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.embed([text])[0]
        return row


class FakeClock:
    """A clock that stands still unless told otherwise; ``milliseconds`` since 1970."""

    def __init__(self, milliseconds: int = NOON) -> None:
        self.milliseconds = milliseconds

    def __call__(self) -> int:
        return self.milliseconds


def counting_entropy() -> Callable[[int], bytes]:
    """Return a source of bytes that never repeats and is the same in every run."""
    count = 0

    def entropy(length: int) -> bytes:
        nonlocal count
        count += 1
        return blake2b(count.to_bytes(8, "big"), digest_size=length).digest()

    return entropy


def count_words(texts: Sequence[str]) -> list[int]:
    """Count tokens as words: each run of characters without a space is one."""
    return [len(text.split()) for text in texts]


def fake_ports(vault: FakeVault | None = None, **others: Any) -> Ports:
    """Return ports that are all fakes, but for those given; a vault has its card, as every vault has."""
    from tests.fake_past import NoPast

    given: dict[str, Any] = {
        "vault": vault or FakeVault({"PERSONA.md": b"Bob.\n"}),
        "index": FakeIndex(),
        "history": FakeHistory(),
        "past": NoPast(),
        "machine": FakeMachine(),
        "clock": FakeClock(),
        "entropy": counting_entropy(),
        "timer": lambda: 0.0,
        "progress": no_progress,
        "count_tokens": count_words,
        **others,
    }
    return Ports(**given)
