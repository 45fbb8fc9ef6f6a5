"""Where things are in a vault."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.layout import file_name, month_folder, overflow, role_of

ID = "01KB8F3K2M7Q0ZT4V9X2C5N6PD"


@pytest.mark.parametrize(
    ("path", "base", "role"),
    [
        ("memories/2026/11/a.md", "", "memory"),
        ("memories/README.md", "", "memory"),
        ("episodes/a.md", "", "episode"),
        ("audit/x/2026.md", "", "own"),
        ("PERSONA.md", "", "own"),
        ("README.md", "", "own"),
        ("notes/a.md", "", "note"),
        ("a.md", "", "note"),
        ("memories.md", "", "note"),
        ("deep/memories/a.md", "", "note"),
        ("smos/memories/a.md", "", "note"),
        ("smos/memories/a.md", "smos/", "memory"),
        ("smos/PERSONA.md", "smos/", "own"),
        ("smos/README.md", "smos/", "own"),
        ("smos/other.md", "smos/", "own"),
        ("smos/notes/a.md", "smos/", "note"),
        ("memories/a.md", "smos/", "note"),
        ("README.md", "smos/", "note"),
        ("PERSONA.md", "smos/", "note"),
        ("smos.md", "smos/", "note"),
    ],
)
def test_a_path_tells_what_a_file_is(path: str, base: str, role: str) -> None:
    assert role_of(path, base) == role


class TestFileName:
    def test_it_is_the_statements_words_and_the_end_of_the_id(self) -> None:
        assert file_name("The cache TTL is 10 s", ID) == "the-cache-ttl-is-10-s-x2c5n6pd.md"

    def test_a_text_without_words_is_named_by_its_kind(self) -> None:
        assert file_name("🎉", ID, "event") == "event-x2c5n6pd.md"

    @given(st.text())
    def test_any_text_makes_a_name_that_every_file_system_takes(self, text: str) -> None:
        name = file_name(text, ID)

        assert name.endswith("-x2c5n6pd.md")
        assert not name.startswith((".", "-"))
        assert len(name.encode()) <= 200
        assert not set(name) & set('/\\:*?"<>|\0\n')


class TestFolders:
    def test_a_folder_holds_a_month(self) -> None:
        assert month_folder("memories", "2026-11-18T08:38:00Z") == "memories/2026/11"

    def test_a_year_alone_is_put_under_its_first_month(self) -> None:
        assert month_folder("episodes", "2026") == "episodes/2026/01"

    def test_folders_of_a_month_come_in_the_order_they_filled_up(self) -> None:
        siblings = ["10", "11", "11-10", "11-2", "11-3", "11-x", "11-", "12", "111", "a.md"]

        assert overflow(siblings, "11") == ["11", "11-2", "11-3", "11-10"]

    def test_a_month_without_folders_has_none(self) -> None:
        assert overflow(["10", "12"], "11") == []
