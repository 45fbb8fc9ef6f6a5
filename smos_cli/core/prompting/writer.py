"""The port of a language model that answers in JSON, and the error of one that does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from smos_cli.core.models import Candidate
from smos_cli.errors import ModelError

LONGEST_KEPT = 20_000
"""Characters of an unusable answer that are kept."""


class Writer(Protocol):
    """A model that answers a prompt. Every method raises ``ModelError`` when it can't be loaded or reached."""

    @property
    def model_id(self) -> str:
        """Name the weights: part of the key of what has been learnt."""

    @property
    def context(self) -> int:
        """Say how many tokens the prompt and the answer have together."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text takes, or no fewer than that."""

    def complete(self, system: str, user: str, schema: Mapping[str, Any], max_tokens: int) -> str:
        """Return the answer, JSON of a schema if the model can be held to it; it may be cut off at its limit."""


class UnusableOutputError(ModelError):
    """What a model answered is not what it was asked for, nor was it the second time.

    ``output`` is the last answer, up to 20,000 characters; ``turns`` the wanted ones that were not learnt from for
    it, and ``candidates`` what the other turns of the conversation gave.
    """

    def __init__(
        self, message: str, output: str, turns: Sequence[str] = (), candidates: Sequence[Candidate] = ()
    ) -> None:
        super().__init__(message, "Try again, or choose another extractor with `smos models use`.")
        self.output = output[:LONGEST_KEPT]
        self.turns = tuple(turns)
        self.candidates = tuple(candidates)
