"""A proposal counts when a person takes it up, and when it is clear which one."""

import pytest

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.models import Candidate, Said

TIME = "2026-11-18T08:38:00Z"


def taken(proposal: str, answer: str) -> list[Candidate]:
    turns = [Said("t1", "assistant", "assistant", TIME, proposal), Said("t2", "user", "user", TIME, answer)]
    return [one for one in RulesExtractor().extract(turns, lambda _: True) if one.turn == "t1"]


@pytest.mark.parametrize(
    ("proposal", "answer", "told"),
    [
        ("Shall I set the timeout to 10 s?", "Yes please.", "The user agreed to set the timeout to 10 s."),
        ("We could split `rows.py` in two.", "Sounds good, do it", "The user agreed to split `rows.py` in two."),
        ("I suggest using a queue for mails.", "ok let's do that", "The user agreed to using a queue for mails."),
        ("Use a TTL of 10 s? You could set it to 10 s or to 30 s.", "hm", ""),
        (
            "You could set the TTL to 10 s, or raise the TTL to 30 s.",
            "go with 30 s",
            "The user agreed to raise the TTL to 30 s.",
        ),
        ("You could set the TTL to 10 s, or raise the TTL to 30 s.", "yes", ""),
        ("Should I delete the branch `old`?", "no", ""),
        ("Should I delete the branch `old`?", "yes, but not now", ""),
        ("Should I delete the branch `old`?", "why?", ""),
        ("We could split `rows.py` in two.", "ok", ""),
        ("Should I do that?", "yes", ""),
        ("Redis keeps its data in memory.", "Yes, exactly!", ""),
        (
            "Run `npm ci` in the folder `web`.",
            "that fixed it",
            "The user confirmed that this worked: run `npm ci` in the folder `web`.",
        ),
        ("Run `npm ci` in the folder `web`.", "that didn't work", ""),
        ("I suggest to put the cache TTL at 10 s.", "Yes, do that.", "The user agreed to put the cache TTL at 10 s."),
        (
            "I suggest that we move the cron to Hetzner.",
            "Sure, do that.",
            "The user agreed to move the cron to Hetzner.",
        ),
        ("I'm glad to help.", "That worked!", ""),
    ],
)
def test_an_answer_takes_up_a_proposal(proposal: str, answer: str, told: str) -> None:
    assert [one.text for one in taken(proposal, answer)] == ([told] if told else [])


def test_its_quote_is_the_assistants_and_it_names_the_turn_that_took_it_up() -> None:
    (one,) = taken("Sure.\n\nShall I set the timeout to 10 s?", "Yes, go ahead.")
    assert (one.role, one.turn, one.confirmed, one.quote) == (
        "assistant",
        "t1",
        "t2",
        "Shall I set the timeout to 10 s?",
    )


def test_what_was_done_counts_as_confirmed_when_it_worked() -> None:
    (one,) = taken("I raised the timeout to 30 s.", "Great, that worked.")
    assert (one.text, one.confirmed) == ("The assistant raised the timeout to 30 s.", "t2")


def test_what_was_learnt_before_comes_again_when_a_later_turn_confirms_it() -> None:
    turns = [
        Said("t1", "assistant", "assistant", TIME, "I raised the timeout to 30 s."),
        Said("t2", "user", "user", TIME, "Great, that worked."),
    ]
    found = RulesExtractor().extract(turns, lambda turn: turn == "t2")
    assert [(one.turn, one.confirmed) for one in found] == [("t1", "t2")]


def test_an_answer_to_somebody_elses_words_takes_up_nothing() -> None:
    turns = [
        Said("t1", "assistant", "assistant", TIME, "Shall I set the timeout to 10 s?"),
        Said("t2", "user", "Marta", TIME, "What do you think, Jonas?"),
        Said("t3", "user", "Jonas", TIME, "Yes, do that."),
    ]
    assert list(RulesExtractor().extract(turns, lambda _: True)) == []
