"""What every history does: ``adapters.git.history.GitHistory`` in a real repository, and ``FakeHistory``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.core.changes import Change
from smos_cli.core.history import History, Outside
from smos_cli.errors import StorageError
from tests.fakes import FakeHistory
from tests.samples import identity

NOTE = "memories/2026/11/cache-ttl-x2c5n6pd.md"


def remember(*written: str, removed: tuple[str, ...] = ()) -> Change:
    return Change("remember", "remember: The TTL", (identity(1),), "shell", "bob", "", written, removed)


class Kept:
    """A history with its vault: how files get there, how it is made to fail, what it tells."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.root = folder / "bob"
        (self.root / NOTE).parent.mkdir(parents=True)
        self.history: History
        if kind == "fake":
            self.fake = FakeHistory()
            self.history = self.fake
            self.subjects: Callable[[], list[str]] = lambda: [change.subject for change in self.fake.changes]
        else:
            git = GitHistory(self.root)
            (self.root / "PERSONA.md").write_text("Bob.\n")
            assert git.create()
            self.history = git
            self.subjects = self._log

    def write(self, text: str) -> str:
        (self.root / NOTE).write_text(text)
        return NOTE

    def change_outside(self, text: str) -> Outside:
        """Change a file as an editor would; return what is to be told of it."""
        told = Outside(self.write(text), "", sha256(text.encode()).hexdigest())
        if isinstance(self.history, FakeHistory):
            self.history.changed_outside = [told]
        return told

    def other(self) -> str:
        """Return a commit that is not of this branch."""
        if isinstance(self.history, FakeHistory):
            return "f" * 40
        git = ["git", "-C", str(self.root)]
        done = subprocess.run(
            [*git, "commit-tree", "-m", "x", "HEAD^{tree}"], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def fail(self) -> None:
        if isinstance(self.history, FakeHistory):
            self.history.broken = True
        else:
            (self.root / ".git/MERGE_HEAD").write_text("0" * 40)

    def keep_none(self) -> History:
        if isinstance(self.history, FakeHistory):
            self.history.kept = False
            return self.history
        return GitHistory(self.root, binary="no-such-git")

    def _log(self) -> list[str]:
        told = subprocess.run(
            ["git", "-C", str(self.root), "log", "--reverse", "--first-parent", "--format=%s"],
            check=True,
            capture_output=True,
            text=True,
        )
        return told.stdout.splitlines()[1:]


@pytest.fixture(params=["git", "fake"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Marta Example\n\temail = marta@example.org\n")
    return Kept(request.param, tmp_path)


def test_a_change_has_a_name_of_its_own(kept: Kept) -> None:
    one = kept.history.commit(remember(kept.write("one")))
    two = kept.history.commit(remember(kept.write("two")))

    assert one
    assert two
    assert one != two
    assert kept.subjects() == ["remember: The TTL"] * 2


def test_what_was_removed_is_a_change(kept: Kept) -> None:
    kept.history.commit(remember(kept.write("one")))
    (kept.root / NOTE).unlink()

    assert kept.history.commit(remember(removed=(NOTE,)))


def test_a_change_of_no_file_is_none(kept: Kept) -> None:
    assert kept.history.commit(remember()) is None
    assert kept.subjects() == []


def test_where_no_history_is_kept_there_is_no_name(kept: Kept) -> None:
    assert kept.keep_none().commit(remember(kept.write("one"))) is None
    assert kept.subjects() == []


def test_a_history_that_fails_says_so_with_a_remedy_and_the_file_stays(kept: Kept) -> None:
    written = kept.write("one")
    kept.fail()

    with pytest.raises(StorageError) as caught:
        kept.history.commit(remember(written))

    assert caught.value.remedy
    assert (kept.root / NOTE).read_text() == "one"
    assert kept.subjects() == []


def test_what_others_changed_is_told_until_it_is_committed(kept: Kept) -> None:
    assert not kept.history.outside()
    told = kept.change_outside("theirs")
    kept.history.expect()

    assert list(kept.history.outside()) == [told]
    kept.history.commit(remember(told.path))
    assert not kept.history.outside()


def test_a_merge_has_a_name_of_its_own_also_where_no_file_changes(kept: Kept) -> None:
    one = kept.history.commit(remember(kept.write("one")))
    two = kept.history.commit_merge(remember(), kept.other())

    assert one
    assert two
    assert one != two
    assert kept.subjects() == ["remember: The TTL"] * 2


def test_where_no_history_is_kept_nothing_can_be_merged(kept: Kept) -> None:
    with pytest.raises(StorageError):
        kept.keep_none().commit_merge(remember(), "f" * 40)
