"""What differs between the files and the last commit, and what of it is somebody else's doing."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.history import Outside
from smos_cli.errors import StorageError
from tests.adapters.git.steps import NOTE, Git, hook, remember, write

OTHER = "memories/2026/11/tea-at-four-0k8f3k2m.md"


def of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
def kept(vault: Path, history: GitHistory) -> GitHistory:
    """A history with two memories in it."""
    history.commit(remember(write(vault, text="one\n"), write(vault, OTHER, "tea\n")))
    return GitHistory(vault)


class TestWhatDiffers:
    def test_where_nothing_differs_nothing_is_told(self, kept: GitHistory) -> None:
        assert kept.outside() == []
        kept.expect()
        assert kept.outside() == []

    @pytest.mark.parametrize("early", [True, False])
    def test_changed_deleted_and_new_files_are_told_with_what_they_held(
        self, vault: Path, kept: GitHistory, *, early: bool
    ) -> None:
        write(vault, text="two\n")
        (vault / OTHER).unlink()
        write(vault, "notes/Übergrößen 🙂.md", "new\n")
        if early:
            kept.expect()

        assert kept.outside() == [
            Outside(NOTE, of("one\n"), of("two\n")),
            Outside(OTHER, of("tea\n"), ""),
            Outside("notes/Übergrößen 🙂.md", "", of("new\n")),
        ]

    def test_a_renamed_file_is_one_gone_and_one_new(self, vault: Path, kept: GitHistory) -> None:
        (vault / NOTE).rename(vault / "memories/moved.md")

        assert kept.outside() == [
            Outside(NOTE, of("one\n"), ""),
            Outside("memories/moved.md", "", of("one\n")),
        ]

    def test_it_can_be_told_again_and_again(self, vault: Path, kept: GitHistory) -> None:
        for text in ("two\n", "three\n"):
            write(vault, text=text)
            kept.expect()
            kept.expect()
            assert [one.after for one in kept.outside()] == [of(text)]
        kept.commit(remember(NOTE))
        assert kept.outside() == []

    def test_a_file_back_as_it_was_is_not_told(self, vault: Path, kept: GitHistory) -> None:
        write(vault, text="two\n")
        kept.expect()
        write(vault, text="one\n")

        assert kept.outside() == []

    def test_what_another_smos_commits_between_question_and_lock_is_not_told(
        self, vault: Path, kept: GitHistory
    ) -> None:
        write(vault, text="two\n")
        write(vault, "memories/fresh.md")
        kept.expect()
        kept.outside()
        kept.expect()
        GitHistory(vault).commit(remember(NOTE, "memories/fresh.md"))

        assert kept.outside() == []

    def test_hundreds_are_told(self, vault: Path, kept: GitHistory) -> None:
        paths = [write(vault, f"notes/{number:03}.md", f"{number}\n") for number in range(450)]
        kept.expect()
        assert [one.path for one in kept.outside()] == paths
        kept.commit(remember(*paths))
        for path in paths:
            (vault / path).unlink()
        kept.expect()

        assert [one[1:] for one in kept.outside()] == [(of(f"{number}\n"), "") for number in range(450)]

    def test_a_question_that_nobody_waits_for_leaves_no_process(self, vault: Path) -> None:
        history = GitHistory(vault)
        history.create()
        history.expect()
        asked = [call.number for call in history._early._calls] if history._early else []
        history._early = None

        assert asked
        for number in asked:
            assert not Path(f"/proc/{number}").exists()


class TestACopiedVault:
    def test_after_a_slow_answer_the_next_commit_tells_the_index_the_files_times(
        self, vault: Path, kept: GitHistory, git: Git
    ) -> None:
        os.utime(vault / OTHER, (1, 1))
        assert kept.outside() == []
        assert kept._early
        kept._early.was_slow = True

        kept.commit(remember(write(vault, text="two\n")))

        assert git("diff-files", "--name-only") == ""


class TestWhatIsLeftOut:
    def test_what_is_ignored_staged_half_written_or_forgotten(self, vault: Path, kept: GitHistory, git: Git) -> None:
        write(vault, "episodes/two.md")
        write(vault, ".trash/memories/gone.md")
        write(vault, "memories/.smos-1f.tmp")
        git("add", write(vault, "staged.md"))
        write(vault, text="staged\n")
        git("add", NOTE)
        write(vault, text="and more\n")
        git("rm", "--quiet", "--cached", OTHER)

        assert kept.outside() == []

    def test_a_repository_inside_links_and_what_is_too_large(self, vault: Path, kept: GitHistory) -> None:
        subprocess.run(["git", "init", "--quiet", str(vault / "other")], check=True)
        write(vault, "other/file.md")
        (vault / "link.md").symlink_to("PERSONA.md")
        (vault / OTHER).unlink()
        (vault / OTHER).symlink_to("/etc/hostname")
        with (vault / "large.md").open("wb") as file:
            file.truncate(16_000_001)

        assert kept.outside() == []

    def test_episodes_unless_they_are_versioned(self, vault: Path, kept: GitHistory, git: Git) -> None:
        talk = "episodes/2026/11/talk.md"
        write(vault, talk, "one\n")
        write(vault, "episodes/.smos-1f.tmp")
        versioned = GitHistory(vault, episodes="versioned")

        versioned.expect()
        assert versioned.outside() == [
            Outside(talk, "", of("one\n")),
            Outside("episodes/one.md", "", of("a talk\n")),
        ]
        assert kept.outside() == []

        versioned.commit(remember(talk, "episodes/one.md"))
        write(vault, talk, "two\n")
        assert versioned.outside() == [Outside(talk, of("one\n"), of("two\n"))]
        assert GitHistory(vault, episodes="off").outside() == []
        assert git("status", "--porcelain").split() == ["M", talk]

    def test_all_while_a_persons_git_command_is_half_done(self, vault: Path, kept: GitHistory, git: Git) -> None:
        write(vault, text="two\n")
        (vault / ".git/MERGE_HEAD").write_text("0" * 40)
        kept.expect()
        assert kept.outside() == ()
        (vault / ".git/MERGE_HEAD").unlink()

        git("checkout", "--quiet", "--detach")
        assert kept.outside() == ()

    def test_all_where_git_fails_or_there_is_none(self, vault: Path, kept: GitHistory) -> None:
        write(vault, text="two\n")
        (vault / ".git/index").write_bytes(b"damaged")
        kept.expect()

        assert kept.outside() == ()
        assert GitHistory(vault, "no-such-git").outside() == ()

    def test_the_users_index_is_only_read(self, vault: Path, kept: GitHistory) -> None:
        write(vault, text="two\n")
        before = (vault / ".git/index").read_bytes()

        kept.outside()

        assert (vault / ".git/index").read_bytes() == before


class TestWhoseItIs:
    @pytest.mark.parametrize("named", [NOTE, "memories/fresh.md"])
    def test_a_commit_that_failed_half_way_is_told_though_it_looks_staged(
        self, vault: Path, kept: GitHistory, git: Git, named: str
    ) -> None:
        hook(vault, "pre-commit", "exit 1")
        with pytest.raises(StorageError):
            kept.commit(remember(write(vault, named, "two\n")))
        assert git("diff", "--cached", "--name-only").split() == [named]

        before = of("one\n") if named == NOTE else ""
        assert GitHistory(vault).outside() == [Outside(named, before, of("two\n"))]

        (vault / ".git/hooks/pre-commit").unlink()
        assert kept.commit(remember(named))
        assert GitHistory(vault).outside() == []
        assert not (vault / ".git/smos.pending").exists()

    def test_a_removal_that_failed_half_way_is_told(self, vault: Path, kept: GitHistory) -> None:
        hook(vault, "pre-commit", "exit 1")
        (vault / NOTE).unlink()
        with pytest.raises(StorageError):
            kept.commit(remember(removed=(NOTE,)))

        assert kept.outside() == [Outside(NOTE, of("one\n"), "")]

    def test_what_a_person_committed_is_told_until_smos_commits(self, vault: Path, kept: GitHistory, git: Git) -> None:
        write(vault, text="two\n")
        git("rm", "--quiet", OTHER)
        git("commit", "--quiet", "--all", "--message=mine")
        write(vault, "memories/fresh.md", "fresh\n")

        assert kept.outside() == [
            Outside(NOTE, of("one\n"), of("two\n")),
            Outside(OTHER, of("tea\n"), ""),
            Outside("memories/fresh.md", "", of("fresh\n")),
        ]
        kept.commit(remember("memories/fresh.md"))
        assert kept.outside() == []

    def test_a_history_that_was_rewritten_is_taken_as_it_is(self, vault: Path, kept: GitHistory) -> None:
        (vault / ".git/smos.tip").write_text("1" * 40)

        assert kept.outside() == []
