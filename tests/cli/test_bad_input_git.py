"""A repository that is somebody else's, half done, locked, damaged or odd: a write is kept, or refused clearly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.odd import TTL, Git, in_order, is_kept, memories, problems, repaired, without_driver
from tests.cli.running import Home


class TestNotOurs:
    def test_a_vault_inside_another_repository_gets_none_and_works(self, tmp_path: Path) -> None:
        smos = Home(tmp_path)
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
        smos("init")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert done.err == ""
        assert not (smos.vault / ".git").exists()
        assert not list((tmp_path / ".git").glob("index"))
        assert "It lies in a repository of yours" in smos("doctor").out

    @pytest.mark.parametrize("kind", ["bare", "worktree", "shallow", "partial"])
    def test_a_folder_that_is_a_repository_of_another_kind_is_left_as_it_is(
        self, smos: Home, tmp_path: Path, kind: str
    ) -> None:
        folder = _repository(tmp_path, kind)
        before = _content(folder)
        smos("persona", "add", "marta", "--path", str(folder), "--git", "--yes")

        done = smos("remember", "--persona", "marta", TTL)

        assert done.code == 0
        assert TTL in smos("recall", "--persona", "marta", TTL).out
        after = _content(folder)
        assert {path: after[path] for path in before} == before
        assert not {path for path in set(after) - set(before) if ".git/" in path}
        finding = smos("doctor", "--persona", "marta").out
        assert "no history" in finding
        assert "repository" in finding

    def test_our_own_history_made_shallow_goes_on(self, smos: Home, git: Git, tmp_path: Path) -> None:
        for number in range(3):
            smos.remember(f"{TTL} {number}")
        url = smos.vault.as_uri()
        subprocess.run(["git", "clone", "--quiet", "--depth=1", url, tmp_path / "short"], check=True)
        config = (smos.vault / ".git/config").read_text()
        shutil.rmtree(smos.vault / ".git")
        (tmp_path / "short/.git").rename(smos.vault / ".git")
        (smos.vault / ".git/config").write_text(config)

        assert is_kept(smos, smos("remember", TTL))
        assert git("log", "--format=%s").splitlines()[0] == f"remember: {TTL}"
        assert "only the last part of its history" in smos("doctor").out

    def test_one_that_was_made_bare_says_so(self, smos: Home, git: Git) -> None:
        git("config", "core.bare", "true")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert "not in the history" in done.err
        assert "work tree" in done.err
        git("config", "core.bare", "false")
        in_order(smos, git)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
    def test_one_of_another_user_is_said_so_with_the_remedy(self, smos: Home, git: Git) -> None:
        # Root's own files are taken as those of who called sudo, which nobody did.
        for path in (smos.vault, *smos.vault.rglob("*")):
            os.chown(path, 65534, 65534)

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        remedy = f"git config --global --add safe.directory {smos.vault}"
        assert "belongs to another user" in done.err
        assert remedy in done.err
        assert remedy in smos("doctor", code=1).out
        (smos.user / ".gitconfig").write_text(f"[safe]\n\tdirectory = {smos.vault}\n")
        in_order(smos, git)


class TestHalfDone:
    def test_no_branch_is_checked_out(self, smos: Home, git: Git) -> None:
        git("checkout", "--quiet", "--detach")

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert "No branch is checked out" in done.err
        assert "git switch main" in done.err
        assert "No branch is checked out" in problems(smos)
        git("switch", "--quiet", "main")
        in_order(smos, git)

    @pytest.mark.parametrize(
        ("command", "ending"),
        [
            (("merge", "side"), ("merge", "--abort")),
            (("rebase", "side"), ("rebase", "--abort")),
            (("cherry-pick", "side"), ("cherry-pick", "--abort")),
            (("revert", "--no-edit", "HEAD~1"), ("revert", "--abort")),
        ],
    )
    def test_a_command_is_under_way(
        self, smos: Home, git: Git, command: tuple[str, ...], ending: tuple[str, ...]
    ) -> None:
        without_driver(smos)
        note = smos.write("notes/pager.md", "Nobody has the pager.\n")
        git("add", "notes")
        git("commit", "--quiet", "--message=zero")
        git("switch", "--quiet", "--create", "side")
        note.write_text("Ann has the pager.\n")
        git("commit", "--quiet", "--all", "--message=one")
        git("switch", "--quiet", "main")
        for text in ("Bob has the pager.\n", "Carl has the pager.\n"):
            note.write_text(text)
            git("commit", "--quiet", "--all", "--message=two")
        git(*command, check=False)

        done = smos("remember", TTL)

        assert is_kept(smos, done)
        assert f"A {command[0]} is under way" in done.err
        assert f"`git {command[0]} --abort`" in done.err
        assert f"A {command[0]} is under way" in problems(smos)
        assert memories(smos)
        git(*ending)
        assert len(memories(smos)) == 1
        in_order(smos, git)

    def test_a_lock_that_is_held_is_respected_and_said(self, smos: Home, git: Git) -> None:
        lock = smos.vault / ".git/index.lock"
        holder = "import sys\nwith open(sys.argv[1], 'x'):\n print('held', flush=True)\n sys.stdin.read()"
        words = [sys.executable, "-c", holder, str(lock)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            done = smos("remember", TTL)
            left = smos("doctor", "--repair", "--json", code=1).json
            process.communicate(b"")

        assert is_kept(smos, done)
        assert "index.lock" in done.err
        assert "smos doctor --repair" in done.err
        assert "index.lock" not in str(left["repaired"])
        assert lock.exists()

        assert any("index.lock was left over" in one for one in repaired(smos))
        assert not lock.exists()
        in_order(smos, git)

    def test_what_is_staged_stays_staged(self, smos: Home, git: Git) -> None:
        identity = smos.remember(TTL)
        (file,) = memories(smos)
        file.write_text(file.read_text() + "\nMarta said so.\n")
        git("add", ".")

        done = smos("edit", identity, "--tag", "zebra")

        assert done.code == 0
        assert "You have staged changes of memories/" in done.err
        assert "Marta said so." in git("diff", "--cached")
        assert "zebra" not in git("diff", "--cached")
        assert "zebra" in file.read_text()
        git("commit", "--quiet", "--message=mine")
        in_order(smos, git)


class TestWithoutGit:
    def test_everything_works_and_doctor_says_what_is_given_up(self, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        smos = Home(tmp_path, PATH=str(tmp_path / "bin"))

        identity = smos.remember(TTL)
        smos("edit", identity, "--tag", "cache")
        smos("forget", identity)
        smos("restore", identity)

        assert smos.recalled("TTL") == [TTL]
        found = smos("doctor").out
        for word in ("history", "undo", "sync", "audit"):
            assert word in found
        assert smos("doctor", "--repair").code == 0

    def test_a_vault_that_had_one_goes_on_and_catches_up_later(self, smos: Home, git: Git, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()

        done = smos("remember", TTL, env={"PATH": str(tmp_path / "bin")})

        assert is_kept(smos, done)
        in_order(smos, git)
        assert TTL in git("log", "--patch")


class TestDamage:
    @pytest.mark.parametrize("damage", ["HEAD", "refs/heads/main", "index"])
    def test_it_is_said_and_repaired_and_nothing_is_lost(self, smos: Home, git: Git, damage: str) -> None:
        smos.remember(TTL)
        (smos.vault / ".git" / damage).write_bytes(b"\0" * 41)

        done = smos("remember", f"{TTL} Even so.")

        assert is_kept(smos, done, f"{TTL} Even so.")
        assert "not in the history" in done.err
        assert problems(smos)
        assert repaired(smos)
        assert git("log", "--format=%s").count("\n") == 3
        assert "Even so" in git("log", "--patch")
        in_order(smos, git)


def _repository(folder: Path, kind: str) -> Path:
    """Make a repository of a kind that has a note in it, and return its folder."""
    source, made = folder / "source", folder / "made"

    def run(*words: str | Path) -> None:
        subprocess.run(
            ["git", "-c", "user.name=m", "-c", "user.email=m@example.org", *words], check=True, capture_output=True
        )

    run("init", source)
    (source / "note.md").write_text("A note.\n")
    for number in range(2):
        run("-C", source, "add", ".")
        run("-C", source, "commit", "--allow-empty", "--message", str(number))
    if kind == "bare":
        run("clone", "--bare", source, made)
    elif kind == "worktree":
        run("-C", source, "worktree", "add", made)
    elif kind == "shallow":
        run("clone", "--depth=1", source.as_uri(), made)
    else:
        run("-C", source, "config", "uploadpack.allowFilter", "true")
        run("clone", "--filter=blob:none", source.as_uri(), made)
    return made


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
