"""A sample of the stress test; the whole of it is ``python -m tests.stress.kills``."""

from __future__ import annotations

import os

from tests.stress.kills import run

COUNT = 300 if os.environ.get("SMOS_LONG") else 8


def test_what_was_acknowledged_is_there_after_commands_are_killed() -> None:
    outcome = run(COUNT, seed=int(os.environ.get("SMOS_SEED", "0")))

    assert sum(outcome.killed.values()) + sum(outcome.git_killed.values()) == COUNT
