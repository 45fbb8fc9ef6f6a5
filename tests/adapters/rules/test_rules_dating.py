"""Times counted from the turn's day are written so that they stand, and no more exactly than they were said."""

import pytest

from smos_cli.adapters.rules.dating import dated

WEDNESDAY = "2026-11-18T08:38:00Z"


@pytest.mark.parametrize(
    ("said", "written", "day"),
    [
        ("I ran yesterday.", "I ran on 17 November 2026.", "2026-11-17"),
        ("I ran today.", "I ran on 18 November 2026.", "2026-11-18"),
        ("I ran last night.", "I ran on the night of 17 November 2026.", "2026-11-17"),
        ("I ran yesterday morning.", "I ran on the morning of 17 November 2026.", "2026-11-17"),
        ("I run tomorrow.", "I run on 19 November 2026.", "2026-11-19"),
        ("I ran the day before yesterday.", "I ran on 16 November 2026.", "2026-11-16"),
        ("I ran three days ago.", "I ran on 15 November 2026.", "2026-11-15"),
        ("I ran last Friday.", "I ran on Friday, 13 November 2026.", "2026-11-13"),
        ("I ran last Wednesday.", "I ran on Wednesday, 11 November 2026.", "2026-11-11"),
        ("I ran last week.", "I ran in the week before 18 November 2026.", ""),
        ("I ran last weekend.", "I ran on the weekend before 18 November 2026.", ""),
        ("I ran last month.", "I ran in October 2026.", ""),
        ("I run next month.", "I run in December 2026.", ""),
        ("I ran last year.", "I ran in 2025.", ""),
        ("I ran two weeks ago.", "I ran two weeks before 18 November 2026.", ""),
        ("I ran about 3 days ago.", "I ran about 3 days before 18 November 2026.", ""),
        ("I ran six months ago.", "I ran six months before November 2026.", ""),
        ("I ran last May.", "I ran in May 2026.", ""),
        ("I have run since yesterday.", "I have run since 17 November 2026.", "2026-11-17"),
        ("Last week was hard.", "The week before 18 November 2026 was hard.", ""),
        ("I help at yesterday.", "I help at on 17 November 2026.", "2026-11-17"),
        ("I run next Friday.", "I run next Friday (said on 18 November 2026).", ""),
        ("I missed last week's race.", "I missed last week's race (said on 18 November 2026).", ""),
        ("I read a lot in the past week.", "I read a lot in the week before 18 November 2026.", ""),
        ("I ran the last week of May 2019.", "I ran the last week of May 2019.", ""),
        ("I ran in May 2019.", "I ran in May 2019.", ""),
        ("I ran the night before last.", "I ran the night before last (said on 18 November 2026).", ""),
        ("It ends at the end of the month.", "It ends at the end of the month (said on 18 November 2026).", ""),
        ("It ended at the end of last year.", "It ended at the end of 2025.", ""),
    ],
)
def test_a_time_is_written_so_that_it_stands(said: str, written: str, day: str) -> None:
    found = dated(said, WEDNESDAY)
    assert found is not None
    assert (found.text[:1].upper() + found.text[1:], found.day) == (written, day)


def test_two_days_are_no_single_day() -> None:
    found = dated("I ran yesterday and today.", WEDNESDAY)
    assert found is not None and found.day == ""


@pytest.mark.parametrize("time", ["", "soon", "2026", "2026-13-45T00:00:00Z"])
def test_without_the_day_of_the_turn_no_time_is_resolved(time: str) -> None:
    assert dated("I ran yesterday.", time) is None
    assert dated("I run in May 2019.", time) == ("I run in May 2019.", "")


@pytest.mark.parametrize("time", ["0001-01-01", "9999-12-31"])
def test_at_the_ends_of_the_calendar_a_time_stays_as_it_was_said(time: str) -> None:
    for said in ("I ran yesterday.", "I run tomorrow.", "I ran last week.", "I ran six days ago.", "I ran last year."):
        assert dated(said, time) is not None
