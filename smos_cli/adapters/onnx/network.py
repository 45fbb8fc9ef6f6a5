"""One ONNX graph in memory: token ids in, its answer out.

Owns the session of ONNX Runtime, what the graph asks for and gives, and the threads. The library is loaded with the
first graph, and says nothing on stderr. Its errors become ``ModelError``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from smos_cli.adapters.onnx.folder import LONGEST, ModelFolder
from smos_cli.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float32]

_SILENT = 4
_AT_ONCE = 512
"""Windows that are handed to the threads together: Ctrl-C waits for none but those begun."""
_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_KNOWN = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


class Window(NamedTuple):
    """Token ids as the graph reads them, special ones included, and of each which of two texts it is of."""

    ids: Sequence[int]
    types: Sequence[int]


class Output(NamedTuple):
    """One of a graph's outputs; a dimension without a number is 0."""

    name: str
    shape: tuple[int, ...]


class Network:
    """A graph that is loaded; ``longest`` is the window, in tokens, that both it and its files allow."""

    def __init__(self, files: ModelFolder) -> None:
        self._files = files
        self._session = _loaded(files)
        self._inputs = {one.name: one for one in self._session.get_inputs()}
        self._fixed = self._check_inputs()
        self._pad = files.pad_token() if self._fixed else 0
        self.longest = min(files.longest(), self._fixed or LONGEST, LONGEST)
        self.outputs = [Output(one.name, tuple(map(_size, one.shape or ()))) for one in self._session.get_outputs()]

    def answers(self, windows: Iterable[Window], output: str, take: Callable[[Array], Array]) -> Iterator[Array]:
        """Yield what ``take`` makes of the output of each window, in their order.

        ``take`` is given [tokens, ...] of a token matrix without what it is padded with, else [...]: without the batch.
        """

        def answer(window: Window) -> Array:
            return take(self._answer(window, output))

        left = iter(windows)
        while block := list(islice(left, _AT_ONCE)):
            if len(block) == 1:
                yield answer(block[0])
                continue
            with ThreadPoolExecutor(min(_processors(), len(block))) as threads:
                yield from threads.map(answer, block)

    def _answer(self, window: Window, output: str) -> Array:
        tokens = len(window.ids)
        try:
            found = np.asarray(self._session.run([output], self._fed(window))[0])
        except _errors() as error:
            raise self._files.wrong(f"ONNX Runtime refuses a text ({error})") from error
        if not np.isfinite(found).all():
            raise self._files.wrong("it answers with what is no number")
        answer: Array = found[0].astype(np.float32) if found.ndim > 1 else found.astype(np.float32)
        return answer[:tokens] if found.ndim > 2 else answer

    def _fed(self, window: Window) -> dict[str, npt.NDArray[Any]]:
        rest = max(0, self._fixed - len(window.ids))
        values = {
            "input_ids": (*window.ids, *[self._pad] * rest),
            "attention_mask": (*[1] * len(window.ids), *[0] * rest),
            "token_type_ids": (*window.types, *[0] * rest),
            "position_ids": range(len(window.ids) + rest),
        }
        return {name: np.array([values[name]], _TYPES[one.type]) for name, one in self._inputs.items()}

    def _check_inputs(self) -> int:
        """Return the length that the graph's inputs are fixed to, 0 when any will do."""
        if "input_ids" not in self._inputs:
            raise self._files.wrong("its graph has no input input_ids")
        for name, one in self._inputs.items():
            if name not in _KNOWN or one.type not in _TYPES:
                raise self._files.wrong(f"its graph asks for an input {name} of {one.type}")
        shape = [_size(size) for size in self._inputs["input_ids"].shape or ()]
        if len(shape) != 2 or shape[0] > 1:
            raise self._files.wrong(f"its graph asks for token ids of the shape {shape}")
        return shape[1]


def _loaded(files: ModelFolder) -> Any:
    graph = files.graph()
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            f"The model {files.name} needs ONNX Runtime, which is not installed.", "Run `pip install 'smos-cli[onnx]'`."
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # What it would remember of each length saves no time here and takes memory.
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except _errors() as error:
        raise files.damaged(graph.name, str(error).replace(str(graph), graph.name)) from error


def _errors() -> tuple[type[Exception], ...]:
    """Return what the library raises: its errors have nothing in common."""
    import onnxruntime

    named = vars(onnxruntime.capi.onnxruntime_pybind11_state)
    return tuple(kind for kind in named.values() if isinstance(kind, type) and issubclass(kind, Exception))


def _size(size: object) -> int:
    return size if isinstance(size, int) and size > 0 else 0


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
