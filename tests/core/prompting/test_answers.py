"""Of an answer, only what the turns bear out is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.prompting.answers import (
    LONGEST_QUOTE,
    LONGEST_STATEMENT,
    MOST_PER_TURN,
    UnreadableError,
    candidates_of,
)
from tests.core.prompting.scripted import answer, fact, said

TURNS = [
    said(1, "Hi! we use uv,\n  not pip — it’s faster. We moved on Monday."),
    said(2, "You could use ruff as well.", "assistant"),
    said(3, "yes"),
]


def test_a_fact_becomes_a_candidate_of_who_said_it() -> None:
    (found,) = candidates_of(answer(fact(kind="decision", tags=["Tools"], date="2026-11-16")), TURNS)
    assert (found.turn, found.speaker, found.role, found.quote) == ("t1", "Marta", "user", "we use uv")
    assert (found.kind, found.tags, found.valid_from, found.confirmed) == ("decision", ("tools",), "2026-11-16", "")


def test_what_the_assistant_said_stays_the_assistants() -> None:
    (found,) = candidates_of(answer(fact("t2", "You could use ruff", role="user", speaker="Marta")), TURNS)
    assert (found.role, found.speaker) == ("assistant", "assistant")


@pytest.mark.parametrize("turn", ["t1", 1, "1", "[t1]", "t1 ", "turn 1"])
def test_a_turn_is_known_however_its_number_is_written(turn: object) -> None:
    assert [found.turn for found in candidates_of(answer(fact(turn=turn)), TURNS)] == ["t1"]


@pytest.mark.parametrize("turn", ["t2", "t99", "", None, "t0", 10**30, ["t1"]])
def test_a_quote_with_the_wrong_turn_is_given_to_the_turn_it_is_in(turn: object) -> None:
    assert [found.turn for found in candidates_of(answer(fact(turn=turn)), TURNS)] == ["t1"]


def test_a_word_that_may_be_in_any_turn_does_not_find_its_turn_by_itself() -> None:
    assert candidates_of(answer(fact("t1", "yes")), TURNS) == []
    assert [found.turn for found in candidates_of(answer(fact("t3", "yes")), TURNS)] == ["t3"]


@pytest.mark.parametrize(
    ("given_quote", "kept"),
    [
        ("we use uv, not pip", "we use uv, not pip"),
        ("we  use\nuv", "we use uv"),
        ("not pip - it's faster.", "not pip — it’s faster."),
        ("“we use uv”", "we use uv"),
        ("...we use uv...", "we use uv"),
    ],
)
def test_a_quote_is_kept_as_it_was_said(given_quote: str, kept: str) -> None:
    assert [found.quote for found in candidates_of(answer(fact(quote=given_quote)), TURNS)] == [kept]


@pytest.mark.parametrize("quote", ["we use poetry", "We Use UV", "we uv", "", " ", "...", None, 7, ["we use uv"]])
def test_a_fact_whose_quote_is_in_no_turn_is_dropped(quote: object) -> None:
    assert candidates_of(answer(fact(quote=quote)), TURNS) == []


@pytest.mark.parametrize("text", ["", "!?", None, 3, "x" * (LONGEST_STATEMENT + 1)])
def test_a_fact_without_a_statement_is_dropped(text: object) -> None:
    assert candidates_of(answer(fact(text=text)), TURNS) == []


def test_a_statement_is_one_line_that_can_be_written_to_a_file() -> None:
    (found,) = candidates_of(answer(fact(text="---\nMarta\x1b[2J uses\t\ud800uv")), TURNS)
    assert found.text == "--- Marta[2J uses uv"


def test_a_long_quote_is_kept_in_part() -> None:
    text = "word " * LONGEST_QUOTE
    (found,) = candidates_of(answer(fact(quote=text, text="Marta repeats herself.")), [said(1, text)])
    assert len(found.quote) <= LONGEST_QUOTE
    assert found.quote in text


@pytest.mark.parametrize("kind", ["secret", "", None, 1, "FACT", ["decision"]])
def test_a_kind_that_is_none_is_a_fact(kind: object) -> None:
    assert [found.kind for found in candidates_of(answer(fact(kind=kind)), TURNS)] == ["fact"]


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("2026-11-16", "2026-11-16"),
        ("2026-11", "2026-11"),
        ("2026-11-16T23:00:00Z", "2026-11-16"),
        ("yesterday", ""),
        ("2026-02-30", ""),
        (None, ""),
        (20261116, ""),
    ],
)
def test_a_date_is_a_date_or_nothing(date: object, day: str) -> None:
    assert [found.valid_from for found in candidates_of(answer(fact(date=date)), TURNS)] == [day]


def test_tags_are_single_words_and_few() -> None:
    tags = ["#Build tools", "a,b", "", 5, None, "x" * 99, *map(str, range(99))]
    (found,) = candidates_of(answer(fact(tags=tags)), TURNS)
    assert found.tags == ("build-tools", "0", "1", "2", "3")


def test_the_same_statement_twice_is_one() -> None:
    facts = [fact(text="We use uv."), fact("t2", "You could use ruff", text="we use UV.")]
    assert len(candidates_of(answer(*facts), TURNS)) == 1


def test_candidates_come_in_the_order_of_their_turns() -> None:
    facts = [fact("t3", "yes"), fact("t2", "You could use ruff"), fact()]
    assert [found.turn for found in candidates_of(answer(*facts), TURNS)] == ["t1", "t2", "t3"]


def test_of_ten_thousand_facts_a_turn_keeps_eight() -> None:
    facts = [fact(text=f"Marta knows the number {number}.") for number in range(10_000)]
    assert len(candidates_of(answer(*facts), TURNS)) == MOST_PER_TURN


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "Here is what I found:\n\n```\n{}\n```\nAnything else?",
        "<think>Maybe {{facts: 1}}? Marta…</think>{}",
        "I {{think}}: {}",
        "\n\n{}}}}}",
    ],
)
def test_prose_around_the_answer_is_passed_over(around: str) -> None:
    assert len(candidates_of(around.format(answer(fact(text="No. </think>"))), TURNS)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I found nothing.",
        "[]",
        "null",
        "{}",
        '{"facts": null}',
        '{"facts": {"turn": "t1"}}',
        '{"facts": ["we use uv"]}',
        '{"facts": [{"turn": "t1", "quo',
        '{"facts": [' * 5_000,
        "{" * 500_000,
        " " * 10_000_001,
    ],
)
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    with pytest.raises(UnreadableError):
        candidates_of(text, TURNS)


def test_facts_that_are_none_are_left_out_of_those_that_are() -> None:
    assert len(candidates_of(answer("we use uv", None, fact(), [], {}), TURNS)) == 1


def _plain(text: str) -> str:
    return " ".join(text.split())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["we use uv", "not pip — it’s faster.", "ruff", "yes", "We moved", "“", "", "\ud800", "\x00"])
VALUE = JSON | WORDS | st.lists(WORDS, max_size=3).map(" ".join)
FACT = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("turn", "quote", "text", "kind", "tags", "date", "role"), VALUE)
)
ANSWERS = (
    st.text()
    | JSON.map(json.dumps)
    | st.lists(FACT | JSON, max_size=6).map(lambda facts: answer(*facts))
    | st.tuples(st.text(), st.lists(FACT, max_size=3).map(lambda facts: answer(*facts)), st.text()).map("".join)
)


@given(ANSWERS)
def test_whatever_is_answered_every_candidate_has_its_quote_in_its_turn(text: str) -> None:
    try:
        found = candidates_of(text, TURNS)
    except UnreadableError:
        return
    texts = {turn.turn: turn for turn in TURNS}
    for candidate in found:
        turn = texts[candidate.turn]
        assert candidate.quote
        assert candidate.quote in _plain(turn.text)
        assert (candidate.role, candidate.speaker) == (turn.role, turn.speaker)
        candidate.text.encode()


@given(st.text(min_size=1), st.data())
def test_any_words_of_a_turn_are_found_in_it(text: str, data: st.DataObject) -> None:
    whole = _plain(text)
    start = data.draw(st.integers(0, len(whole)))
    quote = whole[start : data.draw(st.integers(start, len(whole)))]
    if not any(map(str.isalnum, quote)) or not quote.isprintable():
        return
    (found,) = candidates_of(answer(fact(quote=quote, text="Marta.")), [said(1, text)])
    assert found.quote == quote.strip()
