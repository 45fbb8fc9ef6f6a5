"""What every past does: ``adapters.git.past.GitPast`` over a real repository, and ``FakePast``."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.past import GitPast
from smos_cli.core.changes import Change, read_record
from smos_cli.core.history import History
from smos_cli.core.past import Past
from smos_cli.errors import NotFoundError, StorageError
from tests.fake_past import FakePast, NoPast
from tests.fakes import FakeVault

ONE, TWO = "memories/one.md", "notes/two.md"


class Kept:
    """A history, the past of it, and the files it is of."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._root = folder / "bob"
        self._vault = FakeVault()
        self.history: History
        self.past: Past
        if kind == "fake":
            self.history = self.past = FakePast(self._vault)
        else:
            self._root.mkdir()
            git = GitHistory(self._root)
            assert git.create()
            self.history, self.past = git, GitPast(self._root, recording=True)

    def write(self, path: str, data: bytes) -> None:
        (self._root / path).parent.mkdir(parents=True, exist_ok=True)
        (self._root / path).write_bytes(data)
        self._vault.write(path, data)

    def delete(self, path: str) -> None:
        (self._root / path).unlink()
        self._vault.delete(path)

    def commit(self, *written: str, removed: tuple[str, ...] = ()) -> str:
        made = self.history.commit(Change("edit", "edit: x", (), "shell", "bob", "", written, removed))
        assert made
        return made if len(set(made)) > 2 else self.past.find("HEAD")


@pytest.fixture(params=["fake", "git"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    return Kept(request.param, tmp_path)


def test_nothing_is_there_before_the_first_commit(kept: Kept) -> None:
    assert (list(kept.past.commits()), dict(kept.past.files()), kept.past.until(2**40)) == ([], {}, "")
    with pytest.raises(NotFoundError):
        kept.past.find("HEAD")


def test_commits_come_newest_first_with_what_they_changed(kept: Kept) -> None:
    kept.write(ONE, b"1\n")
    kept.write(TWO, b"2\n")
    kept.commit(ONE, TWO)
    kept.write(ONE, b"one\n")
    kept.delete(TWO)
    kept.commit(ONE, removed=(TWO,))

    last, first = kept.past.commits()

    assert [(change.path, bool(change.before), bool(change.after)) for change in last.files] == [
        (ONE, True, True),
        (TWO, True, False),
    ]
    assert [(change.path, bool(change.before), bool(change.after)) for change in first.files] == [
        (ONE, False, True),
        (TWO, False, True),
    ]
    assert (last.parents, first.parents) == ((first.name,), ())
    assert read_record(last.text).verb == "edit"


def test_what_blobs_hold_is_read_in_the_order_asked_for(kept: Kept) -> None:
    kept.write(ONE, b"1\r\n\xff")
    kept.write(TWO, b"")
    kept.commit(ONE, TWO)
    files = kept.past.files()

    assert list(kept.past.contents([files[TWO], files[ONE], files[TWO]])) == [b"", b"1\r\n\xff", b""]


def test_the_files_of_any_commit_can_be_asked_for(kept: Kept) -> None:
    kept.write(ONE, b"1\n")
    kept.commit(ONE)
    kept.write(TWO, b"2\n")
    kept.commit(TWO)

    assert kept.past.files().keys() == {ONE, TWO}
    assert kept.past.files(kept.past.find("HEAD~1")).keys() == {ONE}
    assert kept.past.files(under=["notes/"]).keys() == {TWO}
    assert [len(commit.files) for commit in kept.past.commits(under=["memories"])] == [1]


def test_a_revision_names_one_commit_or_none(kept: Kept) -> None:
    kept.write(ONE, b"1\n")
    name = kept.commit(ONE)

    assert kept.past.find("HEAD") == kept.past.find(name[:8]) == name
    for unknown in ("nothing", "HEAD~1", "--all", "-1"):
        with pytest.raises(NotFoundError):
            kept.past.find(unknown)


def test_a_time_gives_the_last_commit_until_then(kept: Kept) -> None:
    kept.write(ONE, b"1\n")
    name = kept.commit(ONE)
    (commit,) = kept.past.commits()

    assert kept.past.until(commit.seconds) == name
    assert kept.past.until(commit.seconds - 1) == ""


def test_what_is_not_recorded_is_told(kept: Kept) -> None:
    kept.write(ONE, b"1\n")
    kept.write(TWO, b"2\n")
    kept.commit(ONE, TWO)
    kept.write(ONE, b"one\n")
    kept.delete(TWO)
    kept.write("new.md", b"new\n")

    found = kept.past.unrecorded()
    assert [(change.path, bool(change.before), change.after) for change in found] == [
        (ONE, True, "?"),
        ("new.md", False, "?"),
        (TWO, True, ""),
    ]


@pytest.mark.parametrize("kind", ["fake", "git"])
def test_where_no_history_is_kept_everything_says_so(kind: str, tmp_path: Path) -> None:
    past: Past = NoPast() if kind == "fake" else GitPast(tmp_path, recording=False)

    for read in (
        lambda: list(past.commits()),
        lambda: past.find("HEAD"),
        lambda: past.until(0),
        past.files,
        lambda: list(past.contents(["0" * 40])),
        past.unrecorded,
    ):
        with pytest.raises(StorageError):
            read()
    assert not past.recording
