"""The history of a vault read back, with the real git; what git says is taken as it is, whatever the user set."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.past import GitPast
from smos_cli.core.past import FileChange
from smos_cli.errors import AmbiguousError, NotFoundError, StorageError
from tests.adapters.git.steps import NOTE, Git, remember, without_driver, write


class TestRevisions:
    @pytest.mark.parametrize("revision", ["HEAD", "HEAD~0", "main", "@"])
    def test_they_are_what_git_takes_for_a_commit(self, revision: str, past: GitPast, git: Git) -> None:
        assert past.find(revision) == git("rev-parse", "HEAD").strip()

    def test_a_beginning_is_enough(self, past: GitPast, git: Git) -> None:
        name = git("rev-parse", "HEAD").strip()

        assert past.find(name[:7]) == past.find(name.upper()) == name

    @pytest.mark.parametrize(
        "revision",
        [
            *("", " ", "--output=x", "-1", "--all", "--", "nope", "0" * 40, "HEAD~99", "^HEAD", "HEAD..HEAD"),
            *("HEAD:PERSONA.md", "HEAD^{tree}", ":/", "HEAD\n", "a\0b"),
        ],
    )
    def test_what_names_none_is_not_found(self, revision: str, vault: Path, past: GitPast) -> None:
        with pytest.raises(NotFoundError):
            past.find(revision)
        assert not (vault / "x").exists()

    def test_what_could_be_two_is_ambiguous(self, vault: Path, past: GitPast, git: Git) -> None:
        commits = b"".join(
            b"commit refs/heads/many\ncommitter x <x@x> %d +0000\ndata 0\n\n" % number for number in range(3000)
        )
        subprocess.run(["git", "-C", str(vault), "fast-import", "--quiet"], input=commits, check=True)
        names = sorted(git("rev-list", "many").split())

        twice = next(one[:4] for one, other in pairwise(names) if one[:4] == other[:4])
        with pytest.raises(AmbiguousError):
            past.find(twice)

    def test_a_time_gives_the_last_commit_until_then(
        self, vault: Path, history: GitHistory, past: GitPast, git: Git
    ) -> None:
        seconds = int(git("log", "-1", "--format=%ct"))

        assert past.until(seconds) == git("rev-parse", "HEAD").strip()
        assert past.until(seconds - 1) == ""


class TestContents:
    def test_every_byte_is_there_in_the_order_asked_for(self, vault: Path, git: Git, past: GitPast) -> None:
        held = [b"", b"\n", b"one\r\ntwo", bytes(range(256)), b"x" * 300_000]
        for number, data in enumerate(held):
            (vault / f"{number}.bin").write_bytes(data)
        git("add", "--all")
        git("commit", "--quiet", "--message=By hand")
        files = past.files()

        names = [files[f"{number}.bin"] for number in range(5)] * 300
        assert list(past.contents(names)) == held * 300

    def test_nothing_is_asked_of_nobody(self, past: GitPast) -> None:
        assert list(past.contents([])) == []

    def test_a_blob_that_is_not_there_is_not_found(self, past: GitPast) -> None:
        with pytest.raises(NotFoundError):
            list(past.contents(["0" * 40]))


class TestWhatIsNotRecorded:
    def test_it_is_what_is_new_changed_or_gone_staged_or_not(
        self, vault: Path, history: GitHistory, past: GitPast, git: Git, blob: Callable[..., str]
    ) -> None:
        history.commit(remember(write(vault), write(vault, "two.md"), write(vault, "three.md")))
        write(vault, text="other\n")
        write(vault, "two.md", "staged\n")
        git("add", "two.md")
        (vault / "three.md").unlink()
        write(vault, "notes/new.md")
        write(vault, "episodes/ignored.md")

        assert past.unrecorded() == [
            FileChange(NOTE, blob(NOTE), "?"),
            FileChange("notes/new.md", "", "?"),
            FileChange("three.md", blob("three.md"), ""),
            FileChange("two.md", blob("two.md"), "?"),
        ]

    def test_reading_leaves_gits_index_alone(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        history.commit(remember(write(vault)))
        os.utime(vault / NOTE, (1, 1))
        before = (vault / ".git/index").stat()

        assert past.unrecorded() == []
        assert (vault / ".git/index").stat() == before


class TestOddRepositories:
    def test_a_detached_head_is_read(self, vault: Path, history: GitHistory, past: GitPast, git: Git) -> None:
        history.commit(remember(write(vault)))
        git("switch", "--quiet", "--detach", "HEAD~1")

        assert len(list(past.commits())) == 1

    def test_a_merge_under_way_is_read(self, vault: Path, history: GitHistory, past: GitPast, git: Git) -> None:
        history.commit(remember(write(vault)))
        git("switch", "--quiet", "-c", "other", "HEAD~1")
        write(vault, text="theirs\n")
        git("add", "--all")
        git("commit", "--quiet", "--message=theirs")
        without_driver(vault)
        git("merge", "--quiet", "main", check=False)

        assert [change.path for change in past.unrecorded()] == [NOTE]
        assert len(list(past.commits())) == 2

    def test_a_shallow_clone_is_read_as_far_as_it_goes(self, vault: Path, history: GitHistory, tmp_path: Path) -> None:
        history.commit(remember(write(vault)))
        shallow = tmp_path / "shallow"
        subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{vault}", str(shallow)], check=True)
        subprocess.run(["git", "-C", str(shallow), "config", "smos.created", "true"], check=True)
        past = GitPast(shallow, recording=True)

        (commit,) = past.commits()
        assert NOTE in [change.path for change in commit.files]
        with pytest.raises(NotFoundError):
            past.find("HEAD~1")

    def test_one_that_smos_did_not_make_is_not_asked(self, vault: Path, git: Git) -> None:
        git("init", "--quiet")

        with pytest.raises(StorageError, match="No history"):
            list(GitPast(vault, recording=True).commits())

    def test_without_git_there_is_a_remedy(self, vault: Path, history: GitHistory) -> None:
        with pytest.raises(StorageError, match="git is missing"):
            GitPast(vault, recording=True, binary="no-such-git").files()

    def test_a_damaged_one_is_an_error(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        history.commit(remember(write(vault)))
        for path in (vault / ".git/objects").glob("??/*"):
            path.chmod(0o600)
            path.write_bytes(b"broken")

        for read in (lambda: list(past.commits()), past.files, past.unrecorded, lambda: past.until(2**40)):
            with pytest.raises(StorageError):
                read()
