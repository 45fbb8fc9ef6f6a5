"""Commands as a shell runs them, one after the other in rounds, so that ratios between them hold on a busy machine.

Owns what a round is. Its first one only warms the file cache and the byte code.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import cycle

from tests.bench.children import Children
from tests.bench.figures import Figure, duration
from tests.bench.stock import Stock, spread

TYPER = "import typer"
FLOOR = "import typer, duckdb, numpy, tokenizers"
TICK = 0.05
"""Seconds after which a change of a file can't be mistaken for the next one, whatever the clock's step."""

_COMMANDS = {
    "help": "smos --help (floor: import typer)",
    "recall": "cold recall",
    "unchanged": "smos index, nothing changed",
    "changed": "cold recall, one file changed since",
    "settled": "cold remember, one file changed outside since",
    "remember": "cold remember, commit included",
}
Took = dict[str, list[float]]
"""ms of each round, by command."""
_Round = Callable[[], Iterator[tuple[str, float]]]


class Rounds:
    """Rounds in one home."""

    def __init__(self, stock: Stock, children: Children) -> None:
        self._children = children
        self._questions = cycle(stock.questions)
        self._paths = cycle(spread(stock.vault.glob("*/*/*/*.md"), 97))

    def cold(self, rounds: int) -> Iterator[Figure]:
        """Run every command in every round."""
        took = self._repeated(rounds, self._round)
        yield duration("typer", f'python -c "{TYPER}"', took["help floor"])
        yield duration("floor", f'python -c "{FLOOR}" (the floor)', took["recall floor"])
        for key, what in _COMMANDS.items():
            yield duration(key, what, took[key], took[f"{key} floor"])

    def vouched(self, rounds: int) -> Iterator[Figure]:
        """Recall while a watcher vouches for the index."""
        took = self._repeated(rounds, lambda: self._against(FLOOR, "vouched", "recall", next(self._questions)))
        yield duration("vouched", "cold recall, a watcher vouching", took["vouched"], took["vouched floor"])

    def peak(self) -> Figure:
        """Weigh a cold recall, three times."""
        commands = ([*self._children.smos, "recall", next(self._questions)] for _ in range(3))
        peak = max(self._children.weighed(command).peak for command in commands)
        return Figure("cold peak", "cold recall, peak memory", "MB", peak / 1e6)

    def _repeated(self, rounds: int, one: _Round) -> Took:
        took: Took = {}
        for number in range(rounds + 1):
            for name, milliseconds in one():
                if number:
                    took.setdefault(name, []).append(milliseconds)
        return took

    def _round(self) -> Iterator[tuple[str, float]]:
        yield from self._against(TYPER, "help", "--help")
        yield from self._against(FLOOR, "recall", "recall", next(self._questions))
        yield from self._against(FLOOR, "unchanged", "index")
        path = next(self._paths)
        # A home that is kept has the marks of earlier runs.
        mark = time.time_ns()
        path.write_text(path.read_text(encoding="utf-8") + f"\nLooked at again, mark {mark}.\n", encoding="utf-8")
        time.sleep(TICK)
        yield from self._against(FLOOR, "changed", "recall", next(self._questions))
        # What was changed outside gets a line and a commit of its own first.
        for name, word in (("settled", "seen"), ("remember", "asked")):
            told = f"At {mark} this was {word} again: {next(self._questions)}."
            yield from self._against(FLOOR, name, "remember", told)
        # The next round begins with an index that has caught up.
        time.sleep(TICK)
        self._smos("index")

    def _against(self, floor: str, name: str, *words: str) -> Iterator[tuple[str, float]]:
        """Run what a command is compared with right before it: load comes and goes within a round, too."""
        yield f"{name} floor", self._children.milliseconds(self._children.python(floor))
        yield name, self._smos(*words)

    def _smos(self, *words: str) -> float:
        return self._children.milliseconds([*self._children.smos, *words])
