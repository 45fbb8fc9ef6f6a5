"""Whose vectors an index has: those of the wanted model, or of the one that made them, until others are there.

Owns the choice, and which files of vectors there are in the folder.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from smos_cli.adapters.duck.space import Embedding, Space, vector_name
from smos_cli.adapters.static import MODEL_ID

if TYPE_CHECKING:
    from smos_cli.adapters.duck.claim import Claim
    from smos_cli.core.reembedding import Embedded


class Spaces:
    """The vectors of one vault, by model."""

    def __init__(self, folder: Path, persona: str, embedder: Embedding) -> None:
        self._folder, self._persona = folder, persona
        self._embedder = embedder
        self._graph = folder / f"{persona}.hnsw.duckdb"
        self._spaces: dict[str, Space] = {}
        self._used = embedder.model_id
        self.others: Callable[[str], Embedding | None] | None = None
        """Finds the embedder of another model by its id. None: vectors of another model are made anew."""

    @cached_property
    def claim(self) -> Claim:
        """The claim on vectors that are being made."""
        from smos_cli.adapters.duck.claim import Claim

        return Claim(self._folder, self._persona)

    @property
    def used(self) -> Space:
        """The vectors in use, as far as is known: an index says when it is opened whose they are."""
        return self._spaces.get(self._used) or self.wanted()

    def wanted(self) -> Space:
        """Return the vectors of the wanted model, whether they are in use or not."""
        return self._space(self._embedder.model_id, self._embedder)

    def use(self, space: Space) -> None:
        """Take note of which are in use now."""
        self._used = space.model_id

    def of(self, model_id: str) -> Space | None:
        """Return the vectors that an index has; None where it is better made anew."""
        wanted = self.wanted()
        space: Space | None = wanted
        if model_id != wanted.model_id:
            embedder = self.others(model_id) if self.others else None
            # An embedded model makes its vectors while somebody waits; of any other, there are words until they are.
            is_lost = not self.others or not model_id or (not embedder and wanted.model_id == MODEL_ID)
            space = None if is_lost else self._space(model_id, embedder)
        if space:
            space.try_again()
            space.look_again()
        return space

    def for_new(self) -> Space:
        """Return what an index is made with: the vectors of the embedded model where the wanted one does not work."""
        wanted = self.wanted()
        if self.others and wanted.model_id != MODEL_ID and not wanted.works():
            embedder = self.others(MODEL_ID)
            if embedder:
                spare = self._space(MODEL_ID, embedder)
                spare.warning = f"{wanted.trouble}. The embedded model answers."
                return spare
        return wanted

    def trouble(self) -> str:
        """Say why words alone answer, or not the wanted model's vectors; an empty text where all is well."""
        space = self.used
        if space.is_gone:
            return f"{space.trouble}, so words alone answer; `smos index` makes vectors of {self._embedder.model_id}."
        if space.trouble:
            return f"{space.trouble}. Words alone answer."
        if space is not self.wanted() and not space.warning:
            state = self.claim.read()
            if state.failed and state.model == self._embedder.model_id:
                return f"{state.failed} The vectors of {space.model_id} answer."
        return space.warning

    def embedded(self, used: Space, total: int, missing: int) -> Embedded:
        """Return how far the vectors of the wanted model are, given what an open index says of those in use."""
        from smos_cli.core.reembedding import Embedded

        wanted, state = self._embedder.model_id, self.claim.read()
        done = total - missing if used.model_id == wanted else 0
        if state.model != wanted:
            return Embedded(used.model_id, wanted, done, total)
        done = done or min(state.done, total)
        return Embedded(used.model_id, wanted, done, total, self.claim.is_at_work(), state.failed)

    def forget_others(self, kept: Collection[Space] | None = None) -> None:
        """Delete the vectors of all models but some, by default the one in use; for who has the index alone."""
        spared = [space.path for space in ([self.used] if kept is None else kept)]
        for path in (self._folder / f"{self._persona}.vectors", *self._folder.glob(f"{self._persona}.*.vectors")):
            if path not in spared:
                path.unlink(missing_ok=True)
        for space in self._spaces.values():
            space.look_again()

    def _space(self, model_id: str, embedder: Embedding | None) -> Space:
        space = self._spaces.get(model_id)
        if space is None or space.is_gone is not (embedder is None):
            name = vector_name(self._persona, model_id if self.others else MODEL_ID)
            space = self._spaces[model_id] = Space(self._folder / name, model_id, embedder, self._graph)
        return space
