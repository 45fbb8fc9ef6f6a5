"""What a model's cosines mean: of some models, texts about nothing in common have one of .7, of others of 0.

Owns the measure of that and the correction. Everything that weighs a cosine was fitted to models of the second kind:
what a hit's is worth, from which one it is relevant, and when two hits say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_LIKE_THE_FIT = 0.1
"""Up to here nothing is corrected. The embedded vectors have .02 and all-MiniLM-L6-v2 has .03."""
_UNRELATED = (
    "The violin needs new strings before the concert.",
    "Rain is expected in the mountains on Thursday.",
    "Our invoices are paid within thirty days.",
    "She planted two apple trees behind the house.",
    "The parser fails on an empty file.",
    "He broke his wrist while skating as a child.",
    "Trains to the coast leave every hour.",
    "A pinch of saffron goes into the rice.",
    "Which paint is safe for a nursery?",
    "The museum closes at six in winter.",
)


def unrelated(embed: Callable[[Sequence[str]], Floats]) -> float:
    """Return the mean cosine of texts about nothing in common, 0 where it is as small as the fit's models have it."""
    vectors = embed(_UNRELATED)
    count = len(_UNRELATED)
    mean = float(((vectors @ vectors.T).sum() - count) / (count * (count - 1)))
    return min(mean, 0.95) if mean > _LIKE_THE_FIT else 0.0


def corrected(cosines: Floats, nought: float) -> Floats:
    """Return cosines as of a model whose unrelated texts have 0; the same text still has 1."""
    found: Floats = (cosines - np.float32(nought)) / np.float32(1 - nought) if nought else cosines
    return found
