"""An episode is a transcript that a person can read, and the same turns again when it is parsed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smos_cli.core.dates import normalise_date
from smos_cli.core.episode import Turn, parse, render
from smos_cli.core.markdown import compose
from smos_cli.core.markdown import parse as parse_file
from smos_cli.core.passages import Passage

DAY = "2026-11-18"

tricky = st.sampled_from(
    [
        "## 08:38 Marta ^t12",
        "## Marta ^t1",
        "## ^t1",
        "##  ^t1",
        "\\## 08:38 Marta ^t12",
        "\\\\## x ^t1",
        "## A heading of mine",
        "  ## 08:38 Marta ^t3",
        "## 2026-11-18 08:38 Marta <!-- ref: D1:1 --> ^t12",
        "-->",
        "<!-- ref: x -->",
        "^t1",
        "---",
        "=======",
        "<<<<<<< ours",
        ">>>>>>> theirs",
        "\\=======",
        "",
        " ",
        "\r",
        "\u2028## x ^t1",
    ]
)
plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
texts = st.lists(st.one_of(tricky, plain), max_size=6).map("\n".join)
speakers = st.one_of(
    st.sampled_from(["Marta", "user", "08:38 Bob", "2026-11-18 x", "x ^t1", "\\a", "", "<!-- ref: y -->", "a <!-- b"]),
    plain,
)
refs = st.one_of(
    st.sampled_from(["", "D1:1", "a --> b", "--&gt;", "-->", "--&amp;gt;", "^t1", "a ^t2 <!-- ref: b"]), plain
)
times = st.one_of(
    st.sampled_from(["", "2026-11-18T08:38:00Z", "2026-11-18T08:38:07Z", "2026-11-19T00:00:00Z", DAY, "2026-11-19"]),
    st.datetimes().map(lambda moment: normalise_date(moment.isoformat())),
)
turns = st.lists(st.builds(Turn, speakers, texts, times, refs), min_size=1, max_size=5)


def one_line(text: str) -> str:
    return " ".join(text.split())


def expected(number: int, turn: Turn) -> Passage:
    """Return the passage of a turn: what is not said of it, and white space that means nothing, is normal."""
    text = turn.text.replace("\r\n", "\n").replace("\r", "\n").strip()
    time = turn.time or DAY
    return Passage(text, one_line(turn.ref), one_line(turn.speaker) or "?", f"t{number}", time)


@given(turns)
@example([Turn("Bob", "hi\r## 08:38 Marta ^t7")])
@example([Turn("08:38 Bob", "hi"), Turn("2026-11-18 Bob", "hi", "2026-11-18T08:38:00Z")])
@example([Turn("a <!-- ref: y -->", "hi", "", "r"), Turn("\\08:38 a", "x"), Turn("\\\\", "x")])
@example([Turn("Bob", "hi", "", "--&gt; -->")])
@example([Turn("Bob", "hi", "2026-11-19"), Turn("Bob", "hi", "0001-01-01T00:00:00Z")])
def test_parsing_gives_back_what_was_rendered(said: list[Turn]) -> None:
    assert parse(render(said, DAY), DAY) == [expected(number, turn) for number, turn in enumerate(said, 1)]


@given(turns)
def test_a_file_gives_back_the_turns(said: list[Turn]) -> None:
    body = parse_file(compose({"id": "x"}, render(said, DAY))).body

    assert parse(body, DAY) == [expected(number, turn) for number, turn in enumerate(said, 1)]


@given(st.text(), st.sampled_from([DAY, "2026", "2026-11", ""]))
def test_any_text_can_be_parsed_and_none_of_it_is_lost(body: str, day: str) -> None:
    found = parse(body, day)

    assert all(passage.text or passage.turn for passage in found)
    if not any(passage.turn for passage in found):
        assert "".join(passage.text for passage in found).replace("\\", "") == body.strip().replace("\\", "")


@given(turns, st.integers(0, 5))
def test_turns_that_come_later_are_appended_as_if_they_had_been_there(said: list[Turn], known: int) -> None:
    first = render(said[:known], DAY)
    whole = f"{first.rstrip()}\n\n{render(said[known:], DAY, first=known + 1)}" if known < len(said) else first

    assert parse(whole, DAY) == parse(render(said, DAY), DAY)


def test_it_reads_like_a_transcript() -> None:
    said = [
        Turn("Marta", "The limiter resets at 10.", "2026-11-18T08:38:00Z", "D1:1"),
        Turn("Bob", "Then the TTL is 10 s.\n\nAgreed?", "2026-11-18T08:38:30Z"),
        Turn("Marta", "Yes", "2026-11-19T07:00:00Z"),
        Turn("", "no idea who"),
    ]

    assert render(said, DAY) == (
        "## 08:38 Marta <!-- ref: D1:1 --> ^t1\n\nThe limiter resets at 10.\n\n"
        "## 08:38:30 Bob ^t2\n\nThen the TTL is 10 s.\n\nAgreed?\n\n"
        "## 2026-11-19 07:00 Marta ^t3\n\nYes\n\n"
        "## ? ^t4\n\nno idea who\n"
    )


def test_text_before_the_first_heading_is_a_passage_of_its_own() -> None:
    assert parse("An introduction.\n\n## 08:38 Marta ^t1\n\nHi", DAY) == [
        Passage("An introduction."),
        Passage("Hi", "", "Marta", "t1", "2026-11-18T08:38:00Z"),
    ]


def test_a_turn_without_words_is_still_a_turn() -> None:
    assert [passage.turn for passage in parse("## Marta ^t1\n\n## Bob ^t2\n\nHi", DAY)] == ["t1", "t2"]


@pytest.mark.parametrize("time", ["2026", "2026-11"])
def test_a_time_less_exact_than_a_day_is_no_part_of_a_name(time: str) -> None:
    assert [passage.speaker for passage in parse(render([Turn("Marta", "Hi", time)], DAY), DAY)] == ["Marta"]


def test_a_clock_that_shows_no_time_leaves_the_turn_without_one() -> None:
    assert parse("## 25:99 Marta ^t1\n\nHi", DAY)[0].time == ""


def test_a_number_that_no_conversation_comes_to_makes_no_turn() -> None:
    (turn,) = parse(f"## Marta ^t1\n\none\n\n## Marta ^t{'1' * 5000}\n\ntwo", DAY)

    assert turn.turn == "t1"
    assert turn.text.endswith("two")


def test_a_hostile_heading_costs_no_more_than_its_length() -> None:
    line = "## " + " <!-- ref: " * 100_000 + " -->" * 10 + " ^t1x"

    assert parse(f"{line}\n{line[:-1]}\n", DAY)
    assert parse(render([Turn("Bob", line)], DAY), DAY)[0].text == line
