"""The embedder that is measured: the embedded one, or a folder with an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smos_cli.adapters.static.embedder import StaticEmbedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.space import Embedding


def embedder(folder: Path | None) -> Embedding:
    """Return the embedder in a folder, or the embedded one; it embeds each text once."""
    if folder is None:
        return StaticEmbedder()
    from smos_cli.adapters.onnx.embedder import OnnxEmbedder

    return Once(OnnxEmbedder(folder, f"{folder.name}@measured"))


class Once:
    """An embedder that keeps what it has made: the same texts go into stores of several sizes."""

    def __init__(self, wrapped: Embedding) -> None:
        self._wrapped = wrapped
        self.model_id = wrapped.model_id
        self.dimensions = wrapped.dimensions
        self._passages: dict[str, NDArray[np.float32]] = {}
        self._questions: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row a text."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._passages]
        if missing:
            self._passages |= zip(missing, self._wrapped.embed(missing), strict=True)
        return np.stack([self._passages[text] for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return the row of a question."""
        if text not in self._questions:
            self._questions[text] = self._wrapped.embed_query(text)
        return self._questions[text]
