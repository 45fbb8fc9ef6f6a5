"""What is said again makes a memory surer and is one more source of it, and nothing else of its file changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.evidence import SUREST, supported, with_support
from smos_cli.core.markdown import parse
from smos_cli.core.memory import Memory, from_fields
from tests.samples import identity

HELD = Memory(identity(1), "The TTL is 10 s.", confidence=0.8, session="talk-x2c5n6pd#^t1")
FILE = (
    "\ufeff---\r\nid: 01KB8F3K2M7Q0ZT4V9X2C5N6PD   # mine\r\nmood: 'fine'\r\nconfidence: 0.80\r\n"
    'session: "[[talk-x2c5n6pd#^t1]]"\r\n---\r\nThe TTL is 10 s.\r\n'
).encode()


@pytest.mark.parametrize(
    ("before", "more", "after"),
    [(0.8, 0.8, 0.96), (0.5, 0.5, 0.75), (0.9, 1.0, 0.99), (0.6, 0.0, 0.6), (1.0, 0.5, 1.0), (0.995, 0.9, 0.995)],
)
def test_two_sources_are_surer_than_one_and_never_quite_sure(before: float, more: float, after: float) -> None:
    memory = Memory(identity(1), "x", confidence=before)

    assert supported(memory, "talk#^t2", more).confidence == after


@given(st.lists(st.sampled_from(["a#^t1", "b#^t1", "b#^t2", HELD.session]), max_size=8), st.floats(0, 1))
def test_the_same_source_twice_is_once(links: list[str], confidence: float) -> None:
    memory = HELD
    for link in links:
        memory = supported(memory, link, confidence)
    again = memory
    for link in links:
        again = supported(again, link, confidence)

    assert again == memory
    assert set(memory.sources) == set(links) - {HELD.session}
    assert HELD.confidence <= memory.confidence <= SUREST


def test_a_turn_is_the_same_source_when_its_conversation_was_renamed() -> None:
    assert supported(HELD, "a-better-title-x2c5n6pd#^t1", 0.5) == HELD
    assert supported(HELD, "a-better-title-x2c5n6pd#^t2", 0.5).confidence == 0.9


def test_only_the_two_keys_of_a_file_change() -> None:
    data = with_support(FILE, supported(HELD, "talk-x2c5n6pd#^t7", 0.5))

    assert data == FILE.replace(b"confidence: 0.80", b"confidence: 0.9").replace(
        b't1]]"\r\n---', b't1]]"\r\nsources: ["[[talk-x2c5n6pd#^t7]]"]\r\n---'
    )
    assert with_support(data, supported(HELD, "talk-x2c5n6pd#^t7", 0.5)) == data


def test_a_file_that_does_not_say_how_sure_it_is_says_no_more_of_it() -> None:
    plain = FILE.replace(b"confidence: 0.80\r\n", b"")

    data = with_support(plain, supported(from_fields(parse(plain).fields, ""), "other#^t1", 0.5))

    assert b"confidence" not in data
    assert from_fields(parse(data).fields, "").sources == ("other#^t1",)


def test_sources_that_came_meanwhile_stay() -> None:
    data = with_support(FILE, supported(HELD, "a#^t1", 0.5))

    data = with_support(data, supported(HELD, "b#^t1", 0.5))

    assert from_fields(parse(data).fields, "").sources == ("a#^t1", "b#^t1")


def test_a_file_that_has_it_all_stays_as_it_is() -> None:
    assert with_support(FILE, HELD) == FILE
