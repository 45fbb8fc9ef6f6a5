"""What a user, or who calls, has set up around a repository: hooks, settings, variables."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.cli.odd import TTL, Git, in_order, is_kept, repaired
from tests.cli.running import COMMAND, Home


class TestHooks:
    def test_one_that_fails_is_told_and_the_next_change_takes_it_in(self, smos: Home, git: Git) -> None:
        hook = _hook(smos.vault / ".git/hooks/pre-commit", "echo 'Spelling is off' >&2; exit 1")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert "not in the history" in done.err
        assert "Spelling is off" in done.err
        hook.unlink()
        in_order(smos, git)
        assert TTL in git("log", "--patch")

    def test_one_in_the_users_own_folder_runs_and_fsmonitor_does_not(
        self, smos: Home, git: Git, tmp_path: Path
    ) -> None:
        _hook(smos.user / "hooks/commit-msg", 'echo "Checked-by: a hook" >> "$1"')
        monitor = _hook(smos.user / "monitor", f"touch {tmp_path}/monitored")
        with (smos.user / ".gitconfig").open("a") as file:
            file.write(f"[core]\n\thooksPath = ~/hooks\n\tfsmonitor = {monitor}\n")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert "Checked-by: a hook" in git("-c", "core.fsmonitor=false", "log", "-1")
        assert not (tmp_path / "monitored").exists()

    def test_from_within_a_hook_of_another_repository_the_vaults_own_is_used(
        self, smos: Home, git: Git, tmp_path: Path
    ) -> None:
        other = tmp_path / "other"
        subprocess.run(["git", "init", "--quiet", other], check=True)
        command = " ".join(COMMAND)
        _hook(
            other / ".git/hooks/pre-commit", f"{command} remember '{TTL}' > {tmp_path}/told 2>&1; env > {tmp_path}/env"
        )
        (other / "file").write_text("text")

        subprocess.run(["git", "-C", other, "add", "file"], env=smos.env, check=True)
        subprocess.run(["git", "-C", other, "commit", "--quiet", "-m", "x"], env=smos.env, check=True)

        assert "GIT_INDEX_FILE=" in (tmp_path / "env").read_text()
        assert (tmp_path / "told").read_text().startswith("stored\t")
        assert git("log", "-1", "--format=%s").strip() == f"remember: {TTL}"
        listed = ["git", "-C", other, "ls-tree", "-r", "--name-only", "HEAD"]
        assert subprocess.run(listed, check=True, capture_output=True, text=True).stdout == "file\n"
        in_order(smos, git)

    def test_what_a_caller_has_set_for_another_repository_is_not_used(
        self, smos: Home, git: Git, tmp_path: Path
    ) -> None:
        names = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")

        done = smos("remember", TTL, env={name: str(tmp_path / "elsewhere") for name in names})

        assert is_kept(smos, done)
        assert done.err == ""
        assert not (tmp_path / "elsewhere").exists()
        in_order(smos, git)


class TestSettings:
    def test_line_endings_stay_whatever_autocrlf_says(self, smos: Home, git: Git) -> None:
        (smos.user / ".gitconfig").write_text("[core]\n\tautocrlf = true\n\tsafecrlf = true\n")
        smos.write("notes/windows.md", b"one\r\ntwo\r\n")
        for name in (".gitattributes", ".git/info/attributes"):
            (smos.vault / name).write_text("")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert done.err == ""
        kept = subprocess.run(
            ["git", "-C", smos.vault, "show", "HEAD~1:notes/windows.md"], check=True, capture_output=True
        )
        assert kept.stdout == b"one\r\ntwo\r\n"
        assert "* -text" in smos("doctor").out
        assert any("Added" in one for one in repaired(smos))
        assert "* -text\n" in (smos.vault / ".git/info/attributes").read_text()

    def test_names_that_differ_by_case_are_two_files_where_they_are_two(self, smos: Home, git: Git) -> None:
        git("config", "core.ignorecase", "true")
        smos.write("notes/Tea.md", "Tea is at four.\n")
        smos.remember(TTL)
        smos.write("notes/tea.md", "Tea is at five.\n")

        smos.remember(f"{TTL} Or so.")

        assert set(git("ls-tree", "-r", "--name-only", "HEAD", "notes").split()) == {"notes/Tea.md", "notes/tea.md"}
        assert git("show", "HEAD:notes/Tea.md") == "Tea is at four.\n"
        assert "differs from notes/tea.md only by case" in smos("doctor").out

    def test_autocommit_off_keeps_no_history_and_once_on_again_catches_up(self, smos: Home, git: Git) -> None:
        before = git("rev-parse", "HEAD")
        smos("config", "set", "vault.autocommit", "false")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert done.err == ""
        assert git("rev-parse", "HEAD") == before
        smos("config", "set", "vault.autocommit", "true")
        in_order(smos, git)
        assert TTL in git("log", "--patch")


def _hook(path: Path, script: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
