"""A hit's chance to be useful, and what is too little to show."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.ranking import Candidate, Facts, Moments, Sight, Signals
from smos_cli.core.relevance import Relevance, evidence, relevance

sights = st.builds(Sight, st.floats(-1, 60), st.floats(-1, 1))
shares = st.floats(0, 1)
candidates = st.builds(Candidate, st.integers(0, 10**6), sights, shares.map(lambda near: Facts(time=near)))


def signals(candidate: Candidate, passages: int) -> Signals:
    return Signals(Moments(0.5, 1.0), Moments(0.1, 0.1), [candidate], passages, 3)


@given(candidates, shares, st.integers(0, 10**7), st.booleans())
def test_relevance_is_a_chance(candidate: Candidate, share: float, passages: int, is_short: bool) -> None:
    found = signals(candidate, passages)
    chance = relevance(candidate._replace(share=share, is_short=is_short), found)
    assert 0 <= chance.value <= 1


class TestRelevance:
    """What a hit has to show, with and without vectors, among many and among few."""

    @pytest.mark.parametrize("is_short", [True, False])
    @pytest.mark.parametrize("passages", [1, 12, 40, 700, 100_000])
    def test_a_full_match_is_not_weak_and_a_chance_word_is(self, is_short: bool, passages: int) -> None:
        rare = idf(passages)
        full = Candidate(1, Sight(3.5 * rare, 0.7), share=0.9, is_short=is_short)
        chance_word = Candidate(2, Sight(0.6 * rare, 0.1), share=0.2, is_short=is_short)
        assert not judged(full, passages).weak
        assert judged(chance_word, passages).weak
        assert judged(full, passages).value > 0.5

    @pytest.mark.parametrize("is_short", [True, False])
    @pytest.mark.parametrize("passages", [12, 700])
    def test_without_vectors_the_words_decide(self, is_short: bool, passages: int) -> None:
        rare = idf(passages)
        full = Candidate(1, Sight(3.5 * rare, 0.0), share=0.9, is_short=is_short)
        chance_word = Candidate(2, Sight(0.6 * rare, 0.0), share=0.2, is_short=is_short)
        assert not judged(full, passages, vectors=False).weak
        assert judged(chance_word, passages, vectors=False).weak

    @pytest.mark.parametrize("is_short", [True, False])
    def test_what_is_nearly_the_same_is_not_weak_for_having_half_the_words(self, is_short: bool) -> None:
        near = Candidate(1, Sight(5.0, 0.9), share=0.5, is_short=is_short)
        assert not judged(near, 200).weak

    @pytest.mark.parametrize("fact", ["bm25", "cosine", "share", "time"])
    def test_more_of_anything_never_makes_a_hit_less_likely(self, fact: str) -> None:
        for is_short in (True, False):
            less = Candidate(1, Sight(4.0, 0.4), share=0.4, is_short=is_short)
            more = {
                "bm25": less._replace(sight=Sight(8.0, 0.4)),
                "cosine": less._replace(sight=Sight(4.0, 0.6)),
                "share": less._replace(share=0.8),
                "time": less._replace(facts=Facts(time=1.0)),
            }[fact]
            assert judged(more, 500).value >= judged(less, 500).value

    def test_the_same_says_less_among_many(self) -> None:
        same = Candidate(1, Sight(6.0, 0.4), share=0.5)
        chances = [judged(same, passages).value for passages in (12, 100, 1000, 100_000)]
        assert chances == sorted(chances, reverse=True)

    def test_a_store_larger_than_what_was_fitted_counts_as_that(self) -> None:
        same = Candidate(1, Sight(6.0, 0.4), share=0.5, is_short=True)
        sizes = [evidence(same, signals(same, passages)).size for passages in (10_000, 1_000_000)]
        assert sizes[0] == sizes[1]


def idf(passages: int) -> float:
    """Return what a word of one passage is worth."""
    return math.log(1 + (passages - 0.5) / 1.5)


def judged(candidate: Candidate, passages: int, *, vectors: bool = True) -> Relevance:
    found = signals(candidate, passages)
    return relevance(candidate, found if vectors else found._replace(cosine=Moments(0, 0)))


@pytest.mark.parametrize("passages", [3, 40, 100_000])
@pytest.mark.parametrize("is_short", [True, False])
def test_what_has_the_words_that_were_looked_up_is_not_weak(passages: int, is_short: bool) -> None:
    has_it = Candidate(1, Sight(idf(passages), 0.25), share=1.0, is_short=is_short)
    lacks_it = Candidate(1, Sight(0.0, 0.25), share=0.0, is_short=is_short)
    assert not relevance(has_it, signals(has_it, passages), looked_up=True).weak
    assert relevance(lacks_it, signals(lacks_it, passages), looked_up=True).weak


def test_a_model_that_was_fitted_by_itself_is_judged_by_that() -> None:
    turn = Candidate(1, Sight(9.0, 0.42), share=0.5, is_short=True)
    plain = signals(turn, 500)
    values = {name: relevance(turn, plain._replace(model=name)).value for name in ("", "other@1", "all-minilm-l6-v2@1")}

    assert values[""] == values["other@1"] != values["all-minilm-l6-v2@1"]
