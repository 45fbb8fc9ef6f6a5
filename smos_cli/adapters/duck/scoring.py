"""Scores every passage that may answer: BM25 in SQL over the postings, cosine over the vector file.

Nothing is cut before it is scored: the mean and deviation are over all eligible passages, and what goes on to be
ranked is the union of the best thousand of each signal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from smos_cli.adapters.duck.intake import term_number
from smos_cli.adapters.duck.rows import where
from smos_cli.core.ranking import BM25_B, BM25_K1, Candidate, Moments, Signals

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.session import Embedder
    from smos_cli.adapters.vectors import VectorFile
    from smos_cli.core.ports import Question

BEST = 1000
"""How many candidates each signal proposes."""

_BM25 = f"""
WITH hits AS (SELECT term, passage, count, length FROM postings WHERE term IN ({{terms}})),
rarity AS (SELECT term, ln(1 + ($passages - count(*) + 0.5) / (count(*) + 0.5)) AS idf FROM hits GROUP BY term)
SELECT h.passage, sum(r.idf * h.count * {BM25_K1 + 1}
                      / (h.count + {BM25_K1} * ({1 - BM25_B} + {BM25_B} * h.length / $mean))) AS score
FROM hits h JOIN rarity r ON r.term = h.term GROUP BY h.passage
"""


def score(
    connection: duckdb.DuckDBPyConnection, vectors: VectorFile, embedder: Embedder, question: Question
) -> Signals:
    """Return the moments of both signals and the best candidates."""
    table = _Table(connection, question)
    terms = list(dict.fromkeys(map(term_number, question.terms)))
    bm25 = _bm25(connection, terms, table)
    cosine = _cosine(vectors, embedder, question, table)
    eligible = table.eligible
    count = int(eligible.sum())
    if not count:
        return Signals(Moments(0.0, 0.0), Moments(0.0, 0.0), [], 0, len(terms))
    candidates = _candidates(table, bm25, cosine)
    return Signals(_moments(bm25[eligible]), _moments(cosine[eligible]), candidates, count, len(terms))


class _Table:
    """Every passage, in order of its number: which file and place it has, and whether it may answer."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, question: Question) -> None:
        condition, values = where(question.selection, time="coalesce(nullif(p.time, ''), f.created)")
        found = connection.execute(
            f"SELECT p.id, p.file, p.row, p.length, p.turn <> '' AS turn, ({condition}) AS eligible"
            " FROM passages p JOIN files f ON f.id = p.file ORDER BY p.id",
            values,
        ).fetchnumpy()
        columns = {name: np.asarray(column) for name, column in found.items()}
        self.number: NDArray[np.int32] = columns["id"]
        self.file: NDArray[np.int32] = columns["file"]
        self.row: NDArray[np.int32] = columns["row"]
        self.turn: NDArray[np.bool_] = columns["turn"].astype(bool)
        self.eligible: NDArray[np.bool_] = columns["eligible"].astype(bool)
        self.mean_length = max(1.0, float(columns["length"].mean())) if len(self.number) else 1.0


def _bm25(connection: duckdb.DuckDBPyConnection, terms: list[int], table: _Table) -> NDArray[np.float64]:
    scores = np.zeros(len(table.number))
    if not terms or not len(scores):
        return scores
    # Numbers written out, not bound: DuckDB then reads only the blocks that hold them.
    query = _BM25.format(terms=", ".join(map(str, terms)))
    found = connection.execute(query, {"passages": len(scores), "mean": table.mean_length}).fetchnumpy()
    scores[np.searchsorted(table.number, np.asarray(found["passage"]))] = np.asarray(found["score"])
    return scores


def _cosine(vectors: VectorFile, embedder: Embedder, question: Question, table: _Table) -> NDArray[np.float32]:
    query = embedder.embed([question.text])[0]
    if not query.any():
        return np.zeros(len(table.number), np.float32)
    return vectors.cosines(table.row, query)


def _moments(values: NDArray[Any]) -> Moments:
    return Moments(float(values.mean()), float(values.std()))


def _candidates(table: _Table, bm25: NDArray[np.float64], cosine: NDArray[np.float32]) -> list[Candidate]:
    places = np.flatnonzero(table.eligible)
    if len(places) > BEST:
        best = [places[np.argpartition(-signal[places], BEST)[:BEST]] for signal in (bm25, cosine)]
        places = np.unique(np.concatenate(best))
    before, after = _neighbours(table, places, -1), _neighbours(table, places, 1)
    return [
        Candidate(
            int(table.number[place]),
            float(bm25[place]),
            float(cosine[place]),
            (float(bm25[p]), float(cosine[p])) if p >= 0 else None,
            (float(bm25[n]), float(cosine[n])) if n >= 0 else None,
        )
        for place, p, n in zip(places.tolist(), before.tolist(), after.tolist(), strict=True)
    ]


def _neighbours(table: _Table, places: NDArray[np.intp], step: int) -> NDArray[np.intp]:
    """Return the place of the turn before or after each turn of the same episode, -1 where there is none."""
    beside = places + step
    inside = (beside >= 0) & (beside < len(table.number))
    safe = np.where(inside, beside, 0)
    same = inside & table.turn[places] & (table.file[safe] == table.file[places]) & table.eligible[safe]
    return np.where(same, beside, -1)
