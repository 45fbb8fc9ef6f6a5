"""What is measured of learning: the turns that statements recall, and the turns that yield some."""

import json
from pathlib import Path

import pytest

from tests.bench.learning import Learnt, Yield, conversations, main

FACTS = (
    "I moved to Oslo in 2019.",
    "I bought a kayak from my aunt yesterday.",
    "My sister Ines works at a mill in Lund.",
)
TALK = ("Hey! How are you?", "I adopted a cat called Pixel last Saturday.", "That's so sweet!")


def write(path: Path, lines: list[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    created = "2026-11-18T08:38:00Z"
    memories = [{"id": f"m{n}", "text": text, "created": created, "kind": "user"} for n, text in enumerate(FACTS)]
    memories.append({"id": "said", "text": "Oslo is in Norway.", "created": created, "kind": "assistant"})
    asked = [("When did I move to Oslo?", "m0"), ("From whom is my kayak?", "m1"), ("Where is Oslo?", "said")]
    write(tmp_path / "longmemeval" / "memories.jsonl", memories)
    write(
        tmp_path / "longmemeval" / "queries.jsonl",
        [{"id": query, "query": query, "gold": [gold], "category": "one"} for query, gold in asked],
    )
    turns = [
        {"session": "s", "id": f"D1:{n}", "speaker": ("Marta", "Jonas")[n % 2], "time": created, "text": text}
        for n, text in enumerate(TALK)
    ]
    question = {"id": "q", "query": "What is the cat called?", "gold": ["D1:1"], "category": "one"}
    for number in range(1, 6):
        write(tmp_path / "locomo" / f"conv-{number}.transcript.jsonl", turns)
        write(tmp_path / "locomo" / f"conv-{number}.queries.jsonl", [question])
    return tmp_path


def test_the_turns_of_people_that_tell_something_are_counted_apart(data: Path) -> None:
    assert conversations(data) == Yield(gold=5, gold_told=5, others=10, others_told=0, statements=5)


def test_what_was_learnt_is_asked_as_the_turns_are(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "evidence turns 3, with a statement 3, statements 3" in told
    assert "R@5     turns 1.000  learnt 1.000" in told


@pytest.mark.parametrize(("recalled", "is_close"), [(0.75, True), (0.70, True), (0.69, False)])
def test_close_is_within_a_twentieth(recalled: float, is_close: bool) -> None:
    assert Learnt(1, 1, 1, {"R@5": 0.75}, {"R@5": recalled + 1e-9}).is_close == is_close
