"""Texts cut into paragraphs and lines, and merged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.merging.cuts import lines, merged, paragraphs, together

TEXTS = st.lists(st.sampled_from(["a", "b c", "", " ", "```", "  ~~~", "\n", "- d", "\u2028e"])).map("\n".join)


def merge(base: str | None, early: str, late: str) -> tuple[str, bool]:
    return merged(None if base is None else paragraphs(base), paragraphs(early), paragraphs(late))


@given(TEXTS)
def test_pieces_and_spaces_make_the_text_again(text: str) -> None:
    for cut in (paragraphs(text), lines(text)):
        assert together(cut.lead, cut.pieces, cut.spaces, cut.between) + cut.tail == text


@given(TEXTS, TEXTS)
def test_what_one_side_alone_changed_is_its_text(base: str, side: str) -> None:
    for cut in (paragraphs, lines):
        ours = cut(side)
        if ours.pieces:
            assert merged(cut(base), ours, cut(base))[0].split() == side.split()


def test_a_fenced_block_is_one_piece_with_its_blank_lines() -> None:
    assert paragraphs("a\n\n```\nb\n\nc\n```\n\nd\n").pieces == ["a", "```\nb\n\nc\n```", "d"]


def test_paragraphs_added_by_both_are_both_there() -> None:
    assert merge("a\n", "a\n\nb\n", "a\n\nc\n") == ("a\n\nb\n\nc\n", False)


def test_a_paragraph_added_after_a_text_without_a_last_newline_stays_apart() -> None:
    assert merge("a", "a\n\nb", "x\n\na") == ("x\n\na\n\nb", False)


def test_the_space_between_paragraphs_stays_as_it_is() -> None:
    assert merge("a\n\n\nb\n \nc\n", "A\n\n\nb\n \nc\n", "a\n\n\nb\n \nC\n") == ("A\n\n\nb\n \nC\n", False)


def test_the_same_paragraph_changed_differently_is_a_clash_and_the_late_one_stands() -> None:
    assert merge("a\n\nb\n", "x\n\nb\n", "y\n\nb\n\nc\n") == ("y\n\nb\n\nc\n", True)


def test_without_a_base_texts_clash_unless_one_has_all_of_the_other() -> None:
    assert merge(None, "a\n\nb\n", "a\n") == ("a\n\nb\n", False)
    assert merge(None, "a\n", "b\n") == ("b\n", True)


def test_lines_keep_their_ends() -> None:
    base, early, late = (lines(text) for text in ("a\r\nb\n", "a\r\nb\nc\n", "A\r\nb\n"))
    assert merged(base, early, late) == ("A\r\nb\nc\n", False)


def test_a_line_added_after_a_last_line_without_an_end_is_a_line() -> None:
    assert merged(lines("a"), lines("a\nb"), lines("a\nc")) == ("a\nb\nc", False)
