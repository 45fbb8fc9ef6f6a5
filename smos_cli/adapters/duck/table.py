"""What is known of every passage, as arrays in the order of their numbers: kept from one question to the next."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from smos_cli.adapters.duck.rows import where
from smos_cli.core.asking import named
from smos_cli.core.ranking import SHORT

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from smos_cli.core.selection import Selection

_KEPT = 8
"""Selections of which it is kept what they select."""


class Table:
    """Every passage of one version of an index."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._sql = connection
        found = connection.execute(
            "SELECT id, file, row, length, day, until, confidence, turn <> '' AS turn FROM passages"
        ).fetchnumpy()
        columns = _sorted({name: np.asarray(column) for name, column in found.items()}, "id")
        self.number: NDArray[np.int32] = columns["id"]
        self._file: NDArray[np.int32] = columns["file"]
        self._row: NDArray[np.int32] = columns["row"]
        self.day: NDArray[np.int32] = columns["day"]
        self.until: NDArray[np.int32] = columns["until"]
        self.confidence: NDArray[np.float32] = columns["confidence"]
        self.turn: NDArray[np.bool_] = columns["turn"].astype(bool)
        self.short: NDArray[np.bool_] = self.turn | (columns["length"] <= SHORT)
        self.any_turns = bool(self.turn.any())
        self.any_ends = bool(len(self.until)) and int(self.until.min()) < np.iinfo(np.int32).max
        self.mean_length = max(1.0, float(columns["length"].mean())) if len(self.number) else 1.0
        self._selected: dict[Selection, NDArray[np.bool_]] = {}
        self._speakers = _speakers(connection)
        self._group_files()

    def through(self, connection: duckdb.DuckDBPyConnection) -> Table:
        """Return the same table, asking another connection to this version: no two threads may share one."""
        same = copy(self)
        same._sql = connection
        return same

    def eligible(self, selection: Selection) -> NDArray[np.bool_]:
        """Return which passages may answer."""
        chosen = self._selected.get(selection)
        if chosen is None:
            chosen = self._select(selection)
            for oldest in list(self._selected)[: 1 - _KEPT]:
                self._selected.pop(oldest, None)  # which another thread may have done
            self._selected[selection] = chosen
        return chosen

    def _select(self, selection: Selection) -> NDArray[np.bool_]:
        by_file, by_time = where(selection), where(selection, time="p.time")
        if by_file == by_time:  # nothing is asked of the passage itself
            found = self._sql.execute(f"SELECT f.id FROM files f WHERE {by_file[0]}", by_file[1]).fetchnumpy()
            files = np.asarray(found["id"])
            chosen = np.zeros(int(self._file.max(initial=-1)) + 1, bool)
            chosen[files[files < len(chosen)]] = True
            return chosen[self._file]
        condition, values = where(selection, time="coalesce(nullif(p.time, ''), f.created)")
        found = self._sql.execute(
            f"SELECT p.id FROM passages p JOIN files f ON f.id = p.file WHERE {condition}", values
        ).fetchnumpy()
        passages = np.zeros(len(self.number), bool)
        passages[self.places(np.asarray(found["id"]))] = True
        return passages

    def places(self, numbers: NDArray[np.int32]) -> NDArray[np.intp]:
        """Return the places of passages that are there, by their numbers."""
        if not len(self.number):
            return numbers.astype(np.intp)
        offsets: NDArray[np.intp] = (numbers - self.number[0]).astype(np.intp)
        return offsets if self._in_a_row else self._place_of[offsets]

    def rows(self, numbers: Sequence[int]) -> list[int]:
        """Return the row in the vector file of some passages."""
        found: list[int] = self._row[self.places(np.array(numbers, np.int32))].tolist()
        return found

    def rows_at(self, places: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return the row of the passages in some places, -1 for one without."""
        return self._row[places]

    def of_passages(self, dots: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the value of each passage's row, 0 for one without."""
        return _taken(dots, self._row)

    def named(self, terms: Sequence[str]) -> list[str]:
        """Return the speakers whom a question names."""
        return named(self._speakers, terms)

    def said_by_named(self, terms: Sequence[str]) -> NDArray[np.float64] | float:
        """Return 1.0 for the passages of speakers whom a question names."""
        asked = self.named(terms)
        if not asked:
            return 0.0
        found = self._sql.execute(
            "SELECT p.id FROM passages p JOIN files f ON f.id = p.file"
            f" WHERE coalesce(nullif(p.speaker, ''), f.speaker) IN ({', '.join('?' * len(asked))})",
            asked,
        ).fetchnumpy()
        said = np.zeros(len(self.number))
        said[self.places(np.asarray(found["id"]))] = 1.0
        return said

    def has_neighbour(self, step: int) -> NDArray[np.bool_]:
        """Return which passages are turns with a turn of the same episode so many places on."""
        if step not in self._neighboured:
            count = len(self.number)
            there = np.zeros(count, bool)
            if abs(step) < count:
                left, right = slice(None, -abs(step)), slice(abs(step), None)
                same = (self._file[left] == self._file[right]) & self.turn[left] & self.turn[right]
                there[right if step < 0 else left] = same
            self._neighboured[step] = there
        return self._neighboured[step]

    def _group_files(self) -> None:
        self._neighboured: dict[int, NDArray[np.bool_]] = {}
        count = len(self.number)
        self._in_a_row = bool(count) and int(self.number[-1]) - int(self.number[0]) == count - 1
        if count and not self._in_a_row:
            self._place_of = np.zeros(int(self.number[-1]) - int(self.number[0]) + 1, np.intp)
            self._place_of[self.number - self.number[0]] = np.arange(count)
        begins = np.ones(count, bool)
        begins[1:] = self._file[1:] != self._file[:-1]
        self.file_starts: NDArray[np.intp] = np.flatnonzero(begins)
        self.file_order: NDArray[np.intp] = np.cumsum(begins) - 1
        sizes = np.diff(self.file_starts, append=count)
        self.any_shared = bool((sizes > 1).any())
        self.shared: NDArray[np.bool_] = (sizes > 1)[self.file_order] if count else begins


def _speakers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT DISTINCT speaker FROM passages UNION SELECT DISTINCT speaker FROM files ORDER BY speaker"
    )
    return [name for (name,) in found.fetchall() if name]


def _sorted(columns: dict[str, NDArray[Any]], by: str) -> dict[str, NDArray[Any]]:
    """Return columns in the order of one of them. They nearly always are: it is the order they were written in."""
    key = columns[by]
    if not (key[1:] < key[:-1]).any():
        return columns
    order = np.argsort(key, kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _taken(values: NDArray[np.float32], rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the values at some rows, 0 for a row that is not there."""
    if not len(values):
        return np.zeros(len(rows), np.float32)
    there = (rows >= 0) & (rows < len(values))
    return values[rows] if there.all() else np.where(there, values[np.where(there, rows, 0)], np.float32(0))
