"""Scores every passage that may answer: BM25 over the postings, cosine over the vector file.

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
    from smos_cli.core.selection import Selection

BEST = 1000
"""How many candidates each signal proposes."""
_FEW = 24
"""Terms of an ordinary question; a page of text has many more."""


class Table:
    """Every passage, in order of its number: which file and row it has, and whether it may answer."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, selection: Selection) -> None:
        condition, values = where(selection, time="coalesce(nullif(p.time, ''), f.created)")
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


def score(
    connection: duckdb.DuckDBPyConnection, table: Table, question: Question, cosine: NDArray[np.float32]
) -> Signals:
    """Return the moments of both signals and the best candidates; ``cosine`` has a value for each row of the table."""
    terms = list(dict.fromkeys(map(term_number, question.terms)))
    bm25 = _bm25(connection, terms, table)
    eligible = table.eligible
    count = int(eligible.sum())
    if not count:
        return Signals(Moments(0.0, 0.0), Moments(0.0, 0.0), [], 0, len(terms))
    candidates = _candidates(table, bm25, cosine)
    return Signals(_moments(bm25[eligible]), _moments(cosine[eligible]), candidates, count, len(terms))


def cosines(vectors: VectorFile, embedder: Embedder, table: Table, text: str) -> NDArray[np.float32]:
    """Return the cosine of a text with every passage of the table; zeros for a text that has no vector."""
    query = embedder.embed([text])[0]
    return vectors.cosines(table.row, query) if query.any() else np.zeros(len(table.number), np.float32)


def _bm25(connection: duckdb.DuckDBPyConnection, terms: list[int], table: Table) -> NDArray[np.float64]:
    """Return the score of every passage. The postings come by SQL; adding them up is twice as fast here."""
    scores = np.zeros(len(table.number))
    if not terms or not len(scores):
        return scores
    found = connection.execute(_postings(terms)).fetchnumpy()
    term, passage, times, length = (np.asarray(found[name]) for name in ("term", "passage", "count", "length"))
    if not len(term):
        return scores
    # Without np.unique here and below: it loads numpy.ma, which takes 10 ms.
    which = np.searchsorted(np.sort(np.array(terms, term.dtype)), term)
    documents = np.bincount(which)
    idf = np.log(1 + (len(scores) - documents + 0.5) / (documents + 0.5))
    share = times * (BM25_K1 + 1) / (times + BM25_K1 * (1 - BM25_B + BM25_B * length / table.mean_length))
    places = np.searchsorted(table.number, passage)
    return np.bincount(places, idf[which] * share, len(scores)).astype(np.float64)


def _postings(terms: list[int]) -> str:
    """Return the query for the postings of some terms, their numbers written out, not bound.

    One equality a term lets DuckDB skip the blocks without it, which a list does not: a third of the time.
    """
    columns = "SELECT term, passage, count, length FROM postings WHERE term"
    if len(terms) > _FEW:
        return f"{columns} IN ({', '.join(map(str, terms))})"
    return " UNION ALL ".join(f"{columns} = {term}" for term in terms)


def _moments(values: NDArray[Any]) -> Moments:
    # In double precision, or the order in which files came in would show in the scores.
    return Moments(float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64)))


def _candidates(table: Table, bm25: NDArray[np.float64], cosine: NDArray[np.float32]) -> list[Candidate]:
    places = np.flatnonzero(table.eligible)
    if len(places) > BEST:
        best = [places[np.argpartition(-signal[places], BEST)[:BEST]] for signal in (bm25, cosine)]
        chosen = np.zeros(len(table.number), bool)
        chosen[np.concatenate(best)] = True
        places = np.flatnonzero(chosen)
    previous, following = (_beside(table, places, step, (bm25, cosine)) for step in (-1, 1))
    return list(
        map(
            Candidate,
            table.number[places].tolist(),
            bm25[places].tolist(),
            cosine[places].tolist(),
            previous,
            following,
        )
    )


def _beside(
    table: Table, places: NDArray[np.intp], step: int, signals: tuple[NDArray[np.float64], NDArray[np.float32]]
) -> list[tuple[float, float] | None]:
    """Return (BM25, cosine) of the turn before or after each turn of the same episode, None where there is none."""
    if not table.turn[places].any():
        return [None] * len(places)
    beside = places + step
    inside = (beside >= 0) & (beside < len(table.number))
    safe = np.where(inside, beside, 0)
    same = inside & table.turn[places] & (table.file[safe] == table.file[places]) & table.eligible[safe]
    values = zip(signals[0][safe].tolist(), signals[1][safe].tolist(), strict=True)
    return [value if there else None for there, value in zip(same.tolist(), values, strict=True)]
