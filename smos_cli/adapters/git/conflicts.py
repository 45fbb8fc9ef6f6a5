"""What git merged where it left conflict markers: from its index while the merge is under way, from the commit after.

Owns the questions to git. Changes nothing, and asks only a repository that smos made.
"""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import CalledProcessError

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.mending import Torn
from smos_cli.core.merging import Side
from smos_cli.errors import StorageError


def origin(vault: Path, path: str, data: bytes) -> Torn | None:
    """Return what a file with markers was merged from; None where the history does not know, or none is kept."""
    repository = Repository(vault)
    if not repository.is_used():
        return None
    try:
        return _under_way(repository, path) or _committed(repository.git(), path, data)
    except (StorageError, ValueError):
        return None


def _under_way(repository: Repository, path: str) -> Torn | None:
    git = repository.git()
    rows = [row.partition(b"\t")[0].split() for row in _run(git, "ls-files", "-u", "-z", "--", path).split(b"\0")]
    stages = {row[2]: row[1].decode() for row in rows if len(row) == 3}
    if not {b"2", b"3"} <= set(stages):
        return None
    base, *texts = (_run(git, "cat-file", "blob", stages[stage]) if stage in stages else None for stage in _STAGES)
    ours, theirs = (text or b"" for text in texts)
    try:
        other = (repository.folder / "MERGE_HEAD").read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        other = []
    heads = ["HEAD", other[0]] if len(other) == 1 else []
    one, two = _sides(git, path, heads, (ours, theirs))
    return Torn(base, one, two)


_STAGES = (b"1", b"2", b"3")


def _committed(git: Git, path: str, data: bytes) -> Torn | None:
    """Find the merge that committed the file as it is, with its markers."""
    words = ("log", "-1", "--merges", "--no-show-signature", "--format=%H %P", "HEAD", "--", path)
    merge, *parents = _run(git, *words).decode().split() or [""]
    if len(parents) != 2 or _blob(git, merge, path) != data:
        return None
    ours, theirs = (_blob(git, parent, path) for parent in parents)
    if ours is None or theirs is None:
        return None
    found = _run(git, "merge-base", "--all", *parents, missing=1).decode().split()
    base = _blob(git, found[0], path) if len(found) == 1 else None
    one, two = _sides(git, path, parents, (ours, theirs))
    return Torn(base, one, two)


def _sides(git: Git, path: str, commits: list[str], texts: tuple[bytes, bytes]) -> tuple[Side, Side]:
    """Return both sides with the times of their commits; with none where these are not known."""
    if not commits:
        return Side({path: texts[0]}), Side({path: texts[1]})
    words = ("log", "--no-walk=unsorted", "--no-show-signature", "--format=%ct %H", *commits)
    (time, name), (other_time, other_name) = (line.split() for line in _run(git, *words).decode().splitlines() if line)
    return Side({path: texts[0]}, int(time), name), Side({path: texts[1]}, int(other_time), other_name)


def _blob(git: Git, commit: str, path: str) -> bytes | None:
    """Return what a commit has at a path; None where it has nothing."""
    row = _run(git, "ls-tree", "-z", "--full-tree", commit, "--", path).split()
    if len(row) < 3 or row[1] != b"blob" or os.fsdecode(path) != path:
        return None
    return _run(git, "cat-file", "blob", row[2].decode())


def _run(git: Git, *words: str, missing: int = 0) -> bytes:
    """Run git to read; a command that says by an exit code of ``missing`` that there is nothing found nothing."""
    try:
        return git.read(*words)
    except StorageError as error:
        cause = error.__cause__
        if missing and isinstance(cause, CalledProcessError) and cause.returncode == missing:
            return b""
        raise
