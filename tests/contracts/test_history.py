"""What every history does: ``adapters.git.GitHistory`` in a real repository, and ``FakeHistory``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smos_cli.adapters.git import GitHistory
from smos_cli.core.changes import Change
from smos_cli.core.ports import History
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
            ["git", "-C", str(self.root), "log", "--reverse", "--format=%s"], check=True, capture_output=True, text=True
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
