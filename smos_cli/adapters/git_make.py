"""Making the repository of a vault: marked as ours from its first moment, keeping every byte as it is.

Owns what is in it that another repository has not. Refuses a vault that is, or lies in, somebody else's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from smos_cli.adapters.git_repository import Repository
from smos_cli.errors import StorageError

ATTRIBUTES = "* -text"
"""The line of ``info/attributes`` that keeps line endings."""
SCRATCH = ".smos-init-"
"""What the names of folders begin with in which a repository is being made."""
_MARKER = "\n[smos]\n\tcreated = true\n[gc]\n\tauto = 0\n"
_ATTRIBUTES = f"\n# Every byte stays as it was written, line endings included.\n{ATTRIBUTES}\n"
_EXCLUDED = f"\n{SCRATCH}*\n"


def may_be_made(repository: Repository) -> bool:
    """Say whether the vault neither is nor lies in a repository."""
    real = Path(os.path.realpath(repository.vault))
    inside = any(os.path.lexists(folder / ".git") for folder in (real, *real.parents))
    return not inside and not repository.is_bare()


def make_repository(repository: Repository, hashes: str = "") -> None:
    """Put a marked repository in place at once: one without its marker would never be ours.

    ``hashes`` is how it names its objects, ``sha1`` or ``sha256``; the user's choice, if nothing is said.
    """
    scratch = repository.vault / f"{SCRATCH}{os.getpid()}"
    try:
        # Settings that name the branch and the kind of storage; a git that is too old for one ignores it.
        settings = {"GIT_DEFAULT_REF_FORMAT": "files"} | ({"GIT_DEFAULT_HASH": hashes} if hashes else {})
        repository.git().run("-c", "init.defaultBranch=main", "init", "--quiet", str(scratch), extra=settings)
        made = scratch / ".git"
        (made / "info").mkdir(exist_ok=True)
        with (made / "config").open("a", encoding="utf-8") as file:
            file.write(_MARKER)
        keep_bytes(made)
        with (made / "info/exclude").open("a", encoding="utf-8") as file:
            file.write(_EXCLUDED)
        made.rename(repository.folder)
    except OSError as error:
        if not repository.owned():
            raise StorageError(
                f"The history of {repository.vault} can't be begun: {error.strerror}.",
                "Make the folder writable, or go without a history.",
            ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def keeps_bytes(folder: Path) -> bool:
    """Say whether a ``.git`` folder has the line that keeps every byte; its file has the last word in git."""
    try:
        return ATTRIBUTES in (folder / "info/attributes").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False


def keep_bytes(folder: Path) -> None:
    """Write that line; ``OSError``."""
    (folder / "info").mkdir(exist_ok=True)
    with (folder / "info/attributes").open("a", encoding="utf-8") as file:
        file.write(_ATTRIBUTES)
