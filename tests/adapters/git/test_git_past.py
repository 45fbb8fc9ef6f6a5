"""The history of a vault read back, with the real git; what git says is taken as it is, whatever the user set."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path

import pytest

from smos_cli.adapters.git import GitHistory
from smos_cli.adapters.git_past import GitPast
from smos_cli.core.changes import read_record
from smos_cli.core.past import FileChange
from smos_cli.errors import AmbiguousError, NotFoundError, StorageError
from tests.adapters.git.steps import NOTE, Git, remember, write

ODD = 'memories/a "quoted"\n\ttwo-line \\ 缓存 name.md'
NOT_UTF8 = os.fsdecode(b"memories/caf\xe9.md")


@pytest.fixture
def past(vault: Path, history: GitHistory) -> GitPast:
    return GitPast(vault, recording=True)


@pytest.fixture
def blob(git: Git) -> Callable[..., str]:
    return lambda path, commit="HEAD": git("rev-parse", f"{commit}:{path}").strip()


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
