"""The judge role by an ONNX model for natural language inference.

The order of the labels is read from ``config.json``. A pair that does not fit in a window is read in several, over the
longer statement, or over both where both are long. Then it contradicts as much as its strongest window, since one part
that can't hold is enough; of what is left it entails as far as each part of the hypothesis is entailed by some part of
the premise; the rest is neutral.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from smos_cli.adapters.onnx.folder import ModelFolder
from smos_cli.adapters.onnx.labels import CONTRADICTION, ENTAILMENT, columns
from smos_cli.adapters.onnx.network import Network, Output
from smos_cli.adapters.onnx.windows import Ids, Windows, overlapping
from smos_cli.core.models import Judged, Judgement

if TYPE_CHECKING:
    from smos_cli.adapters.onnx.network import Array

_PAIRS = 128  # tokenised together


class OnnxJudge:
    """A judge in ``folder``; nothing is loaded before the first pair."""

    def __init__(self, folder: Path, model_id: str) -> None:
        self.model_id = model_id
        self._files = ModelFolder(folder, model_id)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Judged]:
        """Judge each pair in both directions, whatever its length; ``ModelError``."""
        found: list[Judged] = []
        for start in range(0, len(pairs), _PAIRS):
            found += self._loaded.judge(pairs[start : start + _PAIRS])
        return found

    @cached_property
    def _loaded(self) -> _Loaded:
        self._files.check_role("judge")
        return _Loaded(self._files)


class _Reading(NamedTuple):
    """The parts of a premise and of a hypothesis that are read with one another."""

    premise: Sequence[Ids]
    hypothesis: Sequence[Ids]


class _Loaded:
    """The model once it is in memory, and seen to be a judge."""

    def __init__(self, files: ModelFolder) -> None:
        self._network = Network(files)
        self._output, self._columns = _chosen(files, self._network)
        self._windows = Windows(files)
        self._room = max(2, self._network.longest - self._windows.pair.size)

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judged]:
        ids = self._windows.ids([statement for pair in pairs for statement in pair])
        readings = []
        for first, second in zip(ids[::2], ids[1::2], strict=True):
            forward = self._reading(first, second)
            readings += [forward, _Reading(forward.hypothesis, forward.premise)]
        windows = (self._windows.pair.around(p, h) for one in readings for p in one.premise for h in one.hypothesis)
        answers = self._network.answers(windows, self._output, self._chances)
        found = []
        for one in readings:
            chances = np.stack(list(islice(answers, len(one.premise) * len(one.hypothesis))))
            found.append(_combined(chances.reshape(len(one.premise), len(one.hypothesis), 3)))
        return [Judged(*both) for both in zip(found[::2], found[1::2], strict=True)]

    def _reading(self, first: Ids, second: Ids) -> _Reading:
        half = self._room // 2
        return _Reading(
            overlapping(first, max(half, self._room - len(second))),
            overlapping(second, max(half, self._room - len(first))),
        )

    def _chances(self, logits: Array) -> Array:
        """Return entailment, neutral and contradiction, [3], of a window's logits."""
        raised = np.exp(logits.reshape(-1) - logits.max())
        chances = np.zeros(3, np.float32)
        chances[list(self._columns)] = raised / raised.sum()
        return chances


def _combined(chances: Array) -> Judgement:
    """Return what windows, [premise, hypothesis, 3], say together."""
    if chances.shape[:2] == (1, 1):
        return Judgement(*map(float, chances[0, 0]))
    contradiction = float(chances[:, :, CONTRADICTION].max())
    entailment = min(float(chances[:, :, ENTAILMENT].max(axis=0).min()), 1.0 - contradiction)
    return Judgement(entailment, max(0.0, 1.0 - contradiction - entailment), contradiction)


def _chosen(files: ModelFolder, network: Network) -> tuple[str, tuple[int, ...]]:
    """Return the output with the logits, and what each of them says."""
    output = next((one for one in network.outputs if one.name == "logits"), network.outputs[0])
    labels = files.labels()
    said = columns(labels)
    if said is None:
        named = f"its labels are {', '.join(labels)}" if labels else "config.json names no labels"
        raise files.other_role("judge", f"{named}, not entailment, neutral and contradiction")
    if not _fits(output, len(said)):
        raise files.other_role("judge", f"its output {output.name} is not one number a label")
    return output.name, said


def _fits(output: Output, labels: int) -> bool:
    return len(output.shape) == 2 and output.shape[1] in (0, labels)
