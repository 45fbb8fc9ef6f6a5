"""What a host's headers mean."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.models import answers
from smos_cli.adapters.models.answers import Stated

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
SHA = "a" * 64
BLOB = "b" * 40


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Wed, 18 Nov 2026 12:01:00 GMT", 60.0),
        ("Wed, 18 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert answers.retry_after(value, NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-linked-etag": f'"{SHA}"', "x-linked-size": "5"}, Stated(5, f"sha256:{SHA}")),
        ({"etag": f'"{BLOB}"', "x-repo-commit": "1"}, Stated(0, f"git:{BLOB}")),
        ({"etag": f'W/"{BLOB}"', "x-repo-commit": "1"}, Stated(0, f"git:{BLOB}")),
        ({"etag": f'"{BLOB}"'}, Stated()),
        ({"etag": f'"{SHA}"', "x-repo-commit": "1"}, Stated()),
        ({"x-linked-etag": "odd", "x-linked-size": "-5"}, Stated()),
        ({}, Stated()),
    ],
)
def test_a_digest_is_what_the_hub_states(headers: dict[str, str], found: Stated) -> None:
    assert answers.stated(headers) == found


@pytest.mark.parametrize(
    ("etag", "sent"), [('"a"', '"a"'), ('W/"a"', ""), ("a", ""), ('""', ""), ('"ä"', ""), ("", "")]
)
def test_only_a_strong_etag_is_sent_back(etag: str, sent: str) -> None:
    assert answers.strong_etag({"etag": etag}) == sent


@pytest.mark.parametrize(
    ("value", "found"),
    [("bytes 5-9/10", (5, 10)), ("bytes 5-9/*", (5, 0)), ("bytes */10", None), ("items 5-9/10", None), ("", None)],
)
def test_a_range_says_where_it_begins_and_how_long_the_whole_is(value: str, found: tuple[int, int] | None) -> None:
    assert answers.content_range({"content-range": value}) == found


@given(st.integers(1, 50), st.floats(0, 1))
def test_a_pause_is_never_longer_than_half_a_minute_nor_nothing(failures: int, chance: float) -> None:
    assert 0.5 <= answers.pause(failures, chance) <= 30


@given(st.text())
def test_no_header_breaks_the_reading(value: str) -> None:
    headers = dict.fromkeys(("etag", "x-linked-etag", "x-linked-size", "content-range", "retry-after"), value)
    answers.stated(headers)
    answers.strong_etag(headers)
    answers.content_range(headers)
    answers.retry_after(value, NOON)


def test_git_calls_a_file_what_git_calls_it() -> None:
    assert answers.git_digest(b"hello\n") == "git:ce013625030ba8dba906f756967f9e9ca394464a"
