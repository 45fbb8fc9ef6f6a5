"""Recall: a question in, the best passages out, best first.

Owns the order of things: catch up, score, rank, and fall back to the files themselves when the index is held by
somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.core.answering import Hit, Query, answer
from smos_cli.core.budget import estimated, fit
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.ports import CountTokens, Index, IndexSession, Progress, Vault, no_progress
from smos_cli.core.refresh import Report, fresh
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import IndexBusyError, StorageError, VaultMissingError

if TYPE_CHECKING:
    from smos_cli.core.models import Reranker
    from smos_cli.core.reranking import Rereader


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was found. ``left_out`` counts candidates that are no hits; ``degraded`` says why the index was not used."""

    query: str
    hits: tuple[Hit, ...]
    left_out: int
    degraded: str
    took_ms: float
    report: Report | None = None
    budget: int = 0
    """tokens that the hits may cost; 0: no limit"""
    over_budget: tuple[Hit, ...] = ()
    """hits within the limit that did not fit in the budget"""
    runners_up: tuple[Hit, ...] = ()
    """the best candidates that are no hits"""
    count: CountTokens = estimated
    warnings: tuple[str, ...] = ()
    """why a model had no part in it that should have"""

    @property
    def tokens(self) -> int:
        """What the hits' texts cost a model. Counted when it is asked for: most who recall do not ask."""
        return sum(self.count([hit.found.passage.text for hit in self.hits]))


class Second(NamedTuple):
    """What has a part in an answer besides memory: who counts tokens, and who reads the best hits once more."""

    tokens: CountTokens = estimated
    reranker: Callable[[], Reranker | None] | None = None


NO_SECOND = Second()
Timer = Callable[[], float]
"""Returns seconds from any start."""
_JOINING = 0.5
"""Seconds after which an index that is open already is wanted by a writer: to wait longer would be in vain."""


class Opened(NamedTuple):
    """Memory that is open for questions."""

    session: IndexSession
    report: Report | None
    degraded: str
    forgotten: Forgotten
    trouble: Callable[[], str] = str
    """says why words alone answer, if they do"""


@contextmanager
def recalling(
    vault: Vault,
    index: Index,
    timer: Timer,
    progress: Progress = no_progress,
    second: Second = NO_SECOND,
) -> Iterator[Callable[[Query], Recalled]]:
    """Open memory for questions; the yielded function answers one, within its budget if it has one."""
    with opened(vault, index, progress) as memory:
        yield asker(memory, timer, second)


def asker(memory: Opened, timer: Timer, second: Second = NO_SECOND) -> Callable[[Query], Recalled]:
    """Return what answers a query, within its budget if it has one."""
    again = rereader(second, timer)

    def ask(query: Query) -> Recalled:
        start = timer()
        result = asked(memory, query, second.tokens, again)
        if query.budget:
            result = within(result, query.budget)
        return replace(result, took_ms=(timer() - start) * 1000)

    return ask


@contextmanager
def opened(vault: Vault, index: Index, progress: Progress = no_progress) -> Iterator[Opened]:
    """Open the index, caught up with the files, or the files themselves where it can't be had."""
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
        yield Opened(session, report, degraded, forgotten, str if degraded else index.trouble)


@contextmanager
def joined(vault: Vault, index: Index) -> Iterator[Opened]:
    """Open the index as it is, beside a process that has caught up with the files and holds it for reading."""
    with index.session(wait=_JOINING) as session:
        yield Opened(session, None, "", read_forgotten(vault), index.trouble)


def rereader(second: Second, timer: Timer) -> Rereader | None:
    """Return what reads the best candidates once more, if there is a reranker."""
    if second.reranker is None:
        return None
    from smos_cli.core.reranking import Rereader

    return Rereader(second.reranker, timer)


def asked(memory: Opened, query: Query, count: CountTokens, again: Rereader | None = None) -> Recalled:
    """Answer one query, whatever its budget."""
    found = answer(memory.session, query, memory.forgotten, again=again)
    troubles = (memory.trouble(), again.trouble if again else "")
    return Recalled(
        query.text,
        tuple(found.hits),
        found.left_out,
        memory.degraded,
        0.0,
        memory.report,
        runners_up=tuple(found.runners_up) if query.why else (),
        count=count,
        warnings=tuple(filter(None, troubles)),
    )


def within(result: Recalled, budget: int) -> Recalled:
    """Return the hits that fit in a budget of tokens, and count the others among what was left out."""
    fitted = fit(result.count([hit.found.passage.text for hit in result.hits]), budget)
    return replace(
        result,
        hits=tuple(result.hits[place] for place in fitted.kept),
        over_budget=tuple(result.hits[place] for place in fitted.left_out),
        left_out=result.left_out + len(fitted.left_out),
        budget=budget,
    )
