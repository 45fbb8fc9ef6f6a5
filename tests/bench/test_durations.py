"""Percentiles and ratios, by small cases."""

import pytest

from tests.bench.durations import percentile, ratio


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3), (0.95, 5), (0.2, 1), (0.0, 1), (1.0, 5)])
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert percentile([5, 3, 1, 4, 2], share) == expected


def test_a_ratio_is_not_moved_by_load_that_hits_both_sides_of_a_round() -> None:
    assert ratio([2, 20, 2], [1, 10, 1]) == 2
