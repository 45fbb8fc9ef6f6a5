"""The ``Index`` port over one DuckDB file: who opens it when, and when it is made anew.

A DuckDB file has one writing process or several reading ones. So it is opened late and closed early, behind two
lock files outside the vault: who wants it takes the turn first, then the file's own lock, then gives the turn back.
A long-lived door keeps it open between its questions until somebody takes the turn (``lease``).
Nobody else ever opens the file: closing any descriptor of it drops DuckDB's own lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from smos_cli.adapters.duck.lease import Kept, Lease
from smos_cli.adapters.duck.opening import (
    DamagedIndexError,
    bytes_of,
    connect,
    delete,
    in_our_words,
    inode,
    is_there,
    size,
)
from smos_cli.adapters.duck.session import DuckSession, Tables
from smos_cli.adapters.duck.space import NOUGHT, Embedding, Space
from smos_cli.adapters.duck.spaces import Spaces
from smos_cli.adapters.locks import held, is_free
from smos_cli.core.choice import FOLLOWED, MEASURED_FROM, REMARK, is_due, read
from smos_cli.errors import IndexBusyError, StoppedError, StorageError

if TYPE_CHECKING:
    from smos_cli.adapters.duck.hnsw import GraphFile
    from smos_cli.adapters.vectors import VectorFile
    from smos_cli.core.ports import Progress
    from smos_cli.core.reembedding import Embedded

SCHEMA = "3"
"""Raised with every change of schema.sql or of what is stored under it."""
ANALYZER = "1"
"""Raised with every change of what core/query.py makes of a text."""
_IDENTITY = {"schema": SCHEMA, "analyzer": ANALYZER}
WAIT = 5.0
"""Seconds a held index is waited for, unless told otherwise."""


class DuckIndex:
    """One persona's index: ``<persona>.duckdb``, its vector file, a hint and its two lock files in one folder.

    The embedder is the wanted one. An index whose vectors another made is read and written with that one, until
    ``reembed`` has made all of them anew. ``lease`` is how many seconds it stays open after a question, for a door that
    will ask again; 0 for the shell.
    """

    def __init__(
        self, folder: Path, persona: str, embedder: Embedding, wait: float = WAIT, *, lease: float = 0.0
    ) -> None:
        self.path = folder / f"{persona}.duckdb"
        self._turn = folder / f"{persona}.turn"
        self._lock = folder / f"{persona}.lock"
        self._wait = wait
        self._tables: Tables = {}
        self._hint = folder / f"{persona}.seen"
        self._graph_path = folder / f"{persona}.hnsw.duckdb"
        self.spaces = Spaces(folder, persona, embedder)
        self.method = "auto"
        """How the nearest vectors are found: ``auto``, ``exact`` or ``hnsw``. For who makes it to say."""
        self._lease = Lease(lease, opened=self._opened_to_read, wanted=lambda: not is_free(self._turn))

    @property
    def vectors(self) -> VectorFile:
        """The vector file in use."""
        return self.spaces.used.file

    @property
    def graph(self) -> GraphFile:
        """The graph over the vector file in use, whether it is there or not."""
        return self.spaces.used.graph

    def trouble(self) -> str:
        """Say why words alone answer, or not the wanted model's vectors; an empty text where all is well."""
        return self.spaces.trouble()

    @contextmanager
    def session(self, *, write: bool = False, wait: float | None = None) -> Iterator[DuckSession]:
        """Open the index; one that is missing, damaged or of another schema is made anew.

        Damage that shows only while it is open is an error, and the next session finds the index gone.
        """
        limit = self._wait if wait is None else wait
        try:
            with self._entered(limit, write=write) as session:
                yield session
        except DamagedIndexError:
            with self._alone(limit):
                delete(self.path)
            raise

    @contextmanager
    def _entered(self, limit: float, *, write: bool) -> Iterator[DuckSession]:
        if not write:
            with self._lease.session(limit) as session:
                if session is not None:
                    yield session
                    return
        with self._alone(limit), self._opened(self.path) as session:
            yield session
            self._saw(session)

    @contextmanager
    def rebuild(self) -> Iterator[DuckSession]:
        """Build an index beside the present one and swap it in; an error or a stop leaves the present one.

        What a stopped or killed rebuild had taken in is there again in the next one.
        """
        beside = self.path.with_name(f"{self.path.name}.new")
        with self._alone(self._wait):
            try:
                with self._opened(beside, goes_on=True) as session:
                    yield session
                    session.sort()
                    self._saw(session)
                delete(self.path)
                beside.replace(self.path)
                self.spaces.forget_others()
            except StoppedError:
                raise
            except Exception:
                delete(beside)
                raise

    def seen(self) -> str:
        """Return the fingerprint noted beside the index when it was last written, or an empty text."""
        try:
            return self._hint.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def drop(self) -> None:
        """Delete the index and its vectors."""
        with self._alone(self._wait):
            delete(self.path)
            delete(self.path.with_name(f"{self.path.name}.new"))
            delete(self._graph_path)
            self._hint.unlink(missing_ok=True)
            self.spaces.forget_others(())

    def embedded(self) -> Embedded:
        """Return whose vectors answer, and how far those of the wanted model are; the index is opened for that."""
        with self.session() as session:
            return self.spaces.embedded(session.space, session.rows.count(), session.rows.missing())

    def reembed(self, progress: Progress) -> Embedded:
        """Make every passage a vector of the wanted model and take them into use."""
        from smos_cli.adapters.duck.reembedding import reembed

        return reembed(self, progress)

    def identity(self) -> int:
        """Return what tells the index from one that was made anew, 0 where there is none."""
        return inode(self.path)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Hold the index against whoever would write to it; others may read."""
        with self._locked(self._wait, shared=True):
            yield

    def settle(self, progress: Progress) -> None:
        """Choose how the nearest vectors are found where that is due; bring the graph up to date if there is one."""
        rows = self.spaces.used.about()
        graph = self._graph_path.exists()
        if not graph and self.method != "hnsw" and rows < MEASURED_FROM:
            return
        with self.session() as session:
            before = read(session.note(REMARK))
            followed = session.note(FOLLOWED) == session.note("version")
        due = is_due(before, self.method, rows, graph=graph)
        if due or (before and before.method == "hnsw" and not followed):
            from smos_cli.adapters.duck.choosing import choose

            choose(self, progress, due=due)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the index with every file of it against other processes; ``IndexBusyError`` when it is not given up."""
        with self._alone(self._wait):
            yield

    def give_up(self) -> None:
        """Let go of an index that is kept open between questions."""
        self._lease.give_up()

    def describe(self) -> Mapping[str, str | int]:
        """Return path, bytes of the index and of the vectors, and the model's name."""
        return {
            "path": str(self.path),
            "bytes": bytes_of(self.path),
            "vector_path": str(self.spaces.used.path),
            "vector_bytes": size(self.spaces.used.path),
            **({"graph_bytes": size(self._graph_path)} if self._graph_path.exists() else {}),
            "model": self.spaces.used.model_id,
            "duckdb": duckdb.__version__,
        }

    @contextmanager
    def _alone(self, limit: float) -> Iterator[None]:
        self._lease.give_up()
        with self._locked(limit, shared=False):
            yield

    @contextmanager
    def _locked(self, wait: float, *, shared: bool) -> Iterator[Callable[[], bool]]:
        deadline = time.monotonic() + wait
        with ExitStack() as stack:
            try:
                with held(self._turn, wait):
                    rest = max(0.0, deadline - time.monotonic())
                    is_still = stack.enter_context(held(self._lock, rest, shared=shared))
            except IndexBusyError as error:
                message = f"Another process holds {self.path.name} and did not give it up within {wait:g} s."
                raise IndexBusyError(message, error.remedy) from error
            yield is_still

    def _opened_to_read(self, limit: float) -> Kept | None:
        """Open the index until it is closed, if there is one of ours."""
        if not is_there(self.path):
            return None
        with ExitStack() as stack:
            is_locked = stack.enter_context(self._locked(limit, shared=True))
            opened = self._try_open(self.path, write=False)
            if opened is None:
                return None
            connection, space = opened
            session = self._session(connection, space)
            file, vectors = inode(self.path), 0 if space.is_gone else int(session.note("vectors") or 0)
            return Kept(
                session,
                more=lambda: self._session(connection.cursor(), space),
                still=lambda: is_locked() and inode(self.path) == file and size(space.path) >= vectors,
                hold=stack.pop_all(),
            )

    @contextmanager
    def _opened(self, path: Path, *, goes_on: bool = False) -> Iterator[DuckSession]:
        """Open a file for writing; one that is not ours is made anew.

        One that was left half made is gone on with only if its vectors are still what it takes them for.
        """
        opened = self._try_open(path, write=True)
        session = self._session(*opened) if opened else None
        if (
            session
            and goes_on
            and not (session.space is self.spaces.wanted() and session.rows.are_of(session.space.file))
        ):
            session.close()
            session = None
        if session is None:
            delete(path)
            space = self.spaces.for_new()
            session = self._session(connect(path, write=True), space)
            session.create(_IDENTITY | {"model": space.model_id, NOUGHT: space.nought() if self.spaces.others else "0"})
        with closing(session), in_our_words():
            yield session

    def _saw(self, session: DuckSession) -> None:
        """Note the fingerprint beside the index. It only saves opening it twice, so that failing to is no matter."""
        with suppress(OSError):
            self._hint.write_text(session.fingerprint(), encoding="utf-8")

    def _session(self, connection: duckdb.DuckDBPyConnection, space: Space) -> DuckSession:
        self.spaces.use(space)
        return DuckSession(connection, space, self._tables, self.method)

    def _try_open(self, path: Path, *, write: bool) -> tuple[duckdb.DuckDBPyConnection, Space] | None:
        """Open an index that is there and ours, else return None."""
        if not path.exists():
            return None
        try:
            connection = connect(path, write=write)
        except StorageError:
            return None
        try:
            found = dict(connection.execute("SELECT name, value FROM remarks").fetchall())
        except duckdb.Error:
            found = {}
        ours = {name: found.get(name) for name in _IDENTITY} == _IDENTITY
        space = self.spaces.of(found.get("model", "")) if ours else None
        # An index whose vectors were deleted, or put back from a copy, names rows that are not there.
        if space and (space.is_gone or int(found.get("vectors") or 0) <= size(space.path)):
            return connection, space
        connection.close()
        return None
