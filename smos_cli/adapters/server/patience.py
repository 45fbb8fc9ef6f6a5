"""How long a failing server is tried again: exponential backoff with full jitter, within a time.

The waits are those of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); Retry-After is that of RFC 9110.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import NamedTuple

_FIRST, _MOST = 0.5, 20.0


class Patience(NamedTuple):
    """How often a server is tried, the longest wait that it may ask for, and the time for all of it.

    The wait is in seconds, the time in silences as long as one that is borne.
    """

    tries: int
    longest_wait: float
    silences: int


PATIENT = Patience(4, 60.0, 5)
HASTY = Patience(2, 2.0, 1)
"""while a person waits"""


class Clock(NamedTuple):
    """Time and chance, as arguments."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    today: Callable[[], float] = time.time


REAL = Clock()


def wait_after(failed: int, asked: float, chance: float) -> float:
    """Return the seconds to wait after so many failures in a row, no fewer than a server has asked for."""
    return asked + chance * min(_MOST, _FIRST * 2.0 ** (failed - 1))


def asked_wait(header: str, today: float) -> float:
    """Return the seconds that a Retry-After asks for, in seconds or as a date; 0 for none or nonsense."""
    text = header.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - today)
    except (ValueError, OverflowError, OSError):
        return 0.0
