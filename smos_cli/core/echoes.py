"""What only repeats the system's text or an injected memory: told by the runs of words that it shares with them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_RUN = 4
"""Words of a run."""
_SHARE = 0.6
"""Of the runs of a statement, those that come from there, from which on it says nothing of its own."""


class Echoes:
    """Texts that nobody said, and what repeats them."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._runs: set[tuple[str, ...]] = set()
        self._wholes: list[str] = []
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Take note of a text."""
        words = _words(text)
        self._runs.update(_runs(words))
        self._wholes.append(f" {' '.join(words)} ")

    def has(self, text: str) -> bool:
        """Say whether a text repeats one of these: most of its runs of words, or all of it where it is short."""
        words = _words(text)
        if not words or not self._runs:
            return False
        if len(words) < _RUN + 2:
            wanted = f" {' '.join(words)} "
            return len(words) >= 3 and any(wanted in whole for whole in self._wholes)
        runs = _runs(words)
        return sum(run in self._runs for run in runs) >= _SHARE * len(runs)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[start:] for start in range(_RUN)), strict=False))
