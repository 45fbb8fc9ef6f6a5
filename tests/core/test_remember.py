"""A text becomes a file, unless the same text is there already."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import pytest

from smos_cli.core import ulid
from smos_cli.core.reading import read_memory
from smos_cli.core.refresh import refresh
from smos_cli.core.remember import LONGEST
from smos_cli.errors import IndexBusyError, StorageError, UsageError, VaultMissingError
from tests.core.bob import Bob, DamagedIndex, apart, conversation
from tests.samples import memory_file

TTL = "The cache TTL is 10 seconds."


@pytest.fixture
def bob() -> Bob:
    return Bob()


def indexed(bob: Bob) -> None:
    refresh(bob.vault, bob.index, rebuild=False)


class TestStoring:
    def test_a_memory_is_a_file_with_its_id_and_its_text(self, bob: Bob) -> None:
        done = bob.remember(TTL)

        name = f"the-cache-ttl-is-10-seconds-{ulid.suffix(done.memory.id)}.md"
        assert done.outcome == "stored"
        assert done.memory.path == f"memories/2025/11/{name}"
        assert bob.file(done.memory.path) == f"---\nid: {done.memory.id}\nvia: shell\n---\n{TTL}\n"

    def test_what_was_said_of_it_is_kept(self, bob: Bob) -> None:
        done = bob.remember(
            TTL,
            kind="Decision",
            tags=("#cache", "api", "cache"),
            confidence=0.8,
            valid_from="2025-11-1",
            valid_to="2026",
            source="wiki",
        )

        assert bob.file(done.memory.path).splitlines()[2:-2] == [
            "kind: decision",
            "tags: [cache, api]",
            "confidence: 0.8",
            "valid_from: 2025-11-01",
            "valid_to: 2026",
            "via: shell",
            "file: wiki",
        ]

    @pytest.mark.parametrize(
        ("begins", "ends"), [("2026", "2025"), ("2026-03-02", "2026-03-01"), ("2026-12", "2026-1")]
    )
    def test_it_does_not_end_before_it_begins(self, bob: Bob, begins: str, ends: str) -> None:
        with pytest.raises(UsageError, match="before it begins"):
            bob.remember(TTL, valid_from=begins, valid_to=ends)

    @pytest.mark.parametrize(
        ("begins", "ends"), [("2026-03", "2026"), ("2026", "2026-03"), ("2026-03-01", "2026-03-01")]
    )
    def test_it_may_end_in_the_year_or_on_the_day_on_which_it_begins(self, bob: Bob, begins: str, ends: str) -> None:
        assert bob.remember(TTL, valid_from=begins, valid_to=ends).outcome == "stored"

    def test_what_is_answered_is_what_the_file_says(self, bob: Bob) -> None:
        memory = bob.remember(f"{TTL}\r\n\r\n> Marta said so.", tags=("cache",)).memory

        assert read_memory(bob.vault.read(memory.path), "") == memory

    def test_it_is_recalled_at_once(self, bob: Bob) -> None:
        bob.remember("Builds take four minutes.")
        bob.remember(TTL)

        assert bob.answers("cache TTL")[0] == TTL

    def test_in_an_adopted_folder_it_lies_below_smos(self) -> None:
        bob = Bob({"diary.md": b"Dear diary\n"}, base="smos/")

        assert bob.remember(TTL).memory.path.startswith("smos/memories/2025/11/")

    def test_it_is_one_change_in_the_history(self, bob: Bob) -> None:
        memory = bob.remember(TTL).memory

        (change,) = bob.history.changes
        assert (change.verb, change.ids, apart(change.written)) == ("remember", (memory.id,), (memory.path,))
        assert change.subject == f"remember: {TTL}"

    def test_a_history_that_fails_is_a_warning_and_the_file_stays(self, bob: Bob) -> None:
        bob.history.broken = True

        done = bob.remember(TTL)

        assert done.outcome == "stored"
        assert done.warnings == ("The change is saved, but not in the history: git failed. The files are saved.",)
        assert bob.texts() == [TTL]

    def test_where_no_history_is_kept_there_is_no_warning(self, bob: Bob) -> None:
        bob.history.kept = False

        assert bob.remember(TTL).warnings == ()


class TestRefusing:
    @pytest.mark.parametrize("text", ["", " \n\t", "a\0b", "x" * (LONGEST + 1), "half \ud800 a pair"])
    def test_what_is_no_text_is_refused_and_nothing_is_written(self, bob: Bob, text: str) -> None:
        with pytest.raises(UsageError):
            bob.remember(text)

        assert bob.paths() == []

    @pytest.mark.parametrize(
        "field",
        [
            {"kind": "two words"},
            {"tags": ("two words",)},
            {"confidence": 1.5},
            {"confidence": float("nan")},
            {"valid_from": "soon"},
            {"valid_to": "2025-13"},
        ],
        ids=str,
    )
    def test_a_field_that_can_not_be_is_a_usage_error_and_nothing_is_written(
        self, bob: Bob, field: dict[str, object]
    ) -> None:
        with pytest.raises(UsageError) as caught:
            bob.remember(TTL, **field)

        assert caught.value.remedy
        assert bob.paths() == []

    def test_the_longest_text_is_taken(self, bob: Bob) -> None:
        assert bob.remember("x" * LONGEST).outcome == "stored"

    def test_a_full_disk_leaves_nothing(self, bob: Bob) -> None:
        bob.vault.full = True

        with pytest.raises(StorageError):
            bob.remember(TTL)

        assert bob.paths() == []
        assert bob.history.changes == []

    def test_a_vault_that_is_gone_is_not_made_again(self, bob: Bob) -> None:
        bob.vault.there = False

        with pytest.raises(StorageError):
            bob.remember(TTL)

        assert bob.paths() == []

    def test_a_vault_without_its_card_is_not_written_to_once_it_was_indexed(self, bob: Bob) -> None:
        indexed(bob)
        bob.vault.delete("PERSONA.md")

        with pytest.raises(VaultMissingError):
            bob.remember(TTL)

        assert bob.paths() == []

    def test_a_vault_that_another_holds_is_an_error(self, bob: Bob) -> None:
        with bob.vault.lock(), pytest.raises(IndexBusyError):
            bob.remember(TTL)


class TestRepeats:
    """What the index knows or does not know of the files must not matter."""

    @pytest.fixture(params=["fresh", "stale", "busy", "damaged"])
    def bob(self, request: pytest.FixtureRequest) -> Bob:
        bob = Bob(index=DamagedIndex()) if request.param == "damaged" else Bob()
        self.first = bob.remember(f"{TTL}\n\nMarta measured it.").memory
        if request.param == "fresh":
            indexed(bob)
        bob.index.busy = request.param == "busy"
        return bob

    def test_the_same_text_again_is_answered_with_the_memory_it_is_in(self, bob: Bob) -> None:
        again = bob.remember(f"{TTL}\n\nMarta measured it.", kind="decision")

        assert (again.outcome, again.memory.id) == ("duplicate", self.first.id)
        assert bob.paths() == [self.first.path]
        assert len(bob.history.changes) == 1

    def test_what_is_given_anew_is_told_to_be_left_alone(self, bob: Bob) -> None:
        text = f"{TTL}\n\nMarta measured it."
        end = ulid.suffix(self.first.id)

        (warning,) = bob.remember(text, kind="decision", tags=("two",)).warnings
        assert f"Change its tags and kind with `smos edit {end} --tag two --kind decision`." in warning
        (warning,) = bob.remember(text, valid_from="2026", confidence=0.5).warnings
        assert f"Change its confidence and dates with `smos edit {end}`." in warning
        assert bob.remember(text).warnings == ()

    def test_line_ends_and_outer_space_make_no_difference(self, bob: Bob) -> None:
        assert bob.remember(f"\n {TTL}\r\n\r\nMarta measured it.\n\n").outcome == "duplicate"

    @pytest.mark.parametrize("text", [TTL, f"{TTL}\n\nMarta guessed it.", "The cache TTL is 10 Seconds."])
    def test_a_text_that_differs_is_stored(self, bob: Bob, text: str) -> None:
        assert bob.remember(text).outcome == "stored"

    def test_a_file_that_a_person_deleted_is_no_repeat(self, bob: Bob) -> None:
        bob.vault.delete(self.first.path)

        assert bob.remember(f"{TTL}\n\nMarta measured it.").outcome == "stored"

    def test_a_file_that_a_person_changed_counts_as_it_is_now(self, bob: Bob) -> None:
        bob.vault.write(self.first.path, f"---\nid: {self.first.id}\n---\nTea is at four.\n".encode())

        assert bob.remember("Tea is at four.").memory.id == self.first.id
        assert bob.remember(f"{TTL}\n\nMarta measured it.").outcome == "stored"

    def test_a_repeat_in_a_file_that_waits_or_was_put_away_is_found(self, bob: Bob) -> None:
        bob.vault.write("memories/a.md", memory_file(1, "Tea is at four.", status="archived"))
        bob.vault.write("memories/b.md", memory_file(2, "Tea is at five.", status="pending"))

        assert bob.remember("Tea is at four.").memory.path == "memories/a.md"
        assert bob.remember("Tea is at five.").memory.path == "memories/b.md"

    def test_a_repeat_in_a_file_without_an_id_is_found(self, bob: Bob) -> None:
        bob.vault.write("memories/tea.md", b"Tea is at four.\r\n")

        assert bob.remember("Tea is at four.").memory.path == "memories/tea.md"

    def test_the_same_text_in_another_unicode_form_is_a_repeat(self, bob: Bob) -> None:
        bob.vault.write("memories/cafe.md", unicodedata.normalize("NFD", "Café is at four.\n").encode())

        assert bob.remember("Café is at four.").outcome == "duplicate"

    def test_a_note_a_turn_or_the_card_is_no_memory_to_repeat(self, bob: Bob) -> None:
        bob.vault.write("notes/tea.md", b"Tea is at four.\n")
        for path, data in conversation().items():
            bob.vault.write(path, data)

        assert bob.remember("Tea is at four.").outcome == "stored"
        assert bob.remember("Hector is switched off.").outcome == "stored"
        assert bob.remember("Bob.").outcome == "stored"

    def test_a_file_that_can_not_be_read_is_in_nobodys_way(self, bob: Bob) -> None:
        bob.vault.write("memories/tea.md", b"Tea is at four.\n")
        bob.vault.unreadable.add("memories/tea.md")

        assert bob.remember("Tea is at four.").outcome == "stored"


class TestWhatWasForgotten:
    def test_who_says_it_again_means_it(self, bob: Bob) -> None:
        first = bob.remember(TTL).memory
        bob.forget(first.id)

        again = bob.remember(TTL)

        assert again.outcome == "stored"
        assert again.memory.id != first.id
        assert bob.texts() == [TTL]

    def test_its_tombstone_goes_and_is_part_of_the_change(self, bob: Bob) -> None:
        bob.forget(bob.remember(TTL).memory.id)

        again = bob.remember(TTL).memory

        assert "forgotten" not in bob.file(".tombstones").replace("# What was forgotten", "")
        assert apart(bob.history.changes[-1].written) == (again.path, ".tombstones")

    def test_the_tombstones_of_others_stay(self, bob: Bob) -> None:
        tea = bob.remember("Tea is at four.").memory
        bob.forget(tea.id, bob.remember(TTL).memory.id)

        bob.remember(TTL)

        assert bob.import_({"text": "Tea is at four."}).skipped == 1

    def test_a_text_that_was_never_forgotten_leaves_the_tombstones_alone(self, bob: Bob) -> None:
        bob.forget(bob.remember(TTL).memory.id)
        before = bob.file(".tombstones")

        bob.remember("Tea is at four.")

        assert bob.file(".tombstones") == before


class TestATombstoneThatCanNotBeLifted:
    def test_what_can_not_be_read_stops_it_before_anything_is_stored(self) -> None:
        bob = Bob()
        bob.forget(bob.remember("Tea is at four.").memory.id)
        bob.vault.unreadable.add(".tombstones")
        before = dict(bob.vault.files)

        with pytest.raises(StorageError):
            bob.remember("Tea is at four.")

        assert bob.vault.files == before

    def test_what_can_not_be_written_is_a_warning_and_the_memory_is_stored(self) -> None:
        bob = Bob()
        bob.forget(bob.remember("Tea is at four.").memory.id)
        create = bob.vault.create

        def filling(files: Mapping[str, bytes]) -> None:
            create(files)
            bob.vault.full = True

        bob.vault.create = filling  # type: ignore[method-assign]

        done = bob.remember("Tea is at four.")

        assert done.outcome == "stored"
        assert bob.texts() == ["Tea is at four."]
        assert "still counts as forgotten" in done.warnings[0]
