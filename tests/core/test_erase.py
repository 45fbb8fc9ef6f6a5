"""What is erased is gone from the vault, its trash and the index; only its id is kept, so that it stays away."""

from __future__ import annotations

import pytest

from smos_cli.core.erase import HISTORY_REMAINS, erase, to_erase
from smos_cli.core.forget import Forgot
from smos_cli.errors import NotFoundError
from tests.core.bob import EPISODE, Bob, conversation
from tests.samples import identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


@pytest.fixture
def bob() -> Bob:
    return Bob({"memories/ttl.md": memory_file(1, TTL), "memories/tea.md": memory_file(2, TEA)})


def erased(bob: Bob, *keys: str) -> Forgot:
    return erase(bob.ports, to_erase(bob.ports, keys))


def test_no_file_of_the_vault_holds_it(bob: Bob) -> None:
    erased(bob, identity(1))

    assert not any(b"TTL" in data for data in bob.vault.files.values())
    assert bob.texts() == [TEA]


def test_it_is_erased_from_the_trash_too(bob: Bob) -> None:
    bob.forget(identity(1))

    erased(bob, identity(1))

    assert not any(b"TTL" in data for data in bob.vault.files.values())
    with pytest.raises(NotFoundError):
        bob.restore(identity(1))


def test_the_index_is_made_anew(bob: Bob) -> None:
    bob.recall("TTL")

    erased(bob, identity(1))

    with bob.index.session() as session:
        assert [stored.stamp.path for stored in session.stored()] == ["PERSONA.md", "memories/tea.md"]


@pytest.mark.parametrize("forgotten_before", [False, True])
def test_only_its_id_is_kept_and_keeps_it_away(bob: Bob, forgotten_before: bool) -> None:
    if forgotten_before:
        bob.forget(identity(1))

    erased(bob, identity(1))

    assert bob.file(".tombstones").splitlines()[2:] == [f"erased {identity(1)}"]
    assert bob.import_({"id": identity(1), "text": TTL}).skipped == 1


def test_the_others_that_were_forgotten_stay_forgotten(bob: Bob) -> None:
    bob.forget(identity(1), identity(2))

    erased(bob, identity(1))

    assert bob.import_({"text": TEA}).skipped == 1


def test_the_record_does_not_repeat_what_was_erased(bob: Bob) -> None:
    erased(bob, identity(1))

    (change,) = bob.history.changes
    assert (change.verb, change.ids, change.removed) == ("erase", (identity(1),), ("memories/ttl.md",))
    assert "TTL" not in change.subject


def test_it_says_that_the_history_still_has_it(bob: Bob) -> None:
    assert erased(bob, identity(1)).warnings == (HISTORY_REMAINS,)


def test_a_history_that_fails_is_a_warning_and_it_stays_erased(bob: Bob) -> None:
    bob.history.broken = True

    assert len(erased(bob, identity(1)).warnings) == 2
    assert bob.texts() == [TEA]


def test_the_turn_it_was_said_in_is_masked() -> None:
    bob = Bob({**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")})

    erased(bob, identity(3))

    assert "Hector is switched off." not in bob.answers("Hector")


def test_a_turn_that_was_masked_stays_so() -> None:
    bob = Bob({**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")})
    bob.forget(identity(3))

    erased(bob, identity(3))

    assert "Hector is switched off." not in bob.answers("Hector")


def test_one_without_an_id_is_erased_by_its_path() -> None:
    bob = Bob({"memories/tea.md": b"Tea is at four.\n"})

    erased(bob, "memories/tea.md")

    assert bob.texts() == []


def test_many_are_erased_at_once_from_vault_and_trash(bob: Bob) -> None:
    bob.forget(identity(2))

    done = erased(bob, identity(1), identity(2))

    assert [memory.text for memory in done.memories] == [TTL, TEA]
    assert bob.paths() == []
    assert bob.paths(".trash/") == []


def test_what_is_nowhere_is_not_found_and_nothing_is_erased(bob: Bob) -> None:
    with pytest.raises(NotFoundError):
        to_erase(bob.ports, [identity(1), "nothing"])

    assert bob.texts() == [TEA, TTL]
