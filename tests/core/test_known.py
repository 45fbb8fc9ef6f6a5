"""Whether something that arrives is new: by id, by source id and by text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smos_cli.core.known import CHANGED, DUPLICATE, ERASED, FORGOTTEN, NEW, TAKEN, Known
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


TEXT_OF_ANOTHER = "another text came before with the id m-1 of lines.jsonl"


@pytest.mark.parametrize(
    ("same", "made", "verdict"),
    [
        ({"body": f"{TTL}\n"}, False, DUPLICATE),
        ({"id": HELD.id, "body": TTL}, False, DUPLICATE),
        ({"id": HELD.id}, False, TAKEN),
        ({"id": HELD.id}, True, CHANGED),
        ({"id": f"01ARZ3NDEK{HELD.id[10:]}"}, True, CHANGED),
        ({"id": f"01ARZ3NDEK{HELD.id[10:]}"}, False, NEW),
        ({"ref": HELD.ref}, False, TEXT_OF_ANOTHER),
        ({"ref": HELD.ref, "body": TTL}, False, DUPLICATE),
    ],
    ids=str,
)
@pytest.mark.parametrize("since", [False, True], ids=["there", "added since"])
def test_what_is_there_is_a_duplicate_and_another_text_of_its_id_is_not_passed_over_silently(
    bob: Bob, same: dict[str, str], *, made: bool, since: bool, verdict: str
) -> None:
    known = Known(Bob().ports if since else bob.ports)
    if since:
        known.add(replace(HELD, path="memories/a.md"))

    assert known.verdict(replace(OTHER, **same), made=made) == verdict


@pytest.mark.parametrize(
    ("same", "made", "verdict"),
    [
        ({"id": HELD.id}, False, FORGOTTEN),
        ({"id": f"01ARZ3NDEK{HELD.id[10:]}"}, True, FORGOTTEN),
        ({"id": f"01ARZ3NDEK{HELD.id[10:]}"}, False, NEW),
        ({"body": f"{TTL}\n"}, False, FORGOTTEN),
        ({"ref": HELD.ref}, False, "what had the id m-1 of lines.jsonl was forgotten"),
    ],
    ids=str,
)
def test_what_was_forgotten_stays_out(bob: Bob, same: dict[str, str], *, made: bool, verdict: str) -> None:
    bob.forget(identity(1))

    assert Known(bob.ports).verdict(replace(OTHER, **same), made=made) == verdict


def test_what_was_erased_stays_out_by_its_id_and_by_the_one_made_from_its_text(bob: Bob) -> None:
    bob.erase(identity(1))
    known = Known(bob.ports)

    assert known.verdict(HELD) == ERASED
    assert known.verdict(replace(HELD, id=f"01ARZ3NDEK{HELD.id[10:]}"), made=True) == ERASED


def test_a_long_text_is_known_whole_and_not_by_its_beginning() -> None:
    long = "\n\n".join(f"Paragraph {number} of a long memory." for number in range(300))
    bob = Bob({"memories/a.md": memory_file(1, long)})
    beginning = bob.memories()[0].body

    assert len(beginning) < len(long)
    assert Known(bob.ports).verdict(replace(OTHER, body=long)) == DUPLICATE
    assert Known(bob.ports).verdict(replace(OTHER, body=beginning)) == NEW


@pytest.mark.parametrize("different", [{}, {"ref": "", "file": ""}, {"ref": "m-1", "file": "other.jsonl"}], ids=str)
def test_anything_else_is_new(bob: Bob, different: dict[str, str]) -> None:
    assert Known(bob.ports).verdict(replace(OTHER, **different)) == NEW

    bob.forget(identity(1))
    assert Known(bob.ports).verdict(replace(OTHER, **different)) == NEW


def test_what_waits_or_was_put_away_is_known(bob: Bob) -> None:
    bob.vault.write("memories/a.md", memory_file(1, TTL, status="archived"))
    bob.vault.write("memories/b.md", memory_file(2, OTHER.body, status="pending"))
    known = Known(bob.ports)

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
