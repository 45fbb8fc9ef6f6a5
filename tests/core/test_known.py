"""Whether something that arrives is new: by id, by source id and by text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smos_cli.core.known import DUPLICATE, FORGOTTEN, NEW, Known
from smos_cli.core.listing import list_memories
from smos_cli.core.memory import Memory
from smos_cli.core.selection import Selection
from smos_cli.errors import IndexBusyError
from tests.core.bob import EPISODE_PATH, Bob, conversation
from tests.samples import identity, memory_file

TTL = "The cache TTL is 10 seconds."
HELD = Memory(identity(1), TTL, ref="m-1", file="lines.jsonl")
OTHER = Memory(identity(2), "Tea is at four.", ref="m-2", file="lines.jsonl")


@pytest.fixture
def bob() -> Bob:
    return Bob({"memories/a.md": memory_file(1, TTL, ref="m-1", file="lines.jsonl")})


SAME = pytest.mark.parametrize(
    "same",
    [{"id": HELD.id}, {"body": f"{TTL}\n"}, {"ref": HELD.ref}, {"ref": HELD.ref, "body": "Tea.", "id": identity(5)}],
    ids=["by id", "by text", "by source id", "by source id alone"],
)


@SAME
def test_what_is_there_is_a_duplicate(bob: Bob, same: dict[str, str]) -> None:
    assert Known(bob.ports).verdict(replace(OTHER, **same)) == DUPLICATE


@SAME
def test_what_was_forgotten_stays_out(bob: Bob, same: dict[str, str]) -> None:
    bob.forget(identity(1))

    assert Known(bob.ports).verdict(replace(OTHER, **same)) == FORGOTTEN


@SAME
def test_what_was_added_since_is_a_duplicate_too(same: dict[str, str]) -> None:
    known = Known(Bob().ports)
    known.add(replace(HELD, path="memories/a.md"))

    assert known.verdict(replace(OTHER, **same)) == DUPLICATE


@pytest.mark.parametrize("different", [{}, {"ref": "", "file": ""}, {"ref": "m-1", "file": "other.jsonl"}], ids=str)
def test_anything_else_is_new(bob: Bob, different: dict[str, str]) -> None:
    assert Known(bob.ports).verdict(replace(OTHER, **different)) == NEW

    bob.forget(identity(1))
    assert Known(bob.ports).verdict(replace(OTHER, **different)) == NEW


def test_an_id_that_was_kept_is_a_source_id_of_its_file(bob: Bob) -> None:
    bob.vault.write("memories/b.md", memory_file(3, "Coffee is at nine.", file="lines.jsonl"))

    assert Known(bob.ports).verdict(replace(OTHER, ref=identity(3))) == DUPLICATE
    assert Known(bob.ports).verdict(replace(OTHER, ref=identity(3), file="other.jsonl")) == NEW


def test_what_waits_or_was_put_away_is_known(bob: Bob) -> None:
    bob.vault.write("memories/a.md", memory_file(1, TTL, status="archived"))
    bob.vault.write("memories/b.md", memory_file(2, OTHER.body, status="pending"))
    known = Known(bob.ports)

    assert known.ids == {identity(1), identity(2)}
    assert known.verdict(Memory(identity(5), TTL)) == known.verdict(Memory(identity(5), OTHER.body)) == DUPLICATE


def test_a_note_of_the_same_text_is_no_memory() -> None:
    bob = Bob({"notes/a.md": TTL.encode()})

    assert Known(bob.ports).verdict(HELD) == NEW


def test_an_episode_is_known_by_its_id_whatever_its_time() -> None:
    known = Known(Bob(conversation(7)).ports)

    assert known.episode(identity(7)) == EPISODE_PATH
    assert known.episode("01ARZ3NDEK" + identity(7)[10:]) == EPISODE_PATH
    assert known.episode(identity(8)) == ""


def test_who_holds_the_index_is_an_error_not_an_empty_vault(bob: Bob) -> None:
    bob.index.busy = True

    with pytest.raises(IndexBusyError):
        Known(bob.ports)


LONG = "A sentence of a very long memory. " * 300


@pytest.mark.parametrize("length", [1, 3000, len(LONG)])
def test_a_text_is_known_whatever_its_length(length: int) -> None:
    bob = Bob({"memories/a.md": memory_file(1, LONG[:length].strip())})

    assert Known(bob.ports).verdict(Memory(identity(5), LONG[:length].strip())) == DUPLICATE


def test_the_beginning_of_a_long_text_is_another_text() -> None:
    bob = Bob({"memories/a.md": memory_file(1, LONG)})
    (listed,) = list_memories(bob.ports, Selection(memories_only=True))

    assert Known(bob.ports).verdict(Memory(identity(5), listed.body)) == NEW
    assert Known(bob.ports).verdict(Memory(identity(5), LONG + "And more.")) == NEW
