"""Nearly the same words are one statement; the least that changes what is said makes it another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.nearness import near_hash, signature

SAME = [
    ("The cache TTL is 10 seconds.", "the cache TTL is 10 s"),
    ("The TTL is 10s", "The TTL is ten seconds!"),
    ("Marta prefers tea and coffee.", "Marta prefers coffee and tea"),
    ("Uses Redis, Postgres, and Kafka", "uses Kafka, Redis and Postgres"),
    ("Bob and Marta work on it.", "Marta and Bob work on it"),
    ("On Monday, the cache was cleared.", "The cache was cleared on Monday"),
    ("We don't use Redis", "We do not use redis."),
    ("It can't be cached.", "It cannot be cached"),
    ("I'm in Oslo", "I am in Oslo"),
    ("The limit is 1,000 requests", "the limit is 1000 requests"),
    ("Deploys happen on Fridays", "deploys happen on Friday"),
    ("The rate-limit resets", "the rate limit resets."),
    ("Marta\u2019s dog is \u0022Rex\u0022", "Marta's dog is Rex"),
    ("THE BUILD IS GREEN", "The build is green."),
    ("Use `make test`", "use make test"),
    ("Actually, the build is just green", "The build is green"),
    ("Reminder: we use Postgres", "We use Postgres."),
    ("Yes, as I said, we use Postgres", "We use Postgres."),
]
OTHER = [
    ("The TTL is 10 s", "The TTL is 60 s"),
    ("The TTL is 10 s", "The TTL is 10 ms"),
    ("5 Mb are enough", "5 MB are enough"),
    ("5 km", "5 miles"),
    ("-5 degrees", "5 degrees"),
    ("10.5 s", "10,5 s"),
    ("version 1.10 is used", "version 1.1 is used"),
    ("due on 2026-11-18", "due on 2026-11-19"),
    ("open at 8:30", "open at 8:45"),
    ("due in May 2026", "due in June 2026"),
    ("Marta likes tea", "Marta does not like tea"),
    ("Marta never smokes", "Marta smokes"),
    ("no tea", "tea"),
    ("without sugar", "with sugar"),
    ("We can deploy", "We could deploy"),
    ("must be on", "may be on"),
    ("It was green", "It is green"),
    ("Marta uses vim", "Marta used vim"),
    ("We build it", "We built it"),
    ("Is the TTL 10 s?", "The TTL is 10 s"),
    ("The build is fast", "The build is slow"),
    ("before lunch", "after lunch"),
    ("only Marta deploys", "Marta deploys"),
    ("every tea", "any tea"),
    ("tea or coffee", "tea and coffee"),
    ("Marta likes Bob", "Bob likes Marta"),
    ("prefers tabs over spaces", "prefers spaces over tabs"),
    ("moved from A to B", "moved from B to A"),
    ("A calls B and C calls D", "A calls C and B calls D"),
    ("x > 5", "x < 5"),
    ("Use C++", "Use C"),
    ("config.toml is used", "config.yaml is used"),
    ("/etc/a is read", "/etc/b is read"),
    ("set max_size", "set maxSize"),
    ("No, we use Postgres", "We use Postgres"),
    ("Note that down", "that down"),
    ("my dog is Rex", "your dog is Rex"),
    ("IT is slow", "it is slow"),
    ("Marta lives in Oslo", "Ana lives in Oslo"),
    ("כן", "לא"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_changes_nothing_makes_no_difference(one: str, other: str) -> None:
    assert signature(one) == signature(other) != ""
    assert near_hash(one) == near_hash(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_changes_a_statement_makes_another(one: str, other: str) -> None:
    assert signature(one) != signature(other)
    assert near_hash(one) != near_hash(other)


@pytest.mark.parametrize("text", ["", " \n", "...", "!?", "---"])
def test_what_has_no_words_is_like_nothing(text: str) -> None:
    assert signature(text) == near_hash(text) == ""


@given(st.text(max_size=60))
def test_any_text_has_one_signature_whatever_its_outer_space(text: str) -> None:
    assert signature(f"  {text}\n") == signature(text)


@given(
    st.lists(
        st.sampled_from(["the", "Marta", "not", "10", "s", "tea", "and", ",", "or", "on", "Monday", "?"]), max_size=9
    )
)
def test_a_statement_has_every_number_name_and_negation_that_its_signature_has(words: list[str]) -> None:
    found = signature(" ".join(words))

    for word in ("marta", "not", "10"):
        assert found.split().count(word) == [one.lower() for one in words].count(word)
