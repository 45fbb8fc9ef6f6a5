"""The embedder that needs no model: a text is the weighted mean of its pieces' vectors.

Owns the int8 table of ``data/`` and turns texts into unit rows. Loads nothing before the first text, and
the table is memory-mapped, so one query costs a few pages of it. How the table was made: ``fit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smos_cli.adapters.static import DIMENSIONS, MODEL_ID
from smos_cli.adapters.static.pieces import Pieces
from smos_cli.errors import StorageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from smos_cli.adapters.static.pieces import Rows

    Vectors = npt.NDArray[np.float32]

VECTORS, SCALES, VOCABULARY = "vectors.npy", "scales.npy", "vocabulary.txt"
_BLOCK = 1_024  # rows summed at once: 1 MB of float32 stays in the processor's cache


class StaticEmbedder:
    """Texts to vectors by static token vectors, fitted to all-MiniLM-L6-v2.

    ``model_id`` names the table's version and belongs to the key of every stored vector.
    """

    model_id = MODEL_ID
    dimensions = DIMENSIONS

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(__file__).parent / "data"
        self._pieces = Pieces(self._folder / VOCABULARY)
        self._table: tuple[npt.NDArray[np.int8], Vectors] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of 256 float32 a text, of length 1; zeros for a text without a known piece.

        A text of any length is embedded whole. Raises ``StorageError`` when the table cannot be read.
        """
        out: Vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        first = 0
        try:
            vectors, scales = self._load()
            for rows, counts in self._pieces.batches(texts):
                _add_sums(out[first : first + len(counts)], rows, counts, vectors, scales)
                first += len(counts)
        except (OSError, ValueError) as error:
            raise _unreadable(self._folder, error) from error
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, lengths, out=out, where=lengths > 0)
        return out

    def embed_query(self, text: str) -> Vectors:
        """The row of a question, which is read as any text is."""
        row: Vectors = self.embed([text])[0]
        return row

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has; ``StorageError`` when the vocabulary cannot be read."""
        try:
            return self._pieces.counts(texts)
        except OSError as error:
            raise _unreadable(self._folder, error) from error

    def _load(self) -> tuple[npt.NDArray[np.int8], Vectors]:
        if self._table is None:
            self._table = (
                np.load(self._folder / VECTORS, mmap_mode="r"),
                np.load(self._folder / SCALES, mmap_mode="r"),
            )
        return self._table


def _unreadable(folder: Path, error: Exception) -> StorageError:
    return StorageError(f"The embedded vectors in {folder} cannot be read: {error}.", "Install smos-cli again.")


def _add_sums(out: Vectors, rows: Rows, counts: Rows, vectors: npt.NDArray[np.int8], scales: Vectors) -> None:
    """Adds to each row of ``out`` the scaled vectors of its share of ``rows``, block by block."""
    text_of = np.repeat(np.arange(len(counts)), counts)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        texts = text_of[start : start + _BLOCK]
        begins = np.flatnonzero(np.diff(texts, prepend=-1))
        values = np.multiply(vectors[block], scales[block, None], dtype=np.float32)
        out[texts[begins]] += np.add.reduceat(values, begins, axis=0)
