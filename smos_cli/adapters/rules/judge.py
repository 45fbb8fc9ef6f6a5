"""The judge that needs no model: two statements contradict only where the words themselves say so.

Sentences that say nearly the same of the same are laid side by side. They contradict when one is denied, when a
quantity, a day, an opposite or the value of an attribute differs where all else agrees, or when one corrects the other.
They entail when they are equal but for what makes no difference. All else is neutral: precision comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from smos_cli.adapters.rules.clauses import Clause, Quantity, Word, clauses
from smos_cli.adapters.rules.opposites import contrary, has_one_value, is_attribute
from smos_cli.core.models import Judged, Judgement

_NEUTRAL = Judgement(0.05, 0.9, 0.05)
_ENTAILS = Judgement(0.95, 0.04, 0.01)
_LONGEST_VALUE = 4  # words
_NEARLY_ALL = 0.75
_YEARS = range(1900, 2101)
_MOST_PAIRED = 40
"""Sentences of one statement that are laid beside a sentence of the other: those that share most words with it."""


class RulesJudge:
    """A judge by rules, for English; other languages are judged by their numbers and equal words."""

    model_id = "rules-1"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Judged]:
        """Judge each pair in both directions; a statement of any length is read whole."""
        return [_judged(clauses(first), clauses(second)) for first, second in pairs]


def _judged(first: list[Clause], second: list[Clause]) -> Judged:
    contradiction = max((_contradiction(one, other) for one, other in _paired(first, second)), default=0.0)
    if contradiction:
        judgement = Judgement(0.02, 0.98 - contradiction, contradiction)
        return Judged(judgement, judgement)
    return Judged(_entailing(first, second), _entailing(second, first))


def _entailing(premise: Sequence[Clause], hypothesis: Sequence[Clause]) -> Judgement:
    """Return entailment where each sentence of the hypothesis is one of the premise, else neutral."""
    said = {(clause.stems, clause.is_negated) for clause in premise}
    is_said = bool(hypothesis) and all((clause.stems, clause.is_negated) in said for clause in hypothesis)
    return _ENTAILS if is_said else _NEUTRAL


def _paired(first: Sequence[Clause], second: Sequence[Clause]) -> Iterator[tuple[Clause, Clause]]:
    """Yield sentences that share words: of the second, to each of the first, those that share most."""
    holding: dict[str, list[int]] = {}
    for number, clause in enumerate(second):
        for stem in {*clause.stems, *clause.denied}:
            holding.setdefault(stem, []).append(number)
    for clause in first:
        shared: dict[int, int] = {}
        for stem in {*clause.stems, *clause.denied}:
            for number in holding.get(stem, ())[: _MOST_PAIRED * 10]:
                shared[number] = shared.get(number, 0) + 1
        likely = sorted(
            (number for number in shared if shared[number] > 1), key=lambda number: (-shared[number], number)
        )
        for number in likely[:_MOST_PAIRED]:
            yield clause, second[number]


class _Difference(NamedTuple):
    """Words of both sentences that stand at the same place and differ."""

    before: tuple[Word, ...]
    """what stands before them in the first"""
    one: tuple[Word, ...]
    other: tuple[Word, ...]
    after: tuple[Word, ...]


def _contradiction(one: Clause, other: Clause) -> float:
    """Return how sure it is that two sentences can't both hold, 0 where nothing says so."""
    if _corrects(one, other) or _corrects(other, one):
        return 0.85
    if one.is_negated != other.is_negated:
        negated, stated = (one, other) if one.is_negated else (other, one)
        return 0.9 if _denies(negated, stated) else 0.0
    differences = _differences(one, other)
    if not differences or _common(one, other) < 2:
        return 0.0
    if len(differences) > 1 or not (differences[0].one and differences[0].other):
        return 0.0
    if _clashes(differences[0]):
        return 0.9
    return 0.8 if _replaces(differences[0]) else 0.0


def _corrects(one: Clause, other: Clause) -> bool:
    """Say whether a sentence denies, by "not ..." at its end, what the other states of the same."""
    if not one.denied or other.is_negated or one.denied & one.content:
        return False
    missing = one.denied - other.content
    about = one.content & other.content
    return len(missing) * 3 <= len(one.denied) and len(about) >= max(2, len(one.content) / 2)


def _denies(negated: Clause, stated: Clause) -> bool:
    """Say whether a negated sentence says no to what the other states, perhaps with more about it.

    The reverse does not hold: who drinks no tea with milk may drink tea.
    """
    no, yes = negated.stems, stated.stems
    if len(no) < 2 or no[0] != yes[0]:
        return False
    aligned = sum(block.size for block in SequenceMatcher(None, no, yes, autojunk=False).get_matching_blocks())
    # Who it is about says nothing yet.
    predicate = {word.stem for word in negated.words[1:] if not word.is_name} - {"be"}
    if any(contrary(a, b) for a in predicate for b in yes):
        return False
    return aligned >= _NEARLY_ALL * len(no) and aligned >= 2 and not predicate.isdisjoint(yes)


def _differences(one: Clause, other: Clause) -> list[_Difference]:
    matcher = SequenceMatcher(None, one.stems, other.stems, autojunk=False)
    return [
        _Difference(one.words[:a], one.words[a:b], other.words[c:d], one.words[b:])
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]


def _common(one: Clause, other: Clause) -> int:
    return len(set(one.stems) & set(other.stems))


def _clashes(found: _Difference) -> bool:
    """Say whether a difference is of one quantity, or of opposites."""
    if len(found.one) != 1 or len(found.other) != 1:
        return False
    one, other = found.one[0], found.other[0]
    if one.quantity and other.quantity:
        return (
            one.quantity.kind == other.quantity.kind and _counts(found, one.quantity) and _counts(found, other.quantity)
        )
    return contrary(one.stem, other.stem)


def _counts(found: _Difference, quantity: Quantity) -> bool:
    """Say whether a quantity is what is said of something: a year of what may happen twice, or a "bug 12", is not."""
    if quantity.kind:
        return True
    has_value = any(has_one_value(word.stem) or is_attribute(word.stem) for word in found.before)
    if quantity.value in _YEARS:
        return has_value
    return has_value or bool(found.after and found.after[0].stem != "be")


def _replaces(found: _Difference) -> bool:
    """Say whether a difference is the one value that something has, at the end of both sentences."""
    short = len(found.one) <= _LONGEST_VALUE and len(found.other) <= _LONGEST_VALUE
    if not short or found.after or len(found.before) < 2:
        return False
    verb = next((word.stem for word in reversed(found.before) if has_one_value(word.stem)), "")
    if not verb:
        return False
    if verb == "be":
        are_names = found.one[0].is_name and found.other[0].is_name
        return are_names or any(is_attribute(word.stem) for word in found.before)
    return found.one[0].is_name and found.other[0].is_name
