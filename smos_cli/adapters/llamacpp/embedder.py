"""The embedder that a GGUF file plays.

Owns how a text longer than the model reads becomes one row: in windows, each embedded, and their mean by their lengths.
How a window's tokens become one is the file's own; where it doesn't say, their mean.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smos_cli.adapters.llamacpp.gguf import Header
from smos_cli.adapters.llamacpp.library import load, model_file
from smos_cli.adapters.onnx.folder import ModelFolder, Prompts
from smos_cli.core.pieces import pieces
from smos_cli.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

LONGEST_WINDOW = 1_024
"""Tokens embedded at once, at most."""
_MEAN = 1
_CHARACTERS = 8
"""Of a token, at most, in what people write."""


class LlamaEmbedder:
    """Texts to vectors by the GGUF model of a folder.

    Loads at the first use; ``dimensions`` reads the header alone. Every method raises ``ModelError`` for a model that
    can't be loaded or that doesn't embed.
    """

    def __init__(self, folder: Path, model_id: str) -> None:
        self.model_id = model_id
        self._folder = folder

    @functools.cached_property
    def dimensions(self) -> int:
        """The length of a row, as the file says it."""
        return self._file[1].dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of float32 a text, of length 1; zeros for a text of nothing."""
        return self._embedded(texts, self._prompts.passage)

    def embed_query(self, text: str) -> Vectors:
        """The row of a question, after what the model's files want before one."""
        row: Vectors = self._embedded([text], self._prompts.query)[0]
        return row

    def _embedded(self, texts: Sequence[str], prompt: str) -> Vectors:
        windows = [list(self._windows(text, prompt)) for text in texts]
        rows = self._rows([window for of_text in windows for window in of_text])
        out: Vectors = np.zeros((len(texts), self.dimensions), np.float32)
        first = 0
        for place, of_text in enumerate(windows):
            if of_text:
                out[place] = np.average(rows[first : first + len(of_text)], axis=0, weights=[*map(len, of_text)])
            first += len(of_text)
        return _of_length_one(out)

    @functools.cached_property
    def _file(self) -> tuple[Path, Header]:
        ModelFolder(self._folder, self.model_id).check_role("embedder")
        path, head = model_file(self._folder)
        if head.is_ranker or head.dimensions < 1:
            raise ModelError(f"The model {self.model_id} doesn't embed.", "Choose an embedder.")
        return path, head

    @functools.cached_property
    def _prompts(self) -> Prompts:
        return ModelFolder(self._folder, self.model_id).prompts()

    @functools.cached_property
    def _window(self) -> int:
        return min(self._file[1].context or LONGEST_WINDOW, LONGEST_WINDOW)

    @functools.cached_property
    def _llama(self) -> Any:
        pooling = self._file[1].pooling
        size = self._window
        options = {"n_ctx": size, "n_batch": size, "n_ubatch": size, "embedding": True}
        return load(self._file[0], self, **options, pooling_type=pooling if pooling > 0 else _MEAN)

    def _windows(self, text: str, prompt: str) -> Iterator[str]:
        """Yield a text in pieces that the model reads whole; none for one that has no tokens."""
        text = text.encode(errors="replace").decode()
        for piece in pieces(text, self._window * _CHARACTERS) if text.strip() else ():
            yield from self._fitting(piece, prompt)

    def _fitting(self, text: str, prompt: str) -> Iterator[str]:
        tokens = len(self._llama.tokenize(f"{prompt}{text}".encode()))
        if tokens > self._window and len(text) > 1:
            middle = text.rfind(" ", 0, len(text) // 2) + 1 or len(text) // 2
            yield from self._fitting(text[:middle], prompt)
            yield from self._fitting(text[middle:], prompt)
        elif tokens:
            yield f"{prompt}{text}"

    def _rows(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 a text, each of which fits a window."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        try:
            rows = np.asarray(self._llama.embed(list(texts)), np.float32)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"The model {self.model_id} failed: {error}.", "Choose another embedder.") from error
        if rows.shape != (len(texts), self.dimensions):
            raise ModelError(
                f"The model {self.model_id} gives vectors of {rows.shape[-1]} numbers, and its file says "
                f"{self.dimensions}.",
                "Choose another embedder.",
            )
        if not np.isfinite(rows).all():
            raise ModelError(f"The model {self.model_id} computes no numbers: it is broken.", "Pull it again.")
        return _of_length_one(rows)


def _of_length_one(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows
