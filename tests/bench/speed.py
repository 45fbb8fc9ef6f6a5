"""``python -m tests.bench.speed``: how fast and how large smos is, with 10,000 memories in a throw-away home.

All commands run in the same rounds, one after the other, so that the ratios between them hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from statistics import median

from tests.bench import installed
from tests.bench.children import Children
from tests.bench.corpus import Example, examples
from tests.bench.durations import percentile, ratio
from tests.bench.homes import environment, index_sizes, throw_away
from tests.bench.tables import table

TYPER = "import typer"
FLOOR = "import typer, duckdb, numpy, tokenizers"
QUESTIONS = 400
_TICK = 0.05
"""Seconds after which a change of a file can't be mistaken for the next one, whatever the clock's step."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured. ``ratio`` is to what ``bar`` is a multiple of, where it is one."""

    what: str
    unit: str
    value: float
    p95: float | None = None
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. A busy machine misses bars, so that the exit code says nothing of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed", description=__doc__)
    parser.add_argument("--memories", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="how often each command is run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    with throw_away() as folder:
        bench = Bench(folder, options.memories)
        figures = [*bench.prepare(), *bench.cold(options.rounds), *bench.warm(), *_sizes()]
    if options.json:
        print(json.dumps({"schema": 1, "machine": bench.machine(), "figures": [asdict(one) for one in figures]}))
    else:
        print(_table(figures), bench.machine(), sep="\n\n")
    return 0


class Bench:
    """One run in one home."""

    def __init__(self, folder: Path, memories: int) -> None:
        self._folder = folder
        self._environ = environment(folder)
        self._children = Children(self._environ)
        self._examples = list(examples(memories))
        self._vault = folder / "home" / "vaults" / "bob"
        self._count = memories

    def prepare(self) -> Iterator[Figure]:
        """Fill the home by the real import, then index it three times from nothing."""
        source = self._folder / "corpus.jsonl"
        source.write_text("".join(map(_line, self._examples)), encoding="utf-8")
        took = self._smos("import", str(source))
        yield Figure("import, commit included", "files/s", self._count / took * 1000)
        time.sleep(_TICK)
        took = median(self._first_index() for _ in range(3))
        rate = self._count / took * 1000
        yield Figure("first index", "files/s", rate, bar=">= 2,000", met=rate >= 2000)
        index, vectors = index_sizes(self._environ, "bob")
        yield Figure("index on disk, each memory", "bytes", index / self._count)
        yield Figure("vectors on disk, each memory", "bytes", vectors / self._count)

    def cold(self, rounds: int) -> Iterator[Figure]:
        """Run every command in every round."""
        questions = cycle(example.question for example in self._examples[7::97])
        took: dict[str, list[float]] = {}
        for number in range(rounds + 1):
            for name, milliseconds in self._round(number, questions):
                if number:  # the first round warms the file cache and the byte code
                    took.setdefault(name, []).append(milliseconds)
        yield from _cold_figures(took)
        peak = max(self._children.peak([*self._children.smos, "recall", next(questions)]) for _ in range(3)) / 1e6
        yield Figure("cold recall, peak memory", "MB", peak, bar="< 130", met=peak < 130)

    def warm(self) -> Iterator[Figure]:
        """Ask in this process; last, because it grows it."""
        from tests.bench.warm import warm

        step = max(1, self._count // QUESTIONS)
        took = warm(self._environ, [example.question for example in self._examples[::step]][:QUESTIONS])
        yield from _warm_figures("one open session", took["open"], barred=True)
        yield from _warm_figures("opened for each, refresh included", took["each"], barred=False)

    def machine(self) -> str:
        """Return what it was measured on."""
        started = "its console script" if len(self._children.smos) == 1 else "python -m smos_cli (no console script)"
        load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
        return (
            f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores{load};"
            f" {self._count:,} memories; smos started by {started}; site-packages: {installed.site_packages()[0]}"
        )

    def _round(self, number: int, questions: Iterator[str]) -> Iterator[tuple[str, float]]:
        children = self._children
        yield "typer", children.milliseconds(children.python(TYPER))
        yield "floor", children.milliseconds(children.python(FLOOR))
        yield "help", self._smos("--help")
        yield "recall", self._smos("recall", next(questions))
        yield "unchanged", self._smos("index")
        self._change(number)
        yield "recall after a change", self._smos("recall", next(questions))
        yield "remember", self._smos("remember", f"Round {number}: the {next(questions)} was asked again.")
        # The next round begins with an index that has caught up.
        time.sleep(_TICK)
        self._smos("index")

    def _first_index(self) -> float:
        for path in (self._folder / "home" / "index").glob("bob.*"):
            if path.suffix in (".duckdb", ".vectors", ".wal"):
                path.unlink()
        return self._smos("index", "--rebuild")

    def _change(self, number: int) -> None:
        paths = sorted(self._vault.glob("memories/*/*/*.md"))
        path = paths[number * 613 % len(paths)]
        path.write_text(path.read_text(encoding="utf-8") + f"\nLooked at again in round {number}.\n", encoding="utf-8")
        time.sleep(_TICK)

    def _smos(self, *words: str) -> float:
        return self._children.milliseconds([*self._children.smos, *words])


def _cold_figures(took: dict[str, list[float]]) -> Iterator[Figure]:
    typer, floor = took["typer"], took["floor"]
    yield Figure(f'python -c "{TYPER}"', "ms", median(typer), percentile(typer, 0.95))
    yield Figure(f'python -c "{FLOOR}" (the floor)', "ms", median(floor), percentile(floor, 0.95))
    for name, what, base, most in (
        ("help", "smos --help", typer, 3.0),
        ("recall", "cold recall", floor, 1.6),
        ("recall after a change", "cold recall, one file changed since", floor, 1.6),
        ("remember", "cold remember, commit included", floor, 1.6),
    ):
        values = took[name]
        times = ratio(values, base)
        bar = f"<= {most}x {'typer' if base is typer else 'the floor'}"
        yield Figure(what, "ms", median(values), percentile(values, 0.95), times, bar, times <= most)
    values = took["unchanged"]
    met = median(values) < 400
    yield Figure("index, nothing changed", "ms", median(values), percentile(values, 0.95), None, "< 400", met)


def _warm_figures(how: str, values: Sequence[float], *, barred: bool) -> Iterator[Figure]:
    for name, share, most in (("p50", 0.5, 12), ("p95", 0.95, 0), ("p99", 0.99, 40)):
        value = percentile(values, share)
        bar, met = (f"< {most}", value < most) if barred and most else ("", None)
        yield Figure(f"warm recall, {how}: {name}", "ms", value, bar=bar, met=met)


def _sizes() -> Iterator[Figure]:
    whole, needed = installed.site_packages()[1] / 1e6, installed.needed() / 1e6
    yield Figure("site-packages of this environment", "MB", whole)
    yield Figure("of those: smos and what it needs", "MB", needed, bar="< 260", met=needed < 260)


def _line(example: Example) -> str:
    told = {key: value for key, value in example._asdict().items() if key != "question"}
    return json.dumps(told) + "\n"


def _table(figures: Sequence[Figure]) -> str:
    rows = [
        [
            figure.what,
            figure.bar,
            f"{figure.value:,.0f} {figure.unit}" if figure.value >= 100 else f"{figure.value:.1f} {figure.unit}",
            f"{figure.p95:,.0f}" if figure.p95 is not None else "",
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
            "" if figure.met is None else "met" if figure.met else "missed",
        ]
        for figure in figures
    ]
    return table(["what", "bar", "reached", "p95", "ratio", ""], rows, texts=2)


if __name__ == "__main__":
    sys.exit(main())
