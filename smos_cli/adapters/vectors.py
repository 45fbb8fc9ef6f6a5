"""The vector file: int8 rows, memory-mapped, keyed by what they are the vector of.

Owns the layout. It survives a rebuild of the index, so that a text is embedded once. One process appends at a
time (who holds the index for writing); readers map what is there.

A header of 64 bytes (magic, dimensions, model) is followed by rows of 24 + dimensions bytes: 16 bytes of key, the
float32 that turns the integers back into a unit vector, 4 bytes of zeros, the integers.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smos_cli.errors import StorageError

_MAGIC = b"SMOSVEC1"
_HEADER = 64
_FEW = 16
"""Texts up to which their rows are searched for."""
_BLOCK = 2048
"""Rows scored at a time: their float32 copy stays in the processor's cache."""


class VectorFile:
    """Rows of one model for one vault."""

    def __init__(self, path: Path, model_id: str, dimensions: int) -> None:
        self.path = path
        self._dimensions = dimensions
        self._header = _MAGIC + dimensions.to_bytes(4, "little") + blake2b(model_id.encode(), digest_size=16).digest()
        self._header = self._header.ljust(_HEADER, b"\0")
        self._row = np.dtype([("key", "V16"), ("scale", "<f4"), ("zeros", "V4"), ("vector", "i1", (dimensions,))])
        self._rows: NDArray[np.void] | None = None
        self._known: dict[bytes, int] | None = None
        self._seen = (0, 0, 0)

    def look_again(self) -> None:
        """Let go of what was mapped if another process has changed the file since; for who has just got the lock."""
        if self._seen != self._facts():
            self._rows = self._known = None

    def begin(self) -> None:
        """Make the file if it is not there, or not of this model; for who has the index alone."""
        self.look_again()
        if not len(self._mapped()):
            self.append([], np.zeros((0, self._dimensions), np.float32))

    def rows_of(self, texts: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return the row of each text, -1 where there is none, and the positions of those."""
        if self._known is None and len(texts) <= _FEW:
            rows = [self._search(_key(text)) for text in texts]
        else:
            rows = [self._known_rows().get(_key(text), -1) for text in texts]
        return rows, [position for position, row in enumerate(rows) if row < 0]

    def append(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[int]:
        """Add unit vectors, float32 [n, dimensions]; return their rows. Durable, else ``StorageError``."""
        first = len(self._mapped())
        block = np.zeros(len(texts), self._row)
        largest = np.abs(vectors).max(axis=1)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        block["vector"] = np.rint(vectors / scale[:, None])
        norms = np.linalg.norm(block["vector"].astype(np.float32), axis=1)
        block["scale"] = np.where(norms > 0, 1 / np.where(norms > 0, norms, 1), 0)
        keys = [_key(text) for text in texts]
        block["key"] = np.frombuffer(b"".join(keys), "V16")
        try:
            self._write(first, block.tobytes())
        except OSError as error:
            raise StorageError(
                f"The vectors in {self.path} can't be written: {error.strerror}.",
                "Free some space or make the folder writable; the files are whole.",
            ) from error
        self._rows = None
        self._seen = self._facts()
        if self._known is not None:
            self._known.update(zip(keys, range(first, first + len(keys)), strict=True))
        return list(range(first, first + len(texts)))

    def dots(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of every row with a unit vector."""
        mapped = self._mapped()
        found = np.empty(len(mapped), np.float32)
        for start in range(0, len(mapped), _BLOCK):
            block = mapped[start : start + _BLOCK]
            found[start : start + len(block)] = (block["vector"].astype(np.float32) @ query) * block["scale"]
        return found

    def vectors(self, rows: Sequence[int] | NDArray[np.int32]) -> NDArray[np.float32]:
        """Return some rows as unit vectors, float32 [n, dimensions]; zeros for a row that is not there."""
        mapped, wanted = self._mapped(), np.asarray(rows, np.int64)
        found = np.zeros((len(wanted), self._dimensions), np.float32)
        there = (wanted >= 0) & (wanted < len(mapped))
        block = mapped[wanted[there]]
        found[there] = block["vector"].astype(np.float32) * block["scale"][:, None]
        return found

    def cosines(self, rows: NDArray[np.int32], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of some rows with a unit vector; 0 for a row that is not there."""
        mapped = self._mapped()
        found = np.zeros(len(rows), np.float32)
        there = np.flatnonzero((rows >= 0) & (rows < len(mapped)))
        for start in range(0, len(there), _BLOCK):
            part = there[start : start + _BLOCK]
            block = mapped[rows[part]]
            found[part] = (block["vector"].astype(np.float32) @ query) * block["scale"]
        return found

    def keys(self, rows: NDArray[np.int32]) -> list[str]:
        """Return the key of each of some rows in hex, empty for a row that is not there: what it is the vector of."""
        mapped = self._mapped()
        return [mapped[row]["key"].tobytes().hex() if 0 <= row < len(mapped) else "" for row in rows.tolist()]

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self._mapped())

    def size(self) -> int:
        """Return the bytes of the file, 0 when it is not there."""
        return self._facts()[0]

    def identity(self) -> int:
        """Return what tells the file from one that is made anew, 0 when it is not there."""
        return self._facts()[2]

    def remove(self) -> None:
        """Delete the file."""
        self._rows = self._known = None
        self.path.unlink(missing_ok=True)

    def _known_rows(self) -> dict[bytes, int]:
        if self._known is None:
            keys = self._mapped()["key"]
            self._known = {key.tobytes(): row for row, key in enumerate(keys)}
        return self._known

    def _search(self, key: bytes) -> int:
        """Return the row of one key, -1 where there is none. Looking through all beats making a table for a few."""
        halves = np.ascontiguousarray(self._mapped()["key"]).view(np.uint64).reshape(-1, 2)
        found = np.flatnonzero((halves == np.frombuffer(key, np.uint64)).all(axis=1))
        return int(found[0]) if len(found) else -1

    def _mapped(self) -> NDArray[np.void]:
        rows = self._rows
        if rows is None:
            rows = self._rows = self._map()
        return rows

    def _facts(self) -> tuple[int, int, int]:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return 0, 0, 0
        return status.st_size, status.st_mtime_ns, status.st_ino

    def _map(self) -> NDArray[np.void]:
        self._seen = self._facts()
        empty: NDArray[np.void] = np.empty(0, self._row)
        try:
            with self.path.open("rb") as file:
                if file.read(_HEADER) != self._header:
                    return empty
                count = (os.fstat(file.fileno()).st_size - _HEADER) // self._row.itemsize
            return np.asarray(np.memmap(self.path, self._row, "r", _HEADER, (count,))) if count else empty
        except FileNotFoundError:
            return empty
        except OSError as error:
            raise StorageError(
                f"The vectors in {self.path} can't be read: {error.strerror}.",
                "Delete that; the next command makes it anew.",
            ) from error

    def _write(self, first: int, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not first:  # missing, of another model, or torn within its first row
            self._rows = None
            self.path.write_bytes(self._header)
        with self.path.open("r+b") as file:
            # A row that a crash cut off is written over.
            file.seek(_HEADER + first * self._row.itemsize)
            file.write(data)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
