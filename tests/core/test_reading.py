"""One file as the index takes it in: a memory, an episode, a note, or a reason why not."""

from __future__ import annotations

import pytest

from smos_cli.core.passages import MEMORY_LIMIT
from smos_cli.core.ports import Blob, Entry, Stamp
from smos_cli.core.reading import read_entry, read_memory
from smos_cli.errors import FormatError
from tests.core.bob import EPISODE_PATH, conversation
from tests.samples import identity, memory_file

TTL = "The cache TTL is 10 seconds."


def blob(path: str, data: bytes) -> Blob:
    return Blob(data, Stamp(path, len(data), 1, 2, 3), "etag")


def entry(path: str, data: bytes, base: str = "", masks: tuple[str, ...] = ()) -> Entry:
    found = read_entry(blob(path, data), base, masks)
    assert (found.stamp.path, found.digest) == (path, "etag")
    return found


def texts(found: Entry) -> list[str]:
    return [passage.text for passage in found.passages]


class TestMemories:
    def test_a_memory_is_one_passage_with_its_detail(self) -> None:
        found = entry("memories/a.md", memory_file(1, f"{TTL}\n\n> Marta said so.", tags=("cache",)))

        assert (found.role, found.problem) == ("memory", "")
        assert found.memory is not None
        assert (found.memory.id, found.memory.tags, found.memory.text) == (identity(1), ("cache",), TTL)
        assert texts(found) == [f"{TTL}\n\n> Marta said so."]

    def test_a_long_one_is_several_passages(self) -> None:
        found = entry("memories/a.md", memory_file(1, "\n\n".join(["word " * 300] * 9)))

        assert len(found.passages) > 1
        assert all(len(text) <= MEMORY_LIMIT for text in texts(found))

    def test_a_file_without_frontmatter_is_a_memory_without_an_id(self) -> None:
        found = entry("memories/a.md", b"\xef\xbb\xbfTea.\r\n")

        assert found.memory is not None
        assert (found.memory.id, texts(found)) == ("", ["Tea."])

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"---\nid: " + identity(1).encode() + b"\n---\n\n",
            b"---\nid: mine\n---\nText\n",
            b"---\nstatus: odd\n---\nText\n",
            b"---\ncreated: soon\n---\nText\n",
            b"---\n- a list\n---\nText\n",
            b"---\ntags: [\n---\nText\n",
            b"---\ntags: a\ntags: b\n---\nText\n",
            b"---\nid: " + b"[" * 30_000 + b"\n---\nText\n",
            b"\xff\xfe",
            b"a\0b",
            b"<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n",
        ],
        ids=lambda data: data[:30].decode("latin-1"),
    )
    def test_what_breaks_the_format_says_why_and_has_no_passages(self, data: bytes) -> None:
        found = entry("memories/a.md", data)

        assert found.problem
        assert (found.memory, list(found.passages)) == (None, [])


class TestEpisodes:
    DATA = conversation(7)[EPISODE_PATH]

    def test_each_turn_is_a_passage_with_who_said_it_when_and_its_ref(self) -> None:
        found = entry(EPISODE_PATH, self.DATA)

        assert found.role == "episode"
        assert found.memory is not None
        assert (found.memory.id, found.memory.kind) == (identity(7), "episode")
        last = found.passages[2]
        assert (last.text, last.speaker, last.turn, last.ref) == ("Hector is switched off.", "Marta", "t3", "D1:3")
        assert last.time == "2025-11-18T08:40:00Z"

    def test_a_masked_turn_is_left_out(self) -> None:
        found = entry(EPISODE_PATH, self.DATA, masks=(f"{identity(7)}#t3", f"{identity(8)}#t1"))

        assert [passage.turn for passage in found.passages] == ["t1", "t2"]

    def test_a_long_turn_is_several_passages_of_that_turn(self) -> None:
        found = entry(EPISODE_PATH, self.DATA + b"word " * 2000)

        assert len(found.passages) > 4
        assert {(passage.turn, passage.ref) for passage in found.passages[2:]} == {("t3", "D1:3")}


class TestNotes:
    def test_each_section_is_a_passage(self) -> None:
        found = entry(
            "notes/tea.md", b"---\ntags: [tea]\n---\n# Tea\r\n\r\nAt four.\r\n\r\n# Coffee\r\n\r\nAt nine.\r\n"
        )

        assert found.memory is not None
        assert (found.role, found.memory.id, found.memory.kind, found.memory.tags) == ("note", "", "note", ("tea",))
        assert texts(found) == ["# Tea\n\nAt four.", "# Coffee\n\nAt nine."]

    @pytest.mark.parametrize(
        "front", [b"---\ntags: [\n---\n", b"---\ntags: {a: b}\n---\n", b"---\nid: 7\nkind: two words\n---\n", b"---\n"]
    )
    def test_frontmatter_of_another_program_is_no_reason_to_lose_its_text(self, front: bytes) -> None:
        found = entry("notes/tea.md", front + b"Tea is at four.\n")

        assert found.problem == ""
        assert "Tea is at four." in texts(found)[-1]

    def test_git_markers_in_a_note_are_text(self) -> None:
        assert "ours" in texts(entry("n.md", b"<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"))[0]

    @pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b"])
    def test_what_is_no_text_says_so(self, data: bytes) -> None:
        assert entry("notes/tea.md", data).problem

    def test_an_empty_note_is_no_problem(self) -> None:
        found = entry("notes/tea.md", b"")

        assert (found.problem, texts(found)) == ("", [])

    def test_a_note_with_an_id_of_ours_is_a_memory_wherever_it_lies(self) -> None:
        found = entry("diary/ttl.md", memory_file(1, TTL), base="smos/")

        assert found.role == "memory"
        assert found.memory is not None
        assert found.memory.id == identity(1)


class TestOurOwn:
    @pytest.mark.parametrize(
        ("path", "base"),
        [("PERSONA.md", ""), ("README.md", ""), ("smos/PERSONA.md", "smos/"), ("audit/x/2026-11.md", "")],
    )
    def test_it_is_known_and_not_recalled(self, path: str, base: str) -> None:
        found = entry(path, b"# Bob\n", base)

        assert (found.role, found.memory, list(found.passages)) == ("own", None, [])


class TestTheWholeOfIt:
    def test_a_memory_is_as_its_file_has_it(self) -> None:
        long = "\n\n".join(["word " * 300] * 9).strip()

        assert read_memory(blob("memories/a.md", memory_file(1, long)), "").body == long

    def test_an_episode_and_a_note_have_their_text_for_a_body(self) -> None:
        episode = read_memory(blob(EPISODE_PATH, conversation(7)[EPISODE_PATH]), "")
        note = read_memory(blob("notes/tea.md", b"---\na: b\n---\n# Tea\r\n\r\nAt four.\r\n"), "")

        assert (episode.kind, episode.body.startswith("## 2025-11-18 08:38 Marta")) == ("episode", True)
        assert (note.kind, note.body) == ("note", "# Tea\n\nAt four.")

    def test_a_note_with_broken_frontmatter_is_all_body(self) -> None:
        assert read_memory(blob("notes/tea.md", b"---\na: [\n---\nTea\n"), "").body.endswith("Tea\n")

    def test_what_breaks_the_format_is_an_error_that_names_the_file(self) -> None:
        with pytest.raises(FormatError, match=r"memories/a\.md: "):
            read_memory(blob("memories/a.md", b"---\nid: mine\n---\nText\n"), "")
