"""What is erased is gone from the vault, its trash and the index; only its id is kept, so that it stays away."""

from __future__ import annotations

import pytest

from smos_cli.core.erase import HISTORY_REMAINS, INDEX_REMAINS, erase, to_erase
from smos_cli.core.forget import Forgot
from smos_cli.errors import IndexBusyError, NotFoundError, StaleError, UsageError
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


def test_a_restore_of_another_memory_does_not_bring_back_the_turn_it_was_said_in() -> None:
    said = {f"memories/{number}.md": memory_file(number, f"{number}.", session=f"{EPISODE}#^t3") for number in (3, 4)}
    bob = Bob({**conversation(), **said})
    bob.forget(identity(3), identity(4))
    erased(bob, identity(3))

    bob.restore(identity(4))

    assert "Hector is switched off." not in bob.answers("Hector")


def test_while_the_index_is_held_nothing_is_erased(bob: Bob) -> None:
    shown = to_erase(bob.ports, [identity(1)])
    before = dict(bob.vault.files)
    bob.index.busy = True

    with pytest.raises(IndexBusyError):
        erase(bob.ports, shown)

    assert bob.vault.files == before


def test_what_another_process_indexed_before_the_file_went_is_dropped_too(bob: Bob) -> None:
    shown = to_erase(bob.ports, [identity(1)])
    remove = bob.vault.remove

    def meanwhile(path: str) -> None:
        bob.recall("TTL")
        remove(path)

    bob.vault.remove = meanwhile  # type: ignore[method-assign]
    dropped: list[int] = []
    drop = bob.index.drop
    bob.index.drop = lambda: dropped.append(len(dropped)) or drop()  # type: ignore[method-assign]

    erase(bob.ports, shown)

    assert len(dropped) == 2


def test_an_index_that_is_held_once_the_file_has_gone_is_a_warning(bob: Bob) -> None:
    shown = to_erase(bob.ports, [identity(1)])
    remove = bob.vault.remove

    def meanwhile(path: str) -> None:
        remove(path)
        bob.index.busy = True

    bob.vault.remove = meanwhile  # type: ignore[method-assign]

    assert erase(bob.ports, shown).warnings == (INDEX_REMAINS, HISTORY_REMAINS)
    assert "memories/ttl.md" not in bob.vault.files


def test_what_is_named_twice_is_erased_once(bob: Bob) -> None:
    done = erased(bob, identity(1), "ttl", identity(1)[-8:], identity(2))

    assert [memory.id for memory in done.memories] == [identity(1), identity(2)]
    assert bob.texts() == []


def test_a_file_that_changed_since_it_was_shown_stays_and_so_do_the_others(bob: Bob) -> None:
    shown = to_erase(bob.ports, [identity(1), identity(2)])
    bob.vault.write("memories/tea.md", memory_file(2, "Tea is at five."))

    with pytest.raises(StaleError):
        erase(bob.ports, shown)

    assert bob.texts() == ["Tea is at five.", TTL]


def test_one_that_is_gone_already_is_erased(bob: Bob) -> None:
    shown = to_erase(bob.ports, [identity(1), identity(2)])
    bob.vault.delete("memories/ttl.md")

    erase(bob.ports, shown)

    assert bob.texts() == []
    assert f"erased {identity(1)}" in bob.file(".tombstones")


def test_a_whole_conversation_can_be_erased_but_not_one_turn_of_it() -> None:
    bob = Bob(conversation())
    bob.forget(identity(7))

    with pytest.raises(UsageError):
        to_erase(bob.ports, [f"{identity(7)}#t3"])
    erased(bob, identity(7))

    assert bob.paths(".trash/") == []
