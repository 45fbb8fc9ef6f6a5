"""The history waits for others, refuses what is half done, and loses nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.errors import StorageError
from tests.adapters.git.steps import NOTE, Git, remember, without_driver, write

COMMITTER = """
import sys
from pathlib import Path
from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.changes import Change
vault, name = Path(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    path = f"{name}-{number}.md"
    (vault / path).write_text(path)
    assert GitHistory(vault).commit(Change("remember", path, (), "shell", name, written=(path,)))
"""

HOLDER = """
import sys
with open(sys.argv[1], "a"):
    print("held", flush=True)
    sys.stdin.read()
"""


class TestNotNow:
    def test_no_branch_is_checked_out(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("checkout", "--quiet", "--detach")

        with pytest.raises(StorageError, match="No branch is checked out"):
            history.commit(remember(write(vault)))
        assert git("rev-list", "--count", "HEAD") == "1\n"

    def test_a_merge_is_under_way(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("switch", "--quiet", "--create", "side")
        history.commit(remember(write(vault, text="one\n")))
        git("switch", "--quiet", "main")
        history.commit(remember(write(vault, text="two\n")))
        without_driver(vault)
        git("merge", "side", check=False)

        with pytest.raises(StorageError, match="A merge is under way"):
            history.commit(remember(write(vault, "other.md")))

    def test_the_index_is_locked(self, vault: Path, history: GitHistory, git: Git) -> None:
        (vault / ".git/index.lock").touch()

        with pytest.raises(StorageError, match=r"index\.lock"):
            history.commit(remember(write(vault)))
        assert git("rev-list", "--count", "HEAD") == "1\n"

    @pytest.mark.parametrize("names", [["index"], ["refs/heads/main", "HEAD"], ["packed-refs"]])
    def test_locks_that_a_killed_smos_left_are_removed(
        self, vault: Path, history: GitHistory, git: Git, names: list[str]
    ) -> None:
        (vault / ".git/smos.pending").write_bytes(NOTE.encode() + b"\0")
        for name in names:
            (vault / f".git/{name}.lock").touch()

        assert history.commit(remember(write(vault)))
        assert git("status", "--porcelain") == ""
        assert not any((vault / f".git/{name}.lock").exists() for name in names)

    def test_a_lock_that_is_held_is_left_alone_whoever_noted_what(self, vault: Path, history: GitHistory) -> None:
        (vault / ".git/smos.pending").write_bytes(NOTE.encode() + b"\0")
        with (vault / ".git/index.lock").open("w"):
            words = [sys.executable, "-c", HOLDER, str(vault / ".git/index.lock")]
            with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
                assert holder.stdout
                assert holder.stdout.readline() == b"held\n"
                with pytest.raises(StorageError, match=r"index\.lock"):
                    history.commit(remember(write(vault)))
                holder.communicate(b"")

        assert (vault / ".git/index.lock").exists()

    def test_a_short_lock_is_waited_for(self, vault: Path, history: GitHistory) -> None:
        lock = vault / ".git/index.lock"
        lock.touch()
        threading.Timer(0.05, lock.unlink).start()

        assert history.commit(remember(write(vault)))

    def test_a_damaged_repository_is_not_replaced_by_one_further_up(
        self, tmp_path: Path, vault: Path, history: GitHistory
    ) -> None:
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
        (vault / ".git/objects").rename(vault / ".git/lost")

        with pytest.raises(StorageError):
            history.commit(remember(write(vault)))
        assert not list((tmp_path / ".git/objects").glob("??"))

    def test_a_file_that_is_a_folder_leaves_the_branch_alone(self, vault: Path, history: GitHistory, git: Git) -> None:
        (vault / NOTE).mkdir()
        write(vault, f"{NOTE}/inner.md")

        with pytest.raises(StorageError):
            history.commit(remember(NOTE))
        assert git("rev-list", "--count", "HEAD") == "1\n"
        git("fsck", "--strict", "--no-dangling")


class TestAtOnce:
    def test_several_processes_lose_no_commit(self, vault: Path, history: GitHistory, git: Git) -> None:
        words = [sys.executable, "-c", COMMITTER, str(vault)]
        running = [subprocess.Popen([*words, f"p{n}", "10"]) for n in range(3)]

        assert [process.wait() for process in running] == [0, 0, 0]
        assert history.owned()
        assert git("rev-list", "--count", "HEAD") == "31\n"
        assert git("status", "--porcelain") == ""

    def test_a_user_who_commits_at_the_same_time_loses_nothing(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        ours = 10
        running = subprocess.Popen([sys.executable, "-c", COMMITTER, str(vault), "p", str(ours)])
        theirs = 0
        for _ in range(4):
            words = ["git", "-C", str(vault), "commit", "--quiet", "--allow-empty", "-m", "mine"]
            theirs += subprocess.run(words, check=False, capture_output=True).returncode == 0
        assert running.wait() == 0
        assert history.owned()
        assert git("rev-list", "--count", "HEAD") == f"{1 + ours + theirs}\n"
        assert git("ls-tree", "--name-only", "HEAD").count("p-") == ours
