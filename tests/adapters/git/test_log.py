"""The log of a vault, with the real git: each commit with its files, whatever the user set."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.past import GitPast
from smos_cli.core.changes import read_record
from smos_cli.core.past import FileChange
from smos_cli.errors import NotFoundError
from tests.adapters.git.steps import NOTE, Git, remember, without_driver, write

ODD = 'memories/a "quoted"\n\ttwo-line \\ 缓存 name.md'
NOT_UTF8 = os.fsdecode(b"memories/caf\xe9.md")


class TestCommits:
    def test_they_come_newest_first_with_what_each_changed(
        self, vault: Path, history: GitHistory, past: GitPast, git: Git, blob: Callable[..., str]
    ) -> None:
        history.commit(remember(write(vault)))
        history.commit(remember(write(vault, text="The TTL is 20 s.\n")))

        last, middle, first = past.commits()

        assert last.name == git("rev-parse", "HEAD").strip()
        assert (last.parents, middle.parents, first.parents) == ((middle.name,), (first.name,), ())
        assert middle.files == (FileChange(NOTE, "", blob(NOTE, "HEAD~1")),)
        assert last.files == (FileChange(NOTE, blob(NOTE, "HEAD~1"), blob(NOTE)),)
        assert {change.path for change in first.files} >= {"PERSONA.md", ".gitignore"}
        assert read_record(last.text).verb == "remember"
        assert last.author == "Marta Example"
        assert last.seconds == int(git("log", "-1", "--format=%ct"))

    def test_a_file_that_was_moved_has_both_paths(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        history.commit(remember(write(vault, text="A text that is long enough to be known again.\n")))
        (vault / NOTE).rename(vault / "memories/moved.md")
        history.commit(remember("memories/moved.md", removed=(NOTE,)))

        (change,) = next(past.commits()).files
        assert (change.was, change.path) == (NOTE, "memories/moved.md")
        assert change.before == change.after != ""

    def test_one_that_is_gone_has_no_blob_after(
        self, vault: Path, history: GitHistory, past: GitPast, blob: Callable[..., str]
    ) -> None:
        history.commit(remember(write(vault)))
        (vault / NOTE).unlink()
        history.commit(remember(removed=(NOTE,)))

        assert next(past.commits()).files == (FileChange(NOTE, blob(NOTE, "HEAD~1"), ""),)

    @pytest.mark.parametrize("path", [ODD, NOT_UTF8, "memories/:colon.md", "memories/\x01mark.md", "notes/-dash.md"])
    def test_names_of_any_kind_are_kept(self, path: str, vault: Path, git: Git, past: GitPast) -> None:
        (vault / path).parent.mkdir(exist_ok=True)
        (vault / path).write_text("x\n")
        git("add", "--all")
        git("commit", "--quiet", "--message=By hand")

        assert [change.path for change in next(past.commits()).files] == [path]
        assert path in past.files()
        (vault / path).write_text("y\n")
        assert [change.path for change in past.unrecorded()] == [path]

    def test_links_and_repositories_inside_are_left_out(self, vault: Path, git: Git, past: GitPast) -> None:
        (vault / "link.md").symlink_to("PERSONA.md")
        git("init", "--quiet", "other")
        git("-C", "other", "commit", "--quiet", "--allow-empty", "--message=x")
        git("-c", "advice.addEmbeddedRepo=false", "add", "--all")
        git("commit", "--quiet", "--message=By hand")

        assert next(past.commits()).files == ()
        assert past.files().keys().isdisjoint({"link.md", "other"})

    def test_a_merge_has_what_is_as_in_none_of_its_parents(self, vault: Path, git: Git, past: GitPast) -> None:
        git("switch", "--quiet", "-c", "other")
        write(vault, "theirs.md", "theirs\n")
        write(vault, "both.md", "one\n")
        git("add", "--all")
        git("commit", "--quiet", "--message=theirs")
        git("switch", "--quiet", "main")
        write(vault, "both.md", "two\n")
        git("add", "--all")
        git("commit", "--quiet", "--message=ours")
        without_driver(vault)
        git("merge", "--quiet", "other", check=False)
        write(vault, "both.md", "one and two\n")
        git("add", "--all")
        git("commit", "--quiet", "--message=merged")

        commit = next(past.commits())
        assert len(commit.parents) == 2
        assert [change.path for change in commit.files] == ["both.md"]
        assert list(past.contents([commit.files[0].before, commit.files[0].after])) == [b"two\n", b"one and two\n"]

    def test_only_some_files_can_be_asked_for(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        history.commit(remember(write(vault), write(vault, "audit/m/2026-11.jsonl")))
        history.commit(remember(write(vault, text="other\n")))

        (commit,) = past.commits(under=["audit/"])
        assert [change.path for change in commit.files] == ["audit/m/2026-11.jsonl"]
        assert list(past.files(under=["audit"])) == ["audit/m/2026-11.jsonl"]
        assert list(past.commits(under=["nothing here"])) == []

    def test_they_can_begin_at_another_commit(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        first = history.commit(remember(write(vault)))
        history.commit(remember(write(vault, text="other\n")))

        assert next(past.commits(first or "")).name == first

    def test_reading_can_stop_early(self, vault: Path, history: GitHistory, past: GitPast) -> None:
        paths = [write(vault, f"memories/{number}.md") for number in range(2000)]
        history.commit(remember(*paths))

        (commit,) = islice(past.commits(), 1)
        assert len(commit.files) == 2000

    def test_a_repository_without_a_commit_has_none(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert GitHistory(tmp_path / "empty").create()
        past = GitPast(tmp_path / "empty", recording=True)

        assert (list(past.commits()), dict(past.files()), past.until(2**40)) == ([], {}, "")
        with pytest.raises(NotFoundError):
            past.find("HEAD")

    def test_what_the_user_set_for_git_changes_nothing(
        self, vault: Path, history: GitHistory, past: GitPast, git: Git
    ) -> None:
        history.commit(remember(write(vault)))
        expected = list(past.commits())
        for setting in (
            "log.showSignature=true",
            "log.showRoot=false",
            "log.decorate=full",
            "log.date=relative",
            "diff.renames=false",
            "diff.noprefix=true",
            "diff.external=false",
            "diff.relative=true",
            "color.ui=always",
            "core.abbrev=4",
            "core.quotePath=true",
            "format.pretty=oneline",
            "i18n.logOutputEncoding=latin1",
            "status.showUntrackedFiles=no",
            "status.relativePaths=true",
        ):
            git("config", *setting.split("="))
        write(vault, "notes/new.md")

        assert list(past.commits()) == expected
        assert [change.path for change in past.unrecorded()] == ["notes/new.md"]

    def test_an_older_name_of_a_commit_is_not_replaced(
        self, vault: Path, history: GitHistory, past: GitPast, git: Git
    ) -> None:
        history.commit(remember(write(vault)))
        git("replace", "HEAD", "HEAD~1")

        assert [change.path for change in next(past.commits()).files] == [NOTE]
