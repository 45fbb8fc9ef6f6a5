"""A conversation is divided so that each turn is read once, whole, and with what led to it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smos_cli.core.models import Said
from smos_cli.core.prompting.portions import Room, portions
from smos_cli.core.prompting.prompt import Piece, shown
from tests.core.prompting.scripted import said

ROOM = Room(400, 100)


def count(text: str) -> int:
    return len(text) // 4 + 1


def divided(turns: list[Said], wanted: range = range(100_000), room: Room = ROOM) -> list[list[Piece]]:
    return list(portions(turns, lambda turn: int(turn[1:]) in wanted, room, count))


def numbers(portion: list[Piece], *, wanted: bool) -> list[int]:
    return [int(piece.said.turn[1:]) for piece in portion if piece.wanted == wanted]


def test_a_short_conversation_is_one_portion() -> None:
    (portion,) = divided([said(1, "one"), said(2, "two")])
    assert numbers(portion, wanted=True) == [1, 2]


def test_what_is_not_wanted_is_shown_before_what_is() -> None:
    (portion,) = divided([said(n, "a few words") for n in range(1, 5)], range(4, 5))
    assert numbers(portion, wanted=False) == [1, 2, 3]
    assert numbers(portion, wanted=True) == [4]


def test_nothing_wanted_is_no_portion() -> None:
    assert divided([said(1, "one")], range(0)) == []


def test_a_system_turn_and_an_empty_one_are_in_no_portion() -> None:
    assert divided([said(1, "You are helpful.", "system"), said(2, " \n")]) == []


def test_the_next_portion_begins_with_the_last_turns_of_the_one_before() -> None:
    first, second, *_ = divided([said(n, "some words " * 10) for n in range(1, 60)])
    context = numbers(second, wanted=False)
    assert context == numbers(first, wanted=True)[-len(context) :]
    assert context


def test_of_a_long_turn_that_was_read_the_end_is_shown() -> None:
    (portion,) = divided([said(1, "A sentence. " * 90_000 + "The last one."), said(2, "yes")], range(2, 3))
    assert numbers(portion, wanted=False) == [1]
    assert portion[0].said.text.startswith("… A sentence.")
    assert portion[0].said.text.endswith("The last one.")


def test_a_turn_longer_than_a_portion_comes_in_windows_of_whole_sentences() -> None:
    text = " ".join(f"This is sentence {number} of them." for number in range(300))
    windows = [piece.said for portion in divided([said(1, text)]) for piece in portion if piece.wanted]
    assert len(windows) > 1
    assert {window.turn for window in windows} == {"t1"}
    assert " ".join(window.text for window in windows) == text
    assert all(window.text.startswith("This") and window.text.endswith("them.") for window in windows)


def test_a_long_code_fence_is_cut_between_lines() -> None:
    code = "\n".join(f"line = {number}" for number in range(250))
    windows = [piece.said for portion in divided([said(1, f"```\n{code}\n```")]) for piece in portion if piece.wanted]
    assert len(windows) > 1
    assert "\n".join(window.text.strip("\n") for window in windows) == f"```\n{code}\n```"


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["user", "assistant", "tool"]), st.text(), st.integers(1, 300)), max_size=25),
    st.sets(st.integers(0, 24)),
)
def test_each_wanted_turn_is_read_once_whole_in_order_and_every_portion_fits(
    turns: list[tuple[str, str, int]], wanted: set[int]
) -> None:
    conversation = [said(n, f"{text}. " * times, role) for n, (role, text, times) in enumerate(turns)]
    found = list(portions(conversation, lambda turn: int(turn[1:]) in wanted, ROOM, count))
    read = [piece.said for portion in found for piece in portion if piece.wanted]
    for turn in conversation:
        windows = [piece.text for piece in read if piece.turn == turn.turn]
        whole = turn.text if int(turn.turn[1:]) in wanted else ""
        assert "".join("".join(windows).split()) == "".join(whole.split())
    order = [int(piece.turn[1:]) for piece in read]
    assert order == sorted(order)
    for portion in found:
        assert sum(count(shown(piece)) for piece in portion) <= ROOM.all
