"""The embedder role by an ONNX model: a text's vector is its windows' mean, of length 1.

Follows what sentence-transformers writes beside a model: prompts, length, pooling. Every row is brought to length 1,
whether or not ``modules.json`` asks for it, since the index takes a dot product for the cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smos_cli.adapters.onnx.folder import ModelFolder
from smos_cli.adapters.onnx.labels import has_labels_of_a_judge
from smos_cli.adapters.onnx.network import Network, Output
from smos_cli.adapters.onnx.windows import Ids, Windows, even

if TYPE_CHECKING:
    from smos_cli.adapters.onnx.network import Array

_TEXTS = 256  # tokenised together
_POOLED = "sentence_embedding"


class OnnxEmbedder:
    """An embedder in ``folder``; nothing is loaded before the first text, but for the manifest's ``dimensions``."""

    def __init__(self, folder: Path, model_id: str) -> None:
        self.model_id = model_id
        self._files = ModelFolder(folder, model_id)

    @cached_property
    def dimensions(self) -> int:
        """The length of a row; where no manifest says it, the graph is loaded. ``ModelError``."""
        return self._files.dimensions() or self._loaded.dimensions

    def embed(self, texts: Sequence[str]) -> Array:
        """Return a row of length 1 a text, [texts, dimensions], zeros for one of nothing; ``ModelError``.

        A text longer than the model's window is the mean of its windows' rows, each weighted by its tokens.
        """
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _TEXTS):
            block = texts[start : start + _TEXTS]
            self._loaded.add(rows[start : start + len(block)], block, self._loaded.prompts.passage)
        return rows

    def embed_query(self, text: str) -> Array:
        """Return the row, [dimensions], of a question; ``ModelError``."""
        row = np.zeros((1, self.dimensions), np.float32)
        self._loaded.add(row, [text], self._loaded.prompts.query)
        found: Array = row[0]
        return found

    @cached_property
    def _loaded(self) -> _Loaded:
        self._files.check_role("embedder")
        return _Loaded(self._files)


class _Loaded:
    """The model once it is in memory, and seen to be an embedder."""

    def __init__(self, files: ModelFolder) -> None:
        self.prompts = files.prompts()
        self._files = files
        self._network = Network(files)
        self._output = _chosen(files, self._network)
        self._take = _of_matrix(files.pooling()) if len(self._output.shape) == 3 else _unit
        self._windows = Windows(files)
        self.dimensions = self._dimensions()

    def add(self, rows: Array, texts: Sequence[str], prompt: str) -> None:
        """Fill in the rows of texts, which are zeros."""
        runs, owners = [], []
        for number, pieces in enumerate(self._pieces(texts, prompt)):
            runs += pieces
            owners += [number] * len(pieces)
        windows = (self._windows.alone.around(before + ids) for before, ids in runs)
        answers = self._network.answers(windows, self._output.name, self._take)
        for number, (_, ids), answer in zip(owners, runs, answers, strict=True):
            rows[number] += len(ids) * answer
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)

    def _pieces(self, texts: Sequence[str], prompt: str) -> Iterator[list[tuple[Ids, Ids]]]:
        """Yield of each text its windows, none for one of nothing: the prompt's ids, and its own.

        Where prompt and text fit together they are tokenised together, as the model has learnt them.
        """
        before = self._windows.ids([prompt.rstrip()])[0] if prompt else []
        room = self._network.longest - self._windows.alone.size
        alone = self._windows.ids(texts)
        together = self._windows.ids([prompt + text for text in texts]) if prompt else alone
        for text, own, whole in zip(texts, alone, together, strict=True):
            if not own or not text.strip():
                yield []
            elif len(whole) <= room:
                yield [([], whole)]
            else:
                yield [(before, piece) for piece in even(own, max(1, room - len(before)))]

    def _dimensions(self) -> int:
        found, said = self._output.shape[-1], self._files.dimensions()
        if not found:
            probe = self._windows.alone.around(self._windows.ids(["a"])[0])
            found = len(next(self._network.answers([probe], self._output.name, self._take)))
        if said not in (0, found):
            raise self._files.wrong(f"its vectors have {found} dimensions, not the {said} that its manifest says")
        return found


def _chosen(files: ModelFolder, network: Network) -> Output:
    """Return the output that holds vectors: the one named so, else the first."""
    output = next((one for one in network.outputs if one.name == _POOLED), network.outputs[0])
    if has_labels_of_a_judge(files.labels()) or output.name == "logits" or output.shape[-1:] == (1,):
        raise files.other_role("embedder", "it gives scores, not vectors")
    if len(output.shape) not in (2, 3):
        raise files.other_role("embedder", f"its output {output.name} has {len(output.shape)} dimensions")
    return output


def _of_matrix(pooling: str) -> Callable[[Array], Array]:
    def pooled(matrix: Array) -> Array:
        if pooling == "mean":
            return _unit(matrix.mean(axis=0))
        if pooling == "max":
            return _unit(matrix.max(axis=0))
        return _unit(matrix[0 if pooling == "cls" else -1])

    return pooled


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    unit: Array = vector / length if length else vector
    return unit
