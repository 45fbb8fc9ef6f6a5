"""Nothing of an old history is left in a repository: no reflog, no draft of a message, no object nobody reaches.

Owns the list of what git leaves lying about. Touches neither branches nor the index.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import LIMIT
from smos_cli.errors import StorageError

_FILES = (
    *("ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "TAG_EDITMSG", "NOTES_EDITMSG", "EDIT_DESCRIPTION", "GITGUI_MSG"),
    *("MERGE_MSG", "MERGE_RR", "MERGE_MODE", "SQUASH_MSG", "AUTO_MERGE", "REBASE_HEAD", "gitk.cache"),
    *("addp-hunk-edit.diff", "ADD_EDIT.patch", "objects/info/commit-graph"),
)
"""What git, or a program of its kind, leaves over. The graph of commits is derived, and names those that are gone."""
_FOLDERS = ("rr-cache", "lost-found", "objects/info/commit-graphs")
_PATTERNS = (
    *("fast_import_crash_*", "*_EDITMSG*.swp", ".*_EDITMSG.sw?"),
    # An index over all packs names those that go, and of a repack that was killed packs are left.
    *("objects/pack/multi-pack-index*", "objects/pack/.tmp-*", "objects/pack/tmp_*"),
)
_REPACK = ("repack", "-a", "-d", "-q", "--no-write-bitmap-index")


def sweep(git: Git, folder: Path) -> tuple[str, ...]:
    """Delete all that only the old history needs; return why, where something of it had to stay."""
    kept = [*_delete(folder)]
    # git deletes no object that the index names, nor one of a conflict that was settled.
    for words in (
        ("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"),
        ("update-index", "-q", "--clear-resolve-undo"),
        ("-c", "repack.useDeltaIslands=false", *_REPACK),
        ("prune", "--expire=now"),
        ("worktree", "prune", "--expire=now"),
    ):
        try:
            git.run(*words, limit=LIMIT, extra={"GIT_NO_REPLACE_OBJECTS": "1"})
        except StorageError as error:
            told = error.message.removeprefix("git failed: ")
            name = next(word for word in words if word[0] != "-" and "=" not in word)
            kept.append(f"`git {name}` failed: {told}")
    return tuple(kept)


def _delete(folder: Path) -> list[str]:
    problems = []
    there = [folder / name for name in _FILES] + [path for pattern in _PATTERNS for path in folder.glob(pattern)]
    for path in there:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            problems.append(f"{path} can't be deleted: {error.strerror}.")
    for name in _FOLDERS:
        with suppress(FileNotFoundError):
            shutil.rmtree(folder / name, ignore_errors=True)
    return problems
