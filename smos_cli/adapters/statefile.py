"""``state.sqlite`` as a file: opened, brought to the present form, and put aside where it can't be read.

Owns the tables and their migrations. What is in them is neither a memory nor derivable, and no memory is lost with it;
so one that is damaged is moved out of the way, with a warning, and begun anew.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from smos_cli.adapters.locks import held
from smos_cli.errors import IndexBusyError, SmosError, StorageError

WAIT = 10.0
"""Seconds that a statement waits for other processes."""
_ENDINGS = ("", "-wal", "-shm")
_MIGRATIONS = (
    """
    -- A conversation that is to be read by an extractor.
    CREATE TABLE jobs (
        -- what `smos queue` calls it; never given twice
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        persona TEXT NOT NULL,
        -- the id of the episode; its path where it has none
        episode TEXT NOT NULL,
        -- the model id of the extractor
        extractor TEXT NOT NULL,
        -- how often it was put in: who began before the last time is not done with it
        asked INTEGER NOT NULL DEFAULT 1,
        -- empty, `dead` (it failed too often) or `dropped` (a person does not want it)
        ended TEXT NOT NULL DEFAULT '',
        -- how often it failed
        attempts INTEGER NOT NULL DEFAULT 0,
        -- ms since 1970 from which on it is to be tried
        due INTEGER NOT NULL,
        -- who has it, and until when (ms since 1970) if that is not to be known otherwise
        worker TEXT NOT NULL DEFAULT '',
        until INTEGER NOT NULL DEFAULT 0,
        -- what the worker is about to write: JSON, turns to ids
        plan TEXT NOT NULL DEFAULT '',
        -- why it failed the last time, and what was kept aside
        reason TEXT NOT NULL DEFAULT '',
        kept TEXT NOT NULL DEFAULT '',
        UNIQUE (persona, episode, extractor)
    );
    -- What an extractor has read.
    CREATE TABLE learnt (
        persona TEXT NOT NULL,
        episode TEXT NOT NULL,
        extractor TEXT NOT NULL,
        -- such as `1-998 1000`
        turns TEXT NOT NULL,
        -- 1: it is read once more, and what the vault shows of earlier readings does not count
        again INTEGER NOT NULL DEFAULT 0,
        -- sha256 of the file of which nothing was left
        etag TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (persona, episode, extractor)
    ) WITHOUT ROWID;
    """,
)
"""What brings a file from each version to the next; ``user_version`` counts them."""


class StateFile:
    """The database, opened when it is first needed. Used by one thread."""

    def __init__(self, path: Path, locks: Path) -> None:
        self.path = path
        self.warnings: list[str] = []
        self._lock = locks / "state.lock"
        self._open: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the database in a transaction that nobody else writes meanwhile."""
        with self._ours():
            database = self._usable()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

    def checkpoint(self) -> None:
        """Leave nothing of what was taken out in the log beside the file."""
        with self._ours():
            self._usable().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the database; it is opened again when it is needed."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
            self._open = None

    @contextmanager
    def _ours(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if _is_damage(error):
                # The next time it is opened it is looked at, and put aside.
                self.close()
            raise self._foreign(error) from error

    def _usable(self) -> sqlite3.Connection:
        if self._open is None:
            try:
                self._open = self._opened()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._put_aside()
                self._open = self._opened()
        return self._open

    def _opened(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite gives the files beside it the permissions that this one has.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
        except OSError as error:
            raise StorageError(
                f"{self.path} can't be written: {error.strerror}.", "Look at its permissions and the disk's space."
            ) from error
        database = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute("PRAGMA secure_delete = ON")
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        if _version(database) == len(_MIGRATIONS):
            _check(database)
            return
        database.execute("BEGIN IMMEDIATE")
        version = _version(database)
        if version > len(_MIGRATIONS):
            raise StorageError(f"{self.path} was written by a newer smos.", "Install that version, or a newer one.")
        for number, script in enumerate(_MIGRATIONS[version:], version + 1):
            for statement in filter(str.strip, script.split(";\n")):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {number}")
        database.execute("COMMIT")

    def _put_aside(self) -> None:
        """Move a damaged file away, unless another process did so meanwhile."""
        with held(self._lock, WAIT):
            try:
                self._opened().close()
                return
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
            name = self._free_name()
            try:
                for ending in _ENDINGS:
                    with suppress(FileNotFoundError):
                        os.replace(f"{self.path}{ending}", f"{name}{ending}")
            except OSError as error:
                raise StorageError(
                    f"{self.path} is damaged and can't be moved aside: {error.strerror}.", "Delete it."
                ) from error
        self.warnings.append(
            f"{self.path.name} was damaged, and is now {name.name}: the queue is begun anew. No memory is lost."
        )

    def _free_name(self) -> Path:
        number = 1
        while (name := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        return name

    def _foreign(self, error: sqlite3.Error) -> SmosError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return IndexBusyError(
                f"Another process holds {self.path.name} and did not give it up within {WAIT:g} s.",
                "Try again, or end the other smos command if it hangs.",
            )
        return StorageError(f"{self.path} can't be used: {error}.", "Look at its permissions and the disk's space.")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _check(database: sqlite3.Connection) -> None:
    """Look at every page, which are few; a table that is not as it should be is damage, too."""
    if (verdict := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise _Damaged(verdict)
    try:
        database.execute("SELECT asked, plan FROM jobs LIMIT 1")
        database.execute("SELECT turns, again FROM learnt LIMIT 1")
    except sqlite3.OperationalError as error:
        raise _Damaged(str(error)) from error


class _Damaged(sqlite3.DatabaseError):
    """What SQLite itself does not say of a file until it comes to the place."""


def _is_damage(error: sqlite3.Error) -> bool:
    codes = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(error, _Damaged) or getattr(error, "sqlite_errorcode", 0) & 0xFF in codes
