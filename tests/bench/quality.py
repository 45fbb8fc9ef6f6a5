"""``python -m tests.bench.quality --data DIR``: how well smos finds what was said, beside grep and plain BM25.

The documents go through the real import into real files, git and index; the questions through the real toolkit.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.core.personas import NewPersona, add
from smos_cli.core.ports import no_progress
from smos_cli.core.recall import Query
from smos_cli.core.selection import Selection
from smos_cli.wiring import Wiring
from tests.bench.baselines import Bm25, Grep
from tests.bench.evaldata import ADVERSARIAL, PUBLISHED, Pool, pools
from tests.bench.homes import environment, throw_away
from tests.bench.metrics import METRICS, Answered, Asked, means
from tests.bench.tables import table

DEPTH = 10
SYSTEMS = ("grep", "BM25", "smos")
BARS = (
    ("LongMemEval", "all", "R@5", 0.74),
    ("LongMemEval", "all", "MRR@10", 0.72),
    ("LoCoMo", f"all but {ADVERSARIAL}", "R@10", 0.62),
)
"""Set, category, metric, and what smos has to reach there."""

Answers = dict[tuple[str, str], list[Answered]]
"""By set and system."""


class Score(NamedTuple):
    """What one system reached on one category of a set."""

    set: str
    category: str
    queries: int
    system: str
    metrics: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the evaluation data")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    scores = list(scored(asked(list(pools(options.data)))))
    bars = [_bar(scores, bar) for bar in BARS]
    off = published_off(scores)
    if options.json:
        told = {"scores": [score._asdict() for score in scores], "bars": bars, "bm25_off_published": off}
        print(json.dumps({"schema": 1} | told))
    else:
        print(_scores_table(scores), _bars_table(bars), sep="\n\n")
        print(f"\nBM25 as measured here is off its published figures by at most {off:.3f}.")
    return 0 if all(bar["met"] for bar in bars) else 1


def asked(data: Sequence[Pool]) -> Answers:
    """Ask every system every question."""
    answers: Answers = {}
    with throw_away() as folder:
        wiring = Wiring(environment(folder))
        for pool in data:
            grep, bm25 = Grep(pool.documents), Bm25(pool.documents)
            searches = {
                "grep": [grep.best(one.text, DEPTH) for one in pool.questions],
                "BM25": [bm25.best(one.text, DEPTH) for one in pool.questions],
                "smos": recalled(wiring, pool),
            }
            for system, found in searches.items():
                pairs = map(Answered, pool.questions, found)
                answers.setdefault((pool.set, system), []).extend(pairs)
    return answers


def recalled(wiring: Wiring, pool: Pool) -> list[list[str]]:
    """Import a pool into a persona of its own; return the ids, as the pool has them, that each question recalls."""
    add(wiring.home(), NewPersona(pool.name))
    toolkit = wiring.toolkit(pool.name, no_progress)
    report = toolkit.import_(str(pool.source))
    if report.stored != len(pool.documents):
        raise SystemExit(f"{pool.name}: {report.stored} of {len(pool.documents)} stored: {report.problems[:3]}")
    with toolkit.recalling() as ask:
        results = [ask(Query(one.text, Selection(), DEPTH)) for one in pool.questions]
    return [[hit.ref for hit in result.hits] for result in results]


def scored(answers: Answers) -> Iterator[Score]:
    """Yield the scores of each set as a whole, without its adversarial questions, and by category."""
    for name in dict.fromkeys(name for name, _ in answers):
        questions = [answer.asked for answer in answers[name, SYSTEMS[0]]]
        for category, belongs in _categories(questions):
            for system in SYSTEMS:
                chosen = [answer for answer in answers[name, system] if belongs(answer.asked)]
                yield Score(name, category, len(chosen), system, means(chosen))


def _categories(questions: Sequence[Asked]) -> Iterator[tuple[str, Callable[[Asked], bool]]]:
    yield "all", lambda _: True
    found = sorted({question.category for question in questions})
    if ADVERSARIAL in found:
        yield f"all but {ADVERSARIAL}", lambda question: question.category != ADVERSARIAL
    for category in found:
        yield category, lambda question, category=category: question.category == category  # type: ignore[misc]


def published_off(scores: Sequence[Score]) -> float:
    """Return by how much BM25 is off what is published of it, at most: a check of data and definitions."""
    return max(
        abs(score.metrics[metric] - figure)
        for score in scores
        if score.system == "BM25"
        for metric, figure in PUBLISHED.get((score.set, score.category), {}).items()
    )


def _bar(scores: Sequence[Score], bar: tuple[str, str, str, float]) -> dict[str, Any]:
    name, category, metric, least = bar
    reached = {
        score.system: score.metrics[metric] for score in scores if (score.set, score.category) == (name, category)
    }
    named = {"set": name, "category": category, "metric": metric, "bar": least}
    return named | {system: reached[system] for system in SYSTEMS} | {"met": reached["smos"] >= least}


def _scores_table(scores: Sequence[Score]) -> str:
    rows = []
    for score in scores:
        first = score.system == SYSTEMS[0]
        named = [score.set, score.category, str(score.queries)] if first else ["", "", ""]
        rows.append([*named, score.system, *(f"{value:.3f}" for value in score.metrics.values())])
    return table(["set", "questions", "n", "by", *METRICS], rows, texts=4)


def _bars_table(bars: Sequence[dict[str, Any]]) -> str:
    rows = [
        [f"{bar['set']}, {bar['category']}", str(bar["metric"]), f"{bar['bar']:.2f}"]
        + [f"{bar[system]:.3f}" for system in SYSTEMS]
        + ["met" if bar["met"] else "missed"]
        for bar in bars
    ]
    return table(["bar", "metric", "at least", *SYSTEMS, ""], rows, texts=2)


if __name__ == "__main__":
    raise SystemExit(main())
