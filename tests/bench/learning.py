"""``python -m tests.bench.learning --data DIR``: what the extractor by rules keeps of conversations, and how fast.

Two figures on the evaluation data. Recall: the evidence turns that users said are learnt one by one into a store that
holds nothing but the statements, and are imported as they are into another; both are asked the same questions, and a
turn counts as found when a statement of it is among those of the first k different turns. Yield: how many turns of the
conversations between two people give a statement, those that answer a question and the others. Takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.answering import Query
from smos_cli.core.models import Candidate, Said
from smos_cli.core.selection import Selection
from smos_cli.core.speakers import role_of
from tests.bench.baselines import Document
from tests.bench.corpus import turns as made_up_turns
from tests.bench.evaldata import Pool, pools
from tests.bench.metrics import Answered, Asked, means
from tests.bench.systems import stored

CLOSE = 0.05
"""How much less of the evidence may be recalled by what was learnt than by the turns themselves."""
_DEPTH = 40
"""Hits that are asked for: a turn may have several statements."""


class Yield(NamedTuple):
    """How many turns gave something."""

    gold: int
    """turns that answer a question"""
    gold_told: int
    others: int
    others_told: int
    statements: int


class Learnt(NamedTuple):
    """The statements of each turn, and how many there are."""

    turns: int
    told: int
    statements: int
    raw: dict[str, float]
    learnt: dict[str, float]

    @property
    def is_close(self) -> bool:
        """Whether what was learnt recalls nearly as much of the evidence as the turns do."""
        return self.raw["R@5"] - self.learnt["R@5"] <= CLOSE


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 when too little of the evidence is recalled."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.learning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the evaluation data")
    options = parser.parse_args(arguments)
    learnt, gave, seconds = evidence(options.data), conversations(options.data), speed()
    for line in _report(learnt, gave, seconds):
        print(line)
    return 0 if learnt.is_close else 1


def evidence(data: Path) -> Learnt:
    """Learn the evidence turns of users, and ask for them by their statements and by their own words."""
    pool = next(pools(data))
    lines = [line for line in _lines(pool.source) if line["kind"] == "user"]
    users = {line["id"] for line in lines}
    kept = [one._replace(gold=tuple(gold for gold in one.gold if gold in users), as_of="") for one in pool.questions]
    questions = [one for one in kept if one.gold]
    said = [Said(line["id"], "user", "user", line["created"], line["text"]) for line in lines]
    found = [one for turn in said for one in RulesExtractor().extract([turn], _all)]
    created = {line["id"]: line["created"] for line in lines}
    raw = [{"id": line["id"], "text": line["text"], "created": line["created"]} for line in lines]
    return Learnt(
        turns=len(lines),
        told=len({one.turn for one in found}),
        statements=len(found),
        raw=_recalled(pool, raw, questions),
        learnt=_recalled(pool, list(_memories(found, created)), questions),
    )


def conversations(data: Path) -> Yield:
    """Learn the conversations between two people, session by session."""
    gold = told_gold = others = told_others = statements = 0
    for pool in list(pools(data))[1:]:
        answers = {one for asked in pool.questions for one in asked.gold}
        lines = list(_lines(pool.source))
        found = [one for turns in _sessions(lines).values() for one in RulesExtractor().extract(turns, _all)]
        told = {one.turn for one in found}
        ids = {line["id"] for line in lines}
        gold, told_gold = gold + len(ids & answers), told_gold + len(told & answers)
        others, told_others = others + len(ids - answers), told_others + len(told - answers)
        statements += len(found)
    return Yield(gold, told_gold, others, told_others, statements)


def speed(count: int = 1000) -> float:
    """Return the seconds that it takes to learn a conversation of that many turns."""
    said = [
        Said(f"t{number}", role_of(turn.speaker), turn.speaker, turn.time, turn.text)
        for number, turn in enumerate(made_up_turns(count), 1)
    ]
    start = time.perf_counter()
    RulesExtractor().extract(said, _all)
    return time.perf_counter() - start


def _report(learnt: Learnt, gave: Yield, seconds: float) -> Iterator[str]:
    yield f"evidence turns {learnt.turns}, with a statement {learnt.told}, statements {learnt.statements}"
    for name in ("R@1", "R@5", "R@10", "MRR@10"):
        yield f"{name:7} turns {learnt.raw[name]:.3f}  learnt {learnt.learnt[name]:.3f}"
    yield f"within {CLOSE} at R@5: {'yes' if learnt.is_close else 'NO'}"
    yield f"conversations: {gave.gold_told}/{gave.gold} turns that answer a question give a statement, "
    yield f"{gave.others_told}/{gave.others} of the others; {gave.statements} statements"
    yield f"1,000 turns: {seconds:.2f} s"


def _recalled(pool: Pool, memories: Sequence[dict[str, str]], questions: Sequence[Asked]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "memories.jsonl")
        source.write_text("".join(json.dumps(one) + "\n" for one in memories), encoding="utf-8")
        documents = [Document(one["id"], one["text"]) for one in memories]
        own = pool._replace(source=source, documents=documents)
        with stored(own) as store, store._toolkit.recalling() as ask:
            hits = [ask(Query(one.text, Selection(), _DEPTH)).hits for one in questions]
    return means(Answered(one, _turns(hit.ref for hit in found)) for one, found in zip(questions, hits, strict=True))


def _turns(refs: Iterable[str]) -> list[str]:
    """Return the different turns of some hits, in their order."""
    return list(dict.fromkeys(ref.partition("#")[0] for ref in refs))


def _memories(found: Sequence[Candidate], created: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield each statement once, under the turn that it was first learnt from."""
    seen: set[str] = set()
    for number, one in enumerate(found):
        if one.text not in seen:
            seen.add(one.text)
            yield {"id": f"{one.turn}#{number}", "text": one.text, "created": created[one.turn]}


def _sessions(lines: Sequence[dict[str, Any]]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for line in lines:
        said = Said(line["id"], role_of(line["speaker"]), line["speaker"], line["time"], line["text"])
        found.setdefault(line["session"], []).append(said)
    return found


def _all(_: str) -> bool:
    return True


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


if __name__ == "__main__":
    raise SystemExit(main())
