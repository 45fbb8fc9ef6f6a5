"""The embedder that a server plays: POST /embeddings, a batch of texts a call.

A text longer than what the server takes is embedded in windows, whose weighted mean is its vector. The dimensions are
those that are stated for the server, else asked of it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any

from smos_cli.adapters.server.answers import wrong
from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.halves import by_halves, windows
from smos_cli.adapters.server.patience import HASTY, PATIENT, Patience
from smos_cli.adapters.server.prefixes import prefixes
from smos_cli.config.servers import Server

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

_BATCH = 32
"""texts a call: what every server takes; some take more"""
_WINDOW = 6_000
"""characters: about 1,500 tokens"""


class ServerEmbedder:
    """The ``Embedder`` port. ``ModelError`` for a server that does not answer as one."""

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._prefixes = prefixes(model)
        self._lock = Lock()
        self._dimensions = client.server.dimensions
        self.model_id = client.model_id(model, *self._prefixes)

    @property
    def dimensions(self) -> int:
        """Numbers a vector; where nobody has said how many, a word is embedded to count them."""
        with self._lock:
            if not self._dimensions:
                self._dimensions = len(self._rows(["dimensions"], HASTY)[0])
            return self._dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 a passage, float32; zeros for one of nothing."""
        return self._embedded(texts, self._prefixes.passage, PATIENT)

    def embed_query(self, text: str) -> Vectors:
        """Return the row of a question, float32 [dimensions], of length 1."""
        row: Vectors = self._embedded([text], self._prefixes.query, HASTY)[0]
        return row

    def _embedded(self, texts: Sequence[str], prefix: str, patience: Patience) -> Vectors:
        import numpy as np

        parts = [windows(text, _WINDOW) if (text := whole.strip()) else [] for whole in texts]
        flat = list(chain.from_iterable(parts))
        rows: list[Vectors] = []
        for first in range(0, len(flat), _BATCH):
            rows += by_halves(flat[first : first + _BATCH], lambda some: self._asked(some, prefix, patience), _mean)
        out: Vectors = np.zeros((len(texts), self.dimensions), np.float32)
        done = iter(rows)
        for row, of_text in zip(out, parts, strict=True):
            if of_text:
                row[:] = _mean([next(done) for _ in of_text], [len(part) for part in of_text])
        return out

    def _asked(self, texts: Sequence[str], prefix: str, patience: Patience) -> list[Vectors]:
        rows = self._rows([prefix + text for text in texts], patience)
        if any(len(row) != self.dimensions for row in rows):
            lengths = " and ".join(map(str, sorted({len(row) for row in rows})))
            raise wrong(self._client.server, f"with vectors of {lengths} numbers, not {self.dimensions}")
        return rows

    def _rows(self, texts: Sequence[str], patience: Patience) -> list[Vectors]:
        answer = self._client.post("embeddings", {"model": self._model, "input": list(texts)}, patience)
        return vectors_in(self._client.server, answer, len(texts))


def vectors_in(server: Server, answer: Mapping[str, Any], count: int) -> list[Vectors]:
    """Return the vectors of an answer of /embeddings, in the order of the texts, each of length 1.

    They may stand in any order and be lists or base64 of float32; ``ModelError`` unless there is a vector a text.
    """
    items = answer.get("data")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise wrong(server, "without vectors")
    if len(items) != count:
        raise wrong(server, f"with {len(items)} vectors to {count} texts")
    order = {item.get("index", place): item.get("embedding") for place, item in enumerate(items) if _indexed(item)}
    if order.keys() != set(range(count)):
        raise wrong(server, "with vectors that are not numbered by the texts")
    return [_unit(_vector(server, order[place])) for place in range(count)]


def _indexed(item: Mapping[str, Any]) -> bool:
    return type(item.get("index", 0)) is int


def _vector(server: Server, value: Any) -> npt.NDArray[np.float64]:
    import base64

    import numpy as np

    try:
        found = np.frombuffer(base64.b64decode(value, validate=True), "<f4") if isinstance(value, str) else value
        array = np.asarray(found)
    except ValueError as error:
        raise wrong(server, "with what is no vector") from error
    if array.ndim != 1 or not array.size or array.dtype.kind not in "fiu":
        raise wrong(server, "with what is no vector")
    wide: npt.NDArray[np.float64] = array.astype(np.float64)
    if not np.isfinite(wide).all():
        raise wrong(server, "with a vector that has no length")
    return wide


def _mean(rows: Sequence[Vectors], weights: Sequence[int]) -> Vectors:
    import numpy as np

    return _unit(np.average(np.stack(rows), axis=0, weights=weights))


def _unit(row: Any) -> Vectors:
    import numpy as np

    most = np.abs(row).max()
    scaled = row / most if most else row
    length = np.linalg.norm(scaled)
    unit: Vectors = (scaled / length if length else scaled).astype(np.float32)
    return unit
