"""What a command did is taken back by a change of its own, all of it or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smos_cli.core.changes import Change
from smos_cli.core.edit import pin
from smos_cli.core.memory import content_hash
from smos_cli.core.outside import settle
from smos_cli.core.tombstones import read_forgotten, write_changed
from smos_cli.core.ulid import suffix
from smos_cli.core.undo import undo
from smos_cli.errors import NotFoundError, SmosError, StaleError, StorageError, UsageError
from tests.core.bob import EPISODE, Bob, conversation
from tests.core.kept import kept
from tests.core.told import ToldBob
from tests.samples import identity, memory_file

TTL, TEA, SIX = "The cache TTL is 10 seconds.", "Tea is at four.", "Tea is at six."
CARD = {"PERSONA.md": b"---\nformat: 1\n---\nBob.\n"}
TTL_PATH, TEA_PATH = "memories/2025/11/ttl.md", "memories/tea.md"


@pytest.fixture
def bob() -> ToldBob:
    return ToldBob({TTL_PATH: memory_file(1, TTL), TEA_PATH: memory_file(2, TEA)})


def everything(bob: ToldBob) -> dict[str, bytes]:
    """Return all files but those of the audit."""
    return {path: data for path, data in bob.vault.files.items() if not path.startswith("audit/")}


class TestEachVerb:
    def test_what_was_remembered_goes_to_the_trash_and_may_be_said_again(self, bob: ToldBob) -> None:
        made = bob.remember(SIX).memory

        bob.undo()

        assert bob.texts() == sorted([TEA, TTL])
        assert bob.vault.files[f".trash/{made.path}"]
        assert bob.tombstones() == []
        assert bob.remember(SIX).outcome == "stored"

    def test_what_was_forgotten_is_back_and_is_in_the_trash_no_more(self, bob: ToldBob) -> None:
        before = everything(bob)
        bob.forget(identity(1), identity(2))

        result = bob.undo()

        after = everything(bob)
        after.pop(".tombstones")
        assert after == before
        assert bob.tombstones() == []
        assert {memory.id for memory in result.memories} == {identity(1), identity(2)}

    def test_what_was_restored_is_forgotten_again(self, bob: ToldBob) -> None:
        bob.forget(identity(1))
        kept_out = bob.tombstones()
        bob.restore(identity(1))

        bob.undo()

        assert bob.texts() == [TEA]
        assert bob.tombstones() == kept_out
        assert f".trash/{TTL_PATH}" in bob.vault.files

    def test_an_edited_file_is_what_it_was_to_the_byte(self, bob: ToldBob) -> None:
        before = bob.vault.files[TEA_PATH]
        bob.edit(identity(2), SIX)

        assert bob.undo().memories[0].id == identity(2)
        assert bob.vault.files[TEA_PATH] == before

    def test_a_pin(self, bob: ToldBob) -> None:
        pin(bob.ports, identity(2), on=True)

        bob.undo()

        assert not bob.memories(key=identity(2), everything=True)[0].pinned

    def test_an_import(self, bob: ToldBob) -> None:
        bob.import_({"text": "One thing."}, {"text": "Another thing."})

        bob.undo()

        assert bob.texts() == sorted([TEA, TTL])
        assert len(bob.paths(".trash/")) == 2

    def test_a_restore_of_an_older_version(self, bob: ToldBob) -> None:
        from smos_cli.core.forget import restore

        first = bob.last()
        bob.edit(identity(2), SIX)
        edited = bob.vault.files[TEA_PATH]
        restore(bob.ports, [identity(2)], first)

        bob.undo()

        assert bob.vault.files[TEA_PATH] == edited

    def test_a_move_by_hand(self, bob: ToldBob) -> None:
        bob.vault.move(TEA_PATH, "memories/drinks.md")
        moved = bob.past.save(moved={TEA_PATH: "memories/drinks.md"})

        bob.undo(moved)

        assert bob.paths() == [TTL_PATH, TEA_PATH]

    def test_a_move_by_hand_that_changed_all_of_the_text(self, bob: ToldBob) -> None:
        bob.vault.delete(TEA_PATH)
        bob.vault.write("memories/drinks.md", memory_file(2, SIX, tags=("tea",)))
        moved = bob.past.save_all()

        bob.undo(moved)

        assert bob.paths() == [TTL_PATH, TEA_PATH]
        assert bob.texts() == sorted([TEA, TTL])

    def test_what_was_erased_is_gone_for_good(self, bob: ToldBob) -> None:
        bob.past.commit(Change("erase", "erase: x", (identity(2),), "shell", "bob", written=(TEA_PATH,)))
        bob.vault.write(TEA_PATH, b"x\n")
        bob.past.commit(Change("erase", "erase: x", (identity(2),), "shell", "bob", written=(TEA_PATH,)))

        with pytest.raises(UsageError):
            bob.undo()


class TestWhichCommand:
    def test_twice_goes_further_back(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.remember("A third thing.")

        bob.undo()
        bob.undo()

        assert bob.texts() == sorted([TEA, TTL])
        assert bob.verbs() == ["edit", "remember", "undo", "undo"]
        with pytest.raises(NotFoundError):
            bob.undo()

    def test_an_undo_is_undone_by_its_name_and_its_command_counts_again(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.undo()

        bob.undo(bob.last())
        assert bob.texts() == sorted([SIX, TTL])

        bob.undo()
        assert bob.texts() == sorted([TEA, TTL])

    def test_what_others_did_outside_is_passed_over_but_can_be_named(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.write(TTL_PATH, memory_file(1, "By hand."))
        named = bob.past.save_all()

        bob.undo()
        assert bob.texts() == sorted([TEA, "By hand."])
        bob.undo(named)
        assert bob.texts() == sorted([TEA, TTL])

    def test_an_edit_outside_that_is_not_recorded_yet_is_recorded_before(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.write(TTL_PATH, memory_file(1, "By hand."))

        bob.undo()

        assert bob.verbs() == ["edit", "outside", "undo"]
        assert bob.texts() == sorted([TEA, "By hand."])

    def test_it_names_the_commit_the_memories_and_the_reason(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        edited = bob.last()

        undo(replace(bob.ports, reason="It was four."), "")

        change = bob.past.changes[-1]
        assert (change.verb, change.undoes, change.ids) == ("undo", edited, (identity(2),))
        assert change.subject == f"undo: edit: {SIX}"
        assert change.why == "It was four."

    def test_the_audit_is_not_undone_and_gets_a_line(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)

        bob.undo()

        (path,) = (path for path in bob.vault.files if path.endswith(".jsonl"))
        assert [
            b'"verb":"edit"' in line or b'"verb":"undo"' in line for line in bob.vault.files[path].splitlines()
        ] == [
            True,
            True,
        ]

    def test_the_beginning_of_the_history_can_not_be_undone(self, bob: ToldBob) -> None:
        with pytest.raises(UsageError):
            bob.undo(bob.last())

    def test_a_merge_can_not_be_undone(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.past.made[-1] = bob.past.made[-1]._replace(parents=(bob.last(1), bob.last(1)))

        with pytest.raises(UsageError):
            bob.undo(bob.last())

    def test_what_is_no_commit_is_not_found(self, bob: ToldBob) -> None:
        with pytest.raises(NotFoundError):
            bob.undo("--output=x")

    def test_without_a_history_there_is_a_remedy(self) -> None:
        with pytest.raises(StorageError) as caught:
            undo(Bob().ports)
        assert "vault.autocommit" in caught.value.remedy


class TestWhatChangedSince:
    def test_a_change_elsewhere_in_the_file_stays(self) -> None:
        bob = ToldBob({TEA_PATH: memory_file(2, f"{TEA}\n\nIt is green.\n\nIt is hot.")})
        bob.edit(identity(2), SIX)
        bob.vault.write(TEA_PATH, bob.vault.files[TEA_PATH].replace(b"It is hot.", b"It is cold."))

        bob.undo()

        assert bob.memories(key=identity(2), everything=True)[0].text == TEA
        assert "It is cold." in bob.file(TEA_PATH)

    def test_a_change_in_the_same_place_stops_all_of_it(self, bob: ToldBob) -> None:
        bob.import_({"text": "One thing."}, {"text": "Another thing."})
        imported = bob.last()
        changed = bob.memories(key="one-thing", everything=True) or bob.memories(everything=True)
        bob.edit(next(one.id for one in changed if one.text == "One thing."), "One thing more.")
        before = everything(bob)

        with pytest.raises(StaleError):
            bob.undo(imported)
        assert everything(bob) == before

    def test_a_file_that_was_moved_since_is_undone_where_it_is(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.move(TEA_PATH, "memories/drinks.md")

        bob.undo()

        assert bob.paths() == [TTL_PATH, "memories/drinks.md"]
        assert bob.texts() == sorted([TEA, TTL])

    def test_another_memory_that_took_its_path_since_is_left_alone(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.move(TEA_PATH, "memories/drinks.md")
        bob.vault.write(TEA_PATH, memory_file(3, "Another."))

        bob.undo()

        assert bob.texts() == sorted([TEA, TTL, "Another."])
        assert "Another." in bob.file(TEA_PATH)

    def test_what_was_forgotten_since_is_not_edited(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        edited = bob.last()
        bob.forget(identity(2))

        with pytest.raises(StaleError):
            bob.undo(edited)

    def test_what_is_as_it_was_already_says_so(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        forgot = bob.last()
        bob.restore(identity(2))

        with pytest.raises(StaleError):
            bob.undo(forgot)
        assert bob.verbs() == ["forget", "restore"]

    def test_a_path_that_is_taken_is_not_written_over(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        bob.vault.write(TEA_PATH, memory_file(3, SIX))

        with pytest.raises(StaleError):
            bob.undo()
        assert bob.texts() == sorted([SIX, TTL])

    def test_a_copy_in_the_trash_that_is_not_the_same_stays(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        bob.vault.write(f".trash/{TEA_PATH}", memory_file(2, "Changed in the trash."))

        bob.undo()

        assert TEA in bob.texts()
        assert "Changed in the trash." in bob.file(f".trash/{TEA_PATH}")

    def test_what_was_erased_since_does_not_come_back(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        data = bob.vault.files[".tombstones"].replace(b"forgotten ", b"erased ")
        bob.vault.write(".tombstones", data)

        with pytest.raises(NotFoundError):
            bob.undo()


class TestWhatCouldNotBeCommitted:
    def test_a_command_that_is_not_in_the_history_is_not_passed_over(self) -> None:
        bob = kept(CARD)
        settle(bob.ports)
        history: Any = bob.history
        bob.remember(TEA)
        history.off = True
        bob.remember(SIX)

        with pytest.raises(StorageError, match="could not be committed"):
            undo(bob.ports)
        assert bob.texts() == sorted([SIX, TEA])

    def test_commands_that_were_committed_together_are_undone_by_their_commit_alone(self) -> None:
        bob = kept(CARD)
        settle(bob.ports)
        history: Any = bob.history
        bob.remember(TEA)
        history.off = True
        bob.remember(SIX)
        history.off = False

        with pytest.raises(UsageError, match="committed one by one"):
            undo(bob.ports)
        undo(bob.ports, history.past.made[-1].name)
        assert bob.texts() == [TEA]
        undo(bob.ports)
        assert bob.texts() == []


class TestTombstones:
    def test_a_turn_stays_masked_while_another_forgotten_memory_came_from_it(self) -> None:
        said: dict[str, Any] = {"session": f"{EPISODE}#^t3"}
        bob = ToldBob({**conversation(), TTL_PATH: memory_file(1, TTL, **said), TEA_PATH: memory_file(2, TEA, **said)})
        bob.forget(identity(1))
        first = bob.last()
        bob.forget(identity(2))

        bob.undo(first)
        assert [line.split()[0] for line in bob.tombstones()] == ["masked", "forgotten"]
        bob.undo(bob.last(1))
        assert bob.tombstones() == []

    def test_a_turn_that_said_again_what_was_forgotten_is_back_with_it(self) -> None:
        bob = ToldBob({**conversation(), TTL_PATH: memory_file(1, TTL)})
        bob.forget(identity(1))
        forgotten = read_forgotten(bob.vault)
        line = forgotten.repeat_line(f"{identity(7)}#t3", [content_hash(TTL)])
        write_changed(bob.vault, forgotten.adding([line], "ab"))
        assert "Hector is switched off." not in bob.answers("Hector")

        bob.undo(bob.last())

        assert bob.tombstones() == []
        assert "Hector is switched off." in bob.answers("Hector")

    def test_in_an_adopted_folder_they_are_below_smos(self) -> None:
        path = f"smos/memories/tea-{suffix(identity(2))}.md"
        bob = ToldBob({path: memory_file(2, TEA), "diary.md": b"Dear diary\n"}, base="smos/")
        bob.forget(identity(2))

        bob.undo()

        assert bob.texts() == [TEA]
        assert b"forgotten" not in bob.vault.files["smos/.tombstones"].replace(b"# What was forgotten", b"")

    def test_a_disk_that_is_full_is_an_error(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.full = True

        with pytest.raises(SmosError):
            bob.undo()
        assert SIX in bob.texts()
