"""A backup put back on a real disk: all of it or nothing, also when it is killed half way."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from smos_cli.adapters.copying import HomeCopies
from smos_cli.adapters.home import HomeFolder
from smos_cli.adapters.identity import MachineIdentity
from smos_cli.adapters.restoring import HomeRestoring
from smos_cli.adapters.scan import scan
from smos_cli.core.auditing import Mark
from smos_cli.core.backup import Archive, Wanted, create
from smos_cli.core.personas import NewPersona, PersonaInfo, add
from smos_cli.core.ports import Scan, no_progress
from smos_cli.core.restoring import Choice, Restored, plan, restore
from smos_cli.errors import FormatError, SmosError, StaleError, StorageError
from tests.adapters.disks import fill, small_disk
from tests.adapters.test_copying import nobodys_git  # noqa: F401 - a fixture that every test here needs
from tests.adapters.test_home import contents
from tests.contracts.processes import ROOT


class _Still(AbstractContextManager[tuple[Scan, tuple[str, ...]]]):
    """Holds a vault that nobody writes to."""

    def __init__(self, listing: Scan) -> None:
        self._listing = listing

    def __enter__(self) -> tuple[Scan, tuple[str, ...]]:
        return self._listing, ()

    def __exit__(self, *_: object) -> None:
        pass


class Settings(HomeCopies):
    """A home whose settings are other ones in a backup."""

    def __init__(self, environ: Mapping[str, str], data: bytes) -> None:
        super().__init__(environ)
        self._data = data

    def config(self, names: Sequence[str]) -> bytes:
        return self._data


class Damaged(HomeCopies):
    """A home whose history is damaged in a backup."""

    def history(self, persona: PersonaInfo, archive: Archive, name: str) -> str:
        archive.add(name, b"# v2 git bundle\n" + b"0" * 40 + b" refs/heads/main\n\nPACK")
        return "refs/heads/main"


def back_up(copies: HomeCopies, file: Path, persona: str = "") -> Path:
    def still(name: str) -> _Still:
        return _Still(scan(Path(copies.personas()[name].path), ""))

    create(copies, still, Wanted(str(file), persona), no_progress)
    return file


def copies_of(home: Path) -> HomeCopies:
    return HomeCopies(environ(home))


def environ(home: Path) -> dict[str, str]:
    return {"SMOS_HOME": str(home)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home of two personas, one of them over notes, and its backup."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes").mkdir()
    (folder / "notes/tea.md").write_text("Tea is at four.\n")
    home = HomeFolder(environ(folder / "home"))
    add(home, NewPersona("bob"))
    add(home, NewPersona("marta", str(folder / "notes"), git=True))
    (folder / "home/vaults/bob/memories/ttl.md").write_text("The TTL is 10 s.\n")
    with closing(sqlite3.connect(folder / "home/state.sqlite")) as state:
        state.execute("CREATE TABLE queue (text)")
    back_up(copies_of(folder / "home"), folder / "b.tar.gz")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A folder with the backup, and no home and no notes but the old ones put away."""
    shutil.copy(made / "b.tar.gz", tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def no_notes(made: Path) -> Iterator[None]:
    """Where the notes were is free during a test."""
    (made / "notes").rename(made / "away")
    yield
    shutil.rmtree(made / "notes", ignore_errors=True)
    (made / "away").rename(made / "notes")


def house_in(place: Path) -> HomeRestoring:
    return HomeRestoring(environ(place / "home"))


def restored(house: HomeRestoring, file: Path, **choice: str) -> Restored:
    return restore(house, house.open(str(file), no_progress), Choice(**choice), no_progress)


def git_in(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, but for what git, the locks and SQLite have there."""
    passed = (".git/", "locks/", "state.sqlite")
    return {path: data for path, data in contents(folder).items() if not any(one in path for one in passed)}


def scratch(*folders: Path) -> list[str]:
    return [path.name for folder in folders for path in folder.rglob(".smos-*") if ".git/" not in str(path)]


class Full(HomeRestoring):
    """A home in which the settings can't be written."""

    def write_config(self, data: bytes) -> None:
        raise StorageError("No space left on device.")


class TestAFreshHome:
    def test_everything_is_where_it_was(self, made: Path, place: Path) -> None:
        done = restored(house_in(place), place / "b.tar.gz")

        assert {item.name: item.path for item in done.personas} == {
            "bob": str(place / "home/vaults/bob"),
            "marta": str(made / "notes"),
        }
        assert files(place / "home") == files(made / "home")
        assert files(made / "notes") == files(made / "away")
        with closing(sqlite3.connect(place / "home/state.sqlite")) as state:
            assert state.execute("SELECT name FROM sqlite_schema").fetchall() == [("queue",)]
        assert scratch(place, made) == []

    def test_its_histories_are_whole_and_clean(self, made: Path, place: Path) -> None:
        restored(house_in(place), place / "b.tar.gz")

        for folder, old in ((place / "home/vaults/bob", made / "home/vaults/bob"), (made / "notes", made / "away")):
            assert git_in(folder, "log", "--format=%H") == git_in(old, "log", "--format=%H")
            assert git_in(folder, "status", "--porcelain") == git_in(old, "status", "--porcelain")
            assert git_in(folder, "fsck") == ""

    def test_only_its_owner_can_look_in(self, place: Path) -> None:
        restored(house_in(place), place / "b.tar.gz")

        assert (place / "home").stat().st_mode & 0o777 == 0o700
        assert {(place / "home" / name).stat().st_mode & 0o777 for name in ("config.toml", "state.sqlite")} == {0o600}


class TestNothingIsWrittenOver:
    def test_a_folder_with_a_file_in_it_is_refused_and_stays(self, made: Path, place: Path) -> None:
        (made / "notes").mkdir()
        (made / "notes/new.md").write_text("New.\n")

        with pytest.raises(StaleError, match="not empty"):
            restored(house_in(place), place / "b.tar.gz")

        assert os.listdir(made / "notes") == ["new.md"]
        assert not (place / "home/vaults").exists()

    def test_a_file_or_a_link_where_a_vault_goes_is_refused(self, place: Path) -> None:
        (place / "home/vaults").mkdir(parents=True)
        for target in ((place / "home/vaults/bob").touch, lambda: (place / "home/vaults/bob").symlink_to("nowhere")):
            target()
            with pytest.raises(SmosError):
                restored(house_in(place), place / "b.tar.gz", persona="bob")
            assert os.path.lexists(place / "home/vaults/bob")
            (place / "home/vaults/bob").unlink()

    def test_an_empty_folder_is_taken(self, made: Path, place: Path) -> None:
        (made / "notes").mkdir()
        (place / "home/vaults/bob").mkdir(parents=True)

        assert len(restored(house_in(place), place / "b.tar.gz").personas) == 2

    def test_a_state_that_is_there_stays(self, place: Path) -> None:
        (place / "home").mkdir()
        (place / "home/state.sqlite").write_bytes(b"mine")

        restored(house_in(place), place / "b.tar.gz")

        assert (place / "home/state.sqlite").read_bytes() == b"mine"

    def test_another_home_keeps_its_settings_and_gets_what_it_lacks(self, made: Path, place: Path) -> None:
        house = house_in(place)
        add(house.home, NewPersona("ann"))
        before = (place / "home/config.toml").read_text()

        restored(house, place / "b.tar.gz", persona="marta")

        after = (place / "home/config.toml").read_text()
        assert after.startswith(before.rstrip())
        assert house.home.personas()["marta"].path == str(made / "notes")
        assert not (place / "home/state.sqlite").exists()


class TestTrouble:
    @pytest.mark.parametrize(
        "config", [b"\xff", b"[personas", b"nonsense = 1\n", b"[personas.bob]\npath = 3\n", b"[personas.Bob]\n"]
    )
    def test_settings_that_are_broken_are_refused(self, made: Path, place: Path, config: bytes) -> None:
        file = back_up(Settings(environ(made / "home"), config), place / "c.tar.gz", "bob")

        with pytest.raises(FormatError, match="settings in the backup are broken"):
            restored(house_in(place), file)
        assert not (place / "home/config.toml").exists()

    def test_settings_without_the_persona_are_refused(self, made: Path, place: Path) -> None:
        file = back_up(Settings(environ(made / "home"), b""), place / "c.tar.gz", "bob")

        with pytest.raises(FormatError, match="no persona 'bob'"):
            restored(house_in(place), file)

    def test_a_history_that_is_damaged_leaves_nothing(self, made: Path, place: Path) -> None:
        back_up(Damaged(environ(made / "home")), place / "c.tar.gz", "bob")

        with pytest.raises(FormatError, match="history in the backup is damaged"):
            restored(house_in(place), place / "c.tar.gz")

        assert files(place / "home") == {}
        assert not (place / "home/vaults").exists()
        assert not (made / "notes").exists()
        assert scratch(place, made) == []

    def test_settings_that_can_not_be_written_take_everything_back(self, made: Path, place: Path) -> None:
        with pytest.raises(StorageError):
            restored(Full(environ(place / "home")), place / "b.tar.gz")

        assert files(place / "home") == {}
        assert not (made / "notes").exists()
        assert scratch(place, made) == []
        restored(house_in(place), place / "b.tar.gz")

    def test_a_disk_without_the_room_is_told_before_anything_is_written(self, place: Path) -> None:
        (place / "disk").mkdir()
        with small_disk(place / "disk"):
            fill(place / "disk")
            with pytest.raises(StorageError):
                restored(HomeRestoring(environ(place / "disk/home")), place / "b.tar.gz", persona="bob")

    def test_without_git_the_files_are_back_and_it_is_told(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")

        done = restored(house_in(place), place / "b.tar.gz", persona="bob")

        assert "history of bob was not restored" in done.warnings[0]
        assert (place / "home/vaults/bob/memories/ttl.md").is_file()

    def test_a_backup_that_changes_while_it_is_read_is_refused(self, made: Path, place: Path) -> None:
        house = house_in(place)
        found = house.open(str(place / "b.tar.gz"), no_progress)
        (place / "b.tar.gz").unlink()
        back_up(copies_of(made / "home"), place / "b.tar.gz", "bob")

        with pytest.raises(FormatError, match="changed while"):
            restore(house, found, Choice(), no_progress)
        assert files(place / "home") == {}


_KILLED = """
import os, signal, sys
from smos_cli.adapters.restoring import HomeRestoring
from smos_cli.core.ports import no_progress
from smos_cli.core.restoring import Choice, restore

class Dying(HomeRestoring):
    def write_config(self, data):
        os.kill(os.getpid(), signal.SIGKILL)

def progress(stage, done, total):
    if stage == sys.argv[3] and done == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

house = Dying({"SMOS_HOME": sys.argv[1]})
restore(house, house.open(sys.argv[2], no_progress), Choice(), progress)
"""


class TestKilled:
    def kill(self, place: Path, stage: str = "", done: int = 0) -> None:
        words = [sys.executable, "-c", _KILLED, str(place / "home"), str(place / "b.tar.gz"), stage, str(done)]
        assert subprocess.run(words, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    @pytest.mark.parametrize(
        ("stage", "done"), [("restoring", 1), ("restoring", 5), ("restoring histories", 1), ("", 0)]
    )
    def test_the_next_try_works(self, made: Path, place: Path, stage: str, done: int) -> None:
        self.kill(place, stage, done)

        restored(house_in(place), place / "b.tar.gz")

        assert files(place / "home") == files(made / "home")
        assert files(made / "notes") == files(made / "away")
        assert scratch(place, made) == []

    def test_what_was_in_place_by_then_is_kept_with_what_was_written_to_it_since(self, place: Path) -> None:
        self.kill(place)
        (place / "home/vaults/bob/memories/new.md").write_text("New.\n")

        restored(house_in(place), place / "b.tar.gz")

        assert (place / "home/vaults/bob/memories/new.md").is_file()

    def test_another_backup_does_not_take_it_for_its_own(self, made: Path, place: Path) -> None:
        self.kill(place)
        other = back_up(copies_of(made / "home"), place / "c.tar.gz", "bob")

        with pytest.raises(StaleError, match="not empty"):
            restored(house_in(place), other)


class TestChains:
    MARK = Mark(7, "0" * 64)

    def with_chain(self, made: Path, place: Path, machine: str) -> Path:
        """Return a backup whose vault has a chain of a machine."""
        home = place / "old"
        shutil.copytree(made / "home", home)
        (home / "vaults/bob/audit" / machine).mkdir(parents=True)
        (home / "vaults/bob/audit" / machine / "key.pub").write_text("a key\n")
        return back_up(copies_of(home), place / "chain.tar.gz", "bob")

    def test_a_machine_whose_chain_is_in_the_backup_becomes_another(self, made: Path, place: Path) -> None:
        me = MachineIdentity(place / "home", "bob")
        backup = self.with_chain(made, place, me.name())
        for persona in ("bob", "ann"):
            MachineIdentity(place / "home", persona).keep(checkpoint=self.MARK)

        restored(house_in(place), backup)

        again = MachineIdentity(place / "home", "bob")
        assert again.known() == ""
        assert again.name() != me.name()
        assert again.marks().checkpoint is None
        assert MachineIdentity(place / "home", "ann").marks().checkpoint is None
        assert (place / f"home/keys/audit.key.{me.name()}").is_file()

    def test_it_stays_itself_where_the_restore_is_taken_back(self, made: Path, place: Path) -> None:
        me = MachineIdentity(place / "home", "bob")
        backup = self.with_chain(made, place, me.name())
        me.keep(checkpoint=self.MARK)

        with pytest.raises(StorageError):
            restored(Full(environ(place / "home")), backup)

        again = MachineIdentity(place / "home", "bob")
        assert again.name() == me.name()
        assert again.marks().checkpoint == self.MARK

    def test_one_whose_chain_is_not_stays_itself_and_forgets_only_how_far_the_lost_vault_was(
        self, made: Path, place: Path
    ) -> None:
        me = MachineIdentity(place / "home", "bob")
        backup = self.with_chain(made, place, "a" * 26)
        assert me.name()
        for persona in ("bob", "ann"):
            MachineIdentity(place / "home", persona).keep(checkpoint=self.MARK)

        restored(house_in(place), backup)

        assert MachineIdentity(place / "home", "bob").known() == me.name()
        assert MachineIdentity(place / "home", "bob").marks().checkpoint is None
        assert MachineIdentity(place / "home", "ann").marks().checkpoint == self.MARK


def test_planning_writes_nothing(place: Path) -> None:
    house = house_in(place)

    assert len(plan(house, house.open(str(place / "b.tar.gz"), no_progress), Choice())) == 2
    assert os.listdir(place) == ["b.tar.gz"]
