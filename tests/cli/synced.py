"""Two homes with a copy of one vault each, and the repository that they sync with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.cli.running import Home, environment


class Pair:
    """Ann, who made the vault, and Ben, who joined it; ``remote`` is a bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.remote = folder / "remote.git"
        self.ann = Home(folder / "ann")
        self.ben = Home(folder / "ben")

    def begin(self) -> None:
        for home in (self.ann, self.ben):
            home.user.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", str(self.remote))
        self.ann("init")
        self.ann.remember("The build server is called Hector.")
        self.ann("sync", str(self.remote))
        self.ben("join", str(self.remote), "--persona", "bob")
        for home in (self.ann, self.ben):
            # Relative, so that all three can be copied to another place.
            self.git("config", "remote.origin.url", "../../../../remote.git", at=home.vault)

    def copied(self, folder: Path) -> Pair:
        shutil.copytree(self.folder, folder, symlinks=True)
        return Pair(folder)

    def sync(self) -> None:
        """Sync both, until each has what the other has."""
        for home in (self.ann, self.ben, self.ann):
            home("sync")

    def git(self, *words: str, at: Path | None = None, data: bytes = b"") -> str:
        done = subprocess.run(
            ["git", "-C", str(at or self.folder), *words],
            input=data,
            capture_output=True,
            env=environment(self.folder),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape")

    def trees(self) -> set[str]:
        """Return the trees of both, after a look that nothing is uncommitted or broken."""
        for home in (self.ann, self.ben):
            assert self.git("status", "--porcelain", at=home.vault) == ""
            self.git("fsck", "--strict", at=home.vault)
        return {self.git("rev-parse", "HEAD^{tree}", at=home.vault) for home in (self.ann, self.ben)}

    def push_tree(self, entries: str) -> None:
        """Commit a tree (lines of ``git mktree``) to the remote's main branch, as no smos would."""
        tree = self.git("mktree", "--missing", at=self.remote, data=entries.encode()).strip()
        parent = self.git("rev-parse", "main", at=self.remote).strip()
        person = ("-c", "user.name=Eve", "-c", "user.email=eve@example.org")
        commit = self.git(*person, "commit-tree", tree, "-p", parent, "-m", "More", at=self.remote).strip()
        self.git("update-ref", "refs/heads/main", commit, at=self.remote)

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", at=self.remote, data=data).strip()


def memory_file(home: Home) -> Path:
    """Return the file of the only memory."""
    (found,) = (home.vault / "memories").rglob("*.md")
    return found
