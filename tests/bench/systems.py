"""A pool in a store of its own, and everything that is asked of it.

Owns how smos is asked: the documents go through the real import into real files, git and index, the questions
through the real toolkit. What an index says to a question is kept, so that the same question with other weights
costs no more than ranking it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from smos_cli.adapters.duck.index import DuckIndex
from smos_cli.adapters.duck.space import Embedding
from smos_cli.core.answering import Hit, Query, answer
from smos_cli.core.personas import NewPersona, add
from smos_cli.core.ports import Entry, Found, IndexSession, Question, no_progress
from smos_cli.core.ranking import DEFAULT, Signals, Weights
from smos_cli.core.reading import read_entry
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.toolkit import Toolkit
from smos_cli.wiring import Wiring
from tests.bench.baselines import BASELINES
from tests.bench.embedders import embedder
from tests.bench.evaldata import Pool
from tests.bench.homes import environment, throw_away
from tests.bench.metrics import Asked

DEPTH = 10
_EVERY = 10**9
OURS = "smos"
SYSTEMS = (*BASELINES, OURS)

Founds = list[list[str]]
"""For each question the ids found, best first, as the pool has them."""


def baselines(pool: Pool) -> dict[str, Founds]:
    """Ask every system that smos is held against."""
    made = {name: baseline(pool.documents) for name, baseline in BASELINES.items()}
    return {name: [one.best(asked.text, DEPTH) for asked in pool.questions] for name, one in made.items()}


@contextmanager
def stored(pool: Pool, model: Embedding | None = None) -> Iterator[Store]:
    """Import a pool into a throw-away home and open it; ``SystemExit`` when not all of it was stored."""
    with throw_away() as folder:
        wiring = Wiring(environment(folder))
        add(wiring.home(), NewPersona(pool.name))
        made = wiring.toolkit(pool.name, no_progress)
        index = DuckIndex(folder / "index", pool.name, model or embedder(None))
        toolkit = Toolkit(replace(made._ports, index=index), made._special)
        report = toolkit.import_(str(pool.source))
        if report.stored != len(pool.documents):
            raise SystemExit(f"{pool.name}: {report.stored} of {len(pool.documents)} stored: {report.problems[:3]}")
        with ExitStack() as stack:
            yield Store(toolkit, stack)


class Store:
    """An imported pool."""

    def __init__(self, toolkit: Toolkit, stack: ExitStack) -> None:
        self._toolkit = toolkit
        self._stack = stack
        self._session: Remembering | None = None

    def recall(self, questions: Sequence[Asked]) -> list[Sequence[Hit]]:
        """Ask as a door does; before anything else is asked, because only one at a time may have the index open."""
        with self._toolkit.recalling() as ask:
            return [ask(_query(one)).hits for one in questions]

    def recall_with(self, asked: Asked, weights: Weights = DEFAULT) -> Sequence[Hit]:
        """Ask with other weights."""
        return answer(self.session, _query(asked), weights=weights).hits

    def recall_without_diversity(self, asked: Asked) -> Sequence[Hit]:
        """Ask as if no two passages were alike."""
        self.session.distinct = True
        hits = self.recall_with(asked)
        self.session.distinct = False
        return hits

    def recall_as_of(self, asked: Asked) -> Sequence[Hit]:
        """Ask as if the day of asking were today and nothing later were known."""
        return answer(self.session, replace(_query(asked), selection=Selection(as_of=asked.as_of))).hits

    def entries(self) -> list[Entry]:
        """Return every file that answers, as an index takes it in."""
        vault = self._toolkit._ports.vault
        found = [read_entry(vault.read(stamp.path), vault.base, ()) for stamp in vault.scan().stamps()]
        return [entry for entry in found if entry.passages and entry.role != "own"]

    @property
    def session(self) -> Remembering:
        """The open index."""
        if self._session is None:
            ports = self._toolkit._ports
            session, _ = self._stack.enter_context(fresh(ports.vault, ports.index))
            self._session = Remembering(session)
        return self._session


class Remembering:
    """An index session that answers the same question and hands out the same passage once only."""

    def __init__(self, session: IndexSession) -> None:
        self._session = session
        self._signals: dict[str, Signals] = {}
        self._passages: dict[int, Found] = {}
        self.distinct = False
        """whether to say that no passage is like another"""
        self.asked: Question
        self.said: Signals
        """what the index said to the last question, and that question"""

    def score(self, question: Question) -> Signals:
        """Return what the index found."""
        key = repr(question)
        if key not in self._signals:
            self._signals[key] = self._session.score(question)
        self.asked, self.said = question, self._signals[key]
        return self.said

    def all_said(self) -> Signals:
        """Return what the index says to the last question when it keeps every passage."""
        return self._session.score(self.asked._replace(depth=_EVERY))

    def passages(self, numbers: Sequence[int], as_of: str = "") -> list[Found]:
        """Return passages by number, in the order asked for."""
        if as_of:
            return list(self._session.passages(numbers, as_of))
        missing = [number for number in numbers if number not in self._passages]
        if missing:
            self._passages |= {found.number: found for found in self._session.passages(missing)}
        return [self._passages[number] for number in numbers if number in self._passages]

    def alike(self, numbers: Sequence[int]) -> Sequence[Sequence[float]]:
        """Return the cosine of each passage with each."""
        if self.distinct:
            return [[float(one == other) for other in numbers] for one in numbers]
        return self._session.alike(numbers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _query(asked: Asked) -> Query:
    return Query(asked.text, Selection(), DEPTH, today=asked.as_of)
