"""What a user does with git, and has set up in it, is left as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.errors import StorageError
from tests.adapters.git.steps import NOTE, Git, hook, remember, write


class TestTheUsersOwn:
    def test_what_is_staged_stays_staged_and_out_of_our_commit(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        git("add", write(vault, "draft.md"))
        git("rm", "--quiet", "--cached", "PERSONA.md")

        history.commit(remember(write(vault)))

        assert git("show", "--format=", "--name-only", "HEAD").split() == [NOTE]
        assert git("diff", "--cached", "--name-status").split() == ["D", "PERSONA.md", "A", "draft.md"]

    def test_what_is_staged_stays_so_when_hooks_run(self, vault: Path, history: GitHistory, git: Git) -> None:
        hook(vault, "pre-commit", "exit 0")
        git("add", write(vault, "draft.md"))

        history.commit(remember(write(vault)))

        assert git("show", "--format=", "--name-only", "HEAD").split() == [NOTE]
        assert git("diff", "--cached", "--name-status").split() == ["A", "draft.md"]

    @pytest.mark.parametrize("hooked", [False, True])
    @pytest.mark.parametrize("early", [False, True])
    def test_a_file_with_staged_changes_is_left_to_the_user_and_the_others_are_committed(
        self, vault: Path, history: GitHistory, git: Git, *, hooked: bool, early: bool
    ) -> None:
        history.commit(remember(write(vault, text="one\n")))
        if hooked:
            hook(vault, "pre-commit", "exit 0")
        git("add", write(vault, text="staged\n"))
        write(vault, text="staged, and ours\n")
        if early:
            history.expect()

        with pytest.raises(StorageError, match=r"You have staged changes of memories/.*\.md") as caught:
            history.commit(remember(NOTE, write(vault, "other.md")))

        assert "git restore --staged" in caught.value.remedy
        assert git("show", "--format=", "--name-only", "HEAD").split() == ["other.md"]
        assert git("show", f":{NOTE}") == "staged\n"
        assert (vault / NOTE).read_text() == "staged, and ours\n"

        git("commit", "--quiet", "--message=mine")
        (left,) = GitHistory(vault).outside()
        assert left.path == NOTE
        assert history.commit(remember(NOTE))
        assert git("show", f"HEAD:{NOTE}") == "staged, and ours\n"

    def test_what_is_staged_stays_so_when_another_smos_was_half_way(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        history.commit(remember(write(vault, text="one\n")))
        write(vault, text="two\n")
        git("add", NOTE)
        history.expect()
        assert history.outside() == []
        git("commit", "--quiet", "--message=another smos ends its commit")
        write(vault, text="three\n")

        assert history.commit(remember(NOTE))
        assert git("show", f"HEAD:{NOTE}") == "three\n"

    def test_the_branch_that_is_checked_out_is_the_one_that_moves(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        before = git("rev-parse", "main")
        git("switch", "--quiet", "--create", "mine/own")

        commit = history.commit(remember(write(vault)))

        assert git("rev-parse", "mine/own").strip() == commit
        assert git("rev-parse", "main") == before

    def test_a_branch_without_commits_gets_its_first(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("switch", "--quiet", "--orphan", "fresh")

        assert history.commit(remember(write(vault)))
        assert git("rev-list", "--count", "HEAD") == "1\n"

    def test_the_identity_is_the_users(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("config", "author.name", 'Marta <the> "1st"')
        history.commit(remember(write(vault)))

        assert git("log", "-1", "--format=%an|%ae").strip() == 'Marta the "1st"|marta@example.org'
        assert git("log", "-1", "--format=%cn|%ce").strip() == "Marta Example|marta@example.org"

    @pytest.mark.parametrize("hooked", [False, True])
    def test_without_an_identity_it_is_ours(
        self, vault: Path, users_home: Path, git: Git, history: GitHistory, *, hooked: bool
    ) -> None:
        (users_home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
        if hooked:
            hook(vault, "post-commit", "exit 0")

        history.commit(remember(write(vault)))

        assert git("log", "-1", "--format=%an <%ae> %cn <%ce>").strip() == " ".join(["smos <smos@localhost>"] * 2)
        assert git("config", "user.name", check=False) == ""

    def test_a_calling_hooks_repository_is_not_touched(
        self, tmp_path: Path, vault: Path, git: Git, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other"
        subprocess.run(["git", "init", "--quiet", str(other)], check=True)
        before = sorted(other.rglob("*"))
        with monkeypatch.context() as patch:
            patch.setenv("GIT_DIR", str(other / ".git"))
            patch.setenv("GIT_WORK_TREE", str(other))
            patch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
            history = GitHistory(vault)
            assert history.create()
            assert history.commit(remember(write(vault)))

        assert sorted(other.rglob("*")) == before
        assert git("status", "--porcelain") == ""

    def test_hooks_run(self, vault: Path, history: GitHistory, git: Git) -> None:
        hook(vault, "pre-commit", "touch ran-pre-commit")
        hook(vault, "commit-msg", 'echo "Reviewed-by: nobody" >> "$1"')

        commit = history.commit(remember(write(vault)))

        assert (vault / "ran-pre-commit").exists()
        assert git("log", "-1", "--format=%H %(trailers:key=Reviewed-by,valueonly)").split() == [
            commit,
            "nobody",
        ]
        assert git("status", "--porcelain") == "?? ran-pre-commit\n"

    def test_hooks_of_another_folder_run(self, tmp_path: Path, vault: Path, history: GitHistory, git: Git) -> None:
        hook(vault, "pre-commit", "touch ran-pre-commit")
        (vault / ".git/hooks").rename(tmp_path / "hooks")
        git("config", "core.hooksPath", str(tmp_path / "hooks"))

        assert history.commit(remember(write(vault)))
        assert (vault / "ran-pre-commit").exists()

    def test_a_hook_that_fails_is_an_error_and_the_file_stays(self, vault: Path, history: GitHistory, git: Git) -> None:
        hook(vault, "pre-commit", "echo 'Spelling is off' >&2; exit 1")
        before = git("rev-parse", "HEAD")

        with pytest.raises(StorageError, match="Spelling is off") as caught:
            history.commit(remember(write(vault)))
        assert isinstance(caught.value.__cause__, subprocess.CalledProcessError)
        assert (vault / NOTE).exists()
        assert git("rev-parse", "HEAD") == before

    def test_with_hooks_the_same_again_or_a_file_never_seen_is_no_commit(
        self, vault: Path, history: GitHistory
    ) -> None:
        hook(vault, "pre-commit", "exit 0")
        assert history.commit(remember(write(vault), "[odd]*.md", removed=("never.md",)))

        assert history.commit(remember(NOTE, removed=("never.md",))) is None

    def test_with_hooks_a_branch_without_commits_gets_its_first(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        hook(vault, "pre-commit", "exit 0")
        git("switch", "--quiet", "--orphan", "fresh")

        assert history.commit(remember(write(vault)))
        assert git("ls-tree", "-r", "--name-only", "HEAD").split() == [NOTE]

    def test_after_a_hook_that_failed_the_next_commit_takes_it_all(
        self, vault: Path, history: GitHistory, git: Git
    ) -> None:
        hook(vault, "commit-msg", "exit 1")
        with pytest.raises(StorageError):
            history.commit(remember(write(vault)))
        hook(vault, "commit-msg", "exit 0")

        assert history.commit(remember(write(vault, "other.md"), NOTE))
        assert git("show", "--format=", "--name-only", "HEAD").split() == [NOTE, "other.md"]
        assert git("status", "--porcelain") == ""

    def test_signing_is_asked_for_when_the_user_signs(self, vault: Path, history: GitHistory, git: Git) -> None:
        signer = write(vault, "../signer", "#!/bin/sh\ncat > /dev/null\necho 'no key here' >&2\nexit 1\n")
        (vault / signer).chmod(0o755)
        git("config", "commit.gpgsign", "true")
        git("config", "gpg.program", str((vault / signer).resolve()))

        with pytest.raises(StorageError, match="gpg failed to sign"):
            history.commit(remember(write(vault)))

    def test_the_audit_is_kept_as_it_is_whatever_is_filtered(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("config", "filter.veil.clean", "tr a-z A-Z")
        write(vault, ".gitattributes", "* filter=veil ident working-tree-encoding=UTF-16\n")
        line = write(vault, "audit/abc/2026-11.jsonl", '{"v":1}\n')

        history.commit(remember(line))

        assert git("show", f"HEAD:{line}") == '{"v":1}\n'

    def test_a_content_filter_is_applied(self, vault: Path, history: GitHistory, git: Git) -> None:
        git("config", "filter.veil.clean", "tr a-z A-Z")
        write(vault, ".gitattributes", "# a comment\n*.md filter=veil\n")

        history.commit(remember(write(vault)))

        assert git("show", f"HEAD:{NOTE}") == "THE TTL IS 10 S.\n"
