"""Files that a person dropped into memories get an id, and nothing else of them changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from smos_cli.core import ulid
from smos_cli.core.adopt import adopt
from tests.core.bob import Bob, apart, conversation
from tests.fakes import FakeVault
from tests.samples import identity, memory_file

TEA = b"---\r\n# mine\r\ntags: [tea]\r\nmood: good\r\n---\r\nTea is at four.\r\n"


def test_a_file_without_frontmatter_gets_one() -> None:
    bob = Bob({"memories/tea.md": b"Tea is at four.\n"})

    (memory,), _ = adopt(bob.ports)

    assert bob.file("memories/tea.md") == f"---\nid: {memory.id}\n---\nTea is at four.\n"


def test_only_an_id_is_added_to_frontmatter_that_is_there() -> None:
    bob = Bob({"memories/tea.md": TEA})

    (memory,), _ = adopt(bob.ports)

    assert bob.vault.files["memories/tea.md"].replace(f"id: {memory.id}\r\n".encode(), b"") == TEA


def test_the_id_is_of_the_time_of_the_file() -> None:
    bob = Bob({"memories/tea.md": TEA})
    bob.clock.milliseconds += 1_000_000

    (memory,), _ = adopt(bob.ports)

    assert ulid.created(memory.id) == "2025-11-18T12:00:02Z"


def test_what_has_an_id_or_is_no_memory_is_not_touched() -> None:
    files = {"memories/a.md": memory_file(1, "Tea."), "notes/b.md": b"A note.\n", "c.md": b"Another.\n"}
    bob = Bob({**files, **conversation()})
    before = dict(bob.vault.files)

    assert adopt(bob.ports) == ([], ())
    assert bob.vault.files == before
    assert bob.history.changes == []


def test_what_can_not_be_read_is_not_touched() -> None:
    broken = b"---\ntags: [\n---\nTea.\n"
    bob = Bob({"memories/broken.md": broken, "memories/tea.md": TEA})

    assert [memory.path for memory in adopt(bob.ports)[0]] == ["memories/tea.md"]
    assert bob.vault.files["memories/broken.md"] == broken


def test_an_id_that_it_got_meanwhile_stays() -> None:
    bob = Bob({"memories/tea.md": TEA})
    ports = replace(bob.ports, vault=Overtaken(bob.vault))

    adopted, warnings = adopt(ports)

    assert (adopted, warnings) == ([], ())
    assert bob.file("memories/tea.md") == memory_file(1, "Tea.").decode()


class Overtaken(FakeVault):
    """A vault in which somebody is faster: a memory gets an id before the lock is held."""

    def __init__(self, vault: FakeVault) -> None:
        super().__init__(vault.files)
        self.files = vault.files

    @contextmanager
    def lock(self) -> Iterator[None]:
        self.write("memories/tea.md", memory_file(1, "Tea."))
        yield


def test_all_of_them_are_one_change_in_the_history() -> None:
    bob = Bob({"memories/tea.md": TEA, "memories/coffee.md": b"Coffee is at nine.\n"})

    adopted, _ = adopt(bob.ports)

    (change,) = bob.history.changes
    assert change.verb == "adopt"
    assert sorted(apart(change.written)) == ["memories/coffee.md", "memories/tea.md"]
    assert set(change.ids) == {memory.id for memory in adopted}
    assert len(set(change.ids)) == 2


def test_a_history_that_fails_is_a_warning_and_the_ids_stay() -> None:
    bob = Bob({"memories/tea.md": TEA})
    bob.history.broken = True

    adopted, warnings = adopt(bob.ports)

    assert (len(adopted), len(warnings)) == (1, 1)
    assert adopt(bob.ports) == ([], ())


def test_in_an_adopted_folder_only_our_own_part_is_adopted() -> None:
    bob = Bob({"smos/memories/tea.md": TEA, "memories/diary.md": b"Dear diary\n"}, base="smos/")

    assert [memory.path for memory in adopt(bob.ports)[0]] == ["smos/memories/tea.md"]
    assert bob.vault.files["memories/diary.md"] == b"Dear diary\n"


def test_it_is_found_by_its_id_afterwards() -> None:
    bob = Bob({"memories/tea.md": TEA, "memories/b.md": memory_file(2, "Coffee.")})

    (memory,), _ = adopt(bob.ports)

    assert {found.id for found in bob.memories()} == {memory.id, identity(2)}
