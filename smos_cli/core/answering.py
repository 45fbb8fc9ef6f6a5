"""From a question to its hits, on an index that is open.

Owns what becomes of the candidates: ranked, read, without what was forgotten, each memory once, not one fact said ten
times. Opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.core.anchoring import anchored
from smos_cli.core.asking import question
from smos_cli.core.diversity import penalties
from smos_cli.core.forgotten import Forgotten, masked_of
from smos_cli.core.memory import content_hash
from smos_cli.core.neighbours import with_neighbours
from smos_cli.core.passages import indexed_text
from smos_cli.core.phrases import together
from smos_cli.core.ports import Found, IndexSession, Question
from smos_cli.core.ranking import DEFAULT, Candidate, Scored, Signals, Weights, rank, raw, scored
from smos_cli.core.relevance import relevance
from smos_cli.core.reranking import FLOOR, READ, WEIGHT
from smos_cli.core.reranking import SIGNAL as RERANKER
from smos_cli.core.selection import Selection, has_begun
from smos_cli.core.succession import below_successors

if TYPE_CHECKING:
    from smos_cli.core.passages import Passage
    from smos_cli.core.reranking import Rereader

MOST = 1000
"""More hits than this are never returned."""
DEFAULT_LIMIT = 10
DIVERSITY = "diversity"
"""What a hit loses because a better one says the same."""
_RUNNERS_UP = 5
_COMPARED = 60
"""Hits that are compared with each other."""
_TIE = 1e-5
"""Scores this close are equal: sums of the same numbers in another order."""
NOTHING_FORGOTTEN = Forgotten()


class Signal(NamedTuple):
    """One part of a score: its value times its weight is its contribution; ``rank`` is the hit's by this alone, from 1.

    A hit that a signal says nothing of has the rank 0.
    """

    name: str
    value: float
    weight: float
    contribution: float
    rank: int


class Hit(NamedTuple):
    """One passage that answers, with its memory. ``relevance`` is 0 to 1, ``weak`` below the floor."""

    id: str
    ref: str
    score: float
    relevance: float
    weak: bool
    found: Found
    why: dict[str, float]
    signals: tuple[Signal, ...] = ()
    neighbours: tuple[Passage, ...] = ()
    """of a turn: the one before it and the one after it"""


@dataclass(frozen=True, slots=True)
class Query:
    """One question."""

    text: str
    selection: Selection
    limit: int = DEFAULT_LIMIT
    budget: int = 0
    """most tokens of all hits' texts, or of the whole block; 0: no limit, or a block's usual one"""
    today: str = ""
    """the day of asking as ISO-8601; empty: nobody knows"""
    why: bool = False
    """the signals of each hit are wanted"""


Pair = tuple[Hit, Scored]


class Answer(NamedTuple):
    """The hits, the best candidates that are no hits, and how many more there were."""

    hits: list[Hit]
    runners_up: list[Hit]
    left_out: int


def answer(
    session: IndexSession,
    query: Query,
    forgotten: Forgotten = NOTHING_FORGOTTEN,
    weights: Weights = DEFAULT,
    again: Rereader | None = None,
) -> Answer:
    """Return the hits of one question; what was forgotten is none. ``again`` reads the best candidates once more."""
    limit = min(query.limit, MOST)
    if not query.text.strip() or limit <= 0:
        return Answer([], [], 0)
    # Some more than are returned: to take the place of those that repeat a better one, and to be shown beside them.
    pool = min(max(limit, DEFAULT_LIMIT) + max(limit // 2, _RUNNERS_UP), MOST)
    if again:
        pool = max(pool, READ)
    asked = anchored(session, question(query.text, query.selection, query.today, weights))
    signals = session.score(asked._replace(depth=MOST if query.why else min(pool * 2 + 50, MOST)))
    found = _pooled(session, signals, asked, forgotten, pool)
    if len(found) < pool and len(signals.candidates) < min(signals.passages, MOST):
        signals = session.score(asked)
        found = _pooled(session, signals, asked, forgotten, pool)
    if again:
        found = _reread(found, again, query.text)
    ordered = _diverse(session, found)
    hits = below_successors(explained(ordered, signals, weights) if query.why else [hit for hit, _ in ordered])
    kept = with_neighbours(session, hits[:limit], lambda found: not _may_be_shown(found, query, forgotten))
    left_out = max(0, min(signals.passages, MOST) - len(kept))
    return Answer(kept, hits[limit : limit + _RUNNERS_UP], left_out)


def _pooled(session: IndexSession, signals: Signals, asked: Question, forgotten: Forgotten, pool: int) -> list[Pair]:
    """Return the best hits, so many and those that tie with the last; pieces of one memory answer once."""
    ranked = iter(rank(signals, asked.weights))
    hits: dict[str, Pair] = {}
    while part := {one.passage: one for one in islice(ranked, pool)}:
        if len(hits) >= pool and max(one.score for one in part.values()) < _last(hits, pool):
            break
        for found in session.passages(list(part), asked.selection.as_of):
            if not _is_forgotten(found, forgotten):
                hit = _hit(found, part[found.number], signals, looked_up=asked.looked_up)
                hits.setdefault(found.memory.path if found.role == "memory" else hit.id, (hit, part[found.number]))
    read = [_with_phrases(hit, one.candidate, signals, asked) for hit, one in hits.values()]
    return sorted(read, key=lambda pair: _order(pair[0]))


def _last(hits: Mapping[str, Pair], pool: int) -> float:
    """Return the score below which nothing is kept. What ties with it is looked at, or history would choose from it."""
    return sorted((hit.score for hit, _ in hits.values()), reverse=True)[pool - 1] - _TIE


def _order(hit: Hit) -> tuple[float, str, int]:
    return -round(hit.score, 5), hit.found.memory.path, hit.found.ordinal


def _is_forgotten(found: Found, forgotten: Forgotten) -> bool:
    """Say whether a turn or a section is what a forgotten memory came from, or says just what one said."""
    if found.role == "memory" or forgotten is NOTHING_FORGOTTEN:
        return False
    masked = masked_of(found.memory.id, found.memory.path, forgotten.masks)(found.passage.turn)
    return masked or forgotten.knows(content_hash(found.passage.text))


def _may_be_shown(found: Found, query: Query, forgotten: Forgotten) -> bool:
    """Say whether a turn may stand beside a hit: it had been said by the date that is answered for, if there is one."""
    said = found.memory.valid_from or found.passage.time or found.memory.created
    return has_begun(said, query.selection.as_of) and not _is_forgotten(found, forgotten)


def _hit(found: Found, one: Scored, signals: Signals, *, looked_up: bool) -> Hit:
    chance = relevance(one.candidate, signals, looked_up=looked_up)
    return Hit(
        id=passage_id(found),
        ref=found.passage.ref or found.memory.ref or passage_id(found),
        score=one.score,
        relevance=chance.value,
        weak=chance.weak,
        found=found,
        why=_parts(one),
    )


def _with_phrases(hit: Hit, candidate: Candidate, signals: Signals, asked: Question) -> Pair:
    """Add what the question's phrases say of a text, which is known only now that it has been read."""
    phrase = together(asked.terms, hit.found.passage.text, signals.rarity)
    known = candidate._replace(facts=candidate.facts._replace(phrase=phrase)) if phrase else candidate
    one = scored(known, signals, asked.weights)
    return hit._replace(score=one.score, why=_parts(one)), one


def _parts(one: Scored) -> dict[str, float]:
    return {name: part for name, part in zip(Weights._fields, one.parts, strict=True) if part}


def _reread(found: Sequence[Pair], again: Rereader, question: str) -> list[Pair]:
    """Put the candidates in the order that a reranker and their scores make together."""
    read = again.read(question, [indexed_text(hit.found.passage) for hit, _ in found])
    if not read:
        return list(found)
    changed = []
    for (hit, one), said in zip(found, read, strict=True):
        part = said.part if said else -FLOOR
        told = (Signal(RERANKER, said.logit, WEIGHT, part, said.rank),) if said else ()
        why = hit.why | ({RERANKER: part} if part else {})
        changed.append((hit._replace(score=hit.score + part, why=why, signals=told), one))
    return sorted(changed, key=lambda pair: _order(pair[0]))


def _diverse(session: IndexSession, found: Sequence[Pair]) -> list[Pair]:
    """Put what says the same as a better hit behind the others."""
    alike = session.alike([hit.found.number for hit, _ in found[:_COMPARED]])
    costs = penalties([hit.score for hit, _ in found[:_COMPARED]], alike)
    changed = [
        (hit._replace(score=hit.score - cost, why=hit.why | {DIVERSITY: -cost}), one) if cost else (hit, one)
        for (hit, one), cost in zip(found, [*costs, *[0.0] * len(found)], strict=False)
    ]
    return sorted(changed, key=lambda pair: _order(pair[0]))


def explained(found: Sequence[Pair], signals: Signals, weights: Weights) -> list[Hit]:
    """Return the hits with every signal's value, weight, contribution and rank among the candidates."""
    if not found:
        return []
    columns = list(zip(*[one.parts for one in rank(signals, weights)], strict=True))
    columns[-1] = tuple(one.parts[-1] for _, one in found)  # phrases are known of what was read
    hits = []
    for hit, one in found:
        values = raw(one.candidate, signals, weights)
        told = [
            Signal(name, value, weight, part, 1 + sum(other > part for other in column) if part else 0)
            for name, value, weight, part, column in zip(
                Weights._fields, values, weights, one.parts, columns, strict=True
            )
        ]
        if DIVERSITY in hit.why:
            told.append(Signal(DIVERSITY, 1.0, hit.why[DIVERSITY], hit.why[DIVERSITY], 0))
        hits.append(hit._replace(signals=(*told, *hit.signals)))
    return hits


def passage_id(found: Found) -> str:
    """Return what names a passage: a memory's id, an episode's id and turn, or a path and place."""
    memory = found.memory
    if found.role == "memory":
        return memory.id or memory.path
    if found.role == "episode":
        return f"{memory.id or memory.path}#{found.passage.turn or found.ordinal}"
    return f"{memory.path}#{found.ordinal}" if found.ordinal else memory.path
