"""The judge by rules: what contradicts by its words alone, and what must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.rules.judge import RulesJudge
from smos_cli.core.models import Judged

SURE = 0.5
JUDGE = RulesJudge()


def judged(first: str, second: str) -> Judged:
    return JUDGE.judge([(first, second)])[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The cache TTL is 10 seconds.", "The cache TTL is 60 seconds."),
        ("The cache TTL is 10 seconds.", "The cache TTL is 2 minutes."),
        ("The build takes 5 minutes.", "The build takes twelve minutes."),
        ("The API limit is 100 requests per minute.", "The API limit is 500 requests per minute."),
        ("The service listens on port 8080.", "The service listens on port 9090."),
        ("The meeting starts at 9 am.", "The meeting starts at 10:30."),
    ],
)
def test_another_quantity_contradicts(first: str, second: str) -> None:
    assert judged(first, second).contradiction > SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("We use Postgres.", "We don't use Postgres."),
        ("We use Postgres.", "We no longer use Postgres."),
        ("I never drink coffee.", "I drink coffee every morning."),
        ("Ann mended the gate, while Ben has never mended anything.", "Ben mended the roof."),
    ],
)
def test_a_negation_of_what_is_said_contradicts(first: str, second: str) -> None:
    assert judged(first, second).contradiction > SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Dark mode is enabled.", "Dark mode is disabled."),
        ("We deploy on Fridays.", "We deploy on Mondays."),
        ("The roof of the shed is red.", "The roof of the shed is green."),
    ],
)
def test_an_opposite_contradicts(first: str, second: str) -> None:
    assert judged(first, second).contradiction > SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I live in Berlin.", "I live in Munich."),
        ("The staging database is Postgres.", "The staging database is MySQL."),
        ("My favourite soup is leek.", "My favourite soup is barley."),
        ("The deadline is 3 March.", "The deadline is 4 April."),
    ],
)
def test_another_value_of_what_has_one_contradicts(first: str, second: str) -> None:
    assert judged(first, second).contradiction > SURE


def test_a_correction_contradicts_what_it_corrects() -> None:
    assert judged("The cache TTL is 10 seconds, not 60 s.", "The cache TTL is 1 minute.").contradiction > SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I like tea.", "I like coffee."),
        ("Bob speaks German.", "Bob speaks French."),
        ("We met in Paris.", "We met in Rome."),
        ("I visited Rome in 2019.", "I visited Rome in 2021."),
        ("I ran 5 km on Monday.", "I ran 10 km on Tuesday."),
        ("Bug 12 is fixed.", "Bug 13 is fixed."),
        ("Anna lives in Berlin.", "Ben lives in Munich."),
        ("The staging port is 80.", "The production port is 90."),
        ("I like tea.", "I do not like tea with milk."),
        ("Anna has not replied.", "Anna was born in 1990."),
        ("The cache is warm.", "The cache is large."),
        ("Is the cache TTL 10 seconds?", "The cache TTL is 60 seconds."),
        ("It was not only quick but cheap.", "It was quick and cheap."),
        ("", "The cache is warm."),
    ],
)
def test_what_can_both_hold_is_neutral(first: str, second: str) -> None:
    assert judged(first, second).contradiction < SURE
    assert judged(first, second).forward.neutral > SURE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The cache TTL is 60 seconds.", "The cache TTL is 1 minute."),
        ("The limit is 1,000 requests.", "the limit is 1000 requests"),
        ("We do not use Redis.", "We don't use Redis!"),
    ],
)
def test_what_is_equal_but_for_its_writing_is_entailed_both_ways(first: str, second: str) -> None:
    both = judged(first, second)

    assert both.forward.entailment > SURE
    assert both.backward.entailment > SURE


def test_a_statement_entails_each_of_its_sentences_and_not_the_reverse() -> None:
    both = judged("We use Postgres. It runs on port 80.", "We use Postgres.")

    assert both.forward.entailment > SURE
    assert both.backward.neutral > SURE


def test_the_end_of_a_long_statement_is_read() -> None:
    long = "The gate of the garden creaks in the wind. " * 2_000

    assert judged(long + "The cache TTL is 10 seconds.", "The cache TTL is 60 seconds.").contradiction > SURE


def test_a_sentence_that_never_ends_takes_little_time() -> None:
    endless = "and then the gate " * 20_000

    assert judged(endless, endless + "creaks").contradiction < SURE


@given(st.text(max_size=60), st.text(max_size=60))
def test_contradicting_is_mutual_and_chances_add_up(first: str, second: str) -> None:
    one, other = judged(first, second), judged(second, first)

    assert one.contradiction == pytest.approx(other.contradiction)
    assert sum(one.forward) == pytest.approx(1)
    assert sum(one.backward) == pytest.approx(1)
