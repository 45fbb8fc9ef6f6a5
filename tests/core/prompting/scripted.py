"""A writer that answers what it was told to, and keeps what it was asked; and turns to ask it about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from smos_cli.core.models import Candidate, Said
from smos_cli.core.prompting.extractor import LlmExtractor

NOTHING = '{"facts": []}'


class Scripted:
    """Gives its answers in turn, the last one for ever. A word is a token."""

    model_id = "scripted@1"

    def __init__(self, *answers: str, context: int = 8_192) -> None:
        self.context = context
        self.asked: list[str] = []
        self._answers = list(answers) or [NOTHING]

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def complete(self, system: str, user: str, schema: Mapping[str, Any], max_tokens: int) -> str:
        assert self.count_tokens(system) + self.count_tokens(user) + max_tokens <= self.context
        assert schema
        self.asked.append(user)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def said(number: int, text: str, role: str = "user", time: str = "2026-11-18T08:38:00Z") -> Said:
    return Said(f"t{number}", role, "Marta" if role == "user" else role, time, text)


def fact(turn: str = "t1", quote: str = "we use uv", **others: object) -> dict[str, object]:
    return {
        "turn": turn,
        "quote": quote,
        "text": f"The team says: {quote}",
        "kind": "fact",
        "tags": [],
        "date": "",
    } | others


def answer(*facts: object) -> str:
    return json.dumps({"facts": facts})


def extracted(turns: Sequence[Said], *answers: str, context: int = 8_192) -> list[Candidate]:
    return list(LlmExtractor(Scripted(*answers, context=context)).extract(turns, lambda turn: True))
