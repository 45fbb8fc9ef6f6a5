"""How a text is cut into what is recalled: nothing is lost, no piece is too long, and it costs no more than reading."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smos_cli.core.passages import LIMIT, MEMORY_LIMIT, Passage, indexed_text, of_memory, of_note, pieces

long_texts = st.lists(
    st.one_of(
        st.sampled_from(
            ["\n\n", "\n", " ", "# Head\n", "```\n", "~~~\n", "Sentence. ", "x" * 50, "キ" * 60, "a b " * 30]
        ),
        st.text(max_size=30),
    ),
    max_size=60,
).map("".join)


def letters(text: str) -> str:
    """Return a text without its white space."""
    return "".join(text.split())


@given(long_texts, st.integers(10, 200))
@example("a" + "\n" * 500 + "b", 100)
@example("x" * 1000, 10)
@example("a " * 500, 11)
def test_pieces_are_short_and_hold_everything(text: str, limit: int) -> None:
    found = pieces(text, limit)

    assert all(len(piece) <= limit for piece in found)
    assert letters("".join(found)) == letters(text)
    assert all(piece.strip() for piece in found) or len(text) <= limit


@given(long_texts)
def test_a_note_is_cut_without_loss(text: str) -> None:
    found = [passage.text for passage in of_note(text)]

    assert letters("".join(found)) == letters(text)
    assert all(piece and len(piece) <= LIMIT for piece in found)


@given(long_texts)
def test_a_memory_is_cut_without_loss(text: str) -> None:
    assert letters("".join(passage.text for passage in of_memory(text))) == letters(text)


class TestMemory:
    def test_it_is_one_passage_as_it_stands(self) -> None:
        body = "The TTL is 10 s.\n\n> [!quote] so it is"

        assert of_memory(f"\n{body}\n\n") == [Passage(body)]

    def test_a_long_one_is_cut_between_paragraphs(self) -> None:
        paragraph = "word " * 500
        found = of_memory("\n\n".join([paragraph] * 3))

        assert [passage.text for passage in found] == [paragraph.strip()] * 3

    def test_without_text_there_is_nothing(self) -> None:
        assert of_memory(" \n ") == []

    def test_pieces_of_white_space_are_none(self) -> None:
        found = of_memory("a" + "\n" * (2 * MEMORY_LIMIT) + "b")

        assert [passage.text for passage in found if not passage.text.strip()] == []
        assert letters("".join(passage.text for passage in found)) == "ab"


class TestNote:
    def test_it_is_cut_at_its_headings(self) -> None:
        note = "Intro\n\n# One\ntext\n## Two\n\nmore\n   ### Three\n    # not one\n#nor this\n"

        assert [passage.text for passage in of_note(note)] == [
            "Intro",
            "# One\ntext",
            "## Two\n\nmore",
            "### Three\n    # not one\n#nor this",
        ]

    def test_a_heading_in_a_code_fence_is_none(self) -> None:
        note = "# A\n\n```sh\n# a comment\n~~~\n# another\n```\n# B\n~~~\n# c"

        assert [passage.text.split("\n")[0] for passage in of_note(note)] == ["# A", "# B"]

    def test_a_long_section_is_cut_between_sentences_and_then_words(self) -> None:
        found = of_note("# Head\n\n" + "This is a sentence of some length. " * 60)

        assert len(found) > 2
        assert all(passage.text.endswith(".") for passage in found)

    @pytest.mark.parametrize("text", ["", "\n\n", "   ", "\ufeff"[:0]])
    def test_an_empty_note_has_no_passages(self, text: str) -> None:
        assert of_note(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\n" * 1_000_000 + "b",
        "a\n" + " " * 1_000_000 + "b",
        ("\n" + " " * 1000) * 1000,
        "x" * 1_000_000,
        "a. " * 300_000,
        "# h\n" * 250_000,
        "```\n" * 250_000,
        "." * 1_000_000,
        "\t\n" * 500_000,
        "\u3002" * 500_000,
    ],
    ids=str.split("newlines spaces blank-lines letters sentences headings fences dots tabs cjk"),
)
def test_a_hostile_text_of_a_megabyte_is_cut_at_once(text: str) -> None:
    """Each would take minutes to hours if cutting cost the square of the length."""
    assert letters("".join(passage.text for passage in of_note(text))) == letters(text)
    assert letters("".join(passage.text for passage in of_memory(text))) == letters(text)


def test_a_turn_is_searched_with_who_said_it() -> None:
    assert indexed_text(Passage("Ship it", speaker="Marta")) == "Marta: Ship it"
    assert indexed_text(Passage("Ship it")) == "Ship it"
