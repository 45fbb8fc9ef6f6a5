"""From a turn to its statements: each sentence by itself, or with the one before that its pronouns point to.

Owns what is joined: a sentence that does not stand alone goes with the one before it, or is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smos_cli.adapters.rules.confirming import was_done
from smos_cli.adapters.rules.dating import dated
from smos_cli.adapters.rules.orders import laid_down
from smos_cli.adapters.rules.prose import Sentence, sentences_of
from smos_cli.adapters.rules.silence import is_question, is_sarcastic, is_silent
from smos_cli.adapters.rules.standing import stands_alone, with_subject
from smos_cli.adapters.rules.subjects import Who, third_person
from smos_cli.adapters.rules.tags import MOST as MOST_TAGS
from smos_cli.adapters.rules.tags import tags_of
from smos_cli.adapters.rules.wording import clauses_of, names_pattern, reason_of, statement_of
from smos_cli.adapters.rules.worth import ENOUGH, Worth, kind_of, worth_of
from smos_cli.core.models import Said

LONGEST = 320
"""Characters that sentences are joined up to."""
MOST = 12
"""Statements of one turn."""
_ADDS = 1.2
"""What a sentence has to be worth to be joined to the one that it is about."""
_APART = 2
"""Sentences that say nothing, from which on two that stand on both sides have nothing to do with each other."""
_OPENS = 0.5
"""What a sentence has to be worth for another to be joined to it."""


class Speech(NamedTuple):
    """A turn, and what its people are called."""

    turn: Said
    who: Who
    names: frozenset[str]
    """of the people who talk, in lower case, word by word"""


class Statement(NamedTuple):
    """What is remembered of a turn, and the place of its words there."""

    text: str
    start: int
    end: int
    kind: str
    tags: tuple[str, ...]
    day: str
    confidence: float


class _Unit(NamedTuple):
    """One sentence's statement in the speaker's words."""

    text: str
    sentence: Sentence
    worth: Worth
    alone: bool


def told_by_person(speech: Speech) -> list[Statement]:
    """Return what is worth keeping of a person's turn."""
    found = [one for group in _groups(_units(speech)) if (one := _statement(group, speech))]
    return found[:MOST]


def done_by_assistant(speech: Speech) -> list[Statement]:
    """Return what an assistant says definitely that it did or found out."""
    found = []
    for sentence in sentences_of(speech.turn.text):
        text = _plain(sentence.text)
        if was_done(text) and not is_question(text) and len(text) <= LONGEST and stands_alone(text):
            unit = _Unit(text, sentence, Worth(ENOUGH, kind_of(text)), alone=True)
            if one := _statement([unit], speech):
                found.append(one)
    return found[:3]


def _units(speech: Speech) -> Iterator[_Unit | None]:
    """Yield each sentence as a statement, None for one that says nothing to keep."""
    sentences = sentences_of(speech.turn.text)
    sour = {number for number, one in enumerate(sentences) if is_sarcastic(one.text)}
    pattern = names_pattern(sorted(speech.names))
    for number, sentence in enumerate(sentences):
        if not sour.isdisjoint((number - 1, number, number + 1)) or len(sentence.text) > 1000:
            yield None
            continue
        for clause in clauses_of(_plain(sentence.text)):
            for said in _ruled(clause, speech) or _said(clause, pattern):
                yield _Unit(said, sentence, worth_of(said, speech.names), stands_alone(said))


def _ruled(clause: str, speech: Speech) -> list[str]:
    """Return what a person lays down for an assistant, if that is who listens."""
    if speech.who.other != "the assistant" or is_question(clause):
        return []
    rule = laid_down(clause)
    return [rule] if rule else []


def _said(clause: str, names: re.Pattern[str]) -> Iterator[str]:
    """Yield what a clause says, and what it gives for a reason where it asks something."""
    said = with_subject(statement_of(clause, names))
    is_told = not is_silent(said)
    if is_told:
        yield said
    if not is_told or len(said) + 25 < len(clause):
        reason = reason_of(clause)
        if reason and not is_silent(reason) and not (is_told and reason[:20] in said):
            yield reason


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").replace("**", "").split())


def _groups(units: Iterator[_Unit | None]) -> Iterator[list[_Unit]]:
    """Yield the units that are told together: one that stands alone, and those behind it that need it."""
    group: list[_Unit] = []
    silent = 0
    for unit in units:
        if unit is None:
            silent += 1
            continue
        between, silent = silent, 0
        if unit.alone and not (group and _goes_on(unit) and unit.worth.score >= _ADDS and _fits(group, unit)):
            yield group
            group = [unit]
        elif group and between < _APART and unit.worth.score >= _ADDS and _fits(group, unit):
            group.append(unit)
    yield group


def _goes_on(unit: _Unit) -> bool:
    """Say whether a statement is about a thing that the one before it has made known."""
    return unit.text[:4].lower() == "the " and " i " not in unit.text.lower()


def _fits(group: list[_Unit], unit: _Unit) -> bool:
    is_near = unit.sentence.block == group[-1].sentence.block
    return is_near and sum(len(one.text) for one in group) + len(unit.text) <= LONGEST


def _statement(group: list[_Unit], speech: Speech) -> Statement | None:
    if not group or max(one.worth.score for one in group) < ENOUGH or group[0].worth.score < _OPENS:
        return None
    best = max(group, key=lambda one: one.worth.score)
    tags = [tag for one in group for tag in tags_of(one.text, speech.names)]
    told = [dated(one.text, speech.turn.time) for one in group]
    sentences = [_sentence(third_person(one.text, speech.who)) for one in told if one]
    if len(sentences) < len(group):
        return None
    days = {one.day for one in told if one and one.day}
    day = days.pop() if len(days) == 1 else ""
    return Statement(
        text=" ".join(sentences),
        start=group[0].sentence.start,
        end=group[-1].sentence.end,
        kind=best.worth.kind,
        tags=tuple(dict.fromkeys(tags))[:MOST_TAGS],
        # What is yet to come is known already.
        day=day if day <= speech.turn.time[:10] else "",
        confidence=best.worth.confidence,
    )


def _sentence(text: str) -> str:
    bare = text.strip().rstrip(",;:-–— ")
    bare = bare.rstrip("!") or bare
    end = "" if bare.endswith((".", '."', ".)")) else "."
    return f"{bare[:1].upper()}{bare[1:]}{end}"
