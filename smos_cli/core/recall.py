"""Recall: a question in, the best passages out, best first.

Owns the order of things: catch up, score, rank, and fall back to the files themselves when the index is held by
somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from smos_cli.core.forgotten import Forgotten, masked_of
from smos_cli.core.memory import content_hash
from smos_cli.core.ports import Found, Index, IndexSession, Progress, Question, Vault, no_progress
from smos_cli.core.query import query_terms
from smos_cli.core.ranking import Scored, Signals, rank, relevance
from smos_cli.core.refresh import Report, fresh
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import IndexBusyError, StorageError, VaultMissingError

DEFAULT_LIMIT = 10
MOST = 1000
"""More hits than this are never returned; it is also what each signal proposes."""


class Hit(NamedTuple):
    """One passage that answers, with its memory. ``relevance`` is 0 to 1, ``weak`` below the floor."""

    id: str
    ref: str
    score: float
    relevance: float
    weak: bool
    found: Found
    why: dict[str, float]


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was found. ``left_out`` counts candidates beyond the limit; ``degraded`` says why the index was not used."""

    query: str
    hits: tuple[Hit, ...]
    left_out: int
    degraded: str
    took_ms: float
    report: Report | None = None

    @property
    def tokens(self) -> int:
        """An estimate of what the hits cost a model: four characters a token."""
        return sum(len(hit.found.passage.text) + 3 for hit in self.hits) // 4


@dataclass(frozen=True, slots=True)
class Query:
    """One question."""

    text: str
    selection: Selection
    limit: int = DEFAULT_LIMIT


NOTHING_FORGOTTEN = Forgotten()
_TIE = 1e-9
"""Scores this close are equal: sums of the same numbers in another order."""
Timer = Callable[[], float]
"""Returns seconds from any start."""


@contextmanager
def recalling(
    vault: Vault, index: Index, timer: Timer, progress: Progress = no_progress
) -> Iterator[Callable[[Query], Recalled]]:
    """Open memory for questions; the yielded function answers one."""
    forgotten = read_forgotten(vault)
    with ExitStack() as stack:
        degraded = ""
        session: IndexSession
        report: Report | None
        try:
            session, report = stack.enter_context(fresh(vault, index, progress))
        except VaultMissingError:
            raise
        except (IndexBusyError, StorageError) as error:
            from smos_cli.core.scanning import scanned

            degraded = error.message
            session, report = scanned(vault)

        def ask(query: Query) -> Recalled:
            start = timer()
            hits, left_out = answer(session, query, forgotten)
            return Recalled(query.text, tuple(hits), left_out, degraded, (timer() - start) * 1000, report)

        yield ask


def answer(session: IndexSession, query: Query, forgotten: Forgotten = NOTHING_FORGOTTEN) -> tuple[list[Hit], int]:
    """Return the hits of one query and how many more passages were found; what was forgotten is no hit."""
    terms = query_terms(query.text)
    limit = min(query.limit, MOST)
    if not query.text.strip() or limit <= 0:
        return [], 0
    signals = session.score(Question(query.text, terms, query.selection))
    ranked = _ranked(signals, limit * 4 + 100)
    hits: dict[str, Hit] = {}
    # Pieces of one memory answer once: a few more than asked for make up for those that fall together.
    while part := {scored.passage: scored for scored in islice(ranked, limit + 2)}:
        if len(hits) >= limit and max(scored.score for scored in part.values()) < _last(hits, limit):
            break
        for found in session.passages(list(part)):
            hit = _hit(found, part[found.number], signals)
            if not _is_forgotten(found, forgotten):
                hits.setdefault(found.memory.path if found.role == "memory" else hit.id, hit)
    ordered = sorted(hits.values(), key=lambda hit: (-round(hit.score, 8), hit.found.memory.path, hit.found.ordinal))
    kept = ordered[:limit]
    return kept, max(0, len(signals.candidates) - len(kept))


def _last(hits: dict[str, Hit], limit: int) -> float:
    """Return the score below which nothing is kept. What ties with it is looked at, or history would choose from it."""
    return sorted((hit.score for hit in hits.values()), reverse=True)[limit - 1] - _TIE


def _is_forgotten(found: Found, forgotten: Forgotten) -> bool:
    """Say whether a turn or a section is what a forgotten memory came from, or says just what one said."""
    if found.role == "memory" or forgotten is NOTHING_FORGOTTEN:
        return False
    masked = masked_of(found.memory.id, found.memory.path, forgotten.masks)(found.passage.turn)
    return masked or forgotten.knows(content_hash(found.passage.text))


def _ranked(signals: Signals, first: int) -> Iterator[Scored]:
    """Yield the candidates best first. The first few are nearly always enough, and making them all takes 1 ms."""
    yield from rank(signals, limit=first)
    if first < len(signals.candidates):
        yield from rank(signals)[first:]


def _hit(found: Found, scored: Scored, signals: Signals) -> Hit:
    chance = relevance(scored, signals)
    return Hit(
        id=passage_id(found),
        ref=found.passage.ref or found.memory.ref or passage_id(found),
        score=scored.score,
        relevance=chance.value,
        weak=chance.weak,
        found=found,
        why=scored.parts,
    )


def passage_id(found: Found) -> str:
    """Return what names a passage: a memory's id, an episode's id and turn, or a path and place."""
    memory = found.memory
    if found.role == "memory":
        return memory.id or memory.path
    if found.role == "episode":
        return f"{memory.id or memory.path}#{found.passage.turn or found.ordinal}"
    return f"{memory.path}#{found.ordinal}" if found.ordinal else memory.path
