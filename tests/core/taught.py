"""A persona of fakes that learns, and extractors that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from smos_cli.core.episode import Turn
from smos_cli.core.learning import Learned, Tools, Wanted, learn
from smos_cli.core.models import Candidate, Said
from smos_cli.core.queue import Job
from smos_cli.core.said import Conversation, conversation
from tests.core.bob import Bob, FakeSource
from tests.fake_state import FakeState
from tests.samples import episode_file, identity


class Keeper:
    """An extractor that keeps every sentence that begins with an exclamation mark; ``wrong`` says when it can't."""

    model_id = "keeper-1"

    def __init__(self) -> None:
        self.read: list[str] = []
        """the turns that were wanted, in the order of reading"""
        self.wrong: Callable[[Sequence[Said]], Exception | None] = lambda wanted: None

    def extract(self, turns: Sequence[Said], wanted: Callable[[str], bool]) -> Sequence[Candidate]:
        asked = [said for said in turns if wanted(said.turn)]
        if error := self.wrong(asked):
            raise error
        self.read += [said.turn for said in asked]
        return [candidate for said in asked for candidate in self.kept(said)]

    def kept(self, said: Said) -> list[Candidate]:
        sentences = (sentence.strip() for sentence in said.text.split("."))
        return [
            Candidate(sentence[1:], sentence, said.turn, said.speaker, said.role)
            for sentence in sentences
            if sentence.startswith("!")
        ]


class Pupil(Bob):
    """Bob with a queue, an extractor, and files that can be imported."""

    def __init__(self, files: Mapping[str, bytes] | None = None, **others: Any) -> None:
        super().__init__(files, **others)
        self.state = FakeState(self.clock)
        self.keeper = Keeper()
        self.files: dict[str, FakeSource] = {}

    def learn(self, *keys: str, **wanted: Any) -> Learned:
        tools = Tools(self.state, self.keeper, self.files.__getitem__)
        return learn(self.ports, tools, Wanted(keys, **wanted))

    def slow(self) -> None:
        """Let every look at the clock be three seconds after the last."""
        seconds = count(0, 3)
        self.ports = replace(self.ports, timer=lambda: float(next(seconds)))

    def jobs(self) -> Sequence[Job]:
        return self.state.jobs("bob")


def talk(number: int, *texts: str, speaker: str = "Marta", **fields: str) -> dict[str, bytes]:
    """Return a file with a conversation of one speaker, a turn a minute."""
    turns = [Turn(speaker, text, f"2025-11-18T08:{minute:02}:00Z") for minute, text in enumerate(texts)]
    path = f"episodes/2025/11/talk-{identity(number)[-8:].lower()}.md"
    return {path: episode_file(number, turns, session=f"talk {number}", **fields)}


def held(bob: Bob, number: int) -> Conversation:
    """Return a conversation as it is held."""
    path = next(path for path in bob.vault.files if path.endswith(f"{identity(number)[-8:].lower()}.md"))
    return conversation(bob.vault.read(path), ())
