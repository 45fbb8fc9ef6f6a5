"""What counts as a date, and the one form it is brought to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.dates import normalise_date

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", "2026"),
        ("2026-11", "2026-11"),
        ("2026-1", "2026-01"),
        ("2026-1-8", "2026-01-08"),
        (" 2026-11-18\n", "2026-11-18"),
        ("20261118", "2026-11-18"),
        ("2026-11-18T08:38", "2026-11-18T08:38:00Z"),
        ("2026-11-18 08:38:07", "2026-11-18T08:38:07Z"),
        ("2026-11-18T08:38:07.999999", "2026-11-18T08:38:07Z"),
        ("2026-11-18T08:38:00+01:00", "2026-11-18T07:38:00Z"),
        ("2026-11-18T00:30:00+01:00", "2026-11-17T23:30:00Z"),
        ("2026-11-18T08:38:00Z", "2026-11-18T08:38:00Z"),
        ("0007-01-02T03:04:05", "0007-01-02T03:04:05Z"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_dates_have_one_form(text: str, expected: str) -> None:
    assert normalise_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "yesterday",
        "26-11-18",
        "2026-13",
        "2026-11-31",
        "2026-02-29",
        "0000",
        "10000-01-01",
        "2026-11-18T25:00",
        "2026-11-18T08:38:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1763467200",
        "18.11.2026",
        "２０２６-11-18",
        "٢٠٢٦",
        "2026-11-18\n2026-11-19",
        "2026--11",
        "2026-11-",
        "-2026",
        "9" * 5000,
    ],
)
def test_everything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        normalise_date(text)


@given(st.text())
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        found = normalise_date(text)
    except ValueError:
        return
    assert normalise_date(found) == found
    assert found.isascii()


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_time_is_the_same_whatever_its_zone(moment: datetime, minutes: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert normalise_date(there.isoformat()) == normalise_date(moment.isoformat())
    assert normalise_date(normalise_date(moment.isoformat())) == normalise_date(moment.isoformat())


@given(moments, moments)
def test_times_are_ordered_as_texts(one: datetime, two: datetime) -> None:
    first, second = (moment.replace(microsecond=0) for moment in (one, two))

    assert (first < second) == (normalise_date(first.isoformat()) < normalise_date(second.isoformat()))
