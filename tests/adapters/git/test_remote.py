"""The remote of a vault over real git: which one is meant, what comes and goes, what a failure is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.place import checked_url, place_of
from smos_cli.adapters.git.remote import meet
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.revisions import GitRevisions, refused_name
from smos_cli.adapters.git.wire import Wire, failure, hidden, told
from smos_cli.core.changes import Change
from smos_cli.core.ports import no_progress
from smos_cli.core.remote import Branch, Difference, blob_name
from smos_cli.errors import OfflineError, RemoteError, StorageError, UsageError
from tests.adapters.git.steps import NOTE, Git


@pytest.fixture
def repository(vault: Path, history: GitHistory) -> Repository:
    assert history.owned()
    return Repository(vault)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


def write(vault: Path, history: GitHistory, path: str, text: str) -> str:
    (vault / path).parent.mkdir(parents=True, exist_ok=True)
    (vault / path).write_text(text)
    commit = history.commit(Change("remember", "remember: It", (), "shell", "bob", written=(path,)))
    assert commit
    return commit


def test_a_push_and_a_fetch_bring_a_commit_to_another_vault(
    vault: Path, history: GitHistory, repository: Repository, bare: Path, git: Git
) -> None:
    tip = write(vault, history, NOTE, "One")
    with meet(repository, str(bare), 9.0, no_progress) as other:
        assert other.remote.fetch() == ""
        assert other.remote.push(tip)
    assert git("config", "remote.origin.url").strip() == str(bare)
    with meet(repository, "", 9.0, no_progress) as other:
        assert other.remote.name == "origin"
        assert other.remote.fetch() == other.revisions.fetched() == tip


def test_a_push_to_a_branch_that_moved_on_is_no_error(
    vault: Path, history: GitHistory, repository: Repository, bare: Path, git: Git
) -> None:
    first = write(vault, history, NOTE, "One")
    second = write(vault, history, NOTE, "Two")
    with meet(repository, str(bare), 9.0, no_progress) as other:
        assert other.remote.fetch() == ""
        git("push", "--quiet", str(bare), f"{second}:refs/heads/main")
        git("reset", "--quiet", "--hard", first)
        third = write(vault, history, NOTE, "Three")
        assert not other.remote.push(third)
        assert not other.remote.push(third, expected=first)
        assert other.remote.push(third, expected=second)


def test_a_remote_beside_origin_is_used_once(
    vault: Path, history: GitHistory, repository: Repository, bare: Path, git: Git
) -> None:
    git("config", "remote.origin.url", "/nowhere")
    tip = write(vault, history, NOTE, "One")
    with meet(repository, str(bare), 9.0, no_progress) as other:
        other.remote.fetch()
        assert other.remote.push(tip)
        assert other.remote.fetch() == tip
    assert git("remote").split() == ["origin"]
    assert git("config", "remote.origin.url").strip() == "/nowhere"


def test_the_commits_between_two_are_found(vault: Path, history: GitHistory, repository: Repository, git: Git) -> None:
    base = write(vault, history, NOTE, "One")
    ours = write(vault, history, "notes/ours.md", "Ours")
    git("reset", "--quiet", "--hard", base)
    theirs = write(vault, history, "notes/théirs \n.md", "Theirs")
    revisions = GitRevisions(repository)
    assert revisions.bases(ours, theirs) == [base]
    assert revisions.count(theirs, ours) == 1
    changes = revisions.differences(ours, theirs)
    blob = {name: blob_name(name.encode(), base) for name in ("Ours", "Theirs")}
    assert changes == [
        Difference("notes/ours.md", blob["Ours"], ""),
        Difference("notes/théirs \n.md", "", blob["Theirs"]),
    ]
    assert revisions.blobs(blob.values()) == {blob["Ours"]: b"Ours", blob["Theirs"]: b"Theirs"}
    assert revisions.file(ours, NOTE) == b"One"
    assert revisions.file(ours, "notes/none.md") == b""


def test_the_time_of_a_signed_commit_is_found_whatever_the_user_has_shown(
    vault: Path, history: GitHistory, repository: Repository, git: Git
) -> None:
    tip = write(vault, history, NOTE, "One")
    raw = git("cat-file", "commit", tip).replace("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n abc\n\n", 1)
    words = ["git", "-C", str(vault), "hash-object", "-t", "commit", "-w", "--stdin"]
    signed = subprocess.run(words, input=raw, check=True, capture_output=True, text=True).stdout.strip()
    git("config", "log.showSignature", "true")

    revisions = GitRevisions(repository)

    assert revisions.seconds(signed) == revisions.seconds(tip)


def test_a_commit_that_only_signs_the_audit_makes_no_side_the_later_one(
    vault: Path, history: GitHistory, repository: Repository, git: Git
) -> None:
    tip = write(vault, history, NOTE, "One")
    (vault / "audit").mkdir()
    (vault / "audit/2026-11.jsonl").write_text("{}\n")
    git("add", "--all")
    dated = {**os.environ, "GIT_COMMITTER_DATE": "4000000000 +0000"}
    subprocess.run(["git", "-C", str(vault), "commit", "--quiet", "-m", "x"], check=True, env=dated)

    revisions = GitRevisions(repository)

    assert revisions.seconds(git("rev-parse", "HEAD").strip()) == revisions.seconds(tip)


def test_histories_without_a_shared_commit_have_no_base(
    vault: Path, history: GitHistory, repository: Repository, git: Git
) -> None:
    ours = write(vault, history, NOTE, "One")
    tree = git("rev-parse", f"{ours}^{{tree}}").strip()
    theirs = git("commit-tree", tree, "-m", "Other").strip()
    revisions = GitRevisions(repository)
    assert revisions.bases(ours, theirs) == []
    assert {change.path for change in revisions.differences("", theirs)} >= {"PERSONA.md", NOTE}


def test_a_blob_that_is_not_there_is_an_error(repository: Repository) -> None:
    with pytest.raises(StorageError, match="lacks the object 1111"):
        GitRevisions(repository).blobs(["1" * 40])


def test_going_forward_moves_branch_and_index_and_leaves_what_is_staged(
    vault: Path, history: GitHistory, repository: Repository, git: Git
) -> None:
    first = write(vault, history, NOTE, "One")
    second = write(vault, history, NOTE, "Two")
    git("reset", "--quiet", "--soft", first)
    git("reset", "--quiet")
    (vault / "mine.txt").write_text("mine")
    git("add", "mine.txt")
    revisions = GitRevisions(repository)
    revisions.forward(Branch("main", first), second)
    assert revisions.branch() == Branch("main", second)
    assert git("status", "--porcelain", "--untracked-files=no") == "A  mine.txt\n"
    assert repository.pending.paths() == frozenset()
    assert repository.pending.tip() == second


@pytest.mark.parametrize(
    "path",
    ["../a.md", "a/../b.md", ".git/config", "notes/.GIT/hooks/x", "a/.git. /x", "git~1/x"],
)
def test_a_name_that_no_vault_has_is_refused(path: str) -> None:
    assert refused_name(path)


@pytest.mark.parametrize("path", [".gitignore", "notes/.gitkeep", "notes/Ünïcode – name.md", "a..b.md"])
def test_a_name_that_a_vault_may_have_is_not_refused(path: str) -> None:
    assert refused_name(path) == ""


@pytest.mark.parametrize(
    "url",
    ["git@example.org:bob.git", "ssh://git@example.org/bob.git", "https://marta@example.org/bob.git", "/srv/bob.git"],
)
def test_a_url_without_a_password_stays_as_it_is(url: str) -> None:
    assert checked_url(url) == url


def test_a_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert checked_url("bob.git") == str(tmp_path / "bob.git")


@pytest.mark.parametrize("url", ["", " ", "-x", "ext::sh", "a\nb", "rsync://host/a", "https://a:b@host/c"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        checked_url(url)


def test_a_vault_whose_repository_is_somebody_elses_has_no_remote(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "theirs")], check=True)
    with pytest.raises(RemoteError, match="no repository that smos made"):
        place_of(Repository(tmp_path / "theirs"), "origin")


@pytest.mark.parametrize(
    ("errors", "kind", "said"),
    [
        ("fatal: unable to access 'http://h/': Could not resolve host: h", OfflineError, "can't be reached"),
        ("ssh: connect to host h port 22: Connection refused\nfatal: Could not read", OfflineError, "can't be reached"),
        ("git@h: Permission denied (publickey).\nfatal: Could not read from remote", RemoteError, "let us in"),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", RemoteError, "let us in"),
        ("Host key verification failed.", RemoteError, "let us in"),
        ("fatal: '/x' does not appear to be a git repository", RemoteError, "There is no repository"),
        ("fatal: something new", RemoteError, "something new"),
    ],
)
def test_what_git_says_is_told_by_what_it_means(errors: str, kind: type[RemoteError], said: str) -> None:
    error = failure(errors, "origin")
    assert type(error) is kind
    assert said in error.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: 'https://marta:secret@h/x' not found", "fatal: 'https://h/x' not found"),
        ("https://token@h/x", "https://h/x"),
        ("ssh://git@h/x and git@h:x", "ssh://git@h/x and git@h:x"),
        ("ssh://git:secret@h/x", "ssh://h/x"),
    ],
)
def test_no_password_is_shown(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_a_git_that_says_nothing_for_too_long_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\n{sys.executable} -c 'import time; time.sleep(60)' &\nsleep 60\n")
    program.chmod(0o755)
    wire = Wire(tmp_path, str(program), 0.2, no_progress)
    with pytest.raises(OfflineError, match=r"said nothing for 0\.2 s"):
        wire.talk("fetching", "fetch")


def test_progress_is_what_git_counts(tmp_path: Path) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nprintf 'Receiving objects:  50%% (5/10)\\r' >&2\n")
    program.chmod(0o755)
    seen: list[tuple[str, int, int]] = []
    answer = Wire(tmp_path, str(program), 5.0, lambda *step: seen.append(step)).talk("fetching", "fetch")
    assert (answer.code, seen) == (0, [("fetching", 5, 10)])


def test_the_telling_line_is_the_one_that_is_told() -> None:
    assert told("warning: a\nfatal: It broke.\nMore\n") == "It broke"
    assert told("") == "it did not say why"


def test_a_repository_of_another_user_is_told_with_what_trusts_it() -> None:
    error = failure("fatal: detected dubious ownership in repository at '/srv/bob.git'\nTo add an exception", "origin")
    assert "/srv/bob.git belongs to another user" in error.message
    assert "safe.directory /srv/bob.git" in error.remedy


@pytest.mark.parametrize(("errors", "kind"), [("fatal: write error: {}", StorageError), ("remote: {}", RemoteError)])
def test_a_full_disk_is_the_one_here_or_the_one_there(errors: str, kind: type) -> None:
    assert type(failure(errors.format("No space left on device"), "origin")) is kind


def test_what_git_takes_from_nobody_is_named() -> None:
    error = failure(
        f"error: object {'a' * 40}: hasDotgit: contains '.git'\nfatal: fsck error in packed object", "origin"
    )
    assert error.message == "origin holds what git takes from nobody: hasDotgit: contains '.git'."
