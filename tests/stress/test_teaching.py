"""A sample of the stress test; the whole of it is ``python -m tests.stress.teaching``."""

from __future__ import annotations

import os

from tests.stress.teaching import run

COUNT = 60 if os.environ.get("SMOS_LONG") else 3


def test_learning_that_is_killed_loses_no_turn_and_learns_none_twice() -> None:
    assert run(COUNT, seed=int(os.environ.get("SMOS_SEED", "0"))).killed
