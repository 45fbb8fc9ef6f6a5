"""Everything that is measured of one pool, in a process of its own: the pools are shared out over the processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters.duck.space import Embedding
from smos_cli.core.answering import DIVERSITY, Hit
from smos_cli.core.ranking import DEFAULT
from tests.bench.embedders import embedder
from tests.bench.evaldata import Pool, pools, unnamed
from tests.bench.fusion import Polynomial, polynomials
from tests.bench.metrics import Asked
from tests.bench.smaller import SIZES, WHOLE, Cut, Seen, cut, indexed, scanned, seen_in_parts, seen_whole
from tests.bench.systems import OURS, Founds, Store, baselines, stored


class Parts(NamedTuple):
    """What is measured besides what the systems find."""

    silence: bool = True
    fusion: bool = True


EVERYTHING = Parts()
ON_ITS_DAY, AS_OF_ITS_DAY = "on its day", "as of its day"
"""What smos is told of the day of asking: which it is, and besides that only what was there by then answers."""


class Measured(NamedTuple):
    """What one pool gave; every list is in the order of the questions, and empty where it was not measured."""

    set: str
    name: str
    documents: int
    questions: list[Asked]
    found: dict[str, Founds]
    """by system"""
    without: dict[str, Founds]
    """what smos finds without one of what is weighed last, by its name"""
    seen: list[Seen]
    """of its own questions and the other set's, without names: by the whole, by smaller stores, without vectors"""
    polynomials: list[Polynomial]
    dated: dict[str, Founds]
    """what smos finds when it knows the day of asking, by what it is told of it"""
    dated_polynomials: list[Polynomial]


class _Work(NamedTuple):
    """A pool, and the other set's questions by their pool, without names."""

    pool: Pool
    others: dict[str, list[Asked]]
    parts: Parts
    model: Path | None


def measure_all(folder: Path, parts: Parts = EVERYTHING, model: Path | None = None) -> list[Measured]:
    """Measure every pool of the data and return them in its order, with the embedded vectors or another model's."""
    data = list(pools(folder))
    bare = {pool.name: unnamed(pool) for pool in data}
    work = [
        _Work(pool, {one.name: bare[one.name] for one in data if one.set != pool.set}, parts, model) for pool in data
    ]
    # The processors are shared out already.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Not forked: the parent's libraries may have threads.
    with ProcessPoolExecutor(min(len(data), os.cpu_count() or 1), multiprocessing.get_context("spawn")) as workers:
        return list(workers.map(_measure, work))


def _measure(work: _Work) -> Measured:
    # Asked as the others are asked, who know of no day.
    pool = work.pool._replace(questions=[one._replace(as_of="") for one in work.pool.questions])
    fusion, found = work.parts.fusion, baselines(pool)
    on_their_day = work.pool if any(one.as_of for one in work.pool.questions) else pool._replace(questions=[])
    model = embedder(work.model)
    with stored(pool, model) as store:
        found[OURS] = list(map(_refs, store.recall(pool.questions)))
        return Measured(
            set=pool.set,
            name=pool.name,
            documents=len(pool.documents),
            questions=pool.questions,
            found=found,
            without={
                DIVERSITY: [_refs(store.recall_without_diversity(one)) for one in pool.questions],
                "phrase": [_refs(store.recall_with(one, DEFAULT._replace(phrase=0.0))) for one in pool.questions],
            }
            if fusion
            else {},
            seen=list(_seen(store, work, model)) if work.parts.silence else [],
            polynomials=polynomials(store, pool) if fusion else [],
            dated={
                ON_ITS_DAY: [_refs(store.recall_with(one)) for one in on_their_day.questions],
                AS_OF_ITS_DAY: [_refs(store.recall_as_of(one)) for one in on_their_day.questions],
            },
            dated_polynomials=polynomials(store, on_their_day) if fusion else [],
        )


def _seen(store: Store, work: _Work, model: Embedding) -> Iterator[Seen]:
    bare, entries = unnamed(work.pool), store.entries()
    yield seen_whole(store.session, bare, work.others)
    yield seen_in_parts(Cut(WHOLE, [entries], scanned), bare, work.others)
    for size in SIZES:
        parts = list(cut(entries, size))
        yield seen_in_parts(Cut(size, parts, partial(indexed, model=model)), bare, work.others)
        yield seen_in_parts(Cut(size, parts, scanned), bare, work.others)


def _refs(hits: Sequence[Hit]) -> list[str]:
    return [hit.ref for hit in hits]
