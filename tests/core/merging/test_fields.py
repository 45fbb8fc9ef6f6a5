"""Frontmatter merged three ways, key by key."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.merging.fields import merge_fields, merge_lists

VALUES = st.sampled_from(["a", "b", "1.10", ["x"], ["x", "y"], ["y", "z"]])
FIELDS = st.dictionaries(st.sampled_from(["kind", "tags", "mine", "updated"]), VALUES)


def test_keys_that_one_side_changed_are_as_it_left_them() -> None:
    base, early = {"kind": "fact", "project": "a"}, {"kind": "event", "project": "a", "ref": "7"}
    assert merge_fields(base, early, {"kind": "fact"}) == ({"kind": "event", "ref": "7"}, ())


def test_a_key_that_both_changed_differently_clashes_and_is_the_late_one() -> None:
    assert merge_fields({"kind": "a"}, {"kind": "b"}, {"kind": "c"}) == ({"kind": "c"}, ("kind",))


def test_a_change_of_a_key_wins_over_its_removal() -> None:
    assert merge_fields({"kind": "a"}, {"kind": "b"}, {}) == ({"kind": "b"}, ())
    assert merge_fields({"kind": "a"}, {}, {"kind": "b"}) == ({"kind": "b"}, ())


def test_updated_is_the_later_one_and_no_clash() -> None:
    merged = merge_fields({"updated": "2025"}, {"updated": "2026-02-02"}, {"updated": "2026-01-01"})
    assert merged == ({"updated": "2026-02-02"}, ())


def test_two_ids_given_to_one_file_are_no_clash() -> None:
    assert merge_fields({}, {"id": "A"}, {"id": "B"}) == ({"id": "B"}, ())


def test_tags_are_a_set_of_what_either_added_and_neither_took_out() -> None:
    merged = merge_fields({"tags": ["a", "b"]}, {"tags": ["b", "c"]}, {"tags": ["d", "a", "b"]})
    assert merged == ({"tags": ["d", "b", "c"]}, ())


def test_tags_in_one_text_are_a_list_all_the_same() -> None:
    assert merge_fields({"tags": "a, b"}, {"tags": "a, b, c"}, {"tags": ["a"]})[0] == {"tags": ["a", "c"]}


def test_links_to_one_memory_by_two_names_are_one() -> None:
    base, early, late = (f"[[{name}-x2c5n6pd]]" for name in ("a", "b", "c"))
    assert merge_fields({"conflicts": [base]}, {"conflicts": [early]}, {"conflicts": [late]})[0] == {
        "conflicts": [late]
    }


def test_a_list_of_which_nothing_is_left_is_no_key() -> None:
    assert merge_fields({"tags": ["a", "b"]}, {"tags": ["a"]}, {"tags": ["b"]}) == ({}, ())


def test_a_list_that_is_not_ours_is_merged_as_a_set() -> None:
    assert merge_fields({}, {"mine": ["a"]}, {"mine": ["b"]}) == ({"mine": ["b", "a"]}, ())


def test_a_list_against_a_text_of_a_key_that_is_not_ours_clashes() -> None:
    assert merge_fields({}, {"mine": ["a"]}, {"mine": "b"}) == ({"mine": "b"}, ("mine",))


@given(FIELDS, FIELDS)
def test_what_one_side_alone_changed_is_its_own(base: dict[str, Any], side: dict[str, Any]) -> None:
    assert merge_fields(base, side, base) == (side, ())
    assert merge_fields(base, base, side) == (side, ())
    assert merge_fields(base, side, side) == (side, ())


@given(*[st.lists(st.sampled_from("abcde"), unique=True)] * 3)
def test_a_merged_list_has_what_was_added_and_not_what_was_taken_out(
    base: list[str], early: list[str], late: list[str]
) -> None:
    merged = merge_lists(base, early, late)
    assert set(merged) == (set(base) & set(early) & set(late)) | ((set(early) | set(late)) - set(base))
    assert len(merged) == len(set(merged))


def test_turns_that_said_it_are_a_set_and_two_turns_of_one_conversation_are_two() -> None:
    base, early, late = (f"[[talk-x2c5n6pd#^t{turn}]]" for turn in (1, 2, 3))
    moved = "[[new-name-x2c5n6pd#^t3]]"

    merged = merge_fields({"sources": [base]}, {"sources": [base, early, moved]}, {"sources": [base, late]})

    assert merged == ({"sources": [base, late, early]}, ())


def test_of_two_confidences_that_turns_raised_the_higher_one_stays() -> None:
    base = {"confidence": "0.5"}
    early, late = {"confidence": "0.9", "sources": ["[[a#^t1]]"]}, {"confidence": "0.75", "sources": ["[[b#^t1]]"]}

    assert merge_fields(base, early, late) == ({"confidence": "0.9", "sources": ["[[b#^t1]]", "[[a#^t1]]"]}, ())
    assert merge_fields(base, late, early)[0]["confidence"] == "0.9"


def test_two_confidences_that_people_wrote_clash() -> None:
    assert merge_fields({"confidence": "1"}, {"confidence": "0.2"}, {"confidence": "0.3"})[1] == ("confidence",)
    unread = merge_fields({}, {"confidence": "high", "sources": ["[[a#^t1]]"]}, {"confidence": "0.3"})
    assert unread[1] == ("confidence",)
