"""What is read out of a question besides its words."""

import pytest

from smos_cli.core.asking import named, question, without_names
from smos_cli.core.selection import Selection
from smos_cli.core.spans import day_number


@pytest.mark.parametrize(
    ("text", "is_lookup"),
    [
        ("E4102", True),
        ("cache TTL", True),
        ("ORDERS_7", True),
        ("the cache", True),
        ("Who is?", False),
        ("when do we deploy", False),
        ("cache TTL limit", False),
        ("", False),
        ("the garage", True),
        ("a", False),
        ("i", False),
    ],
)
def test_a_question_of_a_word_or_two_looks_them_up(text: str, is_lookup: bool) -> None:
    assert question(text, Selection()).looked_up == is_lookup


def test_the_time_a_question_names_is_read_when_the_day_of_asking_is_known() -> None:
    asked = question("What did we decide in May 2023?", Selection(), "2023-11-18")

    assert asked.interval == (day_number("2023-05-01"), day_number("2023-06-01"), False)
    assert asked.today == day_number("2023-11-18")
    assert "2023" in asked.aside
    assert question("What did we decide in May 2023?", Selection()).interval is None


def test_identifiers_stand_for_themselves() -> None:
    assert question("why does parseJSON raise E4102", Selection()).identifiers == ["parsejson", "e4102"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(["marta"], ["Marta Kowalska"]), (["user"], []), (["cache"], []), (["bob", "marta"], ["Bob", "Marta Kowalska"])],
)
def test_a_speaker_is_named_by_any_part_of_the_name_but_not_by_a_role(asked: list[str], expected: list[str]) -> None:
    assert named(["Bob", "Marta Kowalska", "user", ""], asked) == expected


class TestWithoutNames:
    """What a question is about, apart from who said it."""

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("What did Marta decide?", "What did decide?"),
            ("Where is Marta's bicycle?", "Where is bicycle?"),
            ("MARTA, Lind and the cache", "and the cache"),
            ("Who likes tea - Bob?", "Who likes tea - Bob?"),
            ("Was ist mit Martas Fahrrad?", "Was ist mit Fahrrad?"),
        ],
    )
    def test_the_words_of_a_name_are_left_out(self, text: str, left: str) -> None:
        assert without_names(text, ["Marta Lind"]) == left

    @pytest.mark.parametrize("text", ["Marta", "Who is Marta?", "Marta Lind!"])
    def test_a_question_about_nothing_else_stays_whole(self, text: str) -> None:
        assert without_names(text, ["Marta Lind"]) == text
