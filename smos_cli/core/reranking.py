"""Reranking: the best candidates are read once more, each together with the question, by a model made for that.

Owns how many are read, for how long, and how what the model says joins the score. A score is in nats above the
average passage, and a logit is in nats of odds, so they are added as two pieces of evidence are: what a hit is behind
the best of those that were read comes off its score, down to ``-FLOOR``, which also stands for what was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.errors import SmosError, StoppedError

if TYPE_CHECKING:
    from smos_cli.core.models import Reranker

SIGNAL = "reranker"
"""Its name among the signals of a hit."""
READ = 30
"""Candidates that are read once more."""
WEIGHT = 1.0
FLOOR = 8.0
"""Nats that a model may take from a hit at the most: it may err, and words and dates still count."""
PATIENCE = 2.0
"""Seconds after which no further batch is begun."""
_BATCH = 10


class Read(NamedTuple):
    """What a reranker makes of one candidate: its logit, what that adds, and its rank among those read, from 1."""

    logit: float
    part: float
    rank: int


class Rereader:
    """A reranker that may fail, and then says why once; it is loaded when there is something to read."""

    def __init__(self, load: Callable[[], Reranker | None], timer: Callable[[], float]) -> None:
        self._load = load
        self._model: Reranker | None = None
        self._timer = timer
        self.trouble = ""
        """why nothing is reranked any more"""

    def read(self, question: str, texts: Sequence[str]) -> list[Read | None]:
        """Return what it makes of each text, None for one that it had no time for; nothing where it fails."""
        if self.trouble or not texts:
            return []
        try:
            logits = self._logits(question, texts[:READ])
        except StoppedError:
            raise
        except SmosError as error:
            self.trouble = f"{error.message.rstrip('.')}. Nothing is reranked."
            return []
        if not logits:
            return []
        best = max(logits)
        ranked = sorted(logits, reverse=True)
        found = [Read(logit, max(-FLOOR, WEIGHT * (logit - best)), 1 + ranked.index(logit)) for logit in logits]
        return [*found, *[None] * (len(texts) - len(found))]

    def _logits(self, question: str, texts: Sequence[str]) -> list[float]:
        began = self._timer()
        self._model = model = self._model or self._load()
        if model is None:
            return []
        logits: list[float] = []
        for start in range(0, len(texts), _BATCH):
            if logits and self._timer() - began > PATIENCE:
                break
            logits += map(float, model.scores(question, texts[start : start + _BATCH]))
        return logits
