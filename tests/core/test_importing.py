"""Memories, transcripts and notes from elsewhere, each once; what was forgotten stays out; the counts add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from smos_cli.core.importing import CHUNK, Imported, import_source
from smos_cli.core.known import ERASED, FORGOTTEN, TAKEN
from smos_cli.errors import IndexBusyError, StorageError
from tests.core.bob import Bob, FakeSource, apart
from tests.fakes import FakeVault
from tests.samples import identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


def turn(number: int, text: str, session: str = "s1", **more: Any) -> dict[str, Any]:
    return {"session": session, "id": f"D{number}", "speaker": "Marta", "text": text, **more}


TALK = [
    turn(1, "The limiter resets every ten seconds.", time="2024-05-08T08:38:00Z"),
    turn(2, "Hector is switched off.", time="2024-05-08T08:39:00Z"),
]
GROWN = [*TALK, turn(3, "Long live Ajax.", time="2024-05-09T10:00:05Z")]


@pytest.fixture
def bob() -> Bob:
    return Bob()


def counts(report: Imported) -> tuple[int, ...]:
    """Return seen, stored, duplicates, skipped and failed, which add up."""
    found = (report.seen, report.stored, report.duplicates, report.skipped, report.failed)
    assert found[0] == sum(found[1:])
    return found


def folder(bob: Bob, documents: dict[str, bytes]) -> Imported:
    return import_source(bob.ports, FakeSource(documents=documents))


class TestMemories:
    def test_each_line_is_a_file(self, bob: Bob) -> None:
        done = bob.import_({"text": TTL, "created": "2024-05-08", "tags": ["cache"]}, {"text": TEA, "id": "m-2"})

        assert counts(done) == (2, 2, 0, 0, 0)
        assert bob.texts() == [TEA, TTL]
        first = done.memories[0]
        assert first.path.startswith("memories/2024/05/the-cache-ttl-is-10-seconds-")
        assert bob.file(first.path).splitlines() == [
            "---",
            f"id: {first.id}",
            "tags: [cache]",
            "created: 2024-05-08",
            "via: import",
            "file: lines.jsonl",
            "---",
            TTL,
        ]

    def test_they_are_one_change_in_the_history(self, bob: Bob) -> None:
        done = bob.import_({"text": TTL}, {"text": TEA})

        (change,) = bob.history.changes
        assert (change.verb, change.subject) == ("import", "import: 2 memories")
        assert apart(change.written) == tuple(memory.path for memory in done.memories)

    def test_more_than_are_written_at_a_time_are_all_there(self, bob: Bob) -> None:
        done = bob.import_(*({"text": f"Fact {number}.", "created": "2024"} for number in range(CHUNK + 2)))

        assert counts(done) == (CHUNK + 2, CHUNK + 2, 0, 0, 0)
        assert len(bob.paths()) == CHUNK + 2
        assert len(bob.history.changes) == 1

    def test_an_empty_line_is_no_line(self, bob: Bob) -> None:
        assert counts(bob.import_(b"", b"  \n", {"text": TTL})) == (1, 1, 0, 0, 0)

    def test_nothing_new_is_no_change_in_the_history(self, bob: Bob) -> None:
        bob.import_()
        bob.import_(b"not JSON")

        assert bob.history.changes == []

    def test_a_line_that_can_not_be_taken_costs_only_itself(self, bob: Bob) -> None:
        done = bob.import_({"text": TTL}, b"not JSON", {"txt": "?"}, {"text": "x", "kind": "two words"}, {"text": TEA})

        assert counts(done) == (5, 2, 0, 0, 3)
        assert [problem.where for problem in done.problems] == ["lines.jsonl:2", "lines.jsonl:3", "lines.jsonl:4"]
        assert all(problem.reason for problem in done.problems)

    def test_a_history_that_fails_is_a_warning_and_the_files_stay(self, bob: Bob) -> None:
        bob.history.broken = True

        done = bob.import_({"text": TTL})

        assert len(done.warnings) == 1
        assert bob.texts() == [TTL]

    def test_a_full_disk_is_an_error_and_nothing_is_recorded(self, bob: Bob) -> None:
        bob.vault.full = True

        with pytest.raises(StorageError):
            bob.import_({"text": TTL})

        assert bob.paths() == []
        assert bob.history.changes == []

    def test_an_import_that_is_stopped_records_what_it_wrote(self, bob: Bob) -> None:
        def stop(stage: str, done: int, total: int) -> None:
            if done > CHUNK:
                raise KeyboardInterrupt

        bob = Bob(progress=stop)
        with pytest.raises(KeyboardInterrupt):
            bob.import_(*({"text": f"Fact {number}.", "created": "2024"} for number in range(CHUNK * 2)))

        (change,) = bob.history.changes
        assert sorted(apart(change.written)) == bob.paths()
        assert len(change.ids) == CHUNK

    def test_a_vault_that_another_holds_is_an_error(self, bob: Bob) -> None:
        with bob.vault.lock(), pytest.raises(IndexBusyError):
            bob.import_({"text": TTL})


class TestOnce:
    LINES = (
        {"text": TTL, "created": "2024-05-08"},
        {"text": TEA},
        {"text": "Builds are slow.", "id": "m-3"},
        {"text": "Coffee is at nine.", "id": identity(4)},
    )

    def test_the_same_file_again_stores_nothing(self, bob: Bob) -> None:
        bob.import_(*self.LINES)
        before = dict(bob.vault.files)
        bob.clock.milliseconds += 86_400_000

        assert counts(bob.import_(*self.LINES)) == (4, 0, 4, 0, 0)
        assert bob.vault.files == before
        assert len(bob.history.changes) == 1

    def test_a_line_twice_in_one_file_is_stored_once(self, bob: Bob) -> None:
        assert counts(bob.import_({"text": TTL}, {"text": f" {TTL}\n"})) == (2, 1, 1, 0, 0)

    def test_a_long_text_again_stores_nothing(self, bob: Bob) -> None:
        text = "\n\n".join(f"Paragraph {number} is about the cache." for number in range(400))
        bob.import_({"text": text})
        bob.clock.milliseconds += 86_400_000

        assert counts(bob.import_({"text": text})) == (1, 0, 1, 0, 0)

    def test_a_text_that_is_there_is_a_duplicate_whatever_its_id(self, bob: Bob) -> None:
        bob.remember(TTL)

        assert counts(bob.import_({"text": TTL, "id": identity(1)})) == (1, 0, 1, 0, 0)

    @pytest.mark.parametrize("source_id", ["m-1", identity(1)])
    def test_what_was_edited_since_it_was_imported_is_skipped_for_that_reason(self, bob: Bob, source_id: str) -> None:
        done = bob.import_({"text": TTL, "id": source_id})
        path = done.memories[0].path
        bob.vault.write(path, bob.vault.files[path].replace(b"10", b"60"))

        done = bob.import_({"text": TTL, "id": source_id})

        assert counts(done) == (1, 0, 0, 1, 0)
        assert "another text" in done.problems[0].reason

    def test_an_id_that_is_here_with_another_text_is_skipped_for_that_reason(self) -> None:
        bob = Bob({"memories/a.md": memory_file(1, TTL)})

        done = bob.import_({"text": TEA, "id": identity(1)}, {"text": TTL, "id": identity(1)})

        assert counts(done) == (2, 0, 1, 1, 0)
        assert done.problems == [("lines.jsonl:1", TAKEN)]
        assert bob.texts() == [TTL]

    @pytest.mark.parametrize("name", ["a.jsonl", "stdin"])
    def test_a_source_id_with_another_text_is_skipped_for_that_reason(self, bob: Bob, name: str) -> None:
        done = bob.import_({"text": TTL, "id": "1"}, {"text": TEA, "id": "1"}, name=name)

        assert counts(done) == (2, 1, 0, 1, 0)
        assert done.problems == [(f"{name}:2", f"another text came before with the id 1 of {name}")]

    def test_a_long_text_is_stored_once(self, bob: Bob) -> None:
        long = "\n\n".join(f"Paragraph {number} of a long memory." for number in range(300))

        assert counts(bob.import_({"text": long, "id": "m-1"}, {"text": TTL})) == (2, 2, 0, 0, 0)
        assert counts(bob.import_({"text": long, "id": "m-9"}, name="b.jsonl")) == (1, 0, 1, 0, 0)

    def test_what_is_pinned_is_said_as_true(self, bob: Bob) -> None:
        (memory,) = bob.import_({"text": TTL, "pinned": "false"}).memories

        assert "pinned" not in bob.file(memory.path)

    def test_a_source_id_of_another_file_is_another(self, bob: Bob) -> None:
        bob.import_({"text": TTL, "id": "1"}, name="a.jsonl")

        assert counts(bob.import_({"text": TEA, "id": "1"}, name="b.jsonl")) == (1, 1, 0, 0, 0)


class TestWhatWasForgotten:
    @pytest.mark.parametrize(
        ("line", "again"),
        [
            ({"text": TTL, "id": identity(1)}, {"text": "Said otherwise.", "id": identity(1)}),
            ({"text": TTL}, {"text": TTL, "id": identity(2), "created": "2020"}),
            ({"text": TTL, "id": "m-1"}, {"text": "Said otherwise.", "id": "m-1", "created": "2020"}),
        ],
        ids=["by id", "by text", "by source id"],
    )
    def test_it_is_not_brought_back(self, bob: Bob, line: dict[str, str], again: dict[str, str]) -> None:
        bob.forget(bob.import_(line).memories[0].id)

        done = bob.import_(again)

        assert counts(done) == (1, 0, 0, 1, 0)
        assert "forgotten" in done.problems[0].reason
        assert bob.paths() == []

    @pytest.mark.parametrize("line", [{"text": TTL}, {"text": TTL, "id": "m-1"}, {"text": TTL, "id": identity(1)}])
    def test_what_was_erased_is_not_brought_back_by_its_line(self, bob: Bob, line: dict[str, str]) -> None:
        memory = bob.import_(line).memories[0]
        bob.erase(memory.id)
        bob.clock.milliseconds += 86_400_000

        done = bob.import_(line, name="copy.jsonl")

        assert counts(done) == (1, 0, 0, 1, 0)
        assert done.problems == [("copy.jsonl:1", ERASED)]

    def test_it_is_not_brought_back_by_a_line_without_an_id_that_it_was_edited_from(self, bob: Bob) -> None:
        memory = bob.import_({"text": TTL}).memories[0]
        bob.vault.write(memory.path, bob.vault.files[memory.path].replace(b"10", b"60"))
        bob.forget(memory.id)
        bob.clock.milliseconds += 86_400_000

        done = bob.import_({"text": TTL})

        assert counts(done) == (1, 0, 0, 1, 0)
        assert done.problems == [("lines.jsonl:1", FORGOTTEN)]

    def test_it_is_not_brought_back_by_a_line_it_was_edited_from(self, bob: Bob) -> None:
        memory = bob.import_({"text": TTL, "id": "m-1"}).memories[0]
        bob.vault.write(memory.path, bob.vault.files[memory.path].replace(b"10", b"60"))
        bob.forget(memory.id)
        bob.clock.milliseconds += 86_400_000

        assert counts(bob.import_({"text": TTL, "id": "m-1"})) == (1, 0, 0, 1, 0)

    def test_the_same_source_id_of_another_file_is_new(self, bob: Bob) -> None:
        bob.forget(bob.import_({"text": TTL, "id": "1"}, name="a.jsonl").memories[0].id)

        assert counts(bob.import_({"text": TEA, "id": "1"}, name="b.jsonl")) == (1, 1, 0, 0, 0)

    def test_it_comes_in_again_once_it_was_restored_and_deleted(self, bob: Bob) -> None:
        memory = bob.import_({"text": TTL, "id": "m-1"}).memories[0]
        bob.forget(memory.id)
        bob.restore(memory.id)
        bob.vault.delete(memory.path)

        assert counts(bob.import_({"text": TTL, "id": "m-1"})) == (1, 1, 0, 0, 0)

    def test_it_comes_in_again_once_a_person_said_it_again(self, bob: Bob) -> None:
        bob.forget(bob.import_({"text": TTL, "id": "m-1"}).memories[0].id)
        bob.remember(TTL)

        assert counts(bob.import_({"text": TTL, "id": "m-1"})) == (1, 0, 1, 0, 0)

    @pytest.mark.parametrize("timed", [True, False], ids=["with times", "without"])
    def test_a_conversation_is_not_brought_back_not_even_when_it_grew(self, bob: Bob, timed: bool) -> None:
        talk = GROWN if timed else [{**line, "time": None} for line in GROWN]
        bob.forget(bob.import_(*talk[:2]).memories[0].id)
        bob.clock.milliseconds += 86_400_000

        assert counts(bob.import_(*talk[:2])) == (2, 0, 0, 2, 0)
        assert counts(bob.import_(*talk)) == (3, 0, 0, 3, 0)


class TestTranscripts:
    def test_the_turns_of_a_session_are_one_episode(self, bob: Bob) -> None:
        done = bob.import_(TALK[0], turn(9, "Another talk.", "s2", time="2024-05-07T10:00:00Z"), TALK[1])

        assert counts(done) == (3, 3, 0, 0, 0)
        assert len(bob.paths("episodes/2024/05/")) == 2
        path = bob.paths("episodes/2024/05/2024-05-08-the-limiter")[0]
        assert bob.file(path).splitlines()[5:] == [
            "file: lines.jsonl",
            "---",
            "## 08:38 Marta <!-- ref: D1 --> ^t1",
            "",
            "The limiter resets every ten seconds.",
            "",
            "## 08:39 Marta <!-- ref: D2 --> ^t2",
            "",
            "Hector is switched off.",
        ]

    def test_a_turn_is_recalled_by_the_id_it_had(self, bob: Bob) -> None:
        bob.import_(*TALK)

        assert bob.recall("Hector").hits[0].ref == "D2"

    def test_the_same_transcript_again_stores_nothing(self, bob: Bob) -> None:
        bob.import_(*TALK)
        before = dict(bob.vault.files)

        assert counts(bob.import_(*TALK)) == (2, 0, 2, 0, 0)
        assert bob.vault.files == before

    @pytest.mark.parametrize("timed", [True, False], ids=["with times", "without"])
    def test_turns_that_came_since_are_added_and_what_was_edited_stays(self, bob: Bob, timed: bool) -> None:
        talk = GROWN if timed else [{**line, "time": None} for line in GROWN]
        bob.import_(*talk[:2])
        (path,) = bob.paths("episodes/")
        edited = bob.vault.files[path].replace(b"\nHector", b"\r\nOld Hector").replace(b"file:", b"mood: good\nfile:")
        bob.vault.write(path, edited)
        bob.clock.milliseconds += 86_400_000

        assert counts(bob.import_(*talk)) == (3, 1, 2, 0, 0)
        assert bob.vault.files[path].startswith(edited.rstrip())
        assert bob.answers("Ajax")[0] == "Long live Ajax."
        assert bob.paths("episodes/") == [path]

    def test_a_turn_of_another_day_keeps_its_day(self, bob: Bob) -> None:
        bob.import_(*GROWN)

        assert bob.recall("Ajax").hits[0].found.passage.time == "2024-05-09T10:00:05Z"

    def test_a_turn_that_can_not_be_taken_costs_only_itself(self, bob: Bob) -> None:
        done = bob.import_(TALK[0], {**TALK[1], "text": 5}, {**TALK[1], "time": "soon"})

        assert counts(done) == (3, 1, 0, 0, 2)

    def test_text_that_looks_like_a_heading_of_ours_stays_text(self, bob: Bob) -> None:
        text = "## 09:00 Mallory ^t9\n\nI said this.\n\n---\nid: x\n---"
        bob.import_(turn(1, text, time="2024-05-08T08:38:00Z"))

        assert bob.answers("Mallory") == [text]

    def test_they_can_be_kept_out(self) -> None:
        bob = Bob(episodes="off")

        done = bob.import_(*TALK, {"text": TTL})

        assert counts(done) == (3, 1, 0, 2, 0)
        assert done.problems == [("lines.jsonl:1", "the setting vault.episodes is off")]
        assert bob.paths("episodes/") == []

    def test_local_ones_are_kept_out_of_the_history(self) -> None:
        bob = Bob(episodes="local")

        done = bob.import_(*TALK, {"text": TTL})

        (change,) = bob.history.changes
        assert apart(change.written) == tuple(m.path for m in done.memories if m.kind != "episode")

    def test_of_nothing_but_local_ones_only_the_line_is_in_the_history(self) -> None:
        bob = Bob(episodes="local")
        bob.import_(*TALK)

        (change,) = bob.history.changes
        assert apart(change.written) == ()

    def test_versioned_ones_are_in_it_and_so_is_what_they_grew_by(self) -> None:
        bob = Bob(episodes="versioned")
        bob.import_(*TALK)
        bob.import_(*GROWN)

        (path,) = bob.paths("episodes/")
        assert [apart(change.written) for change in bob.history.changes] == [(path,), (path,)]


class TestFolders:
    def test_a_note_is_copied_byte_for_byte(self, bob: Bob) -> None:
        data = b"\xef\xbb\xbf---\r\nmood: good\r\n---\r\n# Caches\r\n\r\nThree."

        assert counts(folder(bob, {"ops/caches.md": data})) == (1, 1, 0, 0, 0)
        assert bob.vault.files["notes/ops/caches.md"] == data

    def test_in_an_adopted_folder_it_goes_below_smos(self) -> None:
        bob = Bob(base="smos/")
        folder(bob, {"caches.md": b"Three caches.\n"})

        assert bob.vault.files["smos/notes/caches.md"] == b"Three caches.\n"

    def test_a_memory_goes_where_memories_go_with_its_id_and_its_bytes(self, bob: Bob) -> None:
        data = memory_file(1, TTL).replace(b"---\nThe", b"mood: good\n---\nThe")

        folder(bob, {"anywhere/ttl.md": data})

        (path,) = bob.paths("memories/2025/11/the-cache-ttl")
        assert bob.vault.files[path] == data

    def test_the_same_folder_again_stores_nothing(self, bob: Bob) -> None:
        documents = {"a.md": b"A note.\n", "b.md": memory_file(1, TTL), "c.md": b""}
        folder(bob, documents)
        before = dict(bob.vault.files)

        assert counts(folder(bob, documents)) == (3, 0, 3, 0, 0)
        assert bob.vault.files == before

    def test_a_note_that_is_another_by_now_is_not_written_over(self, bob: Bob) -> None:
        folder(bob, {"a.md": b"One.\n"})

        done = folder(bob, {"a.md": b"Two.\n"})

        assert counts(done) == (1, 0, 0, 1, 0)
        assert done.problems == [("notes/a.md", "another note of that name is there")]
        assert bob.vault.files["notes/a.md"] == b"One.\n"

    def test_a_memory_that_was_forgotten_is_not_brought_back(self, bob: Bob) -> None:
        folder(bob, {"ttl.md": memory_file(1, TTL)})
        bob.forget(identity(1))

        assert counts(folder(bob, {"ttl.md": memory_file(1, TTL)})) == (1, 0, 0, 1, 0)

    def test_a_file_that_can_not_be_taken_costs_only_itself(self, bob: Bob) -> None:
        source = FakeSource(
            documents={
                "a.md": b"A note.\n",
                "b.md": b"\xff\xfe",
                "c.md": b"---\nid: " + identity(1).encode() + b"\nstatus: odd\n---\nx\n",
                "closed.md": b"",
                "d.md": b"Another.\n",
            }
        )
        source.unreadable.add("closed.md")

        done = import_source(bob.ports, source)

        assert counts(done) == (5, 3, 0, 0, 2)
        assert [problem.where for problem in done.problems] == ["b.md", "closed.md"]
        assert bob.paths() == ["notes/a.md", "notes/c.md", "notes/d.md"]


class InterruptedAfterwards(FakeVault):
    """A vault in which Ctrl-C comes when the files are there, and before anybody was told."""

    def create(self, files: Mapping[str, bytes]) -> None:
        super().create(files)
        if any(path.startswith("memories/") for path in files):
            raise KeyboardInterrupt


def test_what_an_interrupted_import_wrote_is_recorded() -> None:
    bob = Bob()
    vault = InterruptedAfterwards({"PERSONA.md": b"Bob.\n"})
    ports = replace(bob.ports, vault=vault)

    with pytest.raises(KeyboardInterrupt):
        import_source(ports, FakeSource([{"text": "The TTL is 10 s"}]))

    (path,) = (path for path in vault.files if path.startswith("memories/"))
    assert path in bob.history.changes[-1].written
