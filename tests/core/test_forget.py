"""What is forgotten is out of every door and stays out, and can be brought back whole."""

from __future__ import annotations

import pytest

from smos_cli.core.forget import forget, to_forget
from smos_cli.core.selection import Selection
from smos_cli.errors import (
    AmbiguousError,
    FormatError,
    IndexBusyError,
    NotFoundError,
    StaleError,
    StorageError,
    UsageError,
)
from tests.core.bob import EPISODE, EPISODE_PATH, Bob, apart, conversation
from tests.samples import identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."
HECTOR = "Hector is switched off."


@pytest.fixture
def bob() -> Bob:
    ttl = memory_file(1, TTL, tags=("cache",))
    return Bob({"memories/2025/11/ttl.md": ttl, "memories/tea.md": memory_file(2, TEA)})


@pytest.fixture
def talked() -> Bob:
    """A persona with a memory that came from the third turn of a conversation."""
    hector = memory_file(3, "The old server is gone.", session=f"{EPISODE}#^t3")
    return Bob({**conversation(), "memories/hector.md": hector})


class TestForgetting:
    def test_it_is_not_recalled_nor_listed(self, bob: Bob) -> None:
        bob.forget(identity(1))

        assert bob.answers("cache TTL") == [TEA]
        assert bob.texts() == [TEA]

    def test_its_file_lies_in_the_trash_byte_for_byte(self, bob: Bob) -> None:
        before = bob.vault.files["memories/2025/11/ttl.md"]

        bob.forget(identity(1))

        assert bob.vault.files[".trash/memories/2025/11/ttl.md"] == before
        assert "memories/2025/11/ttl.md" not in bob.vault.files

    def test_of_several_all_go_or_none(self, bob: Bob, monkeypatch: pytest.MonkeyPatch) -> None:
        targets, move = to_forget(bob.ports, [identity(1), identity(2)], None), bob.vault.move

        def refuse(source: str, target: str) -> None:
            if source == "memories/tea.md":
                raise StorageError("The disk refuses.", "Look at it.")
            move(source, target)

        monkeypatch.setattr(bob.vault, "move", refuse)
        with pytest.raises(StorageError):
            forget(bob.ports, targets)

        assert bob.texts() == sorted([TTL, TEA])
        assert bob.paths(".trash/") == []

    def test_in_an_adopted_folder_the_trash_is_below_smos(self) -> None:
        bob = Bob({"smos/memories/ttl.md": memory_file(1, TTL), "diary.md": b"Dear diary\n"}, base="smos/")

        bob.forget(identity(1))

        assert bob.paths("smos/.trash/") == ["smos/.trash/smos/memories/ttl.md"]
        assert {*apart(bob.vault.files)} - {"smos/.trash/smos/memories/ttl.md"} == {
            "smos/PERSONA.md",
            "smos/.tombstones",
            "diary.md",
        }

    def test_a_memory_that_lies_among_the_notes_of_an_adopted_folder_comes_back_to_them(self) -> None:
        bob = Bob({"diary/ttl.md": memory_file(1, TTL)}, base="smos/")
        bob.forget(identity(1))

        assert bob.restore(identity(1)).memories[0].path == "diary/ttl.md"

    def test_the_tombstone_says_nothing_of_the_text(self, bob: Bob) -> None:
        bob.forget(identity(1))

        tombstones = bob.file(".tombstones")
        assert f"forgotten {identity(1)} " in tombstones
        assert "cache" not in tombstones.lower()

    def test_it_is_one_change_in_the_history(self, bob: Bob) -> None:
        bob.forget(identity(1), "memories/tea.md")

        (change,) = bob.history.changes
        assert (change.verb, change.ids) == ("forget", (identity(1), identity(2)))
        assert (apart(change.written), change.removed) == (
            (".tombstones",),
            ("memories/2025/11/ttl.md", "memories/tea.md"),
        )

    def test_a_history_that_fails_is_a_warning_and_it_stays_forgotten(self, bob: Bob) -> None:
        bob.history.broken = True

        assert len(bob.forget(identity(1)).warnings) == 1
        assert bob.texts() == [TEA]

    def test_nothing_is_forgotten_without_its_tombstone(self, bob: Bob) -> None:
        found = to_forget(bob.ports, [identity(1)], None)
        bob.vault.full = True

        with pytest.raises(StorageError):
            forget(bob.ports, found)

        assert bob.texts() == [TEA, TTL]

    def test_nothing_to_forget_changes_nothing(self, bob: Bob) -> None:
        before = dict(bob.vault.files)

        assert bob.forget().memories == ()
        assert bob.vault.files == before

    def test_a_memory_without_an_id_can_be_forgotten_by_its_path(self) -> None:
        bob = Bob({"memories/ttl.md": b"The TTL is 10 s.\n"})

        bob.forget("memories/ttl.md")

        assert bob.texts() == []
        assert bob.import_({"text": "The TTL is 10 s."}).skipped == 1

    def test_the_trash_keeps_both_of_two_files_that_had_one_name(self, bob: Bob) -> None:
        bob.forget(identity(2))
        bob.vault.write("memories/tea.md", memory_file(3, "Tea is at five."))
        bob.forget(identity(3))

        assert bob.paths(".trash/") == [".trash/memories/tea.2.md", ".trash/memories/tea.md"]

    def test_a_whole_conversation_can_be_forgotten(self, talked: Bob) -> None:
        talked.forget(EPISODE_PATH)

        assert not any("limiter" in text for text in talked.answers("limiter"))

    def test_who_holds_the_vault_is_waited_for(self, bob: Bob) -> None:
        found = to_forget(bob.ports, [identity(1)], None)

        with bob.vault.lock(), pytest.raises(IndexBusyError):
            forget(bob.ports, found)


class TestWhatIsMeant:
    @pytest.mark.parametrize(
        "key", [identity(1), identity(1).lower(), identity(1)[-8:], identity(1)[:12], "memories/2025/11/ttl.md", "ttl"]
    )
    def test_a_memory_is_meant_by_its_id_a_part_of_it_or_its_file(self, bob: Bob, key: str) -> None:
        assert [target.memory.text for target in to_forget(bob.ports, [key], None)] == [TTL]

    def test_a_memory_that_is_named_twice_is_meant_once(self, bob: Bob) -> None:
        assert len(to_forget(bob.ports, [identity(1), identity(1)[-8:]], None)) == 1

    def test_a_filter_means_all_that_it_selects(self, bob: Bob) -> None:
        found = to_forget(bob.ports, [], Selection(tags=("cache",), memories_only=True))

        assert [target.memory.text for target in found] == [TTL]

    def test_a_note_is_somebodys_own(self, bob: Bob) -> None:
        bob.vault.write("notes/tea.md", b"Tea.\n")

        with pytest.raises(UsageError):
            to_forget(bob.ports, ["notes/tea.md"], None)

    def test_one_turn_of_a_conversation_is_not_taken_for_all_of_it(self, talked: Bob) -> None:
        for key in (f"{identity(7)}#t3", f"[[{EPISODE}#^t3]]"):
            with pytest.raises(UsageError):
                to_forget(talked.ports, [key], None)

    def test_what_is_not_there_or_not_clear_is_an_error(self, bob: Bob) -> None:
        with pytest.raises(NotFoundError):
            to_forget(bob.ports, ["nothing"], None)
        with pytest.raises(AmbiguousError):
            to_forget(bob.ports, [identity(1)[:2]], None)


class TestRestoring:
    def test_the_file_is_where_it_was_byte_for_byte(self, bob: Bob) -> None:
        before = dict(bob.vault.files)
        bob.forget(identity(1))

        bob.restore(identity(1))

        assert {path: bob.vault.files[path] for path in apart(bob.vault.files) if path != ".tombstones"} == before
        assert bob.answers("cache TTL")[0] == TTL

    def test_an_id_that_the_vault_has_is_not_given_to_a_second_file(self, bob: Bob) -> None:
        bob.forget(identity(1))
        bob.vault.write("memories/elsewhere.md", memory_file(1, "The cache TTL is 20 seconds."))

        with pytest.raises(StaleError, match=r"in the vault already, as memories/elsewhere\.md"):
            bob.restore(identity(1))

        assert ".trash/memories/2025/11/ttl.md" in bob.vault.files
        assert bob.texts() == [TEA, "The cache TTL is 20 seconds."]

    def test_of_two_versions_in_the_trash_one_is_named_by_its_path(self, bob: Bob) -> None:
        bob.forget(identity(1))
        bob.vault.write(".trash/memories/2025/11/ttl.2.md", memory_file(1, "The cache TTL is 20 seconds."))

        with pytest.raises(AmbiguousError) as refused:
            bob.restore(identity(1))

        assert refused.value.remedy == "Give the path of the one that is meant."
        assert bob.restore(".trash/memories/2025/11/ttl.2.md").memories[0].text == "The cache TTL is 20 seconds."

    def test_its_tombstone_goes(self, bob: Bob) -> None:
        bob.forget(identity(1), identity(2))

        bob.restore(identity(1))

        assert bob.import_({"text": TTL}).duplicates == 1
        assert bob.import_({"text": TEA}).skipped == 1

    @pytest.mark.parametrize("key", [identity(1), identity(1).lower(), "ttl", ".trash/memories/2025/11/ttl.md"])
    def test_a_file_of_any_name_is_found_by_its_id_or_its_name(self, bob: Bob, key: str) -> None:
        bob.forget(identity(1))

        assert [memory.text for memory in bob.restore(key).memories] == [TTL]

    def test_a_file_named_by_smos_is_found_by_the_end_of_its_id(self) -> None:
        bob = Bob()
        memory = bob.remember(TTL).memory
        bob.forget(memory.id)

        assert bob.restore(memory.id[-6:]).memories[0].path == memory.path

    def test_a_file_that_took_its_place_stays_and_both_are_there(self, bob: Bob) -> None:
        bob.forget(identity(2))
        bob.vault.write("memories/tea.md", memory_file(3, "Tea is at five."))

        bob.restore(identity(2))

        assert bob.texts() == ["Tea is at five.", TEA, TTL]

    def test_one_without_an_id_comes_back_beside_what_took_its_place(self) -> None:
        bob = Bob({"memories/tea.md": b"Tea is at four.\n"})
        bob.forget("memories/tea.md")
        bob.vault.write("memories/tea.md", b"Tea is at five.\n")

        bob.restore("tea")

        assert bob.texts() == ["Tea is at five.", TEA]

    def test_a_conversation_whose_place_was_taken_is_still_a_conversation(self, talked: Bob) -> None:
        talked.forget(EPISODE_PATH)
        talked.vault.write(EPISODE_PATH, conversation(9)[EPISODE_PATH])

        talked.restore(identity(7))

        assert talked.answers("Hector").count(HECTOR) == 2

    def test_what_lies_twice_in_the_trash_is_ambiguous_and_clear_by_its_path(self, bob: Bob) -> None:
        memory = bob.remember("Builds are slow.").memory
        data = bob.vault.files[memory.path]
        for _ in range(2):
            bob.vault.files.get(memory.path) or bob.vault.write(memory.path, data)
            bob.forget(memory.id)

        with pytest.raises(AmbiguousError):
            bob.restore(memory.id)
        assert bob.restore(f".trash/{memory.path}").memories[0].id == memory.id

    def test_it_is_one_change_in_the_history(self, bob: Bob) -> None:
        bob.forget(identity(1), identity(2))

        bob.restore(identity(1), identity(2))

        change = bob.history.changes[-1]
        assert (change.verb, change.ids) == ("restore", (identity(1), identity(2)))
        assert apart(change.written) == ("memories/2025/11/ttl.md", "memories/tea.md", ".tombstones")

    def test_a_history_that_fails_is_a_warning_and_it_stays_restored(self, bob: Bob) -> None:
        bob.forget(identity(1))
        bob.history.broken = True

        assert len(bob.restore(identity(1)).warnings) == 1
        assert bob.texts() == [TEA, TTL]

    def test_what_is_not_in_the_trash_is_not_found_and_nothing_else_is_restored(self, bob: Bob) -> None:
        bob.forget(identity(1))

        with pytest.raises(NotFoundError):
            bob.restore(identity(1), "nothing")

        assert bob.texts() == [TEA]


class TestTheTurnItWasSaidIn:
    def test_it_is_masked(self, talked: Bob) -> None:
        talked.forget(identity(3))

        assert HECTOR not in talked.answers("Hector is switched off")
        assert f"masked {identity(7)}#t3" in talked.file(".tombstones")

    def test_the_other_turns_are_recalled_and_the_episode_is_not_touched(self, talked: Bob) -> None:
        talked.recall("anything")
        before = talked.vault.files[EPISODE_PATH]

        talked.forget(identity(3))

        assert len(talked.answers("limiter")) == 2
        assert talked.vault.files[EPISODE_PATH] == before

    def test_a_renamed_episode_is_masked_all_the_same(self, talked: Bob) -> None:
        talked.vault.move(EPISODE_PATH, "episodes/renamed.md")

        talked.forget(identity(3))

        assert HECTOR not in talked.answers("Hector")

    def test_it_is_recalled_again_once_the_memory_is_restored(self, talked: Bob) -> None:
        talked.forget(identity(3))

        talked.restore(identity(3))

        assert HECTOR in talked.answers("Hector")
        assert "masked" not in talked.file(".tombstones")

    @pytest.mark.parametrize("session", [f"{EPISODE}#^t3", f"{EPISODE_PATH}#^t3"])
    def test_it_stays_masked_while_another_forgotten_memory_came_from_it(self, talked: Bob, session: str) -> None:
        talked.vault.write("memories/second.md", memory_file(4, "Use Ajax now.", session=session))
        talked.forget(identity(3), identity(4))

        talked.restore(identity(3))
        assert HECTOR not in talked.answers("Hector")

        talked.restore(identity(4))
        assert HECTOR in talked.answers("Hector")

    def test_both_can_be_restored_at_once(self, talked: Bob) -> None:
        talked.vault.write("memories/second.md", memory_file(4, "Use Ajax now.", session=f"{EPISODE}#^t3"))
        talked.forget(identity(3), identity(4))

        talked.restore(identity(3), identity(4))

        assert HECTOR in talked.answers("Hector")

    def test_a_file_in_the_trash_that_can_not_be_read_does_not_stop_a_restore(self, talked: Bob) -> None:
        talked.forget(identity(3))
        talked.vault.write(".trash/memories/broken.md", b"---\n- a list\n---\n")

        talked.restore(identity(3))

        assert HECTOR in talked.answers("Hector")

    def test_a_memory_from_the_whole_conversation_or_from_none_masks_nothing(self, talked: Bob) -> None:
        talked.vault.write("memories/a.md", memory_file(4, TTL, session=EPISODE))
        talked.vault.write("memories/b.md", memory_file(5, TEA, session="elsewhere#^t1"))

        talked.forget(identity(4), identity(5))

        assert "masked" not in talked.file(".tombstones")


class TestWhatHappensMeanwhile:
    def test_a_file_that_changed_since_it_was_shown_is_not_forgotten(self, bob: Bob) -> None:
        shown = to_forget(bob.ports, [identity(1), identity(2)], None)
        bob.vault.write("memories/tea.md", memory_file(2, "Tea is at five."))

        with pytest.raises(StaleError):
            forget(bob.ports, shown)

        assert bob.texts() == ["Tea is at five.", TTL]
        assert ".tombstones" not in bob.vault.files

    def test_a_file_that_is_gone_is_not_found(self, bob: Bob) -> None:
        shown = to_forget(bob.ports, [identity(2)], None)
        bob.vault.delete("memories/tea.md")

        with pytest.raises(NotFoundError):
            forget(bob.ports, shown)

    def test_what_is_named_twice_is_restored_once(self, bob: Bob) -> None:
        bob.forget(identity(1))

        assert len(bob.restore(identity(1), identity(1)[-8:], "ttl").memories) == 1
        assert bob.texts() == [TEA, TTL]

    def test_what_somebody_put_back_is_no_longer_kept_out_once_it_is_restored(self, bob: Bob) -> None:
        data = bob.vault.files["memories/tea.md"]
        bob.forget(identity(2))
        bob.vault.delete(".trash/memories/tea.md")
        bob.vault.write("memories/tea.md", data)

        assert [memory.path for memory in bob.restore(identity(2)).memories] == ["memories/tea.md"]

        assert identity(2) not in bob.file(".tombstones")
        with pytest.raises(NotFoundError):
            bob.restore(identity(2))

    def test_a_copy_in_the_trash_of_what_was_put_back_goes(self, bob: Bob) -> None:
        data = bob.vault.files["memories/tea.md"]
        bob.forget(identity(2))
        bob.vault.write("memories/tea.md", data)

        bob.restore(identity(2))

        assert bob.texts() == [TEA, TTL]
        assert bob.paths(".trash/") == []


class TestFilters:
    def test_they_mean_memories_alone(self) -> None:
        tagged = memory_file(1, TTL, tags=("api",))
        bob = Bob({**conversation(), "memories/a.md": tagged, "notes/n.md": b"---\ntags: [api]\n---\nA note.\n"})

        for selection in (Selection(tags=("api",)), Selection(before="2030-01-01", everything=True)):
            assert [target.path for target in to_forget(bob.ports, [], selection)] == ["memories/a.md"]

    def test_a_file_that_breaks_the_format_says_so(self, bob: Bob) -> None:
        bob.vault.write("memories/broken.md", b"---\nstatus: odd\n---\nText\n")

        with pytest.raises(FormatError) as caught:
            to_forget(bob.ports, ["broken"], None)
        assert "The status 'odd' is unknown." in caught.value.message
