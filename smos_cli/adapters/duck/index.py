"""The ``Index`` port over one DuckDB file: who opens it when, and when it is made anew.

A DuckDB file has one writing process or several reading ones. So it is opened late and closed early, behind two
lock files outside the vault: who wants it takes the turn first, then the file's own lock, then gives the turn back.
Nobody else ever opens the file: closing any descriptor of it drops DuckDB's own lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

from smos_cli.adapters.duck.session import DuckSession, Embedder, Tables
from smos_cli.adapters.locks import held
from smos_cli.errors import IndexBusyError, StorageError

if TYPE_CHECKING:
    from smos_cli.adapters.vectors import VectorFile

SCHEMA = "1"
"""Raised with every change of schema.sql or of what is stored under it."""
ANALYZER = "1"
"""Raised with every change of what core/query.py makes of a text."""
WAIT = 5.0
"""Seconds a held index is waited for, unless told otherwise."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Both use the network.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


_DAMAGE = (duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException)


class DamagedIndexError(StorageError):
    """DuckDB found the file damaged while it was open."""


class Embedding(Embedder, Protocol):
    """What the index needs of an embedder: also its name and size, for the vector file."""

    model_id: str
    dimensions: int


class DuckIndex:
    """One persona's index: ``<persona>.duckdb``, its vector file, a hint and its two lock files in one folder."""

    def __init__(self, folder: Path, persona: str, embedder: Embedding, wait: float = WAIT) -> None:
        self.path = folder / f"{persona}.duckdb"
        self._turn = folder / f"{persona}.turn"
        self._lock = folder / f"{persona}.lock"
        self._wait = wait
        self._embedder = embedder
        self._tables: Tables = {}
        self._hint = folder / f"{persona}.seen"
        self._vector_path = folder / f"{persona}.vectors"

    @cached_property
    def vectors(self) -> VectorFile:
        """The vector file; numpy is loaded only for those who ask for it."""
        from smos_cli.adapters.vectors import VectorFile

        return VectorFile(self._vector_path, self._embedder.model_id, self._embedder.dimensions)

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
            with self._locked(limit, shared=False):
                _delete(self.path)
            raise

    @contextmanager
    def _entered(self, limit: float, *, write: bool) -> Iterator[DuckSession]:
        if write or not self.path.exists():
            with self._locked(limit, shared=False), self._opened(self.path) as session:
                yield session
                self._saw(session)
            return
        with self._locked(limit, shared=True):
            present = self._try_open(self.path, write=False)
            if present is not None:
                with _closing(present):
                    yield present
                return
        with self._locked(limit, shared=False), self._opened(self.path) as session:
            yield session
            self._saw(session)

    @contextmanager
    def rebuild(self) -> Iterator[DuckSession]:
        """Build an index beside the present one and swap it in; an error or a stop leaves the present one."""
        beside = self.path.with_name(f"{self.path.name}.new")
        with self._locked(self._wait, shared=False):
            _delete(beside)
            try:
                with self._opened(beside) as session:
                    yield session
                    session.sort()
                    self._saw(session)
                _delete(self.path)
                beside.replace(self.path)
            finally:
                _delete(beside)

    def seen(self) -> str:
        """Return the fingerprint noted beside the index when it was last written, or an empty text."""
        try:
            return self._hint.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def drop(self) -> None:
        """Delete the index and its vectors."""
        with self._locked(self._wait, shared=False):
            _delete(self.path)
            self._hint.unlink(missing_ok=True)
            self.vectors.remove()

    def describe(self) -> Mapping[str, str | int]:
        """Return path, bytes of the index and of the vectors, and the model's name."""
        return {
            "path": str(self.path),
            "bytes": _size(self.path) + _size(_wal(self.path)),
            "vector_path": str(self._vector_path),
            "vector_bytes": _size(self._vector_path),
            "model": self._embedder.model_id,
            "duckdb": duckdb.__version__,
        }

    @contextmanager
    def _locked(self, wait: float, *, shared: bool) -> Iterator[None]:
        with held(self._turn, wait):
            lock = held(self._lock, wait, shared=shared)
            lock.__enter__()
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[DuckSession]:
        session = self._try_open(path, write=True)
        if session is None:
            _delete(path)
            session = self._session(_connect(path, write=True))
            session.create(self._identity())
        with _closing(session):
            yield session

    def _saw(self, session: DuckSession) -> None:
        """Note the fingerprint beside the index. It only saves opening it twice, so that failing to is no matter."""
        with suppress(OSError):
            self._hint.write_text(session.fingerprint(), encoding="utf-8")

    def _session(self, connection: duckdb.DuckDBPyConnection) -> DuckSession:
        if "vectors" in self.__dict__:
            self.vectors.look_again()
        return DuckSession(connection, lambda: self.vectors, self._embedder, self._tables)

    def _try_open(self, path: Path, *, write: bool) -> DuckSession | None:
        """Open an index that is there and ours, else return None."""
        if not path.exists():
            return None
        try:
            session = self._session(_connect(path, write=write))
        except StorageError:
            return None
        try:
            found = session.remarks()
        except duckdb.Error:
            found = {}
        ours = {name: found.get(name) for name in self._identity()} == self._identity()
        # An index whose vectors were deleted, or put back from a copy, names rows that are not there.
        if ours and int(found.get("vectors") or 0) <= _size(self._vector_path):
            return session
        session.close()
        return None

    def _identity(self) -> dict[str, str]:
        return {"schema": SCHEMA, "analyzer": ANALYZER, "model": self._embedder.model_id}


@contextmanager
def _closing(session: DuckSession) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if isinstance(error, _DAMAGE) or "corrupt" in str(error).lower():
            raise DamagedIndexError(
                "The index is damaged; the files are whole.", "Repeat the command: it makes the index anew."
            ) from error
        raise StorageError(
            f"The index failed: {str(error).splitlines()[0]}.",
            "Run `smos index --rebuild`; the files are whole.",
        ) from error
    finally:
        session.close()


def _connect(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(os.fspath(path), read_only=not write, config=_SETTINGS | {"threads": 2 if write else 1})
    except (duckdb.Error, OSError) as error:
        message = str(error).splitlines()[0]
        if "set lock on" in message or "used by another process" in message:
            raise IndexBusyError(f"The index {path.name} is open elsewhere.", "Try again in a moment.") from error
        raise StorageError(
            f"The index can't be opened: {message}.", "Run `smos index --rebuild`; the files are whole."
        ) from error


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        _wal(path).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"The index {path} can't be replaced: {error.strerror}.", "Make its folder writable."
        ) from error


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
