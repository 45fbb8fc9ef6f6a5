"""What a person lays down for an assistant is kept; what is bid once is not."""

import pytest

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.models import Said

TIME = "2026-11-18T08:38:00Z"


def told(text: str) -> list[str]:
    turns = [Said("t1", "assistant", "assistant", TIME, "Hello."), Said("t2", "user", "user", TIME, text)]
    return [one.text for one in RulesExtractor().extract(turns, lambda _: True)]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Never push to `main` without a review.", "The user has a rule: never push to `main` without a review."),
        ("Also, always run `make lint` first.", "The user has a rule: always run `make lint` first."),
        ("Please answer in German from now on.", "The user has a rule: answer in German from now on."),
        ("Call me Sam.", "The user goes by the name Sam."),
        ("Let's use Postgres 16 for this.", "The user decided to use Postgres 16."),
        ("I never eat pork.", "The user never eats pork."),
        ("I'm vegetarian.", "The user is vegetarian."),
        ("I use vim and tmux.", "The user uses vim and tmux."),
    ],
)
def test_it_is_kept(said: str, kept: str) -> None:
    assert told(said) == [kept]


@pytest.mark.parametrize(
    "said",
    [
        "Rename it to `rows.py`.",
        "Never mind.",
        "Let's use it.",
        "Call me when you are done.",
        "Always?",
        "Run the tests in the future tense folder.",
    ],
)
def test_what_is_bid_once_is_not(said: str) -> None:
    assert told(said) == []


def test_between_two_people_it_is_no_rule() -> None:
    turns = [
        Said("t1", "user", "Marta", TIME, "Always look on the bright side of life."),
        Said("t2", "user", "Jonas", TIME, "Never give up on your dreams, Marta."),
    ]
    assert list(RulesExtractor().extract(turns, lambda _: True)) == []
