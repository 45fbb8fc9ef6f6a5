"""How a text is cut into what is recalled: nothing is lost, no piece is too long, and it costs no more than reading."""

from __future__ import annotations

import pytest
from hypothesis import given

from smos_cli.core.passages import LIMIT, MEMORY_LIMIT, OVERLAP, Passage, indexed_text, of_memory, of_note, of_turn
from smos_cli.core.query import terms
from tests.core.test_pieces import covered, letters, long_texts


@given(long_texts)
def test_a_note_is_cut_without_loss(text: str) -> None:
    found = [passage.text for passage in of_note(text)]

    assert covered(text, found, OVERLAP)
    assert all(piece and (len(piece) <= LIMIT or "```" in piece or "~~~" in piece) for piece in found)


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

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_the_quotation_that_a_learnt_one_ends_in_is_no_part_of_it(self, end: str) -> None:
        body = end.join(["The TTL is 10 s.", "", "> [!quote] Marta, 18 Nov: let's go with 10s", "> and see"])

        assert of_memory(body, learnt=True) == [Passage("The TTL is 10 s.")]

    @pytest.mark.parametrize("body", ["> [!quote] Marta: 10 s", "One\n\n> [!quote] Marta: 10\n\nMore", "a\n\n> b"])
    def test_any_other_quotation_is_part_of_it(self, body: str) -> None:
        assert of_memory(body, learnt=True) == [Passage(body)]

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

    def test_a_piece_after_the_first_is_below_its_heading(self) -> None:
        found = of_note("# Head\n\n## Part\n\n" + "This is a sentence of some length. " * 60)

        assert [passage.heading for passage in found] == ["", *["Head > Part"] * (len(found) - 1)]

    def test_a_term_anywhere_in_a_long_one_is_in_a_passage(self) -> None:
        words = [f"mark{number}" for number in range(1000)]
        lines = [f"{word} is a word of its own{'.' * (place % 3)}" for place, word in enumerate(words)]
        shapes = ["\n".join, "\n\n".join, " ".join, lambda part: "```\n" + "\n".join(part) + "\n```\n", "\n- ".join]
        body = "\n# Head\n".join(shapes[place % 5](lines[place * 50 : place * 50 + 50]) for place in range(20)) * 4

        assert len(body) > 100_000
        assert set(words) <= {term for passage in of_note(body) for term in terms(indexed_text(passage))}

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
    assert set(letters(text)) == set(letters("".join(passage.text for passage in of_note(text))))
    assert letters("".join(passage.text for passage in of_memory(text))) == letters(text)


class TestTurn:
    def test_it_is_one_passage(self) -> None:
        turn = Passage("Ship it.", "D1:1", "Marta", "t1", "2025-12-20T08:38:00Z")

        assert of_turn(turn) == [turn]
        assert of_turn(turn._replace(text="")) == [turn._replace(text="")]

    def test_the_pieces_of_a_long_one_keep_who_said_it_and_when(self) -> None:
        turn = Passage("So it is said here. " * 600, "D1:1", "Marta", "t1", "2025-12-20T08:38:00Z")
        found = of_turn(turn)

        assert len(found) == 3
        assert {passage[1:] for passage in found} == {turn[1:]}
        assert letters("".join(passage.text for passage in found)) == letters(turn.text)


def test_a_turn_is_searched_with_who_said_it() -> None:
    assert indexed_text(Passage("Ship it", speaker="Marta")) == "Marta: Ship it"
    assert indexed_text(Passage("Ship it")) == "Ship it"


def test_a_section_is_searched_with_the_headings_above_it() -> None:
    assert indexed_text(Passage("Ship it", heading="Setup > Linux")) == "Setup > Linux\nShip it"
