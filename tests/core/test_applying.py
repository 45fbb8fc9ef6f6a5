"""What a sync does to the files of a vault: in which order, what goes to the trash, and what it never writes over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smos_cli.adapters.files import VaultFiles
from smos_cli.core.applying import Goal, apply
from smos_cli.core.remote import blob_name
from smos_cli.errors import RemoteError, StaleError
from tests.fakes import FakeVault, fake_ports

PATH = "memories/2026/11/tea-x2c5n6pd.md"
TEA = b"---\nid: 01KB8F3K2M7Q0ZT4V9X2C5N6PD\n---\nTea is green.\n"
WHITE = TEA.replace(b"green", b"white")
ID = "01KB8F3K2M7Q0ZT4V9X2C5N6PD"


def name(data: bytes) -> str:
    return blob_name(data, "0" * 40)


def goal(path: str, before: bytes | None, after: bytes | None) -> Goal:
    return Goal(path, "" if before is None else name(before), after)


def run(vault: FakeVault, *goals: Goal, put_away: dict[str, bytes] | None = None, erased: str = "") -> list[str]:
    return apply(fake_ports(vault), goals, put_away or {}, {erased} - {""})


def test_a_blob_is_named_as_git_names_it() -> None:
    assert name(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_name(b"", "0" * 64) == "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"


def test_files_come_change_and_go() -> None:
    vault = FakeVault({"a.md": b"a", "b.md": b"b"})
    run(vault, goal("a.md", b"a", b"A"), goal("b.md", b"b", None), goal("c.md", None, b"c"))
    assert vault.files == {"a.md": b"A", "c.md": b"c"}


def test_done_again_it_changes_nothing() -> None:
    vault = FakeVault({PATH: TEA, "a.md": b"a"})
    goals = goal(PATH, TEA, None), goal("a.md", b"a", b"A"), goal("c.md", None, b"c")
    assert run(vault, *goals, put_away={"memories/x.md": WHITE}) == [ID]
    files = dict(vault.files)
    assert run(vault, *goals, put_away={"memories/x.md": WHITE}) == []
    assert vault.files == files


def test_a_file_that_is_neither_old_nor_new_is_left_and_nothing_else_is_touched() -> None:
    vault = FakeVault({"a.md": b"mine", "b.md": b"b"})
    with pytest.raises(StaleError, match=r"a\.md is not as the last commit has it"):
        run(vault, goal("b.md", b"b", b"B"), goal("a.md", b"a", b"A"))
    assert vault.files == {"a.md": b"mine", "b.md": b"b"}


def test_a_memory_that_goes_is_in_the_trash_and_a_note_is_not() -> None:
    vault = FakeVault({PATH: TEA, "notes/a.md": b"a"})
    assert run(vault, goal(PATH, TEA, None), goal("notes/a.md", b"a", None)) == [ID]
    assert vault.files == {f".trash/{PATH}": TEA}


def test_what_is_erased_is_in_no_trash() -> None:
    vault = FakeVault({PATH: TEA})
    assert run(vault, goal(PATH, TEA, None), put_away={PATH: WHITE}, erased=ID) == []
    assert vault.files == {}


def test_a_memory_that_is_moved_and_changed_is_in_no_trash() -> None:
    vault = FakeVault({PATH: TEA})
    assert run(vault, goal(PATH, TEA, None), goal("memories/tea.md", None, WHITE)) == []
    assert vault.files == {"memories/tea.md": WHITE}


def test_a_version_that_is_put_away_gets_a_name_of_its_own() -> None:
    vault = FakeVault({f".trash/{PATH}": TEA})
    assert run(vault, put_away={PATH: WHITE}) == [ID]
    assert sorted(vault.files.values()) == [TEA, WHITE]


def test_a_folder_comes_where_a_file_was() -> None:
    vault = FakeVault({"notes": b"a file"})
    run(vault, goal("notes", b"a file", None), goal("notes/a.md", None, b"a"))
    assert vault.files == {"notes/a.md": b"a"}


def test_our_own_files_are_below_the_base_and_so_is_their_trash() -> None:
    vault = FakeVault({f"smos/{PATH}": TEA}, base="smos/")
    assert run(vault, goal(f"smos/{PATH}", TEA, None)) == [ID]
    assert list(vault.files) == [f"smos/.trash/smos/{PATH}"]


def test_a_file_that_makes_way_for_a_folder_is_where_the_merge_put_it() -> None:
    vault = FakeVault({"n": b"a file"})
    run(vault, goal("n", b"a file", None), goal("n.conflict-1", None, b"a file"), goal("n/x.md", None, b"x"))
    assert vault.files == {"n.conflict-1": b"a file", "n/x.md": b"x"}


def test_a_folder_in_the_place_of_what_comes_is_named_and_stays(tmp_path: Path) -> None:
    vault = VaultFiles(tmp_path, "", tmp_path / "lock", lambda: pytest.fail("listed"))
    (tmp_path / "n").mkdir()
    (tmp_path / "n/x.md").write_bytes(b"x")
    with pytest.raises(RemoteError, match="n is to come, and a folder here has that name"):
        apply(replace(fake_ports(), vault=vault), [goal("a.md", None, b"a"), goal("n", None, b"a file")], {}, ())
    assert [path.name for path in tmp_path.iterdir()] == ["n"]
