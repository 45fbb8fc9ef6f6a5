"""The best candidates are read once more; what a reranker says joins the score, and its failure costs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from smos_cli.core.answering import Hit, Query
from smos_cli.core.recall import Recalled, Second, recalling
from smos_cli.core.reranking import FLOOR, READ, SIGNAL, Rereader
from smos_cli.core.selection import Selection
from smos_cli.errors import ModelError
from tests.core.bob import Bob


class Likes:
    """A reranker that likes one word."""

    model_id = "likes@1"

    def __init__(self, word: str, logit: float = 9.0) -> None:
        self.word = word
        self.logit = logit
        self.read: list[str] = []

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.read += texts
        return [self.logit if self.word in text else -self.logit for text in texts]


class Broken(Likes):
    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        raise ModelError("likes@1 can't be loaded.", "Pull it again.")


class Clock:
    """A timer on which every look takes so many seconds."""

    def __init__(self, step: float = 0.0) -> None:
        self.step = step
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def bob() -> Bob:
    found = Bob()
    for number in range(40):
        found.remember(f"The harbour has berth {number} of type {'north' if number % 2 else 'south'}")
    return found


def recalled(bob: Bob, model: Likes, *, why: bool = False, limit: int = 5) -> Recalled:
    second = Second(reranker=lambda: model)
    with recalling(bob.vault, bob.index, bob.ports.timer, second=second) as ask:
        return ask(Query("harbour berth", Selection(), limit, why=why))


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.found.passage.text for hit in hits]


def test_what_it_likes_comes_first(bob: Bob) -> None:
    assert all("north" in text for text in texts(recalled(bob, Likes("north")).hits))
    assert all("south" in text for text in texts(recalled(bob, Likes("south")).hits))


def test_it_reads_the_best_few_only(bob: Bob) -> None:
    model = Likes("north")
    recalled(bob, model)

    assert len(model.read) == READ


def test_nothing_that_it_did_not_read_comes_before_what_it_read(bob: Bob) -> None:
    model = Likes("nowhere")
    found = recalled(bob, model, limit=35)

    assert set(texts(found.hits)[:READ]) == set(model.read)


def test_its_failure_is_told_and_the_answer_is_what_it_is_without(bob: Bob) -> None:
    found = recalled(bob, Broken("north"))
    with recalling(bob.vault, bob.index, bob.ports.timer) as ask:
        plain = ask(Query("harbour berth", Selection(), 5))

    assert texts(found.hits) == texts(plain.hits)
    assert found.warnings == ("likes@1 can't be loaded. Nothing is reranked.",)


def test_after_a_failure_it_is_not_asked_again() -> None:
    loaded: list[int] = []
    again = Rereader(lambda: loaded.append(1) or Broken("x"), Clock())  # type: ignore[func-returns-value]
    again.read("a", ["b"])
    again.read("a", ["b"])

    assert len(loaded) == 1


def test_why_shows_it_as_a_signal(bob: Bob) -> None:
    best = recalled(bob, Likes("north", 2.0), why=True).hits[0]
    told = {signal.name: signal for signal in best.signals}[SIGNAL]

    assert (told.value, told.contribution, told.rank) == (2.0, 0.0, 1)
    assert sum(signal.contribution for signal in best.signals) == pytest.approx(best.score)


def test_the_parts_of_a_score_add_up_to_it(bob: Bob) -> None:
    for hit in recalled(bob, Likes("north", 1.5), why=True, limit=30).hits:
        assert sum(hit.why.values()) == pytest.approx(hit.score)


def test_it_takes_no_more_than_so_much() -> None:
    read = Rereader(lambda: Likes("a", 500.0), Clock()).read("q", ["a", "b"])

    assert [one.part for one in read if one] == [0.0, -FLOOR]


def test_no_batch_is_begun_once_its_time_is_over() -> None:
    read = Rereader(lambda: Likes("a"), Clock(5.0)).read("q", ["a"] * 25)

    assert [one is not None for one in read] == [True] * 10 + [False] * 15


def test_it_is_not_loaded_for_a_question_without_candidates() -> None:
    def load() -> Likes:
        raise AssertionError

    assert Rereader(load, Clock()).read("q", []) == []
