"""The vectors of one model: its embedder, its file, the graph over it, and what is wrong with them.

Owns what becomes of a model that fails: it is told once, and then there are no vectors, which is no error. What was
embedded stays in the file, and what could not be has the row ``NO_ROW``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from smos_cli.adapters.static import MODEL_ID
from smos_cli.errors import ModelError, NotFoundError, RemoteError, SmosError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.hnsw import GraphFile
    from smos_cli.adapters.duck.nearest import Nearest
    from smos_cli.adapters.vectors import VectorFile

    Floats = NDArray[np.float32]

NO_ROW = -1
"""Of a passage that no embedder has seen."""
NAMELESS = 2.0
"""What a question without its speakers' names weighs beside itself. Who said a thing is a signal of its own, and the
names draw a vector to all that they said: on LoCoMo this adds .007 to R@10 with the embedded vectors and .010 with
all-MiniLM-L6-v2, about the same from 1 on; LongMemEval names nobody."""
ROW_BYTES = 24
"""What a row of the vector file takes beside its numbers."""
NOUGHT = "unrelated"
"""The remark that keeps which cosine unrelated texts have by the model of an index."""
_BATCH = 1024
"""Texts embedded at a time: a stop is soon obeyed, and the numbers between texts and vectors take little memory."""
_READABLE = 40
_FAILS = (ModelError, NotFoundError, RemoteError)


class Embedding(Protocol):
    """What an index needs of an embedder: the ``Embedder`` port."""

    @property
    def model_id(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Floats: ...

    def embed_query(self, text: str) -> Floats: ...


def vector_name(persona: str, model_id: str) -> str:
    """Return what the vector file of a model is called; that of the embedded one has no name in it."""
    if model_id == MODEL_ID:
        return f"{persona}.vectors"
    readable = re.sub(r"[^a-z0-9-]+", "-", model_id.lower()).strip("-")[:_READABLE]
    return f"{persona}.{readable}-{blake2b(model_id.encode(), digest_size=4).hexdigest()}.vectors"


class Space:
    """One model's vectors for one vault; without an embedder, nothing but its name and why."""

    def __init__(self, path: Path, model_id: str, embedder: Embedding | None, graph: Path) -> None:
        self.path = path
        self.model_id = model_id
        self.is_gone = embedder is None
        self.trouble = f"The model {model_id} is no longer there" if self.is_gone else ""
        """why it has no vectors now"""
        self.warning = ""
        """why these are used and not the wanted ones"""
        self._embedder = embedder
        self._graph = graph
        self._nearest: Nearest | None = None

    @property
    def embedder(self) -> Embedding | None:
        """The embedder, unless it has failed; some models say how long their vectors are only once they are loaded."""
        try:
            return self._embedder if self._embedder and not self.trouble and self._embedder.dimensions else None
        except _FAILS as error:
            self._failed(error)
            return None

    @cached_property
    def file(self) -> VectorFile:
        """The vector file; numpy is loaded only for those who ask for it."""
        from smos_cli.adapters.vectors import VectorFile

        assert self._embedder
        return VectorFile(self.path, self.model_id, self._embedder.dimensions)

    @cached_property
    def graph(self) -> GraphFile:
        """The graph over the vector file, whether it is there or not."""
        from smos_cli.adapters.duck.hnsw import GraphFile

        assert self._embedder
        return GraphFile(self._graph, lambda: self.file, self.model_id, self._embedder.dimensions)

    def near(self, method: str) -> Nearest | None:
        """Return what scores questions with the graph, where there is one and it may be used."""
        if method == "exact" or not self.embedder or not self._graph.exists():
            return None
        if self._nearest is None:
            from smos_cli.adapters.duck.nearest import Nearest

            self._nearest = Nearest(self.graph, lambda: self.file, at_once=method == "hnsw")
        return self._nearest

    def size(self) -> int:
        """Return the bytes of the vector file, 0 without an embedder."""
        return self.file.size() if self.embedder else 0

    def about(self) -> int:
        """Return about how many rows there are, without opening the file."""
        try:
            return self.path.stat().st_size // (ROW_BYTES + self.embedder.dimensions) if self.embedder else 0
        except OSError:
            return 0

    def look_again(self) -> None:
        """Let go of what was mapped if another process has changed the file since."""
        if "file" in self.__dict__:
            self.file.look_again()

    def question(self, text: str, nameless: str) -> Floats | None:
        """Return the vector of a question, given also without its speakers' names; None where there is none."""
        try:
            if not self.embedder:
                return None
            vector = self.embedder.embed_query(text)
            if nameless == text:
                return vector
            together = vector + NAMELESS * self.embedder.embed_query(nameless)
        except _FAILS as error:
            self._failed(error)
            return None
        length = float(together @ together) ** 0.5
        return together / length if length > 0 else vector

    def rows(self, texts: Sequence[str]) -> list[int]:
        """Return the row of each text's vector, made where there is none; ``NO_ROW`` where it can't be made."""
        if not self.embedder:
            return [NO_ROW] * len(texts)
        rows, missing = self.file.rows_of(texts)
        if missing:
            made = dict(self.made(list(dict.fromkeys(texts[place] for place in missing))))
            for place in missing:
                rows[place] = made.get(texts[place], NO_ROW)
        return rows

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return a vector a text; ``ModelError`` where the model does not work, whatever it was before."""
        assert self._embedder
        vectors = self._embedder.embed(texts)
        self._check(vectors, len(texts))
        return vectors

    def made(self, texts: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Embed texts, each once, and yield them with their rows as long as the embedder does its work."""
        for start in range(0, len(texts), _BATCH):
            part = texts[start : start + _BATCH]
            try:
                if not self.embedder:
                    return
                vectors = self.embed(part)
            except _FAILS as error:
                self._failed(error)
                return
            yield from zip(part, self.file.append(part, vectors), strict=True)

    def works(self) -> bool:
        """Say whether the embedder can be loaded and does its work."""
        return self.question("?", "?") is not None

    def try_again(self) -> None:
        """Ask an embedder that failed once more: a server may be back."""
        if self._embedder:
            self.trouble = ""

    def nought(self) -> str:
        """Return which cosine unrelated texts have, for the remark; measured of all models but the embedded one."""
        if self.model_id == MODEL_ID or not self.embedder:
            return "0"
        from smos_cli.adapters.duck.scale import unrelated

        try:
            return f"{unrelated(self.embed):.4f}"
        except _FAILS as error:
            self._failed(error)
            return "0"

    def _check(self, vectors: Floats, count: int) -> None:
        """Refuse what would spoil the file: a model that was changed under its name, a server's nonsense."""
        assert self._embedder
        wanted = (count, self._embedder.dimensions)
        if vectors.shape != wanted or not abs(float(vectors.sum())) < float("inf"):
            raise ModelError(
                f"The model {self.model_id} does not give {wanted[1]} numbers a text.", "Run `smos models verify`."
            )

    def _failed(self, error: SmosError) -> None:
        self.trouble = error.message.rstrip(".")
