"""Recall in one process that is warm: as a door asks, and as a batch asks."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

from smos_cli.core.ports import no_progress
from smos_cli.core.recall import Query
from smos_cli.core.selection import Selection
from smos_cli.wiring import Wiring

_WARMING = 20


def warm(environ: Mapping[str, str], questions: Sequence[str]) -> dict[str, list[float]]:
    """Return ms by question: inside one open session, and each opened for itself with the vault looked at first.

    The two take turns, a block of questions each, so that a busy machine slows both.
    """
    # As ``smos`` does at its start; numpy is not loaded yet.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    toolkit = Wiring(environ).toolkit("", no_progress)
    queries = [Query(question, Selection()) for question in questions]
    took: dict[str, list[float]] = {"open": [], "each": []}
    for start in range(0, len(queries), _WARMING):
        block = queries[start : start + _WARMING]
        with toolkit.recalling() as ask:
            if not start:
                for query in block:
                    ask(query)
            for query in block:
                begin = time.perf_counter()
                ask(query)
                took["open"].append((time.perf_counter() - begin) * 1000)
        for query in block:
            begin = time.perf_counter()
            with toolkit.recalling() as ask:
                ask(query)
            took["each"].append((time.perf_counter() - begin) * 1000)
    return took
