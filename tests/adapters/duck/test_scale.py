"""What unrelated texts have in common by a model is taken off its cosines."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from smos_cli.adapters.duck.scale import corrected, unrelated
from smos_cli.adapters.static.embedder import StaticEmbedder

SHARED = 0.7


def embed(texts: Sequence[str], shared: float) -> NDArray[np.float32]:
    """Return vectors of which every two have the same cosine."""
    own = np.eye(len(texts), dtype=np.float32) * np.float32((1 - shared) ** 0.5)
    return np.hstack([own, np.full((len(texts), 1), shared**0.5, np.float32)])


def test_a_model_by_which_all_is_alike_is_found_out() -> None:
    assert unrelated(lambda texts: embed(texts, SHARED)) == pytest.approx(SHARED, abs=1e-4)


@pytest.mark.parametrize("shared", [0.0, 0.02, 0.09])
def test_one_like_those_of_the_fit_is_left_alone(shared: float) -> None:
    assert unrelated(lambda texts: embed(texts, shared)) == 0


def test_the_embedded_one_is_left_alone() -> None:
    assert unrelated(StaticEmbedder().embed) == 0


def test_unrelated_texts_have_nought_and_the_same_one() -> None:
    found = corrected(np.array([SHARED, 1.0], np.float32), SHARED)

    assert found.tolist() == pytest.approx([0, 1], abs=1e-6)


def test_nothing_is_changed_where_nothing_is_to_be_corrected() -> None:
    cosines = np.array([-0.1, 0.4], np.float32)

    assert corrected(cosines, 0.0) is cosines
