"""How signals become one order, and a hit's chance to be useful."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.ranking import WEAK_BELOW, Candidate, Moments, Signals, Weights, rank, relevance


def signals(*candidates: Candidate, passages: int = 1000, terms: int = 3) -> Signals:
    return Signals(Moments(0.5, 1.0), Moments(0.1, 0.1), candidates, passages, terms)


def order(*candidates: Candidate) -> list[int]:
    return [scored.passage for scored in rank(signals(*candidates))]


def test_more_bm25_ranks_higher() -> None:
    assert order(Candidate(1, 2.0, 0.2), Candidate(2, 3.0, 0.2)) == [2, 1]


def test_more_cosine_ranks_higher() -> None:
    assert order(Candidate(1, 2.0, 0.2), Candidate(2, 2.0, 0.3)) == [2, 1]


def test_a_cosine_far_out_outweighs_a_common_word() -> None:
    assert order(Candidate(1, 2.0, 0.1), Candidate(2, 0.0, 0.5)) == [2, 1]


def test_a_turn_beside_a_good_one_ranks_above_its_equal() -> None:
    lonely, beside = Candidate(1, 2.0, 0.2, (0.0, 0.0), None), Candidate(2, 2.0, 0.2, (9.0, 0.5), None)
    assert order(lonely, beside) == [2, 1]


def test_average_neighbours_are_worth_as_much_as_none() -> None:
    alone, in_company = rank(signals(Candidate(1, 2.0, 0.2), Candidate(2, 2.0, 0.2, (0.5, 0.1), (0.5, 0.1))))
    assert alone.score == pytest.approx(in_company.score)


def test_equals_come_in_the_order_of_their_numbers() -> None:
    assert order(*[Candidate(number, 1.0, 0.1) for number in (5, 3, 9, 1)]) == [1, 3, 5, 9]


def test_without_vectors_bm25_decides() -> None:
    flat = Signals(Moments(1.0, 1.0), Moments(0.0, 0.0), [Candidate(1, 1.0, 0.0), Candidate(2, 2.0, 0.0)], 2, 1)
    assert [scored.passage for scored in rank(flat)] == [2, 1]


def test_nothing_found_ranks_nothing() -> None:
    assert rank(Signals(Moments(0.0, 0.0), Moments(0.0, 0.0), [], 0, 0)) == []


def test_the_parts_add_up_to_the_score() -> None:
    (scored,) = rank(signals(Candidate(1, 2.0, 0.4, (3.0, 0.2), (1.0, 0.0))))
    assert list(scored.parts) == ["bm25", "cosine", "previous", "next"]
    assert sum(scored.parts.values()) == pytest.approx(scored.score)


def test_a_weight_of_nothing_silences_its_signal() -> None:
    quiet = Weights(cosine=0.0, previous=0.0, next=0.0)
    found = signals(Candidate(1, 2.0, 0.9, (9.0, 0.9), (9.0, 0.9)), Candidate(2, 2.5, 0.0))
    assert [scored.passage for scored in rank(found, quiet)] == [2, 1]


numbers = st.floats(-1, 60)
pairs = st.none() | st.tuples(numbers, st.floats(-1, 1))
candidates = st.builds(Candidate, st.integers(0, 10**6), numbers, st.floats(-1, 1), pairs, pairs)


@given(st.lists(candidates, max_size=30, unique_by=lambda each: each.passage))
def test_the_order_of_candidates_does_not_matter(found: list[Candidate]) -> None:
    shuffled = random.Random(7).sample(found, len(found))
    assert rank(signals(*found)) == rank(signals(*shuffled))


@given(candidates, st.integers(0, 10**7), st.integers(0, 50_000))
def test_relevance_is_a_chance(candidate: Candidate, passages: int, terms: int) -> None:
    found = signals(candidate, passages=passages, terms=terms)
    chance = relevance(rank(found)[0], found)
    assert 0 <= chance.value <= 1
    assert chance.weak == (chance.value < WEAK_BELOW)


def test_a_full_match_is_relevant_and_a_chance_word_is_weak() -> None:
    found = signals(Candidate(1, 18.0, 0.6), Candidate(2, 2.0, 0.15))
    good, poor = (relevance(scored, found) for scored in rank(found))
    assert good.value > 0.5
    assert not good.weak
    assert poor.weak


def test_the_same_match_says_less_in_a_longer_question() -> None:
    short, long = (signals(Candidate(1, 8.0, 0.4), terms=terms) for terms in (2, 12))
    assert relevance(rank(short)[0], short).value > relevance(rank(long)[0], long).value
