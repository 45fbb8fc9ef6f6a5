"""What ``doctor --repair`` puts right beside the vault's files: what killed commands left, and the repository.

Owns what counts as left over. Deletes nothing that a living process may have in use.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from smos_cli.adapters.git.health import mend_repository
from smos_cli.adapters.git.make import SCRATCH
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.locks import is_free
from smos_cli.adapters.scan import TEMPORARY
from smos_cli.core.repair import Mend, Repaired
from smos_cli.errors import StorageError


def look(vault: Path, lock_file: Path) -> Mend:
    """Look for what is left over, before the vault's lock is taken; what is returned puts it right under the lock."""
    # The first that gets the lock of a writer that died tidies up, so that nothing would be there to be told of.
    left = list(_left_over(vault)) if is_free(lock_file) else []
    return lambda: _mended(vault, left)


def _mended(vault: Path, left: list[Path]) -> Iterator[Repaired]:
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        yield Repaired(f"{path.relative_to(vault).as_posix()} was left over by a command that was killed.", "Deleted.")
    repository = Repository(vault)
    if not repository.is_used():
        return
    try:
        yield from mend_repository(repository)
    except (OSError, StorageError):
        return  # what is still wrong is for doctor to tell


def _left_over(vault: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(vault):
        if folder == str(vault):
            yield from (Path(folder, name) for name in folders if name.startswith(SCRATCH))
        folders[:] = sorted(name for name in folders if name != ".git" and not name.startswith(SCRATCH))
        yield from (Path(folder, name) for name in sorted(files) if name.startswith(TEMPORARY))
