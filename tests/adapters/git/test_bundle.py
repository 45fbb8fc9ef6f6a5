"""A history in one file and back, with the real git: all of it, and nothing but the history."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.git.bundle import bundle, tracked, unbundle
from smos_cli.adapters.git.history import GitHistory
from smos_cli.errors import FormatError, StorageError
from tests.adapters.git.steps import Git, hook, remember, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def folder(tmp_path: Path, vault: Path) -> Path:
    """A folder with the files that are committed, and no repository."""
    made = tmp_path / "restored"
    made.mkdir()
    for name in ("PERSONA.md", ".gitignore"):
        (made / name).write_bytes((vault / name).read_bytes())
    return made


def git_in(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout


class TestOut:
    def test_it_names_the_branch_that_is_checked_out(self, vault: Path, history: GitHistory, file: Path) -> None:
        assert bundle(vault, file) == "refs/heads/main"

        assert file.read_bytes().startswith(b"# v2 git bundle\n")

    def test_a_repository_that_smos_did_not_make_is_left_alone(self, vault: Path, git: Git, file: Path) -> None:
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "-m", "Mine")

        assert (bundle(vault, file), tracked(vault), file.exists()) == ("", [], False)

    def test_a_vault_without_a_repository_or_a_commit_has_none(self, tmp_path: Path, file: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert bundle(tmp_path / "empty", file) == ""
        assert GitHistory(tmp_path / "empty").create()
        assert (bundle(tmp_path / "empty", file), file.exists()) == ("", False)

    def test_a_commit_that_is_checked_out_by_itself_is_named(
        self, vault: Path, history: GitHistory, git: Git, file: Path
    ) -> None:
        git("checkout", "--quiet", "--detach")

        assert bundle(vault, file) == git("rev-parse", "HEAD").strip()

    def test_a_history_that_is_damaged_is_told(self, vault: Path, history: GitHistory, file: Path) -> None:
        for path in (vault / ".git/objects").rglob("*"):
            if path.is_file():
                path.chmod(0o644)
                path.write_bytes(b"")

        with pytest.raises(StorageError, match="can't be backed up"):
            bundle(vault, file)

    def test_it_says_which_files_are_in_the_history(self, vault: Path, history: GitHistory) -> None:
        assert tracked(vault) == [".gitignore", "PERSONA.md"]


class TestIn:
    def test_all_commits_branches_and_tags_are_there_and_the_files_are_as_the_last_commit_has_them(
        self, vault: Path, history: GitHistory, git: Git, file: Path, folder: Path
    ) -> None:
        git("branch", "other")
        git("tag", "--annotate", "-m", "One", "one")
        history.commit(remember(write(vault)))
        write(folder)

        assert unbundle(folder, file, bundle(vault, file))

        refs = "for-each-ref", "--format=%(refname) %(objectname)"
        assert git_in(folder, *refs) == git(*refs)
        assert git_in(folder, "log", "--format=%H %s") == git("log", "--format=%H %s")
        assert git_in(folder, "status", "--porcelain", "--branch") == "## main\n"
        assert git_in(folder, "fsck", "--strict") == ""

    def test_what_differs_is_all_that_git_tells(
        self, vault: Path, history: GitHistory, file: Path, folder: Path
    ) -> None:
        head = bundle(vault, file)
        (folder / "PERSONA.md").write_text("Ann.\n")
        write(folder)

        unbundle(folder, file, head)

        assert git_in(folder, "status", "--porcelain") == " M PERSONA.md\n?? memories/\n"

    def test_it_is_ours_and_can_be_committed_to(
        self, vault: Path, history: GitHistory, file: Path, folder: Path
    ) -> None:
        unbundle(folder, file, bundle(vault, file))

        again = GitHistory(folder)
        assert again.owned()
        assert again.commit(remember(write(folder)))
        assert git_in(folder, "rev-list", "--count", "HEAD") == "2\n"

    def test_settings_and_hooks_do_not_travel(
        self, vault: Path, history: GitHistory, git: Git, file: Path, folder: Path
    ) -> None:
        git("config", "core.sshCommand", "evil")
        git("remote", "add", "origin", "ext::evil")
        hook(vault, "post-checkout", "touch evil")

        unbundle(folder, file, bundle(vault, file))

        assert "evil" not in (folder / ".git/config").read_text()
        assert not (folder / ".git/hooks/post-checkout").exists()

    @pytest.mark.parametrize("checked_out", ["other", "detached", "unborn"])
    def test_what_was_checked_out_is_again(
        self, vault: Path, history: GitHistory, git: Git, file: Path, folder: Path, checked_out: str
    ) -> None:
        options = {"other": ["-c", "other"], "detached": ["--detach"], "unborn": ["--orphan", "unborn"]}
        git("switch", "--quiet", *options[checked_out])

        unbundle(folder, file, bundle(vault, file))

        assert (folder / ".git/HEAD").read_bytes() == (vault / ".git/HEAD").read_bytes()
        assert git_in(folder, "fsck") == ""

    def test_names_by_sha256_stay(self, tmp_path: Path, vault: Path, git: Git, file: Path, folder: Path) -> None:
        git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
        git("config", "smos.created", "true")
        assert GitHistory(vault).create()

        unbundle(folder, file, bundle(vault, file))

        assert git_in(folder, "rev-parse", "HEAD") == git("rev-parse", "HEAD")

    def test_a_user_who_forbids_every_protocol_can_restore(
        self, vault: Path, history: GitHistory, file: Path, folder: Path, users_home: Path
    ) -> None:
        with (users_home / ".gitconfig").open("a") as config:
            config.write("[protocol]\n\tallow = never\n[fetch]\n\tprune = true\n\trecurseSubmodules = true\n")

        assert unbundle(folder, file, bundle(vault, file))


class TestDamage:
    @pytest.mark.parametrize("change", [lambda data: data[:-30], lambda data: data[:-60] + bytes(60), lambda _: b""])
    def test_it_is_found(self, vault: Path, history: GitHistory, file: Path, folder: Path, change: object) -> None:
        head = bundle(vault, file)
        assert callable(change)
        file.write_bytes(change(file.read_bytes()))

        with pytest.raises(FormatError):
            unbundle(folder, file, head)

    def test_a_bundle_that_needs_more_than_it_has_is_not_whole(
        self, vault: Path, history: GitHistory, git: Git, file: Path, folder: Path
    ) -> None:
        history.commit(remember(write(vault)))
        git("bundle", "create", str(file), "main", "^main~1")

        with pytest.raises(FormatError, match="not whole"):
            unbundle(folder, file, "refs/heads/main")

    def test_a_commit_that_it_does_not_have_can_not_be_checked_out(
        self, vault: Path, history: GitHistory, file: Path, folder: Path
    ) -> None:
        bundle(vault, file)

        with pytest.raises(FormatError):
            unbundle(folder, file, "0123456789" * 4)

    def test_an_object_that_git_itself_would_refuse_is_refused(
        self, vault: Path, history: GitHistory, git: Git, file: Path, folder: Path
    ) -> None:
        tree = git("rev-parse", "HEAD^{tree}").strip()
        commit = (
            subprocess.run(
                ["git", "-C", str(vault), "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
                input=f"tree {tree}\n\nBy nobody\n".encode(),
                capture_output=True,
                check=True,
            )
            .stdout.decode()
            .strip()
        )
        git("update-ref", "refs/heads/evil", commit)
        git("bundle", "create", str(file), "--all")

        with pytest.raises(FormatError, match="damaged"):
            unbundle(folder, file, "refs/heads/main")


def test_a_bundle_without_any_branch_is_damaged(vault: Path, history: GitHistory, file: Path, folder: Path) -> None:
    file.write_bytes(b"# v2 git bundle\n\nPACKjunk")

    with pytest.raises(FormatError, match="no commit"):
        unbundle(folder, file, "refs/heads/main")


def test_without_git_nothing_is_made(
    vault: Path, history: GitHistory, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = bundle(vault, file)
    monkeypatch.setenv("PATH", "")

    assert not unbundle(folder, file, head)
    assert not (folder / ".git").exists()
