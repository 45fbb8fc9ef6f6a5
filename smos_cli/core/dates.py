"""Dates as people and files write them, brought to one sortable form of ISO-8601.

Owns what counts as a date. A day stays a day; a time becomes UTC to the second. Both compare as texts.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from smos_cli.errors import FormatError

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")


def normalise_date(text: str) -> str:
    """Return ``2026``, ``2026-11``, ``2026-11-18`` or ``2026-11-18T08:38:00Z``; ``ValueError`` for anything else."""
    text = text.strip()
    if match := _PARTIAL.fullmatch(text):
        year, month, day = match.groups()
        date(int(year), int(month or 1), int(day or 1))
        return "-".join([year, *(part.rjust(2, "0") for part in (month, day) if part)])
    try:
        return date.fromisoformat(text).isoformat()  # other ways to write a day, such as 20261118
    except ValueError:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        # strftime writes the year 1 as "1".
        return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def checked_date(text: str, name: str) -> str:
    """Return a date in that form, empty for an empty text; ``FormatError`` names what has another value."""
    try:
        return normalise_date(text) if text else ""
    except ValueError as error:
        raise FormatError(f"The value of {name}, {text!r}, is not a date.", "Write it as 2026-11-18.") from error
