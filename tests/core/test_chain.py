"""The form of an audit chain: its files, its lines, and what is last in it."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from smos_cli.core import chain
from smos_cli.core.chain import Last, Part
from smos_cli.errors import FormatError

FIELDS: dict[str, Any] = {
    "actor": "marta",
    "bodies": [["a", "", "b"]],
    "door": "shell",
    "n": 1,
    "prev": "",
    "time": "2025-11-18T12:00:00Z",
    "v": 1,
    "verb": "remember",
}
LINE = chain.canonical(FIELDS) + b"\n"


def nested() -> some.SearchStrategy[Any]:
    plain = some.text(some.characters(exclude_categories=["Cs"])) | some.integers(-(2**53) + 1, 2**53 - 1)
    return some.recursive(plain, lambda inner: some.lists(inner, max_size=3), max_leaves=8)


@given(some.dictionaries(some.text(some.characters(max_codepoint=126, min_codepoint=32)), nested(), max_size=5))
def test_canonical_is_what_rfc_8785_says(fields: dict[str, Any]) -> None:
    assert chain.canonical(fields) == rfc8785.dumps(fields)


def test_what_can_not_be_written_as_utf_8_is_written_all_the_same() -> None:
    assert chain.canonical({"actor": "a\udcff"}) == b'{"actor":"a?"}'


def test_a_machine_is_named_by_its_key() -> None:
    assert chain.machine_of(b"\1" * 32) == "olgw5bbcyqd7w3ijq2ipceylpx"
    assert chain.machine_of(b"\1" * 32) != chain.machine_of(b"\2" * 32)


def test_files_are_in_the_order_in_which_they_were_written() -> None:
    names = ["2025-12.jsonl", "2025-11-10.jsonl", "2025-11-2.jsonl", "2025-11.jsonl", "key.pub", "2025-11.salts"]

    assert [part.name for part in chain.parts(names)] == ["2025-11", "2025-11-2", "2025-11-10", "2025-12"]


@pytest.mark.parametrize("name", ["2025-13.jsonl", "2025-11-1.jsonl", "2025-11-02.jsonl", "x2025-11.jsonl", "2025-11"])
def test_another_name_is_no_file_of_a_chain(name: str) -> None:
    assert chain.part_of(name) is None


class TestTheNextLine:
    def test_the_first_one_is_in_the_file_of_its_month(self) -> None:
        last = Last().followed_by(LINE, "2025-11")

        assert last == Last(1, chain.digest_of(LINE), Part("2025-11"), 1, len(LINE))

    def test_it_goes_into_the_same_file(self) -> None:
        last = Last().followed_by(LINE, "2025-11").followed_by(LINE, "2025-11")

        assert (last.number, last.part, last.lines, last.size) == (2, Part("2025-11"), 2, 2 * len(LINE))

    @pytest.mark.parametrize(("lines", "size"), [(chain.MOST_LINES, 9), (9, chain.MOST_BYTES)])
    def test_a_file_that_is_full_is_followed_by_another(self, lines: int, size: int) -> None:
        last = Last(300, "", Part("2025-11"), lines, size)

        assert last.is_full("2025-11")
        assert last.followed_by(LINE, "2025-11").part == Part("2025-11", 2)

    def test_a_new_month_begins_a_new_file(self) -> None:
        assert Last(3, "", Part("2025-11", 4), 3, 9).followed_by(LINE, "2025-12").part == Part("2025-12")

    def test_a_clock_that_was_set_back_does_not(self) -> None:
        assert Last(3, "", Part("2025-11", 4), 3, 9).followed_by(LINE, "2024-01").part == Part("2025-11", 4)
        full = Last(3, "", Part("2025-11", 4), chain.MOST_LINES, 9)
        assert full.followed_by(LINE, "2024-01").part == Part("2025-11", 5)


class TestTheLastLine:
    def test_it_is_found_with_its_number_and_hash(self) -> None:
        assert chain.last_line(LINE, Part("2025-11")) == Last(1, chain.digest_of(LINE), Part("2025-11"), 1, len(LINE))

    def test_half_a_line_does_not_count(self) -> None:
        assert chain.last_line(LINE + b'{"n":', Part("2025-11")) == chain.last_line(LINE, Part("2025-11"))

    def test_behind_a_broken_line_its_number_is_counted(self) -> None:
        last = chain.last_line(LINE + b"broken\n", Part("2025-11"))

        assert (last.number, last.digest) == (2, chain.digest_of(b"broken"))

    @pytest.mark.parametrize("data", [b"", b"half"])
    def test_a_file_may_have_none(self, data: bytes) -> None:
        assert chain.last_line(data, Part("2025-11")).lines == 0


class TestReading:
    def test_a_line_is_read_back(self) -> None:
        assert chain.parsed(LINE) == FIELDS

    def test_what_later_versions_add_is_no_error(self) -> None:
        assert chain.parsed(chain.canonical({**FIELDS, "more": 1}))["more"] == 1

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"\xff",
            b"[]",
            b"[" * 100_000,
            *(chain.canonical({key: FIELDS[key] for key in FIELDS if key != gone}) for gone in FIELDS),
            *(
                chain.canonical({**FIELDS, **other})
                for other in ({"v": 2}, {"n": "1"}, {"bodies": [["a", "b"]]}, {"bodies": [["a", 1, "b"]]}, {"actor": 1})
            ),
            chain.canonical(FIELDS).replace(b'"n":1', b'"n":true'),
        ],
    )
    def test_what_is_not_of_the_form_is_refused(self, line: bytes) -> None:
        with pytest.raises(FormatError):
            chain.parsed(line)


def test_bodies_are_split_so_that_a_line_stays_readable() -> None:
    bodies = [(str(number), "", "a") for number in range(chain.MOST_BODIES + 1)]

    assert [len(group) for group in chain.split(bodies)] == [chain.MOST_BODIES, 1]
    assert list(chain.split([])) == [[]]
