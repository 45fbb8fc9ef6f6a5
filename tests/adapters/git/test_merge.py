"""A commit with two parents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.changes import Change
from smos_cli.errors import StorageError
from tests.adapters.git.steps import NOTE, Git, hook, remember, write

MERGE = Change("sync", "sync: Merge what the other clone has", (), "shell", "marta", written=(NOTE,))


@pytest.fixture
def other(vault: Path, history: GitHistory, git: Git) -> str:
    """A commit that the branch does not have."""
    git("switch", "--quiet", "--create", "side")
    commit = history.commit(remember(write(vault, text="theirs\n")))
    git("switch", "--quiet", "main")
    history.commit(remember(write(vault, text="ours\n")))
    assert commit
    return commit


def parents(git: Git) -> list[str]:
    return git("log", "-1", "--format=%P").split()


class TestAMerge:
    def test_it_has_both_parents_and_what_the_files_are(
        self, vault: Path, history: GitHistory, git: Git, other: str
    ) -> None:
        before = git("rev-parse", "HEAD").strip()
        write(vault, text="both\n")

        commit = history.commit_merge(MERGE, other)

        assert git("rev-parse", "HEAD").strip() == commit
        assert parents(git) == [before, other]
        assert git("show", f"HEAD:{NOTE}") == "both\n"
        assert git("log", "-1", "--format=%s|%(trailers:key=Smos-Verb,valueonly)").strip() == f"{MERGE.subject}|sync"
        assert git("status", "--porcelain") == ""
        assert history.outside() == []

    def test_it_is_made_also_where_no_file_changes(self, history: GitHistory, git: Git, other: str) -> None:
        before = git("rev-parse", "HEAD").strip()

        history.commit_merge(replace(MERGE, written=()), other)

        assert parents(git) == [before, other]
        assert git("status", "--porcelain") == ""

    def test_content_filters_apply_to_it(self, vault: Path, history: GitHistory, git: Git, other: str) -> None:
        git("config", "filter.veil.clean", "tr a-z A-Z")
        write(vault, ".git/info/attributes", "*.md filter=veil\n")
        write(vault, text="both\n")
        before = git("rev-parse", "HEAD").strip()

        history.commit_merge(MERGE, other)

        assert parents(git) == [before, other]
        assert git("show", f"HEAD:{NOTE}") == "BOTH\n"
        assert git("status", "--porcelain", "--", NOTE) == ""
        assert not (vault / ".git/smos.index").exists()

    def test_it_is_signed_where_the_user_signs(self, vault: Path, history: GitHistory, git: Git, other: str) -> None:
        script = "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho 'a signature'\n"
        signer = write(vault, "../signer", script)
        (vault / signer).chmod(0o755)
        git("config", "commit.gpgsign", "true")
        git("config", "gpg.program", str((vault / signer).resolve()))
        write(vault, text="both\n")

        commit = history.commit_merge(MERGE, other)

        assert "gpgsig a signature" in git("cat-file", "commit", commit)

    def test_what_a_killed_one_left_does_not_stop_it(
        self, vault: Path, history: GitHistory, git: Git, other: str
    ) -> None:
        git("config", "filter.veil.clean", "tr a-z A-Z")
        write(vault, ".git/info/attributes", "*.md filter=veil\n")
        write(vault, ".git/smos.index", "half")
        write(vault, ".git/smos.index.lock", "")
        write(vault, text="both\n")

        history.commit_merge(MERGE, other)

        assert git("show", f"HEAD:{NOTE}") == "BOTH\n"

    def test_hooks_that_fail_do_not_stop_it(self, vault: Path, history: GitHistory, git: Git, other: str) -> None:
        hook(vault, "pre-commit", "exit 1")
        write(vault, text="both\n")

        history.commit_merge(MERGE, other)

        assert len(parents(git)) == 2

    def test_an_unknown_commit_is_an_error_that_leaves_the_branch(
        self, history: GitHistory, git: Git, other: str
    ) -> None:
        before = git("rev-parse", "HEAD")

        with pytest.raises(StorageError):
            history.commit_merge(MERGE, "1" * 40)
        assert git("rev-parse", "HEAD") == before

    def test_without_a_history_it_is_an_error(self, vault: Path) -> None:
        with pytest.raises(StorageError, match="No history is kept"):
            GitHistory(vault).commit_merge(MERGE, "1" * 40)
