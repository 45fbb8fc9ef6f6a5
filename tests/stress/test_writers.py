"""A sample of the stress test; the whole of it is ``python -m tests.stress.writers``."""

from __future__ import annotations

from tests.stress.writers import run


def test_what_eight_processes_remember_at_once_is_there_once_each_in_files_chain_and_history() -> None:
    outcome = run(writers=8, each=5)

    assert outcome.failures == []
    assert (outcome.memories, outcome.lines, outcome.chains, outcome.commits) == (40, 40, 1, 40)
    assert outcome.questions
