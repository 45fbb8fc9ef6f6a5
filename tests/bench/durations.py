"""What many runs of the same thing say together. Owns medians and percentiles; durations are in ms."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values, 0 to 1, do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios round by round: load that comes and goes hits both sides of each."""
    return median(value / other for value, other in zip(values, others, strict=True))
