"""A line from elsewhere becomes a memory or a turn, or says why not; whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core import ulid
from smos_cli.core.episode import Turn
from smos_cli.core.incoming import extra_of, is_turn, memory_of, parse_line, stable_id, turn_of
from smos_cli.core.markdown import compose
from smos_cli.core.memory import Memory, to_fields
from smos_cli.errors import FormatError

ID = "01KB8F3K2M7Q0ZT4V9X2C5N6PD"
NOW = "2026-11-18T08:38:00Z"

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters())),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)
keys = st.sampled_from(
    [
        "text",
        "id",
        "created",
        "kind",
        "tags",
        "confidence",
        "pinned",
        "valid_from",
        "status",
        "session",
        "speaker",
        "role",
        "time",
        "ref",
        "aliases",
        "sources",
        "conflicts",
    ]
)


def memory(data: dict[str, Any]) -> Memory:
    return memory_of(data, origin="notes.jsonl", now=NOW)


class TestLine:
    @pytest.mark.parametrize(
        "line", [b"", b"{", b"not json", b'{"a": 1}}', b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"'a'"]
    )
    def test_what_is_not_json_is_refused(self, line: bytes) -> None:
        with pytest.raises(FormatError):
            parse_line(line)

    @pytest.mark.parametrize("line", [b"[]", b'"text"', b"1", b"null", b"true"])
    def test_what_is_not_an_object_is_refused(self, line: bytes) -> None:
        with pytest.raises(FormatError, match="not an object"):
            parse_line(line)

    @given(st.binary())
    def test_any_bytes_are_an_object_or_refused(self, line: bytes) -> None:
        try:
            assert isinstance(parse_line(line), dict)
        except FormatError:
            pass


class TestAnything:
    @given(st.dictionaries(keys, json_values))
    def test_any_object_is_a_memory_that_can_be_written_or_is_refused(self, data: dict[str, Any]) -> None:
        try:
            found = memory(data)
        except FormatError as error:
            assert error.message
            return
        assert ulid.is_valid(found.id)
        assert compose(to_fields(found), found.body + "\n") or True

    @given(st.dictionaries(keys, json_values))
    def test_any_object_is_a_turn_or_is_refused(self, data: dict[str, Any]) -> None:
        try:
            found = turn_of(data)
        except FormatError as error:
            assert error.message
            return
        assert "\n".join([found.speaker, found.text, found.time, found.ref]).encode()


class TestMemory:
    def test_a_text_is_enough(self) -> None:
        found = memory({"text": " The TTL is 10 s \r\n"})

        assert (found.body, found.kind, found.created) == ("The TTL is 10 s", "fact", NOW)
        assert (found.via, found.file, found.ref) == ("import", "notes.jsonl", "")

    def test_the_same_line_has_the_same_id_again(self) -> None:
        line = {"text": "The TTL is 10 s", "created": "2026-11-18"}

        assert memory(line).id == memory(line).id != memory({**line, "text": "x"}).id

    def test_a_ulid_is_kept_in_upper_case(self) -> None:
        found = memory({"text": "x", "id": ID.lower()})

        assert (found.id, found.ref) == (ID, "")

    def test_a_memory_with_an_id_and_no_date_was_made_when_its_id_was(self) -> None:
        assert memory({"text": "x", "id": ID}).created == ulid.created(ID)

    def test_an_id_that_is_no_ulid_becomes_its_source_id(self) -> None:
        foreign = memory({"text": "x", "id": 42})

        assert foreign.ref == "42"
        assert ulid.is_valid(foreign.id)
        assert foreign.id != memory({"text": "x", "id": 43}).id

    def test_an_id_that_only_looks_like_a_ulid_is_a_source_id(self) -> None:
        assert memory({"text": "x", "id": "0" * 25 + "ß"}).ref == "0" * 25 + "ß"

    def test_fields_are_taken_over(self) -> None:
        line = {
            "text": "x",
            "created": "2026-1-8",
            "kind": "Decision",
            "status": "pending",
            "confidence": 0.25,
            "tags": ["#a", "b"],
            "pinned": True,
            "valid_from": "2026",
            "session": "[[talk#^t1]]",
            "conflicts": "[[a]]",
            "via": "chat",
        }
        found = memory(line)

        assert (found.created, found.kind, found.status, found.confidence) == (
            "2026-01-08",
            "decision",
            "pending",
            0.25,
        )
        assert (found.tags, found.pinned, found.valid_from, found.via) == (("a", "b"), True, "2026", "chat")
        assert (found.session, found.conflicts) == ("talk#^t1", ("a",))

    @pytest.mark.parametrize("pinned", [False, None, "false", "no", 0, ""])
    def test_what_is_not_pinned_is_not(self, pinned: object) -> None:
        assert not memory({"text": "x", "pinned": pinned}).pinned

    @pytest.mark.parametrize(
        "line",
        [
            {},
            {"text": None},
            {"text": 5},
            {"text": ""},
            {"text": " \n"},
            {"text": "a\0b"},
            {"text": "\ud800"},
            {"text": "x" * 1_000_001},
            {"text": "x", "created": "soon"},
            {"text": "x", "created": {"a": 1}},
            {"text": "x", "kind": "two words"},
            {"text": "x", "tags": "two words"},
            {"text": "x", "tags": [1]},
            {"text": "x", "tags": {"a": 1}},
            {"text": "x", "tags": ["\ud800"]},
            {"text": "x", "id": "\ud800"},
            {"text": "x", "speaker": "\udfff"},
            {"text": "x", "aliases": ["\ud800"]},
            {"text": "x", "id": True},
            {"text": "x", "confidence": 2},
            {"text": "x", "confidence": float("nan")},
            {"text": "x", "confidence": [1]},
            {"text": "x", "status": "gone"},
        ],
    )
    def test_what_is_not_allowed_is_refused_with_a_reason(self, line: dict[str, Any]) -> None:
        with pytest.raises(FormatError) as caught:
            memory(line)
        assert caught.value.message

    def test_the_same_line_has_an_id_of_the_same_end_whatever_its_file_and_the_day(self) -> None:
        first = memory_of({"text": "x"}, origin="a.jsonl", now=NOW)
        again = memory_of({"text": "x"}, origin="b.jsonl", now="2027-01-01T00:00:00Z")

        assert first.id[10:] == again.id[10:]
        assert first.id != again.id

    def test_one_with_a_ulid_is_taken_as_it_stands_and_no_field_is_made_up(self) -> None:
        found = memory({"text": "    four spaces\r\n\nand a tail  \n", "id": ID})

        assert found.body == "    four spaces\n\nand a tail  "
        assert (found.via, found.file, found.ref) == ("", "", "")

    @pytest.mark.parametrize("text", ["", " \n", "a\0b", "\ud800", None, 5])
    def test_one_with_a_ulid_still_needs_a_text(self, text: object) -> None:
        with pytest.raises(FormatError):
            memory({"text": text, "id": ID})

    def test_keys_that_are_not_ours_are_in_an_object_of_their_own(self) -> None:
        extra = {"mood": "good", "deep": {"list": ["a", ["b"]]}}

        assert extra_of({"text": "x", "extra": extra}) == extra
        assert extra_of({"text": "x"}) == {}

    @pytest.mark.parametrize("extra", ["x", [1], {"a": 1}, {"a": None}, {"id": "x"}, {"tags": []}, {"\ud800": "x"}])
    def test_other_keys_that_could_not_be_written_are_refused(self, extra: object) -> None:
        with pytest.raises(FormatError):
            extra_of({"text": "x", "extra": extra})

    def test_a_memory_goes_through_json_and_back(self) -> None:
        first = memory({"text": "x", "id": ID, "tags": ["a"], "confidence": 0.123456789})
        line = json.loads(
            json.dumps({"id": first.id, "text": first.body, "tags": ["a"], "confidence": first.confidence})
        )

        assert memory(line) == first


class TestTurn:
    def test_a_turn_has_a_speaker_or_a_role(self) -> None:
        line = {"session": "s", "id": 7, "speaker": "Marta", "time": "2026-11-18 08:38", "text": "Hi\r\nthere "}

        assert turn_of(line) == Turn("Marta", "Hi\nthere", NOW, "7")
        assert turn_of({"session": "s", "role": "user", "text": "Hi"}) == Turn("user", "Hi")

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ({"session": "s", "speaker": "a", "text": "x"}, True),
            ({"session": "s", "role": "a", "text": "x"}, True),
            ({"session": "s", "text": "x"}, False),
            ({"speaker": "a", "text": "x"}, False),
            ({"session": "s", "speaker": "a", "kind": "fact", "text": "x"}, False),
        ],
    )
    def test_a_line_with_a_session_and_a_speaker_is_a_turn(self, line: dict[str, Any], expected: bool) -> None:
        assert is_turn(line) is expected


class TestStableId:
    @given(st.sampled_from(["2026", "2026-11", "2026-11-18", NOW, "0001-01-01T00:00:00Z", "9999-12-31"]), st.text())
    def test_it_is_a_ulid_of_its_date_and_what_it_is_made_from(self, created: str, seed: str) -> None:
        made = stable_id(created, seed)

        assert ulid.is_valid(made)
        assert made == stable_id(created, seed) != stable_id(created, seed + "x")
        assert ulid.created(made).startswith(max(created, "1970")[:4])
