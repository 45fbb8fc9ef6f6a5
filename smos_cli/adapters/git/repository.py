"""The repository in a vault as its files tell it: whose it is, what is checked out, whether it is at rest.

Owns the questions that need no git, or hardly any. Refuses every repository that smos did not make, and one in which
a person's git command is half done. Changes nothing but a lock that nobody can hold any more.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.pending import Pending
from smos_cli.errors import StorageError

_LOCK_WAIT = 1.0
_PAUSE = 0.005
_HASH_LENGTHS = (40, 64)
UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}
"""What is in ``.git`` while a person's command is half done, and that command."""
_LOCKS = ("index.lock", "HEAD.lock", "packed-refs.lock")
_BARE = ("HEAD", "objects", "refs")


class Repository:
    """The ``.git`` folder of a vault."""

    def __init__(self, vault: Path, binary: str = "git") -> None:
        self.vault = vault
        self.folder = vault / ".git"
        self.pending = Pending(self.folder)
        self._binary = binary

    def available(self) -> bool:
        """Say whether there is a git to be run."""
        return self._program is not None

    def owned(self) -> bool:
        """Say whether the vault is a repository that smos made, without running git in it."""
        try:
            lines = (self.folder / "config").read_text("utf-8", "replace").splitlines()
        except OSError:
            return False
        return ("smos.created", "true") in settings_in(lines)

    def is_used(self) -> bool:
        """Say whether smos runs git here: there is one, and the repository is ours."""
        return self.available() and self.owned()

    def is_bare(self) -> bool:
        """Say whether the vault itself is what elsewhere is its ``.git``."""
        return all((self.vault / name).exists() for name in _BARE)

    def git(self) -> Git:
        """Return git for this vault."""
        return Git(self.vault, self._program or self._binary)

    def check_at_rest(self) -> None:
        """Raise ``StorageError`` while another git command is half done; one that is short is waited for."""
        deadline = time.monotonic() + _LOCK_WAIT
        while (locks := self._locks(names := self._names())) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        for name, command in UNDER_WAY.items():
            if name in names:
                raise StorageError(
                    f"A {command} is under way in {self.vault}.",
                    f"End it: `git {command} --continue` or `git {command} --abort`.",
                )
        for lock in locks:
            if not self._removed_own(lock):
                raise StorageError(
                    f"Another git command holds {lock}.",
                    "If no git command runs there, `smos doctor --repair` deletes that lock.",
                )

    def is_at_rest(self) -> bool:
        """Say whether a branch is checked out and no merge or the like is under way, without waiting."""
        try:
            return self._names().isdisjoint(UNDER_WAY) and self._read("HEAD").startswith("ref: refs/heads/")
        except StorageError:
            return False

    def branch(self) -> str:
        """Return the full name of the branch that is checked out, by hand where it is in a file."""
        head = self._read("HEAD")
        if head == "ref: refs/heads/.invalid":
            return self.git().run("symbolic-ref", "HEAD").decode().strip()
        if not head.startswith("ref: refs/heads/"):
            raise StorageError(
                f"No branch is checked out in {self.vault}.",
                "Go back to a branch with `git switch main`.",
            )
        return head.removeprefix("ref: ")

    def tip(self, branch: str) -> str:
        """Return the hash of a branch's last commit, or nothing when it has none."""
        with suppress(StorageError):
            loose = self._read(branch)
            if len(loose) in _HASH_LENGTHS:
                return loose
        return self.git().run("for-each-ref", "--format=%(objectname)", branch).decode().strip()

    def _locks(self, names: Container[str]) -> list[Path]:
        """Return the locks that keep git from committing."""
        found = [self.folder / name for name in _LOCKS if name in names]
        with suppress(StorageError):
            lock = self.folder / f"{self._read('HEAD').removeprefix('ref: ')}.lock"
            found += [lock] if lock.exists() else []
        return found

    def _removed_own(self, lock: Path) -> bool:
        """Remove a lock that a smos left when it was killed while it committed; its own notes say that it did."""
        from smos_cli.adapters.git.locks import is_left_over

        if not self.pending.paths() or not is_left_over(lock, self.vault):
            return False
        lock.unlink(missing_ok=True)
        return True

    def _names(self) -> set[str]:
        try:
            return {path.name for path in self.folder.iterdir()}
        except OSError as error:
            raise self._damaged() from error

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8", "surrogateescape").strip()
        except OSError as error:
            raise self._damaged() from error

    def _damaged(self) -> StorageError:
        return StorageError(
            f"The repository in {self.vault} can't be read.",
            "`smos doctor --repair` tries to mend it.",
        )

    @cached_property
    def _program(self) -> str | None:
        return shutil.which(self._binary)


def settings_in(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a file of git's as ``section.key`` and value, in lower case; no value means ``true``."""
    section = ""
    for line in map(str.strip, lines):
        if line.startswith("["):
            section = line.strip("[]").strip().lower()
        elif line and line[0] not in "#;":
            key, _, value = line.partition("=")
            yield f"{section}.{key.strip().lower()}", value.strip().lower() or "true"
