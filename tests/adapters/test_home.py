"""Home on disk: settings that keep every other byte of their file, vaults from the template, what may overlap."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.home import HomeFolder, template_folder
from smos_cli.errors import ConfigError, IndexBusyError, NotFoundError, StorageError
from tests.adapters.disks import small_files
from tests.cli.running import environment
from tests.cli.unprivileged import minding_permissions
from tests.contracts.processes import ROOT, other_process

CONFIG = """\
# Marta's settings
default_persona = 'ann'   # for now

[vault]
episodes = "off"  # no transcripts

[personas.ann]
path   = "vaults/ann"

[personas.marta]   # my notes
path = "/notes"
adopted = true
"""


@pytest.fixture
def home(tmp_path: Path) -> HomeFolder:
    return HomeFolder({"SMOS_HOME": str(tmp_path / "home")})


@pytest.fixture
def written(home: HomeFolder) -> HomeFolder:
    home.config_file.parent.mkdir()
    home.config_file.write_text(CONFIG)
    return home


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestWriting:
    def test_the_folder_and_the_file_are_made_for_their_owner_alone(self, home: HomeFolder) -> None:
        with home.lock():
            home.write({"vault.episodes": "off"})

        assert home.config_file.read_text() == '[vault]\nepisodes = "off"\n'
        assert home.config_file.stat().st_mode & 0o777 == 0o600
        assert home.config_file.parent.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize(
        ("settings", "old", "new"),
        [
            ({"default_persona": "marta"}, "= 'ann'   #", '= "marta"   #'),
            ({"vault.episodes": "local"}, '"off"  #', '"local"  #'),
            ({"personas.ann.path": "elsewhere"}, '"vaults/ann"', '"elsewhere"'),
            ({"personas.marta.adopted": False}, "adopted = true", "adopted = false"),
            ({"personas.ann": None}, '[personas.ann]\npath   = "vaults/ann"\n\n', ""),
            ({"default_persona": None}, "default_persona = 'ann'   # for now\n", ""),
            ({"no.such": None, "nothing": None}, "", ""),
            (
                {"servers.local.url": "http://localhost:1/v1", "servers.local.key": "env:A"},
                "adopted = true\n",
                'adopted = true\n\n[servers.local]\nurl = "http://localhost:1/v1"\nkey = "env:A"\n',
            ),
        ],
    )
    def test_only_what_is_meant_changes(
        self, written: HomeFolder, settings: dict[str, object], old: str, new: str
    ) -> None:
        written.write(settings)

        assert written.config_file.read_text() == CONFIG.replace(old, new)

    def test_windows_line_ends_stay(self, written: HomeFolder) -> None:
        written.config_file.write_bytes(CONFIG.replace("\n", "\r\n").encode())

        written.write({"vault.episodes": "local"})

        expected = CONFIG.replace('"off"', '"local"').replace("\n", "\r\n")
        assert written.config_file.read_bytes() == expected.encode()

    def test_several_settings_are_written_at_once(self, home: HomeFolder) -> None:
        with home.lock():
            home.write({"default_persona": "bob", "personas.bob.path": "x", "personas.bob.model_folders": ["A", "B"]})

        persona = home.personas()["bob"]
        assert (persona.path, persona.model_folders, persona.is_default) == (f"{home.folder}/x", ("A", "B"), True)

    def test_a_file_that_is_kept_elsewhere_stays_there(self, written: HomeFolder, tmp_path: Path) -> None:
        elsewhere = tmp_path / "dotfiles.toml"
        written.config_file.rename(elsewhere)
        written.config_file.symlink_to(elsewhere)

        written.write({"vault.episodes": "local"})

        assert written.config_file.is_symlink()
        assert '"local"' in elsewhere.read_text()

    @pytest.mark.parametrize("data", [b"vault = \n", b"\xff\xfe", b"default_persona = 'a'\ndefault_persona = 'b'\n"])
    def test_a_file_that_is_not_toml_is_an_error_and_stays(self, written: HomeFolder, data: bytes) -> None:
        written.config_file.write_bytes(data)

        with pytest.raises(ConfigError, match="is not TOML"):
            written.write({"vault.episodes": "local"})

        assert written.config_file.read_bytes() == data

    def test_a_disk_that_takes_no_more_leaves_the_file_as_it_was(self, written: HomeFolder) -> None:
        with small_files(), pytest.raises(StorageError):
            written.write({"personas.ann.path": "x" * 8192})

        assert contents(written.config_file.parent) == {"config.toml": CONFIG.encode()}

    def test_a_folder_that_can_not_be_written_to_is_an_error(self, written: HomeFolder) -> None:
        written.config_file.parent.chmod(0o500)
        code = f"""
from smos_cli.adapters.home import HomeFolder
from smos_cli.errors import StorageError
try:
    HomeFolder({{"SMOS_HOME": {written.folder!r}}}).write({{"vault.episodes": "local"}})
except StorageError as error:
    print(error.message, "|", error.remedy)
"""
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, preexec_fn=minding_permissions()
        )

        assert "Permission denied" in done.stdout
        assert "SMOS_HOME" in done.stdout
        assert written.config_file.read_text() == CONFIG


class TestLock:
    def test_one_process_at_a_time_changes_the_settings(
        self, home: HomeFolder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("smos_cli.adapters.home._LOCK_WAIT", 0.0)
        code = f"""
from smos_cli.adapters.home import HomeFolder
with HomeFolder({{"SMOS_HOME": {home.folder!r}}}).lock():
    print("held", flush=True)
    input()
"""
        with other_process(code) as other:
            assert other.line() == "held"
            with pytest.raises(IndexBusyError), home.lock():
                pass
            other.kill()
            with home.lock():
                pass


class TestPersonas:
    def test_they_are_those_in_the_file(self, written: HomeFolder) -> None:
        (Path(written.folder) / "vaults/ann").mkdir(parents=True)

        found = written.personas()

        assert {name: (p.path, p.adopted, p.is_default, p.there) for name, p in found.items()} == {
            "ann": (f"{written.folder}/vaults/ann", False, True, True),
            "marta": ("/notes", True, False, False),
        }

    def test_the_default_is_what_is_written_whatever_the_environment_says(self, written: HomeFolder) -> None:
        chosen = HomeFolder({"SMOS_HOME": written.folder, "SMOS_PERSONA": "marta"})

        assert chosen.personas()["marta"].is_default
        assert chosen.default() == "ann"

    def test_without_a_file_there_are_none(self, home: HomeFolder) -> None:
        assert (home.personas(), home.default()) == ({}, "bob")


class TestVaults:
    def test_a_vault_is_the_template_with_the_personas_name(self, home: HomeFolder, tmp_path: Path) -> None:
        made = home.create_vault(str(tmp_path / "bob"), "bob", adopted=False)

        expected = {
            path.relative_to(template_folder()).as_posix().replace("dot-", "."): path.read_text().replace(
                "PERSONA_NAME", "bob"
            )
            for path in template_folder().rglob("*")
        }
        assert {path: data.decode() for path, data in contents(tmp_path / "bob").items()} == expected
        assert sorted(made) == sorted(expected)
        assert (tmp_path / "bob/memories").is_dir()

    def test_again_only_what_is_missing_is_made(self, home: HomeFolder, tmp_path: Path) -> None:
        home.create_vault(str(tmp_path / "bob"), "bob", adopted=False)
        (tmp_path / "bob/PERSONA.md").write_text("Mine.")
        (tmp_path / "bob/README.md").unlink()

        assert home.create_vault(str(tmp_path / "bob"), "bob", adopted=False) == ["README.md"]
        assert (tmp_path / "bob/PERSONA.md").read_text() == "Mine."

    def test_in_a_folder_of_somebodys_nothing_changes_but_below_smos(self, home: HomeFolder, tmp_path: Path) -> None:
        (tmp_path / "notes").mkdir()
        for name in ("PERSONA.md", "README.md", ".gitignore", "diary.md"):
            (tmp_path / "notes" / name).write_bytes(b"Mine.\r\n")
        before = contents(tmp_path / "notes")

        made = home.create_vault(str(tmp_path / "notes"), "marta", adopted=True)

        after = contents(tmp_path / "notes")
        assert all(path.startswith("smos/") for path in made)
        assert {path: data for path, data in after.items() if not path.startswith("smos/")} == before
        assert {path for path in after if path.startswith("smos/")} == set(made)

    def test_a_place_that_can_not_be_written_to_is_an_error(self, home: HomeFolder, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(StorageError):
            home.create_vault(str(tmp_path / "file/bob"), "bob", adopted=False)

    def test_a_history_is_a_repository_with_the_template_in_it(
        self, home: HomeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env = environment(tmp_path)
        for name in ("HOME", "LC_ALL"):
            monkeypatch.setenv(name, env[name])
        home.create_vault(str(tmp_path / "bob"), "bob", adopted=False)

        assert home.create_history(str(tmp_path / "bob"), adopted=False)

        done = subprocess.run(
            ["git", "status", "--short"], cwd=tmp_path / "bob", env=env, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (0, "")


class TestFolders:
    def test_those_directly_in_a_folder_are_named_but_for_hidden_ones(self, home: HomeFolder, tmp_path: Path) -> None:
        for name in ("Work/deep", "Diary", ".obsidian"):
            (tmp_path / "notes" / name).mkdir(parents=True)
        (tmp_path / "notes/file.md").touch()

        assert home.folders(str(tmp_path / "notes")) == ["Diary", "Work"]

    @pytest.mark.parametrize("name", ["gone", "file"])
    def test_what_is_no_folder_is_not_found(self, home: HomeFolder, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(NotFoundError):
            home.folders(str(tmp_path / name))

    @pytest.mark.parametrize(
        ("path", "service"),
        [
            ("Dropbox/notes", "Dropbox"),
            ("Dropbox (Personal)/notes", "Dropbox"),
            ("OneDrive - Example/notes", "OneDrive"),
            ("Library/Mobile Documents/iCloud~md~obsidian/Documents", "iCloud Drive"),
            ("Google Drive/My Drive/notes", "Google Drive"),
            ("Nextcloud/notes", "Nextcloud"),
            ("notes/about-dropbox.md", ""),
            ("Boxes/notes", ""),
        ],
    )
    def test_a_synchronised_folder_is_known_by_its_path(
        self, home: HomeFolder, tmp_path: Path, path: str, service: str
    ) -> None:
        assert home.cloud(str(tmp_path / path)) == service

    def test_also_when_a_link_leads_there(self, home: HomeFolder, tmp_path: Path) -> None:
        (tmp_path / "Dropbox/notes").mkdir(parents=True)
        (tmp_path / "notes").symlink_to(tmp_path / "Dropbox/notes")

        assert home.cloud(str(tmp_path / "notes")) == "Dropbox"

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("a", "a", True),
            ("a", "a/b/c", True),
            ("a/b", "a", True),
            ("a", "ab", False),
            ("a/b", "a/c", False),
            ("link", "a", True),
            ("link/b", "a", True),
            ("a/../c", "a", False),
            ("a", "link/../a", True),
        ],
    )
    def test_folders_overlap_when_one_is_in_the_other_wherever_links_lead(
        self, home: HomeFolder, tmp_path: Path, one: str, other: str, expected: bool
    ) -> None:
        (tmp_path / "a/b").mkdir(parents=True)
        (tmp_path / "link").symlink_to(tmp_path / "a")

        assert home.overlap(str(tmp_path / one), str(tmp_path / other)) is expected


class TestRemovingAnIndex:
    def test_what_is_derived_goes_and_what_is_anothers_stays(self, home: HomeFolder) -> None:
        index = Path(home.folder) / "index"
        index.mkdir(parents=True)
        for name in ("bob.duckdb", "bob.vectors", "bob.duckdb.wal", "bobby.duckdb", "ann.vectors"):
            (index / name).touch()

        assert home.remove_index("bob")
        assert sorted(os.listdir(index)) == ["ann.vectors", "bobby.duckdb"]
        assert not home.remove_index("bob")

    def test_where_there_is_none_there_is_nothing_to_do(self, home: HomeFolder) -> None:
        assert not home.remove_index("bob")
        assert not Path(home.folder).exists()


def test_a_repository_that_came_with_an_adopted_folder_is_not_ours_whatever_it_says(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    home = HomeFolder({"SMOS_HOME": str(tmp_path / "home")})
    assert home.create_history(str(notes), adopted=True)
    assert not home.create_history(str(notes), adopted=True)
