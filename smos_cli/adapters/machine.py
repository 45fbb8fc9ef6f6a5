"""What ``doctor`` looks at outside the vault: git, DuckDB and its extension, the disk, the permissions of home."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from smos_cli.adapters.git.repository import Repository
from smos_cli.core.finding import Finding

_LITTLE_SPACE = 200_000_000


def examine(home: Path, vault: Path, *, history: tuple[bool, bool], adopted: bool) -> Iterator[Finding]:
    """Yield what is wrong; ``history`` says whether git is there and whether the vault's repository is ours."""
    yield from _git(vault, *history, adopted=adopted)
    yield from _duckdb()
    yield from _disk(home, vault)


def _git(vault: Path, available: bool, owned: bool, *, adopted: bool) -> Iterator[Finding]:
    if not available:
        given_up = "no history and no undo, no sync, and what others change gets no line in the audit"
        yield Finding("note", "git", f"git is not installed, so there is {given_up}.", "Install git, then `smos init`.")
    elif not owned:
        yield Finding("note", str(vault), "smos keeps no history here.", _remedy(vault, adopted=adopted))


def _remedy(vault: Path, *, adopted: bool) -> str:
    """Say how a vault whose repository is not ours comes to a history."""
    real = vault.resolve()
    if Repository(real).is_bare() or any((folder / ".git").exists() for folder in (real, *real.parents)):
        return "It lies in a repository of yours: commit smos's files in it yourself."
    if adopted:
        return "Keep one yourself (`git init`), or remove the persona and add it again with --git."
    return "`smos init NAME` makes a repository in a vault of its own."


def _duckdb() -> Iterator[Finding]:
    import duckdb

    try:
        extension = version("duckdb-extension-vss")
    except PackageNotFoundError:
        yield Finding("note", "duckdb-extension-vss", "The extension is not installed.", "Install smos-cli again.")
        return
    if extension != duckdb.__version__:
        yield Finding(
            "problem",
            "duckdb",
            f"DuckDB is {duckdb.__version__} and its extension {extension}.",
            "Install smos-cli again: both are pinned to one release.",
        )
        return
    try:
        load_extension()
    except duckdb.Error as error:
        yield Finding("problem", "duckdb-extension-vss", f"It can't be loaded: {error}", "Install smos-cli again.")


def load_extension() -> None:
    """Load the vector extension into a database in memory, by its path, without the network."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        path = str(extension_path()).replace("'", "''")
        connection.execute(f"LOAD '{path}'")


def extension_path() -> Path:
    """Return where the installed extension lies."""
    import duckdb_extension_vss

    folder = Path(next(iter(duckdb_extension_vss.__path__)))
    return next(folder.rglob("*.duckdb_extension"))


def _disk(home: Path, vault: Path) -> Iterator[Finding]:
    for name, folder in (("home", home), ("vault", vault)):
        if not folder.exists():
            continue
        if not os.access(folder, os.W_OK):
            yield Finding("problem", str(folder), f"The {name} can't be written to.", "Change its permissions.")
        free = shutil.disk_usage(folder).free
        if free < _LITTLE_SPACE:
            yield Finding("problem", str(folder), f"Only {free / 1e6:.0f} MB are free.", "Free some space.")
    if os.name == "posix" and home.exists() and stat.S_IMODE(home.stat().st_mode) & 0o077:
        yield Finding("note", str(home), "Others on this machine can look into it.", f"chmod 700 {home}")
