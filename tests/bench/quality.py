"""``python -m tests.bench.quality --data DIR``: how well smos finds what was said, and keeps silent otherwise.

Beside it grep, plain BM25 and the embedded vectors alone; smos without each of its signals; weights fitted on one part
of the data and judged on another. Takes about three minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.bars import Bar, bars
from tests.bench.comparing import told
from tests.bench.intervals import Estimate
from tests.bench.measuring import Measured, Parts, measure_all
from tests.bench.report import Report
from tests.bench.scores import changes, dated, published_off, scores
from tests.bench.silence import rates
from tests.bench.split import Splitting


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the evaluation data")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--embedder", type=Path, help="a folder with an ONNX model, to be held against the embedded")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    if options.embedder:
        parts = Parts(fusion=False)
        both = [measure_all(options.data, parts, model) for model in (None, options.embedder)]
        print(f"{told(*both, options.embedder.name)}\n\nTook {time.perf_counter() - start:.0f} s.")
        return 0
    report = reported(measure_all(options.data))
    took = time.perf_counter() - start
    if options.json:
        print(json.dumps({"schema": 1} | plain(report) | {"seconds": round(took)}))
    else:
        print(f"{report.text()} Took {took:.0f} s.")
    return 0 if all(bar.met for bar in report.bars) else 1


def reported(measured: Sequence[Measured]) -> Report:
    """Return what the measurements say."""
    found, on_a_day = list(scores(measured)), list(dated(measured))
    silence, splitting = rates(measured), Splitting(measured)
    return Report(
        scores=found,
        dated=on_a_day,
        changes=[*changes(measured), *splitting.ablations()],
        splits=list(splitting.splits()),
        silence=silence,
        bars=list(bars([*found, *on_a_day], silence)),
        bm25_off=published_off(found),
    )


def plain(value: Any) -> Any:
    """Return named tuples as objects, and what is no number as null, for JSON."""
    if isinstance(value, Bar):
        return {name: plain(one) for name, one in value._asdict().items()} | {"met": value.met}
    if isinstance(value, Estimate):
        return {name: round(one, 5) for name, one in value._asdict().items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(one) for name, one in value._asdict().items()}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    raise SystemExit(main())
