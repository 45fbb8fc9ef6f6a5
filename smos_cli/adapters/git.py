"""The vault's history, kept by the git binary: every change one commit, beside what else the user does.

Owns the repository that smos made: its marker, its lock, its commits. Refuses every repository it did not
make, and to commit while a person's git command is half done. Does not read history.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from smos_cli.adapters.git_call import Call, Git
from smos_cli.adapters.git_import import Draft, limit_for, write_commit
from smos_cli.adapters.git_settings import Settings
from smos_cli.adapters.locks import held
from smos_cli.core.changes import Change, record
from smos_cli.core.ports import Outside
from smos_cli.errors import IndexBusyError, StorageError

_TRIES = 10
_LOCK_WAIT = 1.0
_TURN_WAIT = 30.0
_PAUSE = 0.005
_HASH_LENGTHS = (40, 64)
_SCRATCH = ".smos-init-"
_MARKER = "\n[smos]\n\tcreated = true\n[gc]\n\tauto = 0\n"
_ATTRIBUTES = "\n# Every byte stays as it was written, line endings included.\n* -text\n"
_EXCLUDED = f"\n{_SCRATCH}*\n"
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


class GitHistory:
    """The ``History`` port over git."""

    def __init__(self, vault: Path, binary: str = "git") -> None:
        self._vault = vault
        self._folder = vault / ".git"
        self._binary = binary

    def available(self) -> bool:
        """Say whether there is a git to be run."""
        return self._program is not None

    def owned(self) -> bool:
        """Say whether the vault is a repository that smos made, without running git in it."""
        try:
            lines = (self._folder / "config").read_text("utf-8", "replace").splitlines()
        except OSError:
            return False
        section = ""
        for line in map(str.strip, lines):
            if line.startswith("["):
                section = line.lower()
            elif section == "[smos]" and line.replace(" ", "").lower() == "created=true":
                return True
        return False

    def create(self) -> bool:
        """Make the repository and commit what is there; safe to repeat.

        False when git is missing, or the vault is or lies in a repository that smos did not make.
        ``StorageError`` when git fails.
        """
        if not self.available():
            return False
        if not self.owned():
            real = Path(os.path.realpath(self._vault))
            if any(os.path.lexists(folder / ".git") for folder in (real, *real.parents)):
                return False
            self._make_repository()
        if not self._tip(self._branch()):
            self._commit_all()
        return True

    def expect(self) -> None:
        """Begin to look for what others changed."""

    def outside(self) -> Sequence[Outside]:
        """Return what differs between the files and the last commit."""
        return ()

    def commit(self, change: Change) -> str | None:
        """Commit the change's files as they are on disk now; return the hash.

        None when there is nothing to commit, no git or no repository of ours. ``StorageError`` when git fails
        or a merge or the like is under way or no branch is checked out: the files stay as they are.
        """
        paths = tuple(dict.fromkeys(change.removed + change.written))
        if not paths or not self.available() or not self.owned():
            return None
        _check_inside(paths)
        try:
            with held(self._folder / "smos.lock", _TURN_WAIT):
                return self._commit(paths, record(change))
        except IndexBusyError as error:
            raise StorageError(
                "Another smos has been committing for too long, so the change is not in the history.",
                "The files are saved; end that process if it hangs.",
            ) from error

    def _commit(self, paths: tuple[str, ...], text: str) -> str | None:
        self._check_at_rest()
        branch = self._branch()
        settings = Settings(self._git(), self._vault)
        if settings.needs_porcelain(paths):
            return self._commit_as_the_user_would(branch, paths, text, settings)
        for left in reversed(range(_TRIES)):
            parent = self._tip(branch)
            draft = Draft(branch, parent, text, paths, settings)
            try:
                return write_commit(self._git(), self._vault, draft, lambda: self._start_index(paths))
            except StorageError as error:
                self._check_at_rest()
                moved = self._tip(branch) != parent or "index.lock" in error.message
                if not left or not moved:
                    raise
        return None

    def _commit_as_the_user_would(
        self, branch: str, paths: tuple[str, ...], text: str, settings: Settings
    ) -> str | None:
        """Commit by ``git commit``: it runs hooks, signs, filters, and leaves alone what else is staged."""
        self._start_index(paths).finish()
        git = self._git()
        listing = ("diff-index", "--cached", "--name-only", "--no-renames", "-z", branch, "--")
        staged = git.run(*(listing if self._tip(branch) else ("ls-files", "-z"))).split(b"\0")
        ours = sorted({os.fsencode(path) for path in paths}.intersection(staged))
        if not ours:
            return None
        words = ("commit", "--quiet", "--only", "--no-status", "--cleanup=verbatim", f"--message={text}")
        git.run(
            *words,
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
            stdin=b"\0".join(ours),
            limit=limit_for(paths),
            extra=settings.environment(),
        )
        return self._tip(branch)

    def _start_index(self, paths: tuple[str, ...]) -> Call:
        """Start what makes the user's index agree with these files, so that ``git status`` stays clean."""
        words = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
        call = self._git().start(*words, limit=limit_for(paths))
        call.write(b"".join(os.fsencode(path) + b"\0" for path in paths), last=True)
        return call

    def _check_at_rest(self) -> None:
        """Raise ``StorageError`` while another git command is half done; one that is short is waited for."""
        deadline = time.monotonic() + _LOCK_WAIT
        while "index.lock" in (names := self._names()) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        for name, command in _UNDER_WAY.items():
            if name in names:
                raise StorageError(
                    f"A {command} is under way in {self._vault}, so the change is not in the history.",
                    f"The files are saved; end it: `git {command} --continue` or `git {command} --abort`.",
                )
        if "index.lock" in names:
            raise StorageError(
                f"Another git command holds {self._folder}/index.lock, so the change is not in the history.",
                "The files are saved; if no git command runs there, delete that lock.",
            )

    def _branch(self) -> str:
        """Return the full name of the branch that is checked out, by hand where it is in a file."""
        head = self._read("HEAD")
        if head == "ref: refs/heads/.invalid":
            return self._git().run("symbolic-ref", "HEAD").decode().strip()
        if not head.startswith("ref: refs/heads/"):
            raise StorageError(
                f"No branch is checked out in {self._vault}, so the change is not in the history.",
                "The files are saved; go back to a branch with `git switch main`.",
            )
        return head.removeprefix("ref: ")

    def _tip(self, branch: str) -> str:
        """Return the hash of a branch's last commit, or nothing when it has none."""
        with suppress(StorageError):
            loose = self._read(branch)
            if len(loose) in _HASH_LENGTHS:
                return loose
        return self._git().run("for-each-ref", "--format=%(objectname)", branch).decode().strip()

    def _make_repository(self) -> None:
        """Put a marked repository in place at once: one without its marker would never be ours."""
        scratch = self._vault / f"{_SCRATCH}{os.getpid()}"
        try:
            # Settings that name the branch and the kind of storage; a git that is too old for one ignores it.
            settings = {"GIT_DEFAULT_REF_FORMAT": "files"}
            self._git().run("-c", "init.defaultBranch=main", "init", "--quiet", str(scratch), extra=settings)
            made = scratch / ".git"
            (made / "info").mkdir(exist_ok=True)
            for name, text in (
                ("config", _MARKER),
                ("info/attributes", _ATTRIBUTES),
                ("info/exclude", _EXCLUDED),
            ):
                with (made / name).open("a", encoding="utf-8") as file:
                    file.write(text)
            made.rename(self._folder)
        except OSError as error:
            if not self.owned():
                raise StorageError(
                    f"The history of {self._vault} can't be begun: {error.strerror}.",
                    "Make the folder writable, or go without a history.",
                ) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _commit_all(self) -> None:
        listing = self._git().run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        # A name with a slash at its end is a repository of somebody else inside the vault.
        found = [path for path in os.fsdecode(listing).split("\0") if path and not path.endswith("/")]
        change = Change("init", "init: Begin the history", (), "shell", "smos", written=tuple(found))
        self.commit(change)

    def _names(self) -> set[str]:
        try:
            return {path.name for path in self._folder.iterdir()}
        except OSError as error:
            raise self._damaged() from error

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text("utf-8", "surrogateescape").strip()
        except OSError as error:
            raise self._damaged() from error

    def _damaged(self) -> StorageError:
        return StorageError(
            f"The repository in {self._vault} can't be read, so the change is not in the history.",
            "The files are saved; see what is wrong with `git status` there.",
        )

    def _git(self) -> Git:
        return Git(self._vault, self._program or self._binary)

    @cached_property
    def _program(self) -> str | None:
        return shutil.which(self._binary)


def _check_inside(paths: tuple[str, ...]) -> None:
    """Raise ``StorageError`` for a path out of the vault or in git's own folder: git passes over it."""
    for path in paths:
        if not {"", ".", "..", ".git"}.isdisjoint(path.lower().split("/")):
            raise StorageError(f"{path} can't be part of the vault's history.", "Move the file into the vault.")
