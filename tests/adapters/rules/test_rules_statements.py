"""A statement stands by itself: its subject is named, fillers and questions are off, its pronouns have a meaning."""

import pytest

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.models import Candidate, Said

TIME = "2026-11-18T08:38:00Z"


def learnt(text: str, speaker: str = "Marta") -> list[Candidate]:
    return list(RulesExtractor().extract([Said("t1", "user", speaker, TIME, text)], lambda _: True))


def texts(text: str, speaker: str = "Marta") -> list[str]:
    return [one.text for one in learnt(text, speaker)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I work at a bakery in Lund.", "Marta works at a bakery in Lund."),
        ("I'm a carpenter and I have two sons.", "Marta is a carpenter and has two sons."),
        ("My brother and I own a boat.", "Marta's brother and Marta own a boat."),
        ("We bought our house in 2019.", "Marta and others bought their house in 2019."),
        ("By the way, I play the cello in an orchestra.", "Marta plays the cello in an orchestra."),
        ("Oh well, so I sold my car for 3,000 euros.", "Marta sold their car for 3,000 euros."),
        ("Just got back from Crete yesterday!", "Marta just got back from Crete on 17 November 2026."),
        ("I bought a kayak in May - do you know a good lake?", "Marta bought a kayak in May."),
        (
            "Did I tell you I passed the driving test on Monday 2 March?",
            "Marta passed the driving test on Monday 2 March.",
        ),
        ("My dentist is on Rua Augusta, which bus goes there?", "Marta's dentist is on Rua Augusta."),
    ],
)
def test_a_sentence_becomes_a_statement(said: str, told: str) -> None:
    assert texts(said) == [told]


def test_a_user_without_a_name_is_called_the_user_and_then_they() -> None:
    assert texts("I moved to Graz in 2020 because I found a job there.", "user") == [
        "The user moved to Graz in 2020 because they found a job there."
    ]


def test_a_sentence_that_points_back_is_joined_to_the_one_before() -> None:
    (told,) = learnt("I adopted a dog last week. He's called Bruno and he's 3 years old.")
    assert (
        told.text == "Marta adopted a dog in the week before 18 November 2026. He's called Bruno and he's 3 years old."
    )
    assert told.quote == "I adopted a dog last week. He's called Bruno and he's 3 years old."


def test_a_sentence_that_points_at_nothing_is_left_out() -> None:
    assert texts("It cost me 40 euros in 2019.") == []


@pytest.mark.parametrize("when", ["", "yesterday ", "finally ", "last week "])
def test_what_was_decided_is_a_decision_whenever_it_was(when: str) -> None:
    (told,) = learnt(f"We decided {when}to deploy the limiter to Frankfurt instead of Dublin.")

    assert told.kind == "decision"


def test_two_facts_are_two_statements() -> None:
    assert len(texts("I work at the port of Varna. My sister Ana lives in Sofia.")) == 2


def test_a_question_tells_what_it_takes_for_granted() -> None:
    assert texts("Considering I work night shifts at the mill, when should I sleep?") == [
        "Marta works night shifts at the mill."
    ]
    assert texts("Should I repot my fig tree, which I got from my aunt in 2021?") == [
        "Marta has their fig tree, which Marta got from their aunt in 2021."
    ]


def test_what_is_said_to_the_other_of_two_names_them() -> None:
    turns = [
        Said("t1", "user", "Marta", TIME, "Hello there!"),
        Said("t2", "user", "Jonas", TIME, "I still have the lamp you gave me in 2022."),
    ]
    assert [one.text for one in RulesExtractor().extract(turns, lambda _: True)] == [
        "Jonas still has the lamp Marta gave Jonas in 2022."
    ]


def test_the_quote_is_the_source_to_the_letter() -> None:
    text = "Well,\u00a0 hello!  So  I\u2019ve  moved   to\tGraz in 2020.  Bye."
    (told,) = learnt(text)
    assert told.quote in text and told.text == "Marta has moved to Graz in 2020."


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I prefer ruff over flake8.", "preference"),
        ("We decided to use Postgres 16 for the ledger.", "decision"),
        ("The fix was to set `TZ=UTC` in the Makefile.", "procedure"),
        ("I bought a kayak yesterday.", "event"),
        ("I work as a vet in Split.", "profile"),
        ("The staging database listens on port 5433.", "fact"),
    ],
)
def test_the_kind_is_told_from_the_words(said: str, kind: str) -> None:
    assert [one.kind for one in learnt(said)] == [kind]


def test_tags_are_names_and_identifiers_but_never_the_speaker() -> None:
    (told,) = learnt("Marta, I moved `intake/rows.py` from Gitea to Forgejo in 2024.")
    assert told.tags == ("intake/rows.py", "gitea", "forgejo")


def test_confidence_grows_with_what_is_definite() -> None:
    (vague,), (definite,) = (
        learnt("I have a new job in the city."),
        learnt("I started as a nurse at Inselspital in Bern yesterday."),
    )
    assert 0.5 <= vague.confidence < definite.confidence < 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Ok so we decided to use Redis 7.", "Marta and others decided to use Redis 7."),
        (
            "Btw staging runs on k3s on the box called kestrel, not on EKS.",
            "Staging runs on k3s on the box called kestrel, not on EKS.",
        ),
        ("Scratch that, the launch is on 19 January.", "The launch is on 19 January."),
        ("Leo is allergic to hazelnuts, don't forget when you bake!", "Leo is allergic to hazelnuts."),
        ("We never log IBANs in the ledger.", "Marta and others never log IBANs in the ledger."),
        ("I don't want any emojis in commit messages.", "Marta doesn't want any emojis in commit messages."),
    ],
)
def test_what_leads_to_a_statement_or_hangs_on_to_it_is_cut_off(said: str, told: str) -> None:
    assert [one.text for one in learnt(said)] == [told]


@pytest.mark.parametrize(
    "said", ["Not yet, Priya still needs them until Friday.", "Ok let's stay on 16 until January."]
)
def test_an_answer_that_needs_what_came_before_says_nothing(said: str) -> None:
    assert list(learnt(said)) == []
