"""The history from the shell: read on any terminal, with any name in it, and turned back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Home
from tests.cli.test_bad_input_terminal import SHOWN, TRICKY, on_terminal, screen, width

ODD = 'notes/a "quoted"\n\tname 缓存.md'
NOT_UTF8 = os.fsdecode(b"notes/caf\xe9.md")


def git(smos: Home, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(smos.vault), *words], env=smos.env, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit_all(smos: Home, text: str) -> None:
    git(smos, "add", "--all")
    git(smos, "-c", "user.name=Marta", "-c", "user.email=marta@example.org", "commit", "--quiet", f"--message={text}")


def verbs(smos: Home, *words: str) -> list[str]:
    changes: list[dict[str, Any]] = smos("log", *words, "--json").json["changes"]
    return [change["verb"] or change["subject"] for change in changes]


def files(smos: Home) -> dict[str, bytes]:
    """Return what the vault holds but for git's files and the audit's."""
    there = {str(path.relative_to(smos.vault)): path for path in smos.vault.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in there.items() if not name.startswith((".git/", "audit/"))}


def path_of(smos: Home, identity: str) -> Path:
    return smos.vault / smos("show", identity, "--json").json["path"]


class TestALife:
    def test_it_is_whole_though_the_file_was_renamed_by_hand_edited_forgotten_and_restored(self, smos: Home) -> None:
        identity = smos.remember("The cache TTL is 60 seconds.")
        path_of(smos, identity).rename(smos.vault / "memories/cache.md")
        commit_all(smos, "Tidy up")
        smos("edit", identity, "--text", "The cache TTL is 10 seconds.")
        smos("forget", identity)
        smos("restore", identity)
        (smos.vault / "memories/cache.md").rename(smos.vault / "memories/ttl.md")
        smos.remember("Tea is at four.")

        assert verbs(smos, identity) == ["outside", "restore", "forget", "edit", "Tidy up", "remember"]
        assert verbs(smos)[:2] == ["remember", "outside"]

    def test_a_commit_that_smos_did_not_make_has_its_author(self, smos: Home) -> None:
        smos.write("notes/plan.md", "A plan.\n")
        commit_all(smos, "A plan")

        change = smos("log", "notes/plan.md", "--json").json["changes"][0]
        assert (change["verb"], change["actor"], change["door"], change["ids"]) == ("", "Marta", "", [])

    def test_one_that_only_the_history_has_is_found(self, smos: Home) -> None:
        identity = smos.remember("Tea is at four.")
        path_of(smos, identity).unlink()
        smos.remember("Tea is green.")

        assert verbs(smos, identity[-8:]) == ["outside", "remember"]
        assert smos("show", identity, "--at", "HEAD~2").out.endswith("Tea is at four.\n")
        assert smos("restore", identity).out == f"restored\t{identity}\n"

    def test_of_an_import_of_many_each_has_its_own(self, smos: Home) -> None:
        lines = "\n".join(f'{{"text": "Fact number {number}."}}' for number in range(150))
        smos("import", "-", stdin=lines)
        identity = smos("list", "--json").json["memories"][7]["id"]
        path_of(smos, identity).unlink()
        smos.remember("Something else.")

        change = smos("log", "--json").json["changes"][2]
        assert (change["verb"], change["count"], change["ids"]) == ("import", 150, [])
        assert verbs(smos, identity) == ["outside", "import"]


class TestAsking:
    def test_a_limit_cuts_and_says_so(self, smos: Home) -> None:
        smos.remember("Tea is at four.")

        done = smos("log", "-n", "1")
        assert len(done.out.splitlines()) == 1
        assert "--limit 0" in done.err
        assert len(smos("log", "--limit", "0").out.splitlines()) == 2

    @pytest.mark.parametrize(
        "words", [("log", "-n", "-1"), ("log", ""), ("diff", " "), ("undo", ""), ("show", "x", "--at", "")]
    )
    def test_what_makes_no_sense_is_refused(self, words: tuple[str, ...], smos: Home) -> None:
        smos(*words, code=2)


class TestNames:
    @pytest.mark.parametrize("name", [ODD, NOT_UTF8])
    def test_of_any_kind_are_read_and_undone(self, name: str, smos: Home) -> None:
        smos.write(name, "One.\n")
        added = smos("diff", "--json").json["files"]
        commit_all(smos, "By hand")
        smos.write(name, "Two.\n")
        commit_all(smos, "By hand again")

        assert [file["path"] for file in added] == [name]
        assert "+One." in smos("diff", "HEAD~1").out
        assert smos("log", "--json").json["changes"][0]["paths"] == [name]
        smos("undo", "HEAD")
        assert (smos.vault / name).read_text() == "One.\n"

    def test_what_they_and_texts_hold_is_shown_and_not_obeyed(self, smos: Home) -> None:
        identity = smos.remember(TRICKY)
        smos.write("notes/[red]x\x1b[2J.md", TRICKY)
        smos("index")

        for words in (("diff",), ("diff", identity)):
            text = screen(on_terminal(smos, *words, columns=200))
            assert SHOWN in text
            assert "\x1b" not in text
        assert "\x1b" not in screen(on_terminal(smos, "log", columns=200))
        assert "\x1b" not in smos("diff").out


class TestTerminals:
    @pytest.mark.parametrize("columns", [1, 20, 40, 100])
    def test_any_width_is_kept_to(self, columns: int, smos: Home) -> None:
        smos.remember("Internationalisation is abbreviated as i18n: 缓存的有效期是十秒。")

        text = screen(on_terminal(smos, "log", columns=columns))
        if columns > 1:
            assert max(map(width, text.splitlines())) <= columns
        if columns >= 40:
            assert "remember: In" in text
        assert ("marta" in text) == (columns == 100)

    def test_a_difference_has_colours_on_a_terminal_and_none_in_a_pipe(self, smos: Home) -> None:
        identity = smos.remember("Tea is at four.")

        child = on_terminal(smos, "diff", identity)
        assert "\x1b[32m+Tea is at four." in child.read()
        child.close()
        assert "\x1b" not in smos("diff", identity).out

    def test_what_was_undone_is_told(self, smos: Home) -> None:
        smos.remember("Tea is at four.")
        smos("index")

        assert screen(on_terminal(smos, "undo")) == "Undone: remember: Tea is at four.\n"


class TestUndo:
    def test_whatever_was_done_comes_undone_step_by_step(self, smos: Home) -> None:
        first = smos.remember("The cache TTL is 60 seconds.")
        states = [files(smos)]
        for words in (
            ("edit", first, "--text", "The cache TTL is 10 seconds."),
            ("pin", first),
            ("import", "-"),
            ("forget", first),
            ("restore", first),
            ("remember", "Tea is at four."),
        ):
            smos(*words, stdin='{"text": "One thing."}\n{"text": "Another thing."}\n')
            states.append(files(smos))

        for state in reversed(states[:-1]):
            smos("undo")
            now = {name: data for name, data in files(smos).items() if not name.startswith((".trash/", ".tombstones"))}
            was = {name: data for name, data in state.items() if not name.startswith((".trash/", ".tombstones"))}
            assert now == was
        assert smos.recalled("cache TTL") == ["The cache TTL is 60 seconds."]
        smos("undo")
        smos("undo", code=3)
        assert git(smos, "status", "--porcelain") == ""
        git(smos, "fsck", "--strict")

    def test_a_user_that_has_staged_something_keeps_it(self, smos: Home) -> None:
        smos.remember("Tea is at four.")
        smos.write("notes/plan.md", "A plan.\n")
        git(smos, "add", "notes/plan.md")

        smos("undo")

        assert git(smos, "diff", "--cached", "--name-only") == "notes/plan.md\n"

    def test_where_no_branch_is_checked_out_the_history_is_read(self, smos: Home) -> None:
        identity = smos.remember("Tea is at four.")
        git(smos, "switch", "--quiet", "--detach")

        assert verbs(smos) == ["remember", "init"]
        assert smos("diff", identity).out
        assert smos("show", identity, "--at", "HEAD").out

    def test_an_option_for_git_is_no_commit(self, smos: Home) -> None:
        identity = smos.remember("Tea is at four.")

        for words in (("undo",), ("diff",), ("show", identity, "--at"), ("restore", identity, "--at")):
            end = ("--",) if words[-1] != "--at" else ()
            smos(*words, *end, f"--output={smos.user}/x", code=3)
        assert not (smos.user / "x").exists()

    @pytest.mark.parametrize("words", [("log",), ("diff",), ("undo",), ("log", "four")])
    def test_without_a_history_there_is_one_sentence_and_a_remedy(self, words: tuple[str, ...], smos: Home) -> None:
        smos.remember("Tea is at four.")
        (smos.vault / ".git").rename(smos.user / "elsewhere")

        done = smos(*words, code=None)
        assert done.code == 1 or (words == ("log", "four") and done.code == 3)
        assert len(done.err.splitlines()) == 2

    def test_without_git_there_is_a_remedy(self, smos: Home, tmp_path: Path) -> None:
        smos.remember("Tea is at four.")

        done = smos("log", code=1, env={"PATH": str(tmp_path)})
        assert "Install git" in done.err

    def test_what_is_not_committed_can_not_be_undone(self, smos: Home) -> None:
        smos.remember("Tea is at four.")
        smos("config", "set", "vault.autocommit", "false")

        assert "vault.autocommit" in smos("undo", code=1).err
        assert verbs(smos) == ["remember", "init"]
