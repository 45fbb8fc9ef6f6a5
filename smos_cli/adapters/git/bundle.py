"""A history as one file: ``git bundle`` out of a repository of ours, and into a new one.

Owns what of a repository travels: its commits, branches and tags. Never its settings, hooks or what else lies in
``.git``: the new repository is made as every other of ours, and every object is checked on the way in.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.git.call import BULK_LIMIT, Git
from smos_cli.adapters.git.make import make_repository
from smos_cli.adapters.git.repository import Repository
from smos_cli.errors import FormatError, StorageError

_HEADER = 1 << 20
_SETTINGS = ("-c", "protocol.file.allow=always", "-c", "core.logAllRefUpdates=false")
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--update-head-ok")


def bundle(folder: Path, file: Path) -> str:
    """Write all of a history into a file; return the branch that is checked out, else the commit, or nothing.

    ``StorageError`` when git fails. Nothing is written where there is no commit, no git, or no repository of ours.
    """
    repository = Repository(folder)
    if not repository.is_used():
        return ""
    git = repository.git()
    try:
        if not git.run("for-each-ref", "--count=1", "refs/"):
            return ""
        head = _head(git)
        git.run("bundle", "create", "--quiet", "--no-progress", str(file), "--all", limit=BULK_LIMIT)
    except StorageError as error:
        raise StorageError(
            f"The history of {folder} can't be backed up: {_cause(error)}", "See what is wrong with `git fsck` there."
        ) from error
    return head


def unbundle(folder: Path, file: Path, head: str) -> bool:
    """Make the repository of a folder from a bundle, its index as of ``head``; False when there is no git.

    ``FormatError`` for a bundle that is damaged, or that needs commits which it has not.
    """
    repository = Repository(folder)
    if not repository.available():
        return False
    make_repository(repository, _hash_of(file))
    git = repository.git()
    try:
        if head.startswith("refs/"):
            git.run("symbolic-ref", "HEAD", head)
        # All that others may refer to, at its own name; what HEAD was is said by the manifest.
        git.run(*_SETTINGS, *_FETCH, str(file), "+refs/*:refs/*", limit=BULK_LIMIT)
        if not git.run("for-each-ref", "--count=1"):
            raise StorageError("it has no commit.", "")
        if not head.startswith("refs/"):
            git.run(*_SETTINGS, "update-ref", "--no-deref", "HEAD", head)
        # Older ones than git 2.46 check nothing of what comes from a bundle.
        git.run("fsck", "--no-dangling", "--no-progress", limit=BULK_LIMIT)
        if git.run("for-each-ref", "--count=1", "--format=%(refname)", head) or not head.startswith("refs/"):
            git.run("read-tree", "HEAD", limit=BULK_LIMIT)
    except StorageError as error:
        raise FormatError(
            f"The history in the backup is damaged: {_cause(error)}", "Use another backup; nothing was changed."
        ) from error
    with suppress(StorageError):  # it fails where a file differs, and has noted the others by then
        git.run("update-index", "-q", "--refresh", limit=BULK_LIMIT)
    return True


def tracked(folder: Path) -> list[str]:
    """Return the paths of the files that a history of ours has now."""
    repository = Repository(folder)
    if not repository.is_used():
        return []
    return [path for path in os.fsdecode(repository.git().run("ls-files", "-z")).split("\0") if path]


def _head(git: Git) -> str:
    with suppress(StorageError):
        return git.run("symbolic-ref", "--quiet", "HEAD").decode().strip()
    return git.run("rev-parse", "--verify", "HEAD").decode().strip()


def _hash_of(file: Path) -> str:
    """Return how the commits of a bundle are named; ``FormatError`` for what is no whole bundle."""
    with file.open("rb") as opened:
        lines = opened.read(_HEADER).split(b"\n\n")[0].split(b"\n")
    if lines[0] not in (b"# v2 git bundle", b"# v3 git bundle") or any(line.startswith(b"-") for line in lines[1:]):
        raise FormatError("The history in the backup is damaged, or not whole.", "Use another backup.")
    return "sha256" if b"@object-format=sha256" in lines else "sha1"


def _cause(error: StorageError) -> str:
    return error.message.removeprefix("git failed: ")
