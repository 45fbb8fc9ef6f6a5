"""Two embedders side by side: what smos reaches with each, and the paired difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.bench.evaldata import ADVERSARIAL
from tests.bench.intervals import Estimate, difference, estimate
from tests.bench.measuring import Measured
from tests.bench.metrics import Answered, Asked, values
from tests.bench.silence import Rate, rates
from tests.bench.systems import OURS
from tests.bench.tables import table

_METRICS = ("R@5", "R@10", "MRR@10")


class Compared(NamedTuple):
    """One metric of a set's questions with the embedded vectors, with another model's, and what that is ahead by."""

    set: str
    questions: str
    metric: str
    embedded: Estimate
    other: Estimate
    gain: Estimate


def compared(embedded: Sequence[Measured], other: Sequence[Measured]) -> Iterator[Compared]:
    """Yield every set as a whole, and without its adversarial questions where it has any."""
    for name in dict.fromkeys(pool.set for pool in embedded):
        ours, theirs = _answers(embedded, name), _answers(other, name)
        kinds = {"all": [True] * len(ours), f"all but {ADVERSARIAL}": [not _is_adversarial(one.asked) for one in ours]}
        for kind, chosen in kinds.items():
            if kind != "all" and all(chosen):
                continue
            columns = [
                values([one for one, kept in zip(found, chosen, strict=True) if kept]) for found in (ours, theirs)
            ]
            for metric in _METRICS:
                first, second = columns[0][metric], columns[1][metric]
                yield Compared(name, kind, metric, estimate(first), estimate(second), difference(second, first))


def told(embedded: Sequence[Measured], other: Sequence[Measured], model: str) -> str:
    """Return the tables."""
    rows = [
        [one.set, one.questions, one.metric, _share(one.embedded), _share(one.other), _signed(one.gain)]
        for one in compared(embedded, other)
    ]
    found = [table(["set", "questions", "metric", "embedded", model[:24], "gain"], rows, texts=3)]
    pairs = list(zip(rates(embedded), rates(other), strict=True))
    if pairs:
        found.append(
            table(["set", "store", "asked", "embedded", model[:24], "held out"], list(map(_rate, pairs)), texts=3)
        )
    return "\n\n".join(found)


def _rate(pair: tuple[Rate, Rate]) -> list[str]:
    first, second = pair
    return [
        first.set,
        first.store,
        first.what,
        _share(first.shipped),
        _share(second.shipped),
        _share(second.held_out),
    ]


def _answers(measured: Sequence[Measured], name: str) -> list[Answered]:
    return [
        Answered(asked, found)
        for pool in measured
        if pool.set == name
        for asked, found in zip(pool.questions, pool.found[OURS], strict=True)
    ]


def _is_adversarial(asked: Asked) -> bool:
    return asked.category == ADVERSARIAL


def _share(one: Estimate) -> str:
    return f"{one.mean:.4f}"


def _signed(one: Estimate) -> str:
    return f"{one.mean:+.4f} ±{(one.high - one.low) / 2:.3f}"
