"""What should be gone is found wherever it is, and told apart from other things that say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters import remains
from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.remains import Everywhere
from smos_cli.core.changes import Change
from smos_cli.core.episode import Turn
from smos_cli.core.ports import no_progress
from smos_cli.core.purging import Erased
from smos_cli.core.remains import Searched
from tests.cli.unprivileged import minding_permissions
from tests.samples import episode_file, identity, memory_file

IT = Erased(frozenset([identity(1)]), frozenset([f"{identity(7)}#t1"]))
TEXT = "Hector is switched off."


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "home/vaults/bob").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def vault(home: Path) -> Path:
    folder = home / "vaults/bob"
    (folder / "PERSONA.md").write_text("Bob.\n")
    return folder


def committed(vault: Path, path: str, data: bytes, subject: str = "edit") -> None:
    history = GitHistory(vault)
    history.create()
    write(vault, path, data)
    history.commit(Change("edit", subject, (), "shell", "bob", "", (path,)))


def write(folder: Path, path: str, data: bytes) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(data)


def searched(home: Path, *texts: str) -> Searched:
    return Everywhere(home / "vaults/bob", home, no_progress).search(IT, texts or (TEXT,))


def test_a_clean_vault_has_nothing(home: Path, vault: Path) -> None:
    committed(vault, "memories/tea.md", memory_file(2, "Tea is at four."))

    found = searched(home)

    assert (found.left, found.also_in) == ((), ())
    assert found.objects == 7
    assert found.files > 2


@pytest.mark.parametrize("path", ["memories/a.md", ".trash/a.md", "notes/deep/down/a.txt", ".a.md.tmp"])
def test_a_file_of_its_id_is_left_wherever_it_lies(home: Path, vault: Path, path: str) -> None:
    write(vault, path, memory_file(1, "Something else."))

    assert searched(home).left == (path,)


def test_a_turn_that_is_still_in_its_conversation_is_left(home: Path, vault: Path) -> None:
    write(vault, "episodes/talk.md", episode_file(7, [Turn("Marta", "It is off.")]))

    assert searched(home).left == ("episodes/talk.md",)


def test_what_commits_hold_is_left_by_its_path_there(home: Path, vault: Path) -> None:
    committed(vault, "memories/a.md", memory_file(1, "Something else."))
    (vault / "memories/a.md").unlink()

    assert searched(home).left == ("history: memories/a.md",)


def test_its_lines_are_left_in_tombstones_and_salts_and_mean_nothing_in_a_note(home: Path, vault: Path) -> None:
    line = f"forgotten {identity(1)} 91ab\n".encode()
    for path in (".tombstones", "notes/a.md"):
        committed(vault, path, b"# A file\n" + line)

    found = searched(home)

    assert set(found.left) == {".tombstones", "history: .tombstones"}


def test_the_same_words_in_other_places_are_told(home: Path, vault: Path) -> None:
    committed(vault, "memories/b.md", memory_file(2, "Marta said:\n\n> Hector is\r\n> switched off."), subject=TEXT)
    write(home, "state.sqlite", b"\0\1" + TEXT.encode())
    write(vault, ".git/COMMIT_EDITMSG", TEXT.encode())

    found = searched(home)

    assert found.left == ()
    assert sorted(place.split()[0] if place.startswith("commit") else place for place in found.also_in) == [
        ".git/COMMIT_EDITMSG",
        "commit",
        "history: memories/b.md",
        "home: state.sqlite",
        "memories/b.md",
    ]


def test_an_object_that_nothing_reaches_is_looked_at(home: Path, vault: Path) -> None:
    committed(vault, "memories/tea.md", memory_file(2, "Tea is at four."))
    words = ["git", "-C", str(vault), "hash-object", "-w", "--stdin"]
    name = subprocess.run(words, input=memory_file(1, "x"), check=True, capture_output=True).stdout.decode().strip()

    assert searched(home).left == (f"object {name}",)


def test_the_name_of_a_file_is_looked_for_in_folders_and_links(home: Path, vault: Path) -> None:
    committed(vault, "notes/hector-is-off-x2c5n6pd.md", b"Nothing.\n")
    write(vault, "memories/b.md", memory_file(2, "Else.", supersedes=("hector-is-off-x2c5n6pd",)))

    found = searched(home, "hector-is-off-x2c5n6pd")

    assert "memories/b.md" in found.also_in
    assert any(place.startswith("tree ") for place in found.also_in)


def test_large_files_and_objects_are_searched_piece_by_piece(
    home: Path, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remains, "LARGEST", 1000)
    monkeypatch.setattr(remains, "_PIECE", 700)
    monkeypatch.setattr(remains, "_OVERLAP", 50)
    committed(vault, "photo.bin", b"x" * 690 + TEXT.encode() + b"y" * 2000)
    committed(vault, "other.bin", b"z" * 3000)

    assert set(searched(home).also_in) == {"photo.bin", "history: photo.bin"}


def test_other_vaults_indexes_and_keys_of_home_are_not_looked_at(home: Path, vault: Path) -> None:
    for path in ("vaults/ann/a.md", "index/bob.duckdb", "keys/audit.key", "locks/bob.write"):
        write(home, path, TEXT.encode())

    assert searched(home) == Searched(0, 1)


def test_a_vault_out_of_home_and_without_a_history_is_searched(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "notes/a.md", TEXT.encode())

    assert Everywhere(tmp_path / "notes", home, no_progress).search(IT, [TEXT]) == Searched(0, 1, (), ("a.md",))


def test_what_can_not_be_read_is_no_proof(home: Path, vault: Path) -> None:
    write(vault, "notes/a.md", b"x")
    (vault / "notes/a.md").chmod(0)

    # In a process of its own, which may be told to mind permissions where the tests run as root.
    words = (sys.executable, "-c", _SEARCH, str(vault), str(home))
    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=minding_permissions())

    assert "notes/a.md can't be searched" in done.stderr


_SEARCH = """
import sys
from pathlib import Path
from tests.adapters.test_remains import IT, TEXT, Everywhere, no_progress
Everywhere(Path(sys.argv[1]), Path(sys.argv[2]), no_progress).search(IT, [TEXT])
"""
