"""Small stores: what a pool is cut into, and who is asked what."""

from functools import partial

import pytest

from smos_cli.adapters.static.embedder import StaticEmbedder
from smos_cli.core.memory import Memory
from smos_cli.core.passages import Passage, of_memory
from smos_cli.core.ports import Entry, Stamp
from tests.bench.calibration import WORDS
from tests.bench.metrics import Asked
from tests.bench.smaller import Cut, cut, indexed, scanned, seen_in_parts

SUBJECTS = ("oboe", "kayak", "quinoa", "ferret", "lathe", "saffron", "violet", "anvil")


def memory(number: int, subject: str) -> Entry:
    text = f"The {subject} was bought in spring and stands in the hall."
    return entry(number, "memory", of_memory(text), Memory(id="", body=text, kind="fact", ref=subject))


def entry(number: int, role: str, passages: list[Passage], memory: Memory) -> Entry:
    path = f"{number:02}.md"
    return Entry(Stamp(path, 1, 1, 1, number), str(number), role, memory, passages)


MEMORIES = [memory(number, subject) for number, subject in enumerate(SUBJECTS)]


def test_every_file_is_in_one_part() -> None:
    parts = list(cut(MEMORIES, 3))
    assert [len(part) for part in parts] == [3, 3, 2]
    assert sorted(one.stamp.path for part in parts for one in part) == [one.stamp.path for one in MEMORIES]


def test_a_file_that_is_too_long_is_a_part_of_its_own() -> None:
    long = [entry(number, "episode", MEMORIES[0].passages * 5, MEMORIES[0].memory) for number in range(3)]  # type: ignore[operator, arg-type]
    assert [len(part) for part in cut(long, 3)] == [1, 1, 1]


def test_episodes_stay_beside_those_before_and_after_them() -> None:
    episodes = [one._replace(role="episode") for one in MEMORIES]
    assert [one for part in cut(episodes, 3) for one in part] == episodes


@pytest.mark.parametrize("opening", [partial(indexed, model=StaticEmbedder()), scanned])
def test_a_question_is_asked_where_its_answer_is(opening: object) -> None:
    parts = [MEMORIES[:4], MEMORIES[4:]]
    asked = [Asked(f"When was the {subject} bought?", (subject,), "any") for subject in ("kayak", "anvil", "piano")]
    seen = seen_in_parts(Cut(4, parts, opening), asked, {})  # type: ignore[arg-type]
    first, second, third = seen.own
    assert first and any(first.gold)
    assert second and any(second.gold)
    assert third is None


def test_every_second_of_the_others_questions_is_asked_once() -> None:
    others = [Asked("Who won the match?", ("x",), "any")] * 20
    seen = seen_in_parts(Cut(4, [MEMORIES[:4], MEMORIES[4:]], scanned), [], {"other": others})
    assert sum(one is not None for one in seen.others["other"]) == 10


def test_what_is_seen_without_vectors_is_called_so() -> None:
    asked = [Asked("When was the kayak bought?", ("kayak",), "any")]
    (seen,) = seen_in_parts(Cut(8, [MEMORIES], scanned), asked, {}).own
    assert seen and seen.role == WORDS
