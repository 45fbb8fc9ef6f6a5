"""Which row of the vector file each passage has: asked and changed by who makes vectors or a graph of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from smos_cli.adapters.duck import rows
from smos_cli.core.passages import Passage, indexed_text

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from smos_cli.adapters.vectors import VectorFile

_READ = 10_000
"""Texts compared at a time."""


class PassageRows:
    """The passages of an open index, by their numbers, and their rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._sql = connection

    def count(self) -> int:
        """Return how many passages there are."""
        return self._counted("true")

    def missing(self) -> int:
        """Return how many passages no embedder has seen."""
        return self._counted("row < 0")

    def after(self, number: int) -> int:
        """Return how many passages have a higher number."""
        return self._counted(f"id > {int(number)}")

    def there(self) -> NDArray[np.int32]:
        """Return every row that is a passage's, in order."""
        found = self._sql.execute("SELECT DISTINCT row FROM passages WHERE row >= 0 ORDER BY row").fetchnumpy()
        there: NDArray[np.int32] = found["row"]
        return there

    def texts(self, after: int, limit: int) -> dict[int, str]:
        """Return what is embedded of the first passages behind a number, in their order."""
        found = self._sql.execute(
            f"SELECT p.id, {rows.PASSAGE} FROM passages p WHERE p.id > {int(after)} ORDER BY p.id LIMIT {int(limit)}"
        ).fetchall()
        return {number: indexed_text(Passage._make(values)) for number, *values in found}

    def are_of(self, file: VectorFile) -> bool:
        """Say whether every passage's row is the vector of its text: the file may have been made anew meanwhile."""
        last = -1
        while texts := self.texts(last, _READ):
            last = max(texts)
            found = self._sql.execute(
                f"SELECT row FROM passages WHERE id BETWEEN {min(texts)} AND {last} ORDER BY id"
            ).fetchall()
            if file.rows_of(list(texts.values()))[0] != [row for (row,) in found]:
                return False
        return True

    def give(self, found: Mapping[int, int]) -> None:
        """Give passages other rows."""
        if not found:
            return
        columns = {"id": np.array(list(found), np.int32), "row": np.array(list(found.values()), np.int32)}
        self._sql.register("given", columns)
        self._sql.execute("UPDATE passages SET row = given.row FROM given WHERE passages.id = given.id")
        self._sql.unregister("given")

    def _counted(self, condition: str) -> int:
        row = self._sql.execute(f"SELECT count(*) FROM passages WHERE {condition}").fetchone()
        return int(row[0]) if row else 0
