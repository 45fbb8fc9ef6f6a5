"""Sequences merged three ways."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.merging.sequences import three_way, two_way

SEQUENCES = st.lists(st.sampled_from("abcde"), max_size=7)


def merge(base: str, early: str, late: str) -> str:
    """Return the merge of three words, letter by letter; a clash as ``(early|late)``."""
    text = ""
    for part in three_way(base, early, late):
        ours, theirs = (side[places.start : places.stop] for side, places in ((early, part.early), (late, part.late)))
        if part.clash:
            text += f"({ours}|{theirs})"
        else:
            text += {"early": ours, "both": ours + theirs}.get(part.take, theirs)
    return text


def test_changes_of_different_places_both_apply() -> None:
    assert merge("abcd", "aXcd", "abcY") == "aXcY"


def test_changes_that_touch_both_apply() -> None:
    assert merge("abcd", "aXcd", "abYd") == "aXYd"


def test_what_both_did_is_there_once() -> None:
    assert merge("abc", "aXc", "aXc") == "aXc"
    assert merge("ab", "aXYb", "aXYb") == "aXYb"
    assert merge("abc", "ac", "ac") == "ac"


def test_insertions_at_one_point_are_both_kept_the_early_one_first() -> None:
    assert merge("ab", "aXb", "aYb") == "aXYb"


def test_what_both_inserted_alike_is_there_once() -> None:
    assert merge("ab", "aXb", "aXYb") == "aXYb"
    assert merge("ab", "aXZb", "aYZb") == "aXYZb"


def test_an_insertion_stays_where_its_neighbours_are_deleted() -> None:
    assert merge("abcd", "ad", "abXcd") == "aXd"


def test_an_edit_wins_over_a_deletion() -> None:
    assert merge("abc", "ac", "aXc") == "aXc"
    assert merge("abc", "aXc", "ac") == "aXc"


def test_one_place_changed_in_two_ways_is_a_clash() -> None:
    assert merge("abc", "aXc", "aYc") == "a(X|Y)c"


def test_only_the_place_that_both_changed_clashes() -> None:
    assert merge("abcd", "aXYd", "aXZd") == "aX(Y|Z)d"


def test_a_large_stretch_without_a_common_item_counts_as_one_change() -> None:
    base = [str(number) for number in range(3000)]
    early, late = [f"e{number}" for number in range(2999)], [f"l{number}" for number in range(2998)]
    assert [part.clash for part in three_way(base, early, late)] == [True]


def test_changes_far_apart_in_a_long_text_are_found() -> None:
    base = [str(number) for number in range(5000)]
    early, late = ["e", *base[1:-1], "e", "e"], [*base[:2500], "l", *base[2501:]]
    parts = list(three_way(base, early, late))
    assert [part.take for part in parts] == ["early", "same", "late", "same", "early"]
    assert not any(part.clash for part in parts)


def test_without_a_base_the_one_that_has_all_of_the_other_is_taken() -> None:
    assert two_way("ac", "abc").take == "late"
    assert two_way("abc", "ac").take == "early"
    assert not two_way("ac", "abc").clash
    assert two_way("ab", "ac").clash


@given(SEQUENCES, SEQUENCES)
def test_what_one_side_alone_changed_is_its_own(base: list[str], side: list[str]) -> None:
    words = "".join(base), "".join(side)
    assert (
        merge(words[0], *words)
        == merge(words[0], words[1], words[0])
        == merge(words[0], words[1], words[1])
        == words[1]
    )


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_every_item_that_a_side_added_is_in_the_merge(base: list[str], early: list[str], late: list[str]) -> None:
    ours = [letter.upper() if letter in "ab" else letter for letter in early]
    theirs = [f"{letter}".translate(str.maketrans("cd", "CD")) for letter in late]
    result = merge("".join(base), "".join(ours), "".join(theirs))
    assert {letter for letter in [*ours, *theirs] if letter.isupper()} <= set(result)
