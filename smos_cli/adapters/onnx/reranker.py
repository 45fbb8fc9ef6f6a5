"""The reranker role by an ONNX cross-encoder: question and text are read as a pair.

A long text is read in windows, and the best of them is its score. A question takes up to half of a window; a longer
one is read in windows as well, the first few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from smos_cli.adapters.onnx.folder import ModelFolder
from smos_cli.adapters.onnx.labels import has_labels_of_a_judge
from smos_cli.adapters.onnx.network import Network, Window
from smos_cli.adapters.onnx.windows import Ids, Windows, overlapping

if TYPE_CHECKING:
    from smos_cli.adapters.onnx.network import Array

_QUESTION_WINDOWS = 8
_TEXTS = 256  # tokenised together


class OnnxReranker:
    """A reranker in ``folder``; nothing is loaded before the first question."""

    def __init__(self, folder: Path, model_id: str) -> None:
        self.model_id = model_id
        self._files = ModelFolder(folder, model_id)

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a logit a text, of its best window; ``ModelError``. Equal texts have equal scores in any company."""
        found: list[float] = []
        for start in range(0, len(texts), _TEXTS):
            found += self._loaded.scores(query, texts[start : start + _TEXTS])
        return found

    @cached_property
    def _loaded(self) -> _Loaded:
        self._files.check_role("reranker")
        return _Loaded(self._files)


class _Loaded:
    """The model once it is in memory, and seen to be a reranker."""

    def __init__(self, files: ModelFolder) -> None:
        self._network = Network(files)
        self._output = _chosen(files, self._network)
        self._windows = Windows(files)
        self._room = max(2, self._network.longest - self._windows.pair.size)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        asked, *passages = self._windows.ids([query, *texts])
        read = [list(self._pairs(asked, passage)) for passage in passages]
        flat = (window for windows in read for window in windows)
        answers = self._network.answers(flat, self._output, _logit)
        return [max(float(score[0]) for score in islice(answers, len(windows))) for windows in read]

    def _pairs(self, asked: Ids, passage: Ids) -> Iterator[Window]:
        questions = overlapping(asked, self._room // 2)[:_QUESTION_WINDOWS]
        for question in questions:
            for piece in overlapping(passage, self._room - len(question)):
                yield self._windows.pair.around(question, piece)


def _logit(answer: Array) -> Array:
    """Return one logit: of two outputs how much the second, "it answers", is above the first."""
    return answer.reshape(-1) if answer.size == 1 else answer[1:] - answer[:1]


def _chosen(files: ModelFolder, network: Network) -> str:
    output = next((one for one in network.outputs if one.name == "logits"), network.outputs[0])
    if has_labels_of_a_judge(files.labels()):
        raise files.other_role("reranker", "its outputs are those of a judge")
    columns = output.shape[-1] if len(output.shape) > 1 else 1
    if len(output.shape) > 2 or (columns or len(files.labels()) or 1) not in (1, 2):
        raise files.other_role("reranker", "it does not give one score a text")
    return output.name
