"""The vectors of the wanted model, made beside those in use and taken into use by one transaction.

Owns when what is read, embedded and written: texts are read in short sessions, embedded while nobody waits, and their
vectors appended, durable, under the index's lock. So a kill or a stop loses at most one batch, and what was erased
meanwhile is not put back: who deletes vectors deletes these too, and then they are begun anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from smos_cli.adapters.duck.claim import State
from smos_cli.core.reembedding import Embedded
from smos_cli.errors import IndexBusyError, SmosError, StoppedError

if TYPE_CHECKING:
    from smos_cli.adapters.duck.index import DuckIndex
    from smos_cli.core.ports import Progress

_READ = 2048
"""Passages read at a time."""
_BATCH = 256
"""Texts embedded at a time: half a second of a small model on one processor."""
_FEW = 256
"""Texts up to which the last ones are embedded while the index is held."""
_STAGE = "Making vectors"


def reembed(index: DuckIndex, progress: Progress) -> Embedded:
    """Make the vectors and take them into use; errors as of ``core.reembedding.reembed``."""
    model_id = index.spaces.wanted().model_id
    with index.spaces.claim.taken(model_id):
        work = _Reembedding(index, progress)
        try:
            work.go()
        except KeyboardInterrupt as stop:
            raise StoppedError(
                f"Stopped after the vectors of {work.state.done:,} of {work.state.total:,} passages.",
                "The vectors in use are as they were; `smos index` goes on from there.",
            ) from stop
        except SmosError as error:
            if index.spaces.claim.read().model == model_id:
                index.spaces.claim.write(work.state._replace(failed=error.message))
            raise
        index.spaces.claim.clear(model_id)
    return Embedded(model_id, model_id, work.state.total, work.state.total)


class _Gone(Exception):  # noqa: N818 - no error: it is begun anew
    """The vectors that were being made are deleted, or the index is."""


class _Reembedding:
    def __init__(self, index: DuckIndex, progress: Progress) -> None:
        self._index = index
        self._progress = progress
        self._space = index.spaces.wanted()
        self._space.try_again()
        self.state = State(self._space.model_id)
        self._made_for = (0, 0)

    def go(self) -> None:
        """Fill the file until only a few texts are missing, whatever comes meanwhile; then switch."""
        if self._is_done():
            return
        self._space.embed(["?"])  # a model that does not work is found out before anything is deleted or made
        while True:
            try:
                self._fill()
                if self._taken():
                    return
            except _Gone:
                continue

    def _is_done(self) -> bool:
        with self._index.session() as session:
            self.state = self.state._replace(total=session.rows.count())
            return session.space is self._space and not session.rows.missing()

    def _fill(self) -> None:
        """Embed every text that has no vector yet, those last that came last."""
        with self._index.alone():
            self._space.file.begin()
            self._made_for = self._identity()
        last, done = -1, 0
        while True:
            with self._index.session() as session:
                total, texts = session.rows.count(), session.rows.texts(last, _READ)
            if not texts:
                return
            last = max(texts)
            self._tell(done, total)
            for batch in _batches(self._missing(list(texts.values()))):
                self._append(batch)
                done += len(batch)
                self._tell(done, total)
            done = max(done, total - self._left(last))

    def _left(self, last: int) -> int:
        with self._index.session() as session:
            return session.rows.after(last)

    def _missing(self, texts: Sequence[str]) -> list[str]:
        self._space.look_again()
        return list(dict.fromkeys(texts[place] for place in self._space.file.rows_of(texts)[1]))

    def _append(self, texts: Sequence[str]) -> None:
        vectors = self._space.embed(texts)
        with self._index.steady():
            if self._identity() != self._made_for:
                raise _Gone
            # A rebuild may have made the same ones meanwhile.
            self._space.look_again()
            missing = self._space.file.rows_of(texts)[1]
            if missing:
                self._space.file.append([texts[place] for place in missing], vectors[missing])

    def _taken(self) -> bool:
        """Give every passage its row in one short session; False where too many texts have come meanwhile."""
        with self._index.session(write=True) as session:
            self._check_wanted()
            self._space.look_again()
            rows: dict[int, int] = {}
            left: dict[int, str] = {}
            last = -1
            while texts := session.rows.texts(last, _READ):
                last = max(texts)
                rows |= zip(texts, self._space.file.rows_of(list(texts.values()))[0], strict=True)
                left |= {number: text for number, text in texts.items() if rows[number] < 0}
                if len(left) > _FEW:
                    return False
            if left:
                self._space.file.append(list(left.values()), self._space.embed(list(left.values())))
                rows |= zip(left, self._space.file.rows_of(list(left.values()))[0], strict=True)
            session.use(self._space, rows)
            self._space.graph.drop()
            self._index.spaces.use(self._space)
            self._index.spaces.forget_others()
            self.state = self.state._replace(done=len(rows), total=len(rows))
        self._progress(_STAGE, len(rows), len(rows))
        return True

    def _tell(self, done: int, total: int) -> None:
        self._check_wanted()
        self.state = self.state._replace(done=min(done, total), total=total)
        self._index.spaces.claim.write(self.state)
        if done < total:
            self._progress(_STAGE, done, total)

    def _check_wanted(self) -> None:
        if self._index.spaces.claim.read().model != self._space.model_id:
            raise IndexBusyError(
                f"Another process makes vectors of another model than {self._space.model_id} now.",
                "`smos status` says which, and how far it is.",
            )

    def _identity(self) -> tuple[int, int]:
        return self._space.file.identity(), self._index.identity()


def _batches(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
