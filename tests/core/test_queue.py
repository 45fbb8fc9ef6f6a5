"""How turns are written down, and how long a failed job waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.queue import packed, unpacked, wait_ms

TURNS = st.integers(0, 50).map("t{}".format) | st.sampled_from(["t007", "t", "x1", "t-3", "t1-2", "t²"])


def test_runs_of_turns_are_short() -> None:
    assert packed([f"t{number}" for number in (*range(1, 999), 1000, 1002, 1003)]) == "1-998 1000 1002-1003"
    assert unpacked("") == frozenset()


@given(st.frozensets(TURNS))
def test_what_is_written_down_is_read_back(turns: frozenset[str]) -> None:
    assert unpacked(packed(turns)) == turns


@given(st.integers(1, 40), st.floats(0, 1))
def test_a_failed_job_waits_from_a_quarter_of_a_minute_to_six_hours(attempts: int, chance: float) -> None:
    assert 15_000 <= wait_ms(attempts, chance) <= 6 * 3_600_000
    assert wait_ms(attempts, 0) * 2 == wait_ms(attempts, 1)
