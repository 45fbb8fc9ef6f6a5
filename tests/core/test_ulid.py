"""The ids of memories and episodes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core import ulid

LAST = (1 << 48) - 1


def test_a_ulid_is_that_of_the_specification() -> None:
    assert ulid.make(1_469_918_176_385, b"\0" * 10) == "01ARYZ6S410000000000000000"
    assert ulid.make(LAST, b"\xff" * 10) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"


@given(st.integers(0, LAST), st.binary(min_size=10, max_size=10))
def test_what_is_made_is_valid_in_either_case(milliseconds: int, entropy: bytes) -> None:
    made = ulid.make(milliseconds, entropy)

    assert ulid.is_valid(made)
    assert ulid.is_valid(made.lower())
    assert ulid.suffix(made) == made[-8:].lower()
    assert ulid.created(made) == ulid.created(made.lower())


@given(st.integers(0, LAST), st.integers(0, LAST), st.binary(min_size=10, max_size=10))
def test_ids_are_ordered_by_their_time(one: int, two: int, entropy: bytes) -> None:
    first, second = ulid.make(one, entropy), ulid.make(two, entropy)

    assert (one < two) == (first < second)
    assert (ulid.created(first) <= ulid.created(second)) or one > two


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_other_entropy_makes_another_id(one: bytes, two: bytes) -> None:
    assert (ulid.make(7, one) == ulid.make(7, two)) == (one == two)


def test_the_time_of_an_id_is_read_to_the_second() -> None:
    assert ulid.created(ulid.make(1_763_467_200_999, b"x" * 10)) == "2025-11-18T12:00:00Z"
    assert ulid.created(ulid.make(0, b"x" * 10)) == "1970-01-01T00:00:00Z"


def test_a_time_after_the_year_9999_is_the_last_there_is() -> None:
    assert ulid.created("7ZZZZZZZZZ0000000000000000") == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01KB8F3K2M7Q0ZT4V9X2C5N6P",
        "01KB8F3K2M7Q0ZT4V9X2C5N6PDD",
        "81KB8F3K2M7Q0ZT4V9X2C5N6PD",
        "01KB8F3K2M7Q0ZT4V9X2C5N6PI",
        "01KB8F3K2M7Q0ZT4V9X2C5N6PU",
        "01KB8F3K2M7Q0ZT4V9X2C5N6P ",
        "01KB8F3K2M7Q0ZT4V9X2C5N6P\n",
        "01KB8F3K2M7Q0ZT4V9X2C5N6Pſ",
        "01KB8F3K2M7Q0ZT4V9X2C5N6Pß",
        "０1KB8F3K2M7Q0ZT4V9X2C5N6PD",
        "d3b07384-d9a0-4c9b-8f4e-1a2b3c4d5e6f",
    ],
)
def test_what_is_no_ulid_is_not_valid(text: str) -> None:
    assert not ulid.is_valid(text)
