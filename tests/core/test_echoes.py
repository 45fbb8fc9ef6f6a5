"""What repeats the system's text is told from what somebody says in words of their own."""

from __future__ import annotations

import time

import pytest

from smos_cli.core.echoes import Echoes

PROMPT = (
    "You are Bob. Always answer in German, and use metric units. The project is called Atlas and runs on three nodes."
)


@pytest.mark.parametrize(
    "text",
    [
        "Always answer in German, and use metric units.",
        "Bob should always answer in German and use metric units",
        "The project is called Atlas and runs on three nodes",
        "use metric units",
        "ANSWER IN GERMAN!",
    ],
)
def test_what_is_mostly_words_of_it_is_an_echo(text: str) -> None:
    assert Echoes([PROMPT]).has(text)


@pytest.mark.parametrize(
    "text",
    ["Marta prefers metric units for the maps.", "Atlas runs", "The nodes are in Oslo, all three of them.", "", "..."],
)
def test_what_is_said_in_other_words_is_none(text: str) -> None:
    assert not Echoes([PROMPT]).has(text)


def test_where_the_system_said_nothing_there_is_no_echo() -> None:
    assert not Echoes().has("Always answer in German, and use metric units.")


def test_words_of_two_texts_make_no_sentence() -> None:
    echoes = Echoes(["one two"])
    echoes.add("three four five six")

    assert not echoes.has("two three four")


def test_many_texts_cost_no_more_than_their_length() -> None:
    began = time.process_time()

    Echoes(
        f"rule {number} says that nobody walks across the green lawn of the north garden" for number in range(50_000)
    )

    assert time.process_time() - began < 5
