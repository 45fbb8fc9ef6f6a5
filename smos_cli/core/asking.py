"""A question as an index is asked it: its words, its identifiers, the time it names, the day it is asked on.

Owns what is read out of a question's text besides its words, and which speakers it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from smos_cli.core.ports import Question
from smos_cli.core.query import has_stop_word, identifiers, query_terms, shaping, terms
from smos_cli.core.ranking import DEFAULT, Weights
from smos_cli.core.selection import Selection
from smos_cli.core.spans import day_number
from smos_cli.core.timecue import may_name_time

if TYPE_CHECKING:
    from smos_cli.core.when import Interval

_WORDS = 2
_ARTICLES = frozenset({"the", "a", "an", "my", "our"})
_LONGEST = 2000
"""Characters of a question in which names, identifiers and times are looked for: a longer one is a text."""
_ROLES = frozenset({"user", "assist", "system", "tool", "human", "ai", "model", "bot", "agent", "develop"})
"""Stems of what a speaker may be called without being meant by it."""


def question(text: str, selection: Selection, today: str = "", weights: Weights = DEFAULT) -> Question:
    """Return what an index is asked; ``today`` is the day of asking as ISO-8601, empty when nobody knows."""
    beginning = text[:_LONGEST]
    looked_up = _is_looked_up(text)
    time = _time(beginning, today) if today else None
    return Question(
        text=text,
        terms=query_terms(text),
        selection=selection,
        looked_up=looked_up,
        aside=shaping(beginning) | (frozenset(terms(time.text)) if time else frozenset()),
        identifiers=query_terms(text) if looked_up else identifiers(beginning),
        interval=(time.start, time.end, time.yearly) if time else None,
        today=day_number(today) if today else None,
        weights=weights,
    )


def _is_looked_up(text: str) -> bool:
    """Say whether a question is one or two words, and none of them only a part of a sentence."""
    words = text.split(maxsplit=_WORDS + 1)
    if words and words[0].lower() in _ARTICLES:
        words, text = words[1:], text.split(maxsplit=1)[-1]
    return 0 < len(words) <= _WORDS and not has_stop_word(text)


def _time(text: str, today: str) -> Interval | None:
    if not may_name_time(text):
        return None
    from smos_cli.core.when import asked_time

    return asked_time(text, today)


def without_names(text: str, speakers: Iterable[str]) -> str:
    """Return a question without the words that are some speakers' names; the whole of it where nothing is left."""
    names = {term for speaker in speakers for term in terms(speaker)}
    kept = " ".join(word for word in text.split() if not names.issuperset(terms(word)) or not terms(word))
    return kept if set(query_terms(kept)) - shaping(kept) else text


def named(speakers: Iterable[str], asked: Sequence[str]) -> list[str]:
    """Return those speakers of whom some part of the name is among the terms of a question."""
    wanted = set(asked) - _ROLES
    return [speaker for speaker in speakers if speaker and not wanted.isdisjoint(terms(speaker))]
