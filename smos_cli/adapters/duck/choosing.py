"""Which way the nearest vectors are found, by measurement, and the making of the graph where that is the way.

Owns when a graph is made, grown and dropped: after ``smos index`` and by a watcher, never while somebody waits for an
answer. The index is held only while the finished graph is put in place.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from smos_cli.adapters.duck.nearest import FOUND
from smos_cli.core.choice import FOLLOWED, MEASURED_FROM, REMARK, Choice
from smos_cli.errors import IndexBusyError, StoppedError, StorageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.index import DuckIndex
    from smos_cli.core.ports import Progress

GRAPH_FROM = 300_000
"""Rows from which ``auto`` considers a graph: below, scoring all takes less than a search in it."""
SLOW_MS = 60.0
"""What scoring all may take before ``auto`` makes a graph to compare with: that takes minutes."""
_NODE = 5_000
"""Bytes of memory that an open graph takes for a row."""
_GROW_FROM = 1000
"""Rows that are scored beside the graph before it is worth making it anew with them."""
_QUERIES = 5
_BESIDE = 8000
"""Rows scored exactly beside a search in the graph, about."""


def choose(index: DuckIndex, progress: Progress, *, due: bool) -> None:
    """Choose anew if that is due, and bring the graph up to date; ``StoppedError`` when interrupted."""
    try:
        with index.graph.making():
            _Choosing(index, progress).go(due=due)
    except IndexBusyError:
        return  # somebody else is at it, or has the index; the next refresh looks again
    except KeyboardInterrupt as stop:
        raise StoppedError(
            "Stopped while vectors were linked.", "Nothing is lost; the next `smos index` begins that again."
        ) from stop


class _Choosing:
    def __init__(self, index: DuckIndex, progress: Progress) -> None:
        self._index = index
        self._progress = progress
        self._wanted = index.method
        self._rows = index.vectors.count()

    def go(self, *, due: bool) -> None:
        with self._index.session() as session:
            rows, version = session.rows.there(), session.note("version")
        chosen = None
        if due:
            chosen = self._chosen(rows)
            if chosen.method == "exact":
                self._drop()
        else:
            self._bring_up_to_date(rows)
        with self._index.session(write=True) as session:
            session.note(FOLLOWED, version)
            if chosen:
                session.note(REMARK, chosen.written())

    def _chosen(self, rows: NDArray[np.int32]) -> Choice:
        exact = self._milliseconds(self._index.vectors.dots) if self._rows >= MEASURED_FROM else 0.0
        choice = Choice("exact", self._wanted, self._rows, exact)
        if self._wanted == "exact" or not len(rows):
            return choice
        if self._wanted == "auto" and (self._rows < GRAPH_FROM or exact < SLOW_MS or not _fits(len(rows))):
            return choice
        try:
            self._bring_up_to_date(rows)
            hnsw = self._milliseconds(self._searched) if self._rows >= MEASURED_FROM else 0.0
        except StorageError:
            if self._wanted == "hnsw":
                raise
            return choice
        faster = self._wanted == "hnsw" or hnsw < exact
        return choice._replace(method="hnsw" if faster else "exact", hnsw_ms=hnsw)

    def _bring_up_to_date(self, rows: NDArray[np.int32]) -> None:
        """Give the graph the rows it has not got; make it anew where there is any doubt, or half of it is gone."""
        file = self._index.graph
        graph = file.opened()
        if graph and np.isin(graph.rows, rows).sum() * 2 < len(graph.rows):
            self._drop()
            graph = None
        if graph:
            rows = rows[~np.isin(rows, graph.rows)]
            if len(rows) < min(_GROW_FROM, len(graph.rows) // 10 + 1):
                return
        made_from = self._index.vectors.identity()
        file.add(rows, self._progress)
        with self._index.alone():
            # It was not held meanwhile: what was erased must not come back with the copy.
            if self._index.vectors.identity() == made_from:
                file.take()

    def _drop(self) -> None:
        if self._index.graph.is_there():
            with self._index.alone():
                self._index.graph.drop()

    def _searched(self, vector: NDArray[np.float32]) -> None:
        graph = self._index.graph.opened()
        if graph:
            graph.nearest(vector, FOUND)
        beside = np.linspace(0, self._rows - 1, min(_BESIDE, self._rows)).astype(np.int32)
        self._index.vectors.cosines(beside, vector)

    def _milliseconds(self, ask: Callable[[NDArray[np.float32]], object]) -> float:
        """Return the median of some questions, each halfway between two vectors; the first only warms up."""
        places = np.linspace(0, self._rows - 1, 2 * (_QUERIES + 1)).astype(np.int32)
        vectors = self._index.vectors.vectors(places)
        took = []
        for vector in vectors[::2] + vectors[1::2]:
            began = time.perf_counter()
            ask(vector / max(float(np.linalg.norm(vector)), 1e-9))
            took.append((time.perf_counter() - began) * 1000)
        return round(median(took[1:]), 2)


def _fits(rows: int) -> bool:
    """Say whether an open graph would take no more than a quarter of the memory there is, as far as can be told."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return True
    return rows * _NODE * 4 <= memory
