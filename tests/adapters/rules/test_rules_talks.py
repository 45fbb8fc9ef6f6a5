"""The extractor keeps of whole conversations what is worth keeping, and nothing of the rest."""

import pytest

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.models import Candidate
from tests.adapters.rules.talks import FRIENDS, MOVE, TALKS, WORK, Line, said

SILENT = 0.05
"""Share of the turns with nothing in them that may yield something."""


def learnt(talk: tuple[Line, ...]) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for one in RulesExtractor().extract(said(talk), lambda _: True):
        found.setdefault(one.turn, []).append(one)
    return found


@pytest.mark.parametrize("talk", TALKS, ids=("work", "friends", "move", "outage"))
def test_what_is_told_is_kept(talk: tuple[Line, ...]) -> None:
    found = learnt(talk)
    for turn, line in zip(said(talk), talk, strict=True):
        texts = [one.text for one in found.get(turn.turn, [])]
        assert all(any(words in text for text in texts) for words in line.kept), (line, texts)


def test_turns_with_nothing_in_them_yield_nothing() -> None:
    silent = told = 0
    for talk in TALKS:
        found = learnt(talk)
        quiet = [turn.turn for turn, line in zip(said(talk), talk, strict=True) if not line.kept]
        silent, told = silent + len(quiet), told + sum(turn in found for turn in quiet)
    assert told <= SILENT * silent


def test_nearly_all_that_is_kept_was_worth_it() -> None:
    kept = right = 0
    for talk in TALKS:
        found = learnt(talk)
        for turn, line in zip(said(talk), talk, strict=True):
            texts = [one.text for one in found.get(turn.turn, [])]
            kept, right = kept + len(texts), right + sum(any(words in text for words in line.kept) for text in texts)
    assert right >= 0.8 * kept


def test_what_an_assistant_did_is_its_own_word_unless_a_person_says_that_it_worked() -> None:
    found = [one for one in RulesExtractor().extract(said(WORK), lambda _: True) if one.role == "assistant"]
    assert {one.turn: one.confirmed for one in found} == {"t5": "t6", "t9": "", "t19": "t20", "t32": "t33"}


def test_a_person_is_called_by_name_and_a_user_without_one_the_user() -> None:
    named = {one.text.split()[0] for one in RulesExtractor().extract(said(FRIENDS), lambda _: True)}
    assert named <= {"Marta", "Marta's", "Jonas", "Jonas's"}
    assert all("user" in one.text for one in RulesExtractor().extract(said(MOVE), lambda _: True))


def test_the_same_talk_yields_the_same() -> None:
    assert learnt(WORK) == learnt(WORK)


def test_only_the_turns_that_are_wanted_yield_something() -> None:
    turns = said(FRIENDS)
    everything = RulesExtractor().extract(turns, lambda _: True)
    assert RulesExtractor().extract(turns, lambda turn: turn == "t3") == [one for one in everything if one.turn == "t3"]


@pytest.mark.parametrize("wanted", [{"t5"}, {"t6"}, {"t5", "t6"}])
def test_what_is_taken_up_comes_once_with_either_turn(wanted: set[str]) -> None:
    only = RulesExtractor().extract(said(WORK), wanted.__contains__)
    assert [(one.turn, one.confirmed) for one in only] == [("t5", "t6")]
