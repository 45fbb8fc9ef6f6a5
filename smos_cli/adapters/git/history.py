"""The vault's history, kept by the git binary: every change one commit, beside what else the user does.

Owns the commits that smos makes. Refuses every repository it did not make, to commit while a person's git command
is half done, and to take what a person has staged into a commit of its own. Does not read history.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from smos_cli.adapters.git.call import Call
from smos_cli.adapters.git.commit import BULK, Draft, limit_for, write_commit, write_merge
from smos_cli.adapters.git.outside import Early
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.settings import Settings
from smos_cli.adapters.locks import held
from smos_cli.core.changes import Change, record
from smos_cli.core.history import Outside
from smos_cli.errors import IndexBusyError, StorageError

_TRIES = 10
_TURN_WAIT = 30.0


class GitHistory:
    """The ``History`` port over git; ``episodes`` is how the vault keeps those, ``base`` where our own files are."""

    def __init__(self, vault: Path, binary: str = "git", *, base: str = "", episodes: str = "local") -> None:
        self._repository = Repository(vault, binary)
        self._base = base
        self._episodes = episodes
        self._early: Early | None = None

    def available(self) -> bool:
        """Say whether there is a git to be run."""
        return self._repository.available()

    def owned(self) -> bool:
        """Say whether the vault is a repository that smos made, without running git in it."""
        return self._repository.owned()

    def create(self) -> bool:
        """Make the repository and commit what is there; safe to repeat.

        False when git is missing, or the vault is or lies in a repository that smos did not make.
        ``StorageError`` when git fails.
        """
        from smos_cli.adapters.git.driver import install
        from smos_cli.adapters.git.make import make_repository, may_be_made

        repository = self._repository
        if not repository.available():
            return False
        if not repository.owned():
            if not may_be_made(repository):
                return False
            make_repository(repository)
        install(repository.vault)
        if not repository.tip(repository.branch()):
            self._commit_all()
        return True

    def expect(self) -> None:
        """Begin to look for what others changed, beside what the caller does next; ``outside`` is asked soon."""
        begun = self._early is not None and not self._early.is_used_up()
        if not begun and self._keeps() and self._repository.is_at_rest():
            self._early = Early(self._repository, self._base, self._episodes)

    def outside(self) -> Sequence[Outside]:
        """Return what differs between the files and the last commit that smos made.

        To be asked while the vault's lock is held. Left out is what the user has staged, what is ignored, what can't
        be read and what is over 16 MB. Nothing while a person's git command is half done, or where git fails:
        committing says why.
        """
        if not self._keeps() or not self._repository.is_at_rest():
            return ()
        if self._early is None or self._early.is_used_up():
            self._early = Early(self._repository, self._base, self._episodes, locked=True)
        try:
            return self._early.outside()
        except StorageError:
            return ()

    def commit(self, change: Change) -> str | None:
        """Commit the change's files as they are on disk now; return the hash.

        None when there is nothing to commit, no git or no repository of ours. ``StorageError`` when git fails, a
        merge or the like is under way, no branch is checked out, or the user has staged changes of one of the files:
        that file is left out, and the others are committed. The files stay as they are.
        """
        paths = _paths(change)
        if not paths or not self._keeps():
            return None
        with self._turn(paths):
            return self._commit(paths, record(change))

    def commit_merge(self, change: Change, other: str) -> str:
        """Commit the change's files as they are on disk now, as what became of this branch and another commit.

        A merge is a commit even where its tree is that of this branch. It is signed if the user signs; their hooks
        do not run. ``StorageError`` as ``commit``, and where no history is kept.
        """
        if not self._keeps():
            raise StorageError(
                f"No history is kept in {self._repository.vault}, so nothing can be merged.", "See `smos doctor`."
            )
        paths = _paths(change)
        with self._turn(paths):
            self._repository.check_at_rest()
            return self._commit_quietly(paths, record(change), self._settings(), other) or ""

    def _keeps(self) -> bool:
        return self._repository.is_used()

    @contextmanager
    def _turn(self, paths: tuple[str, ...]) -> Iterator[None]:
        """Be the only smos that commits here."""
        _check_inside(paths)
        try:
            with held(self._repository.folder / "smos.lock", _TURN_WAIT):
                yield
        except IndexBusyError as error:
            raise StorageError(
                "Another smos has been committing for too long.",
                "End that process if it hangs.",
            ) from error

    def _commit(self, paths: tuple[str, ...], text: str) -> str | None:
        self._repository.check_at_rest()
        settings = self._settings()
        staged = self._staged(paths)
        ours = tuple(path for path in paths if path not in staged)
        commit = None
        if ours and settings.needs_porcelain(ours):
            commit = self._commit_as_the_user_would(ours, text, settings)
        elif ours:
            commit = self._commit_quietly(ours, text, settings)
        if staged:
            raise StorageError(
                f"You have staged changes of {', '.join(sorted(staged))}, so that is left to you.",
                "Commit it with `git commit`, or unstage it with `git restore --staged`: the next change takes it in.",
            )
        return commit

    def _commit_quietly(self, paths: tuple[str, ...], text: str, settings: Settings, other: str = "") -> str | None:
        repository = self._repository
        branch = repository.branch()
        repository.pending.begin(paths)
        for left in reversed(range(_TRIES)):
            parent = repository.tip(branch)
            draft = Draft(branch, parent, text, paths, settings, other)
            try:
                write = write_merge if other and settings.transforms(paths) else write_commit
                commit = write(repository.git(), repository.vault, draft, lambda: self._start_index(paths))
                break
            except StorageError as error:
                repository.check_at_rest()
                moved = repository.tip(branch) != parent or "index.lock" in error.message
                if not left or not moved:
                    raise
        repository.pending.end(paths, commit)
        if len(paths) >= BULK:
            # What was written in the second in which the index was is read again and again, until this.
            with suppress(StorageError):
                repository.git().run("update-index", "-q", "--refresh", limit=limit_for(paths))
        return commit

    def _commit_as_the_user_would(self, paths: tuple[str, ...], text: str, settings: Settings) -> str | None:
        """Commit by ``git commit``: it runs hooks, signs, filters, and leaves alone what else is staged."""
        repository = self._repository
        branch = repository.branch()
        repository.pending.begin(paths)
        self._start_index(paths).finish()
        ours = sorted(self._unlike_commit(branch).intersection(paths))
        if ours:
            self._repository.git().run(
                *("commit", "--quiet", "--only", "--no-status", "--cleanup=verbatim", f"--message={text}"),
                "--pathspec-from-file=-",
                "--pathspec-file-nul",
                stdin=b"\0".join(map(os.fsencode, ours)),
                limit=limit_for(paths),
                extra=settings.environment(),
            )
        commit = repository.tip(branch) if ours else None
        repository.pending.end(paths, commit)
        return commit

    def _staged(self, paths: Sequence[str]) -> frozenset[str]:
        """Return which of some paths the user has staged."""
        if self._early and not self._early.is_old() and self._early.staged().isdisjoint(paths):
            return frozenset()
        staged = self._unlike_commit(self._repository.branch()).intersection(paths)
        return staged.difference(self._repository.pending.paths()) if staged else staged

    def _unlike_commit(self, branch: str) -> frozenset[str]:
        """Return what the user's index has otherwise than the branch."""
        listing = ("diff-index", "--cached", "--name-only", "--no-renames", "--ita-invisible-in-index", "-z")
        words = (*listing, branch, "--") if self._repository.tip(branch) else ("ls-files", "-z")
        return frozenset(filter(None, os.fsdecode(self._repository.git().run(*words)).split("\0")))

    def _start_index(self, paths: tuple[str, ...]) -> Call:
        """Start what makes the user's index agree with these files, so that ``git status`` stays clean."""
        # Of a vault that was copied, the index knows no file's times, and each question reads all files.
        refresh = ("-q", "--refresh") if self._early and self._early.was_slow else ()
        words = ("update-index", *refresh, "--add", "--remove", "--replace", "-z", "--stdin")
        call = self._repository.git().start(*words, limit=limit_for(paths))
        call.write(b"".join(os.fsencode(path) + b"\0" for path in paths), last=True)
        return call

    def _settings(self) -> Settings:
        return Settings(self._repository.git(), self._repository.vault)

    def _commit_all(self) -> None:
        listing = self._repository.git().run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        # A name with a slash at its end is a repository of somebody else inside the vault.
        found = [path for path in os.fsdecode(listing).split("\0") if path and not path.endswith("/")]
        change = Change("init", "init: Begin the history", (), "shell", "smos", written=tuple(found))
        self.commit(change)


def _paths(change: Change) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.removed + change.written))


def _check_inside(paths: Iterable[str]) -> None:
    """Raise ``StorageError`` for a path out of the vault or in git's own folder: git passes over it."""
    for path in paths:
        if not {"", ".", "..", ".git"}.isdisjoint(path.lower().split("/")):
            raise StorageError(f"{path} can't be part of the vault's history.", "Move the file into the vault.")
