"""Making the repository of a vault: marked as ours from its first moment, keeping every byte as it is.

Owns what is in it that another repository has not. Refuses a vault that is, or lies in, somebody else's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from smos_cli.adapters.git.repository import Repository
from smos_cli.errors import StorageError

_UNFILTERED = "-filter -ident -working-tree-encoding"
ATTRIBUTES = (
    "* -text",
    *(f"{name} {_UNFILTERED}" for name in ("audit/**", "smos/audit/**", ".tombstones")),
)
"""The lines of ``info/attributes`` that keep every byte: line endings, and what a filter would change of our own."""
SCRATCH = ".smos-init-"
"""What the names of folders begin with in which a repository is being made."""
_MARKER = "\n[smos]\n\tcreated = true\n[gc]\n\tauto = 0\n"
_REMARK = "# Every byte stays as it was written, line endings included."
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
    """Say whether a ``.git`` folder has the lines that keep every byte; their file has the last word in git."""
    try:
        lines = (folder / "info/attributes").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return {*ATTRIBUTES} <= {*lines}


def keep_bytes(folder: Path) -> None:
    """Write those lines; ``OSError``."""
    (folder / "info").mkdir(exist_ok=True)
    with (folder / "info/attributes").open("a", encoding="utf-8") as file:
        file.write("\n".join(("", _REMARK, *ATTRIBUTES, "")))
