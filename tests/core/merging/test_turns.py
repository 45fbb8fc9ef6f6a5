"""Episodes merged three ways, turn by turn."""

from __future__ import annotations

import pytest

from smos_cli.core.episode import Turn, parse
from smos_cli.core.markdown import parse as read
from smos_cli.core.merging.documents import Versions
from smos_cli.core.merging.turns import Episode, merge_episode
from tests.samples import episode_file

BASE = episode_file(7, [Turn("Marta", "Hello.", "2025-11-25T08:38:00Z"), Turn("Bob", "Hi.", "2025-11-25T08:39:00Z")])


def said(number: int, clock: str, text: str) -> bytes:
    return f"\n## {clock} Bob ^t{number}\n\n{text}\n".encode()


def merge(base: bytes | None, early: bytes, late: bytes, erased: str = "") -> Episode:
    merged = merge_episode(Versions(base, early, late), lambda turn: turn == erased)
    assert merged
    return merged


def turns(episode: Episode) -> list[tuple[str, str]]:
    return [(turn.turn, turn.text) for turn in parse(read(episode.written.data).body, "2025-11-25")]


def test_turns_that_both_added_are_in_the_order_of_time() -> None:
    early = BASE + said(4, "10:00", "Later.")
    late = BASE + said(3, "09:00", "Sooner.") + said(5, "11:00", "Last.")
    expected = [("t1", "Hello."), ("t2", "Hi."), ("t3", "Sooner."), ("t4", "Later."), ("t5", "Last.")]
    assert turns(merge(BASE, early, late)) == turns(merge(BASE, late, early)) == expected


def test_of_two_turns_with_one_number_the_early_side_s_gets_a_new_one() -> None:
    merged = merge(BASE, BASE + said(3, "09:00", "Mine."), BASE + said(3, "10:00", "Yours."))
    assert turns(merged)[2:] == [("t4", "Mine."), ("t3", "Yours.")]
    assert merged.renumbered == (("t3", "t4"),)


def test_a_turn_edited_in_two_ways_is_there_in_both() -> None:
    merged = merge(BASE, BASE.replace(b"Hi.", b"Hi!"), BASE.replace(b"Hi.", b"Hey."))
    assert turns(merged) == [("t1", "Hello."), ("t2", "Hey."), ("t3", "Hi!")]


def test_a_turn_that_one_side_took_out_goes_unless_the_other_edited_it() -> None:
    cut = BASE[: BASE.index(b"\n## 08:39")]
    assert turns(merge(BASE, cut, BASE.replace(b"Hello.", b"Hallo."))) == [("t1", "Hallo.")]
    assert turns(merge(BASE, cut, BASE.replace(b"Hi.", b"Hey."))) == [("t1", "Hello."), ("t2", "Hey.")]


@pytest.mark.parametrize("left", [b"[erased]", None])
def test_a_turn_that_was_erased_stays_out_whatever_the_other_side_did_with_it(left: bytes | None) -> None:
    gone = BASE[: BASE.index(b"\n## 08:39")] if left is None else BASE.replace(b"Hi.", left)
    edited = BASE.replace(b"Hi.", b"Hi, this is a secret.")
    for versions in ((gone, edited), (edited, gone)):
        assert b"secret" not in merge(BASE, *versions, erased="t2").written.data


def test_keys_merge_and_bytes_stay() -> None:
    early, late = BASE.replace(b"---\n##", b"client: chat\n---\n##"), BASE + said(3, "09:00", "More.")
    assert merge(BASE, early, late).written.data == early + said(3, "09:00", "More.")


def test_text_above_the_first_turn_is_kept_of_both() -> None:
    early, late = BASE.replace(b"---\n##", b"---\nOne.\n\n##"), BASE.replace(b"---\n##", b"---\nTwo.\n\n##")
    assert turns(merge(BASE, early, late))[0] == ("", "Two.\n\nOne.")


def test_an_episode_in_which_a_number_occurs_twice_is_not_merged_by_turns() -> None:
    assert merge_episode(Versions(BASE, BASE + said(2, "9:00", "x"), BASE + said(3, "9:00", "y")), bool) is None


def test_episodes_without_a_base_have_all_turns() -> None:
    merged = merge(None, BASE + said(3, "09:00", "Mine."), BASE + said(4, "10:00", "Yours."))
    assert [turn for turn, _ in turns(merged)] == ["t1", "t2", "t3", "t4"]
