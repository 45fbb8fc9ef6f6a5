"""No input makes the extractor fail, take long, or quote what is not there."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.adapters.rules.wording import names_pattern, statement_of
from smos_cli.core.models import Said
from tests.adapters.rules.talks import TALKS, said

MEGABYTE = 1_000_000
ROLES = st.sampled_from(["user", "assistant", "tool", "system", "", "wizard"])
PIECES = st.sampled_from(
    [
        *(
            "I",
            "I've",
            "my",
            "we",
            "you",
            "moved to Oslo",
            "yesterday",
            "two weeks ago",
            "last Friday",
            "and",
            "but",
            "it",
        ),
        *(
            "- ",
            "; ",
            ". ",
            "? ",
            "! ",
            "because",
            "considering I",
            "yes, do that",
            "Should I",
            "```",
            "> ",
            "\n",
            "\n\n",
        ),
        *(
            "    ",
            "[shares a photo]",
            '"',
            "\u2019",
            "\u200b",
            "\u0130",
            "3.14",
            "prefer",
            "which I got",
            "By the way,",
        ),
        *(
            "Hey Marta,",
            "that worked",
            "`rows.py`",
            "/s",
            "\x00",
            "\ud800",
            "\U0001f644",
            "\u2028",
            "the fix was",
            "10 s",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join))
TURNS = st.lists(
    st.tuples(
        ROLES, st.sampled_from(["user", "Marta", "Jonas", ".*", ""]), st.sampled_from(["", "2026-11-18", "x"]), TEXTS
    ),
    max_size=5,
)


@settings(deadline=None)
@given(TURNS)
def test_every_quote_is_in_the_turn_that_it_names(parts: list[tuple[str, str, str, str]]) -> None:
    turns = [Said(f"t{number}", *part) for number, part in enumerate(parts)]
    texts = {turn.turn: turn.text for turn in turns}
    for one in RulesExtractor().extract(turns, lambda _: True):
        assert one.quote and one.quote in texts[one.turn]
        assert one.text.strip() and "\n" not in one.text
        assert not any(mark in tag for tag in one.tags for mark in " ,#[]\"'`")
        assert 0 <= one.confidence <= 1


@pytest.mark.parametrize(
    "piece",
    [
        "I moved to Oslo in 2019. ",
        "a",
        " ",
        "I ",
        "[",
        "`",
        "\n",
        "> ",
        "I've been, ",
        "- I ",
        '"',
        "my a ",
        "yes, ",
        "it was the ",
        "1",
        "\u0130",
    ],
)
def test_a_megabyte_is_read_in_less_than_a_second(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece))
    turns = [Said("t1", "assistant", "assistant", "2026-11-18", text), Said("t2", "user", "user", "2026-11-18", text)]
    start = time.perf_counter()
    RulesExtractor().extract(turns, lambda _: True)
    assert time.perf_counter() - start < 2


def test_a_thousand_turns_are_read_in_less_than_three_seconds() -> None:
    turns = [turn for _ in range(9) for talk in TALKS for turn in said(talk)]
    assert len(turns) > 1000
    start = time.perf_counter()
    RulesExtractor().extract(turns, lambda _: True)
    assert time.perf_counter() - start < 3


def test_a_run_of_signs_takes_time_by_its_length() -> None:
    text = f"I moved to Oslo in May{', ' * 4_000}x do you agree?"
    start = time.perf_counter()
    assert statement_of(text, names_pattern([])).startswith("I moved to Oslo in May")
    assert time.perf_counter() - start < 1


def test_turns_out_of_order_are_read_as_they_come() -> None:
    turns = list(reversed(said(TALKS[1])))
    found = RulesExtractor().extract(turns, lambda _: True)
    order = [turn.turn for turn in turns]
    assert [order.index(one.turn) for one in found] == sorted(order.index(one.turn) for one in found)


def test_a_speaker_may_be_called_anything() -> None:
    for name in ("(", ".*", "I", "Will", "\u0130", "a" * 10_000, "Ana [x](y)"):
        turn = Said("t1", "user", name, "2026-11-18", f"{name[:50]}, I moved to Oslo in 2019.")
        RulesExtractor().extract([turn], lambda _: True)
