"""One DuckDB file: how it is opened and deleted, and what DuckDB's errors mean.

Owns the settings of a connection. Who may open the file when is the index's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import duckdb

from smos_cli.errors import IndexBusyError, StorageError

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # Both use the network.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Of every connection."""
_DAMAGE = (duckdb.InternalException, duckdb.FatalException, duckdb.SerializationException)


class DamagedIndexError(StorageError):
    """DuckDB found the file damaged while it was open."""


def connect(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    """Open a file; ``IndexBusyError`` when it is open elsewhere, ``StorageError`` when it is no database."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(os.fspath(path), read_only=not write, config=SETTINGS | {"threads": 2 if write else 1})
    except (duckdb.Error, OSError) as error:
        message = str(error).splitlines()[0]
        if "set lock on" in message or "used by another process" in message:
            raise IndexBusyError(f"The index {path.name} is open elsewhere.", "Try again in a moment.") from error
        raise StorageError(
            f"The index can't be opened: {message}.", "Run `smos index --rebuild`; the files are whole."
        ) from error


def is_there(path: Path) -> bool:
    """Say whether there is such a file; ``StorageError`` when nobody here may know."""
    try:
        return path.exists()
    except OSError as error:
        message = f"The index {path} can't be read: {error.strerror}."
        raise StorageError(message, "Make its folder readable; the files are whole.") from error


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn what DuckDB raises while a file is open into our errors."""
    try:
        with interruptible():
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


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C be what it is: DuckDB makes it a RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise


def delete(path: Path) -> None:
    """Delete a database with what DuckDB keeps beside it, if it is there."""
    try:
        path.unlink(missing_ok=True)
        _log(path).unlink(missing_ok=True)
        # What a killed process left of a sort.
        rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"The index {path} can't be replaced: {error.strerror}.", "Make its folder writable."
        ) from error


def bytes_of(path: Path) -> int:
    """Return the size of a database with its log, 0 when it is not there."""
    return size(path) + size(_log(path))


def size(path: Path) -> int:
    """Return the size of a file, 0 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def inode(path: Path) -> int:
    """Return what tells a file from one that was made anew, 0 when it is not there."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")
