"""What is wrong with the repository of a vault, and what of it can be put right without losing anything.

Owns the findings and the repairs. Files are the truth: a branch or an index that is damaged is made again around
them, and nothing of a person's is thrown away but what could not be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from hashlib import sha1, sha256
from pathlib import Path

from smos_cli.adapters.git.call import BULK_LIMIT, READING
from smos_cli.adapters.git.locks import is_left_over
from smos_cli.adapters.git.make import keep_bytes, keeps_bytes
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.finding import Finding
from smos_cli.core.repair import Repaired
from smos_cli.errors import StorageError

_CHECK = ("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
_UNFINISHED = "tmp_"
_HASH = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
_REPAIR = "`smos doctor --repair` tries to mend it; the files are not touched."


def examine_repository(repository: Repository) -> Iterator[Finding]:
    """Yield what keeps changes out of the history, or what of it is damaged or missing."""
    where = str(repository.folder)
    try:
        repository.check_at_rest()
        repository.branch()
    except StorageError as error:
        yield Finding("problem", where, error.message, error.remedy)
        return
    for lock in _locks(repository):
        yield Finding("problem", str(lock), "It keeps git from working here.", _REPAIR)
    if trouble := _trouble(repository):
        yield Finding("problem", where, trouble.message, _remedy(trouble))
        return
    if not keeps_bytes(repository.folder):
        yield Finding(
            "note", f"{where}/info/attributes", "Lines that keep every byte, such as `* -text`, are missing.", _REPAIR
        )
    if repository.pending.paths():
        yield Finding(
            "note",
            where,
            "A commit was begun and not ended.",
            "The next change takes it in, or `smos doctor --repair`.",
        )
    if (repository.folder / "shallow").exists():
        remedy = "`git fetch --unshallow` brings the rest."
        yield Finding("note", where, "It has only the last part of its history.", remedy)


def mend_repository(repository: Repository) -> Iterator[Repaired]:
    """Put right what can be; yield what was done. To be called while the vault's lock is held."""
    for lock in _locks(repository):
        if is_left_over(lock, repository.vault):
            lock.unlink(missing_ok=True)
            yield Repaired(f"{lock} was left over by a git that was killed.", "Deleted.")
    yield from _without_unfinished(repository)
    if not keeps_bytes(repository.folder):
        keep_bytes(repository.folder)
        yield Repaired("The line that keeps every byte was missing from .git/info/attributes.", "Added.")
    yield from _mended_head(repository)
    unusable = _error(repository, "ls-files", "--stage", "-z") or not _is_index_whole(repository)
    if unusable and _is_whole(repository, "HEAD"):
        yield _new_index(repository)
    if _empty_objects(repository) or _error(repository, *_CHECK):
        yield from _mended_objects(repository)
    _error(repository, "update-index", "-q", "--refresh")


def _locks(repository: Repository) -> list[Path]:
    """Return the lock files that are there: of the index, of HEAD, of a branch, of the packed references."""
    folder = repository.folder
    found = [folder / f"{name}.lock" for name in ("index", "HEAD", "packed-refs", "config")]
    return [lock for lock in [*found, *sorted((folder / "refs/heads").rglob("*.lock"))] if lock.exists()]


def _trouble(repository: Repository) -> StorageError | None:
    """Return what git says is wrong with the repository, or nothing."""
    if empty := _empty_objects(repository):
        return StorageError(f"{len(empty)} of the history's objects are empty.", "")
    return _error(repository, *_CHECK) or _error(repository, "status", "--porcelain", "-z")


def _empty_objects(repository: Repository) -> list[Path]:
    """Return what a power cut leaves of objects that had not reached the disk."""
    found = (path for path in (repository.folder / "objects").glob("??/*") if not path.name.startswith(_UNFINISHED))
    return [path for path in found if not path.stat().st_size]


def _error(repository: Repository, *words: str) -> StorageError | None:
    try:
        repository.git().run(*words, limit=BULK_LIMIT, extra=READING)
    except StorageError as error:
        return error
    return None


def _remedy(error: StorageError) -> str:
    return error.remedy if "safe.directory" in error.remedy else _REPAIR


def _without_unfinished(repository: Repository) -> Iterator[Repaired]:
    """Delete the objects that a git which was killed had not finished."""
    found = (repository.folder / "objects").glob(f"*/{_UNFINISHED}*")
    left = [path for path in found if is_left_over(path, repository.vault)]
    for path in left:
        path.unlink(missing_ok=True)
    if left:
        yield Repaired(f"{len(left)} unfinished objects were left over by a git that was killed.", "Deleted.")


def _mended_head(repository: Repository) -> Iterator[Repaired]:
    """Let HEAD name a branch again where it names nothing that git understands."""
    head = repository.folder / "HEAD"
    try:
        text = head.read_text("utf-8", "replace").strip()
    except OSError:
        text = ""
    if text.startswith("ref: ") or _HASH.match(text):
        return
    branches = sorted(path.name for path in (repository.folder / "refs/heads").glob("*") if path.is_file())
    name = branches[0] if len(branches) == 1 else "main"
    head.write_text(f"ref: refs/heads/{name}\n")
    yield Repaired(f"{head} named nothing that is checked out.", f"It names the branch {name}.")


def _mended_objects(repository: Repository) -> Iterator[Repaired]:
    """Take away objects that are empty, store again what the files hold, and go back to a commit that is whole."""
    empty = _empty_objects(repository)
    for path in empty:
        path.unlink()
    if empty:
        yield Repaired(f"{len(empty)} of the history's objects were empty.", "Deleted.")
    lacking = _error(repository, *_CHECK)
    _store_files(repository)
    if lacking and not _error(repository, *_CHECK):
        yield Repaired("The history lacked what some of the files hold.", "Stored again.")
        return
    branch = repository.branch()
    file = repository.folder / branch
    if _is_whole(repository, branch):
        return
    for commit in _earlier(repository, branch):
        if _is_whole(repository, commit):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{commit}\n")
            yield Repaired(
                f"The last commit of {branch} can't be read.", f"It is at {commit[:10]}, the last whole one."
            )
            yield _new_index(repository)
            # What is recorded of the commits that are gone would be reported as damage for ever.
            _error(repository, "reflog", "expire", "--stale-fix", "--expire=never", "--all")
            return


def _store_files(repository: Repository) -> None:
    """Store every file that the index names: a blob that is missing may be that of a file as it is."""
    if _error(repository, "ls-files", "-z"):
        return
    listed = os.fsdecode(repository.git().read("ls-files", "-z")).split("\0")
    there = [path for path in listed if path and "\n" not in path and (repository.vault / path).is_file()]
    words = ("hash-object", "-w", "--no-filters", "--stdin-paths")
    repository.git().run(*words, stdin=b"".join(os.fsencode(path) + b"\n" for path in there), limit=BULK_LIMIT)


def _earlier(repository: Repository, branch: str) -> Iterator[str]:
    """Yield where a branch has been, the latest first."""
    for line in reversed(_text(repository.folder / "logs" / branch).splitlines()):
        words = line.split(" ", 2)
        if len(words) == 3 and _HASH.match(words[1]):
            yield words[1]


def _is_whole(repository: Repository, commit: str) -> bool:
    """Say whether a commit and all the files it holds are there."""
    return not _error(repository, "rev-list", "--objects", "--quiet", "--no-walk", commit, "--")


def _new_index(repository: Repository) -> Repaired:
    (repository.folder / "index").unlink(missing_ok=True)
    repository.git().run("read-tree", "HEAD", limit=BULK_LIMIT)
    _error(repository, "update-index", "-q", "--refresh")
    return Repaired("git's index could not be used.", "Made anew from the last commit; what was staged no longer is.")


def _is_index_whole(repository: Repository) -> bool:
    """Say whether git's index ends with its checksum, or with zeros for none: git itself seldom looks."""
    try:
        data = (repository.folder / "index").read_bytes()
    except FileNotFoundError:
        return True
    return any(
        data[-size:] in (checksum(data[:-size]).digest(), bytes(size)) for checksum, size in ((sha1, 20), (sha256, 32))
    )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
