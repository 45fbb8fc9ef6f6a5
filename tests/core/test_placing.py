"""Where new files go: a folder a month, never too full, never over another file."""

from __future__ import annotations

import pytest

from smos_cli.core.layout import FOLDER_LIMIT
from smos_cli.core.memory import Memory
from smos_cli.core.placing import Placer
from smos_cli.core.ulid import suffix
from tests.fakes import FakeVault
from tests.samples import identity

NOVEMBER = "memories/2025/11"


def memory(number: int, text: str = "The TTL is 10 s", created: str = "2025-11-18T12:00:00Z") -> Memory:
    return Memory(identity(number), text, created=created)


def filled(folder: str, count: int, base: str = "") -> FakeVault:
    return FakeVault({f"{base}{folder}/{number}.md": b"" for number in range(count)}, base)


def test_a_memory_goes_to_the_month_it_was_made_in() -> None:
    path = Placer(FakeVault()).path(memory(1), "The TTL is 10 s")

    assert path == f"{NOVEMBER}/the-ttl-is-10-s-{suffix(identity(1))}.md"


def test_an_episode_goes_to_the_episodes() -> None:
    path = Placer(FakeVault()).path(memory(1), "2025-11-18 The TTL", "episodes")

    assert path == f"episodes/2025/11/2025-11-18-the-ttl-{suffix(identity(1))}.md"


def test_in_an_adopted_folder_everything_is_below_ours() -> None:
    vault = filled(NOVEMBER, FOLDER_LIMIT, "smos/")

    assert Placer(FakeVault(base="smos/")).path(memory(1), "x").startswith(f"smos/{NOVEMBER}/")
    assert Placer(vault).path(memory(1), "x").startswith(f"smos/{NOVEMBER}-2/")


def test_a_full_folder_is_followed_by_the_next() -> None:
    placer = Placer(filled(NOVEMBER, FOLDER_LIMIT - 1))

    folders = [placer.path(memory(number), "x").rpartition("/")[0] for number in range(3)]

    assert folders == [NOVEMBER, f"{NOVEMBER}-2", f"{NOVEMBER}-2"]


def test_one_import_fills_folder_after_folder() -> None:
    placer = Placer(FakeVault())

    folders = [placer.path(memory(number), "x").rpartition("/")[0] for number in range(2 * FOLDER_LIMIT + 1)]

    assert [folders.count(f"{NOVEMBER}{part}") for part in ("", "-2", "-3")] == [FOLDER_LIMIT, FOLDER_LIMIT, 1]


def test_the_last_folder_is_gone_on_with() -> None:
    vault = filled(NOVEMBER, FOLDER_LIMIT)
    for number in range(FOLDER_LIMIT):
        vault.write(f"{NOVEMBER}-9/{number}.md", b"")
    vault.write(f"{NOVEMBER}-10/a.md", b"")

    assert Placer(vault).path(memory(1), "x").startswith(f"{NOVEMBER}-10/")


def test_other_months_do_not_matter() -> None:
    placer = Placer(filled(NOVEMBER, FOLDER_LIMIT))

    assert placer.path(memory(1, created="2025-12-01"), "x").startswith("memories/2025/12/")
    assert placer.path(memory(1, created="2024-11"), "x").startswith("memories/2024/11/")
    assert placer.path(memory(1, created="2024"), "x").startswith("memories/2024/01/")


@pytest.mark.parametrize("there", ["given before", "in the vault"])
def test_two_memories_that_would_have_one_name_have_two(there: str) -> None:
    one, two = (Memory(f"01KB8F3K{number}M000000000000000A", "x", created="2025-11-18") for number in (2, 3))
    vault = FakeVault()
    placer = Placer(vault)
    first = placer.path(one, "The TTL")
    if there == "in the vault":
        vault.write(first, b"")
        placer = Placer(vault)

    second = placer.path(two, "The TTL")

    assert second != first
    assert second.endswith("-0000000a.md")
