"""Which files of a home belong into a backup: everything of a vault, of somebody's notes only what smos reads."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from smos_cli.adapters.archive import archive
from smos_cli.adapters.copying import HomeCopies
from smos_cli.adapters.home import HomeFolder
from smos_cli.adapters.ignore import ignored
from smos_cli.adapters.scan import scan
from smos_cli.core.backup import Listed
from smos_cli.core.manifest import STATE
from smos_cli.core.personas import NewPersona, add
from smos_cli.errors import StorageError, UsageError


@pytest.fixture(autouse=True, scope="module")
def nobodys_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let git know of no settings of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first") / "home"
    add(HomeFolder({"SMOS_HOME": str(folder)}), NewPersona("bob"))
    return folder


@pytest.fixture
def home(first: Path, tmp_path: Path) -> HomeFolder:
    shutil.copytree(first, tmp_path / "home")
    return HomeFolder({"SMOS_HOME": str(tmp_path / "home")})


@pytest.fixture
def vault(home: HomeFolder) -> Path:
    return Path(home.folder, "vaults/bob")


@pytest.fixture
def copies(home: HomeFolder) -> HomeCopies:
    return HomeCopies({"SMOS_HOME": home.folder})


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    for path in ("tea.md", "photo.png", ".obsidian/app.json", "Private/diary.md", "Work/plan.md", ".smosignore"):
        write(notes, path)
    (notes / ".smosignore").write_text("Private/\n")
    (notes / ".obsidian/app.json").write_text("{}")
    return notes


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("Tea is at four.\n")


def listed(copies: HomeCopies, name: str = "bob") -> Listed:
    persona = copies.personas()[name]
    root, base = Path(persona.path), "smos/" if persona.adopted else ""
    return copies.files(persona, scan(root, base, ignored(root, base)))


class TestAVaultOfItsOwn:
    TEMPLATE = frozenset({".gitattributes", ".gitignore", ".smosignore", "PERSONA.md", "README.md"})

    def test_everything_is_copied_hidden_or_not(self, copies: HomeCopies, vault: Path) -> None:
        mine = {".trash/memories/a.md", ".tombstones", "audit/x/2026-11.jsonl", "episodes/2026/11/e.md", "photo.png"}
        write(vault, *mine)

        assert listed(copies) == Listed(sorted(mine | self.TEMPLATE), [], [])

    def test_no_git_folder_is(self, copies: HomeCopies, vault: Path) -> None:
        write(vault, "plugin/.git/config", ".GIT/config", "notes/.git")

        found = listed(copies)

        assert set(found.paths) == self.TEMPLATE
        assert [problem.where for problem in found.skipped] == ["notes/.git", "plugin/.git"]

    def test_nor_what_a_writer_left_over(self, copies: HomeCopies, vault: Path) -> None:
        write(vault, "memories/.smos-0123.tmp", ".smos-restored.tmp")

        assert set(listed(copies).paths) == self.TEMPLATE

    def test_links_and_pipes_are_passed_over(self, copies: HomeCopies, vault: Path, tmp_path: Path) -> None:
        (vault / "secret.md").symlink_to("/etc/passwd")
        (vault / "folder").symlink_to(tmp_path)
        os.mkfifo(vault / "pipe")

        found = listed(copies)

        assert set(found.paths) == self.TEMPLATE
        assert [problem.where for problem in found.skipped] == ["folder", "pipe", "secret.md"]
        assert found.failed == []

    def test_a_name_that_is_not_utf8_can_not_be(self, copies: HomeCopies, vault: Path) -> None:
        (vault / os.fsdecode(b"\xff.md")).write_text("x")

        assert [(problem.where, problem.reason) for problem in listed(copies).failed] == [
            ("\\xff.md", "its name is not UTF-8")
        ]


class TestNotesOfSomebody:
    def test_what_smos_reads_and_what_is_its_own_is_copied(
        self, home: HomeFolder, copies: HomeCopies, notes: Path
    ) -> None:
        add(home, NewPersona("marta", str(notes)))
        write(notes, "smos/.trash/a.md", "smos/audit/x/key.pub")
        (notes / "link.md").symlink_to("tea.md")

        found = listed(copies, "marta")

        assert {path for path in found.paths if not path.startswith("smos/")} == {
            ".smosignore",
            "Work/plan.md",
            "tea.md",
        }
        assert {"smos/.trash/a.md", "smos/audit/x/key.pub", "smos/PERSONA.md"} < set(found.paths)
        assert [problem.where for problem in found.skipped] == ["link.md"]

    def test_where_smos_keeps_the_history_all_of_it_is(self, home: HomeFolder, copies: HomeCopies, notes: Path) -> None:
        add(home, NewPersona("marta", str(notes), git=True))
        (notes / "photo.png").unlink()

        found = listed(copies, "marta")

        assert {".obsidian/app.json", "Private/diary.md"} < set(found.paths)
        assert "photo.png" not in found.paths


class TestSettings:
    def test_all_of_them_are_the_file_itself(self, home: HomeFolder, copies: HomeCopies) -> None:
        home.config_file.write_bytes(b"# mine\r\n" + home.config_file.read_bytes())

        assert copies.config(["bob"]) == home.config_file.read_bytes()

    def test_those_of_one_persona_say_nothing_of_the_others(
        self, home: HomeFolder, copies: HomeCopies, notes: Path
    ) -> None:
        add(home, NewPersona("marta", str(notes)))

        assert tomllib.loads(copies.config(["bob"]).decode()) == {
            "default_persona": "bob",
            "personas": {"bob": {"path": "vaults/bob"}},
        }
        assert b"bob" not in copies.config(["marta"])


class TestBeside:
    def taken(self, copies: HomeCopies, place: Path, *, whole: bool) -> set[str]:
        with archive(place) as making:
            copies.beside(making, ["bob"], whole=whole)
            making.finish(b"{}")
            return set(making.members)

    def test_marks_of_the_audit_chain_are_copied_and_no_key(
        self, home: HomeFolder, copies: HomeCopies, tmp_path: Path
    ) -> None:
        write(Path(home.folder), "audit/bob.head", "audit/ann.head", "keys/audit.key", "index/bob.duckdb")

        assert self.taken(copies, tmp_path / "b", whole=True) == {"audit/ann.head", "audit/bob.head"}
        assert self.taken(copies, tmp_path / "c", whole=False) == {"audit/bob.head"}

    def test_the_state_is_of_one_moment_with_what_is_still_in_its_log(
        self, home: HomeFolder, copies: HomeCopies, tmp_path: Path
    ) -> None:
        with closing(sqlite3.connect(Path(home.folder, STATE))) as writer:
            writer.execute("PRAGMA journal_mode=WAL")
            writer.execute("CREATE TABLE queue (text)")
            writer.execute("INSERT INTO queue VALUES ('waiting')")
            writer.commit()
            assert self.taken(copies, tmp_path / "b", whole=True) == {STATE}
        with tarfile.open(tmp_path / "b") as read, (tmp_path / "copy").open("wb") as copy:
            shutil.copyfileobj(read.extractfile(STATE) or copy, copy)
        with closing(sqlite3.connect(tmp_path / "copy")) as reader:
            assert reader.execute("SELECT text FROM queue").fetchall() == [("waiting",)]
        assert self.taken(copies, tmp_path / "c", whole=False) == set()

    def test_a_state_that_is_damaged_is_told(self, home: HomeFolder, copies: HomeCopies, tmp_path: Path) -> None:
        Path(home.folder, STATE).write_bytes(b"not a database, and long enough to be looked at" * 100)

        with pytest.raises(StorageError, match="can't be read"):
            self.taken(copies, tmp_path / "b", whole=True)


class TestItsPlace:
    @pytest.mark.parametrize("place", ["vaults/bob", "vaults/bob/notes", "index", "keys", "models", "locks"])
    def test_not_where_it_would_be_backed_up_or_deleted(self, home: HomeFolder, copies: HomeCopies, place: str) -> None:
        Path(home.folder, place).mkdir(parents=True, exist_ok=True)

        with pytest.raises(UsageError, match="lies in"), copies.archive(f"{home.folder}/{place}/b.tar.gz"):
            pass

    def test_nor_by_way_of_a_link(self, home: HomeFolder, copies: HomeCopies, tmp_path: Path, vault: Path) -> None:
        (tmp_path / "link").symlink_to(vault)

        with pytest.raises(UsageError), copies.archive(str(tmp_path / "link/b.tar.gz")):
            pass
