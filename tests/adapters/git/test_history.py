"""The history of a vault, with the real git."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.errors import StorageError
from tests.adapters.git.steps import NOTE, Git, remember, write


class TestMakingIt:
    def test_it_commits_what_is_there_and_leaves_out_what_is_ignored(self, history: GitHistory, git: Git) -> None:
        assert history.owned()
        assert git("ls-files").split() == [".gitignore", "PERSONA.md"]
        assert git("status", "--porcelain") == ""
        assert git("branch", "--show-current") == "main\n"

    def test_it_can_be_repeated(self, history: GitHistory, git: Git) -> None:
        before = git("rev-parse", "HEAD")

        assert history.create()
        assert git("rev-parse", "HEAD") == before

    def test_an_empty_vault_gets_its_first_commit_with_its_first_file(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        history = GitHistory(tmp_path / "empty")

        assert history.create()
        assert history.commit(remember(write(tmp_path / "empty")))

    def test_every_byte_is_kept_whatever_the_users_settings(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("config", "core.autocrlf", "true")
        (vault / NOTE).write_bytes(b"one\r\ntwo\n\xff\x00")

        history.commit(remember(NOTE))

        kept = subprocess.run(["git", "-C", str(vault), "show", f"HEAD:{NOTE}"], check=True, capture_output=True)
        assert kept.stdout == b"one\r\ntwo\n\xff\x00"
        assert git("status", "--porcelain") == ""

    def test_git_never_tidies_by_itself(self, history: GitHistory, git: Git) -> None:
        assert history.owned()
        assert git("config", "gc.auto") == "0\n"

    def test_a_repository_of_somebody_else_is_left_alone(self, vault: Path, git: Git) -> None:
        git("init", "--quiet")
        history = GitHistory(vault)

        assert not history.create()
        assert not history.owned()
        assert history.commit(remember(write(vault))) is None
        assert git("status", "--porcelain", "--untracked-files=no") == ""

    def test_a_vault_inside_another_repository_gets_none(self, tmp_path: Path, vault: Path) -> None:
        subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)

        assert not GitHistory(vault).create()
        assert not (vault / ".git").exists()

    def test_a_repository_inside_the_vault_is_not_taken_in(self, vault: Path, git: Git) -> None:
        subprocess.run(["git", "init", "--quiet", str(vault / "other")], check=True)
        write(vault, "other/file.md")

        assert GitHistory(vault).create()
        assert "other" not in git("ls-files")

    def test_a_read_only_vault_is_an_error(self, vault: Path) -> None:
        if os.geteuid() == 0:
            (vault / ".git").symlink_to("nowhere")
            assert not GitHistory(vault).create()
            return
        vault.chmod(0o500)
        with pytest.raises(StorageError):
            GitHistory(vault).create()

    def test_without_git_there_is_no_history(self, vault: Path, history: GitHistory) -> None:
        without = GitHistory(vault, binary="no-such-git")

        assert history.available()
        assert not without.available()
        assert not without.create()
        assert without.commit(remember(write(vault))) is None


class TestCommitting:
    def test_a_commit_holds_the_file_and_leaves_the_status_clean(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        commit = history.commit(remember(write(vault)))

        assert git("rev-parse", "HEAD").strip() == commit
        assert git("show", f"HEAD:{NOTE}") == "The TTL is 10 s.\n"
        assert git("rev-list", "--count", "HEAD") == "2\n"
        assert git("status", "--porcelain") == ""

    def test_who_and_what_can_be_read_from_it(self, vault: Path, history: GitHistory, git: Git) -> None:
        history.commit(remember(write(vault)))

        assert git("log", "-1", "--format=%s").strip() == "remember: The TTL"
        assert git("log", "-1", "--format=%(trailers:key=Smos-Verb,valueonly)").strip() == "remember"
        assert git("log", "-1", "--format=%(trailers:key=Smos-Actor,valueonly)").strip() == "bob"

    def test_the_same_again_is_no_commit(self, vault: Path, history: GitHistory, git: Git) -> None:
        commit = history.commit(remember(write(vault)))

        assert history.commit(remember(NOTE)) is None
        assert history.commit(remember()) is None
        assert git("rev-parse", "HEAD").strip() == commit

    def test_a_file_that_is_gone_is_gone_from_the_tree(self, vault: Path, history: GitHistory, git: Git) -> None:
        history.commit(remember(write(vault)))
        moved = write(vault, "memories/2026/11-2/moved.md")
        (vault / NOTE).unlink()

        assert history.commit(remember(moved, removed=(NOTE,)))
        assert git("ls-tree", "-r", "--name-only", "HEAD", "memories").split() == [moved]
        assert git("status", "--porcelain") == ""

    def test_a_file_that_was_never_committed_can_be_gone(self, history: GitHistory) -> None:
        assert history.commit(remember(removed=(NOTE,))) is None

    def test_a_folder_can_take_the_place_of_a_file(self, vault: Path, history: GitHistory, git: Git) -> None:
        history.commit(remember(write(vault, "topic")))
        (vault / "topic").unlink()

        assert history.commit(remember(write(vault, "topic/one.md"), removed=("topic",)))
        assert git("ls-tree", "-r", "--name-only", "HEAD", "topic").split() == ["topic/one.md"]
        assert git("status", "--porcelain") == ""

    @pytest.mark.parametrize(
        "name",
        [
            "two words",
            'a "quoted" one',
            "back\\slash",
            "Übergrößen 記憶 🙂",
            "new\nline",
            "[a-z]*?",
            ":(top)x",
            "-x",
            "tab\t",
        ],
    )
    def test_odd_names_are_kept(self, vault: Path, history: GitHistory, git: Git, name: str) -> None:
        path = write(vault, f"{name}/{name}.md")
        assert history.commit(remember(path))
        assert path in git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
        assert git("status", "--porcelain") == ""

        (vault / path).unlink()
        assert history.commit(remember(removed=(path,)))
        assert path not in git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
        assert git("status", "--porcelain") == ""

    def test_links_and_executable_files_stay_what_they_are(self, vault: Path, history: GitHistory, git: Git) -> None:
        write(vault, "run.sh")
        (vault / "run.sh").chmod(0o755)
        (vault / "link.md").symlink_to("PERSONA.md")

        assert history.commit(remember("run.sh", "link.md"))
        assert git("status", "--porcelain") == ""

    @pytest.mark.parametrize("path", ["../outside.md", ".git/config", "/etc/hostname"])
    def test_a_path_out_of_the_vault_is_refused(self, vault: Path, history: GitHistory, git: Git, path: str) -> None:
        before = git("rev-parse", "HEAD")

        with pytest.raises(StorageError):
            history.commit(remember(write(vault), path))
        assert git("rev-parse", "HEAD") == before

    def test_many_files_are_one_commit_in_one_pack(
        self, vault: Path, history: GitHistory, git: Git, capsys: pytest.CaptureFixture[str]
    ) -> None:
        paths = [write(vault, f"memories/{n // 500:02}/{n}.md", f"number {n}\n") for n in range(10_000)]

        started = time.perf_counter()
        assert history.commit(remember(*paths))
        bulk = time.perf_counter() - started
        assert history.commit(remember(write(vault)))
        one = time.perf_counter() - started - bulk

        assert git("rev-list", "--count", "HEAD") == "3\n"
        assert git("status", "--porcelain") == ""
        assert git("ls-files", "memories").count("\n") == len(paths) + 1
        assert "packs: 1\n" in git("count-objects", "-v")
        git("fsck", "--strict", "--no-dangling")
        with capsys.disabled():
            print(f" [{len(paths)} files {bulk:.2f} s, one more {one * 1e3:.1f} ms] ")

    def test_packed_references_are_followed(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("pack-refs", "--all")

        assert history.commit(remember(write(vault)))
        assert git("rev-list", "--count", "HEAD") == "2\n"

    def test_the_repository_is_sound_afterwards(self, vault: Path, history: GitHistory, git: Git) -> None:
        history.commit(remember(write(vault)))
        history.commit(remember(NOTE))

        git("fsck", "--strict")
        assert not list((vault / ".git").glob("fast_import_crash*"))
