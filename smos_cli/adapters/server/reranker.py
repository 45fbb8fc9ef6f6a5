"""The reranker that a server plays: POST /rerank of Jina's and Cohere's kind, as llama.cpp, vLLM and Infinity have it.

Owns what its scores mean: some servers answer chances from 0 to 1 and some logits, and none says which. So the first
call holds a text that answers nothing: its logit is below 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from smos_cli.adapters.server.answers import wrong
from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.halves import by_halves, windows
from smos_cli.adapters.server.patience import HASTY
from smos_cli.config.servers import Server

_BATCH = 32
_WINDOW = 2_000
"""characters: with the question, about 512 tokens, what the smallest rerankers read"""
_LONGEST_QUERY = 1_000
_UNRELATED = "Wash the red woollen socks apart, lukewarm, and dry them in the shade."
_SUREST = 1e-6
_LARGEST = 1e9
"""of a score: no logit is near it"""


class ServerReranker:
    """The ``Reranker`` port. Of a long text the best window counts."""

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._chances: bool | None = None
        self.model_id = client.model_id(model)

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a logit a text, in their order; ``ModelError`` for a server that does not answer as a reranker."""
        parts = [windows(text, _WINDOW) if text.strip() else [] for text in texts]
        flat = list(chain.from_iterable(parts))
        if not flat:
            return [_logit(0)] * len(texts)
        asked = [*flat, _UNRELATED] if self._chances is None else flat
        raw: list[float] = []
        for first in range(0, len(asked), _BATCH):
            raw += by_halves(asked[first : first + _BATCH], lambda some: self._asked(query, some), _best)
        self._chances = self._chances is not False and all(0 <= score <= 1 for score in raw)
        logits = iter(map(_logit, raw) if self._chances else raw)
        return [max((next(logits) for _ in of_text), default=_logit(0)) for of_text in parts]

    def _asked(self, query: str, texts: Sequence[str]) -> list[float]:
        body = {"model": self._model, "query": query[:_LONGEST_QUERY], "documents": list(texts), "top_n": len(texts)}
        return scores_in(self._client.server, self._client.post("rerank", body, HASTY), len(texts))


def scores_in(server: Server, answer: Mapping[str, Any], count: int) -> list[float]:
    """Return the scores of an answer of /rerank, in the order of the texts; ``ModelError`` unless there is one each."""
    items = answer.get("results", answer.get("data"))
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise wrong(server, "without scores")
    numbered = [item for item in items if type(item.get("index")) is int]
    found = {item["index"]: item.get("relevance_score", item.get("score")) for item in numbered}
    if len(items) != count or any(type(found.get(place)) not in (int, float) for place in range(count)):
        raise wrong(server, f"with {len(items)} scores that are not one each of {count} texts")
    if not all(abs(score) < _LARGEST for score in found.values()):
        raise wrong(server, "with a score that is no number")
    return [float(found[place]) for place in range(count)]


def _best(scores: Sequence[float], _: Sequence[int]) -> float:
    return max(scores)


def _logit(chance: float) -> float:
    within = min(max(chance, _SUREST), 1 - _SUREST)
    return math.log(within / (1 - within))
