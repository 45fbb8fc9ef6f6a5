"""A copy of a vault that is elsewhere: fetched, looked through, written as files, and only then put in place.

Owns what is taken from a stranger: commits and files, whose bytes are what was committed. Refuses hooks, settings,
filters, links, repositories inside, and names that lead out of the folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from smos_cli.adapters.durable import make_folder, sync_all, sync_folders, write_new
from smos_cli.adapters.git.driver import install
from smos_cli.adapters.git.make import keep_bytes
from smos_cli.adapters.git.place import DEFAULT, checked_url
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.revisions import GitRevisions
from smos_cli.adapters.git.wire import Wire, failure, hidden
from smos_cli.adapters.locks import held
from smos_cli.core.layout import CARD
from smos_cli.core.ports import Progress
from smos_cli.core.remote import Difference
from smos_cli.errors import IndexBusyError, RemoteError, StorageError, UsageError

_SCRATCH = ".joining-"
_AT_ONCE = 500
"""Files whose content is in memory at a time."""
_PREFERRED = ("main", "master")


class HomeCloning:
    """The ``Cloning`` port: copies are made beside the vaults of a home."""

    def __init__(self, home: Path, patience: float, progress: Progress) -> None:
        self._home = home
        self._patience = patience
        self._progress = progress

    def checked(self, url: str) -> str:
        return checked_url(url)

    @contextmanager
    def clone(self, url: str) -> Iterator[GitClone]:
        if not Repository(self._home).available():
            raise RemoteError("git is not there, so nothing can be joined.", "Install git.")
        folder = self._home / "vaults"
        self._make_home()
        try:
            with held(self._home / "locks/join.lock", 0.0):
                yield from self._clone(folder, url)
        except IndexBusyError as error:
            if "join.lock" not in error.message:
                raise
            raise IndexBusyError("Another smos is joining a vault now.", "Try again when it is done.") from error

    def _make_home(self) -> None:
        # Before the lock, which would make it for everybody to look into.
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StorageError(
                f"The home {self._home} can't be made: {error.strerror}.",
                "Make the folder above it writable, or set SMOS_HOME to another.",
            ) from error

    def _clone(self, folder: Path, url: str) -> Iterator[GitClone]:
        scratch = folder / f"{_SCRATCH}{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # While the lock is held, what lies here was left over by a join that was killed.
            for left_over in folder.glob(f"{_SCRATCH}*"):
                shutil.rmtree(left_over, ignore_errors=True)
            yield _cloned(Wire(folder, "git", self._patience, self._progress), url, scratch)
        except OSError as error:
            raise StorageError(
                f"The vault can't be written: {error.strerror} ({error.filename}).", "Look at the disk of home."
            ) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


class GitClone:
    """The ``Clone`` port over a folder."""

    def __init__(self, folder: Path, remote: str, commits: int, card: bytes | None) -> None:
        self.remote = remote
        self.commits = commits
        self.card = card
        self._folder = folder

    def place(self, path: str) -> None:
        target = Path(path)
        if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
            raise UsageError(f"There is something at {path} already.", "Move it away, or give another name: --persona.")
        if target.is_dir():
            target.rmdir()
        self._folder.rename(target)
        sync_folders({target.parent})


def _cloned(wire: Wire, url: str, scratch: Path) -> GitClone:
    name = hidden(url)
    words = ("--no-checkout", "--no-tags", "--single-branch", "--no-local", "--no-recurse-submodules", "--template=")
    chosen = ("--origin", DEFAULT, "--branch", _branch(wire, url, name))
    answer = wire.talk("fetching", "clone", "--progress", *words, *chosen, "--", url, str(scratch))
    if answer.code:
        raise failure(answer.errors, name)
    repository = Repository(scratch)
    if (repository.folder / "shallow").exists():
        raise RemoteError(f"{name} is shallow: it lacks the beginning of its history.", "Join a whole copy.")
    revisions = GitRevisions(repository)
    tip = revisions.branch().tip
    files = revisions.differences("", tip)
    _check(files, name)
    card = revisions.file(tip, CARD) if any(one.path == CARD for one in files) else None
    if card is not None:
        _write(revisions, scratch, files)
    _finish(repository, tip)
    return GitClone(scratch, name, revisions.count(tip), card)


def _branch(wire: Wire, url: str, name: str) -> str:
    """Return the branch that the remote has for its main one, or the only one that it has."""
    answer = wire.talk("fetching", "ls-remote", "--symref", "--", url, "HEAD", "refs/heads/*")
    if answer.code:
        raise failure(answer.errors, name)
    head, branches = "", []
    for line in answer.output.decode("utf-8", "replace").splitlines():
        value, _, ref = line.partition("\t")
        if ref == "HEAD" and value.startswith("ref: "):
            head = value.removeprefix("ref: refs/heads/")
        elif ref.startswith("refs/heads/"):
            branches.append(ref.removeprefix("refs/heads/"))
    if not branches:
        raise RemoteError(
            f"{name} is empty: nothing was pushed there yet.", "Push a vault there first: `smos sync` from where it is."
        )
    found = [branch for branch in (head, *_PREFERRED, *branches[:1]) if branch in branches]
    return found[0]


def _check(files: Sequence[Difference], name: str) -> None:
    seen: dict[str, str] = {}
    for one in files:
        if one.refused:
            raise RemoteError(f"{name} has {one.path}, which is {one.refused}.", "Remove it there; nothing was taken.")
        folded = one.path.casefold()
        if folded in seen and _is_case_blind():
            raise RemoteError(
                f"{name} has {seen[folded]} and {one.path}, which are one name on this machine.",
                "Rename one of them there.",
            )
        seen[folded] = one.path


def _is_case_blind() -> bool:
    return os.path.exists(__file__.swapcase())


def _write(revisions: GitRevisions, folder: Path, files: Sequence[Difference]) -> None:
    """Write the files as they were committed, whatever git would make of them on this machine."""
    written: list[Path] = []
    folders: set[Path] = set()
    for start in range(0, len(files), _AT_ONCE):
        some = [one for one in files[start : start + _AT_ONCE] if one.after]
        blobs = revisions.blobs(one.after for one in some)
        for one in some:
            target = folder / one.path
            folders |= make_folder(target.parent)
            write_new(target, blobs[one.after], sync=False)
            written.append(target)
    if written:
        sync_all(written)
        sync_folders(folders)


def _finish(repository: Repository, tip: str) -> None:
    """Make the repository one that smos made, with an index that agrees with the files."""
    git = repository.git()
    git.run("read-tree", "HEAD")
    keep_bytes(repository.folder)
    git.run("config", "gc.auto", "0")
    git.run("config", "smos.created", "true")
    install(repository.vault)
    repository.pending.end((), tip)
