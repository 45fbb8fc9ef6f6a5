"""Times counted from the turn's own ("yesterday", "two months ago"), written so that they stand.

Owns what they become: a day where a day was said, else words counted from the turn's day ("the week before
8 May 2023"): no more is said than was. What can be read in two ways ("next Friday") stays, with the day it was said on.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from smos_cli.adapters.rules.vocabulary import MONTHS

_WEEKDAYS = str.split("monday tuesday wednesday thursday friday saturday sunday")
_SHORT = {name[:length]: number for number, name in enumerate(_WEEKDAYS) for length in (3, 4, 5)}
_DAY_NAMES = {name: number for number, name in enumerate(_WEEKDAYS)} | _SHORT
_SEASONS = ("spring", "summer", "fall", "autumn", "winter")
_NUMBERS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six"), 1)} | {"a": 1, "an": 1}
_DAYS = "|".join(sorted(_DAY_NAMES, key=len, reverse=True))
_COUNT = (
    r"(?:a few|a couple(?: of)?|several|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3})"
)
_TIME = re.compile(
    rf"(?P<prep>\b(?:on|in|at|from|since|until|till|by|for|before|after|of|during|over|as of) )?\b(?:"
    rf"(?P<loose>the (?:night|day|week|weekend|month|year) before last"
    rf"|the end of the (?:week|month|quarter|year))"
    rf"|(?P<near>(?:the )?day before yesterday|yesterday|today|tonight|tomorrow|last night|this (?:morning|afternoon"
    rf"|evening))(?P<part> (?:morning|afternoon|evening|night))?"
    rf"|(?:the )?(?:earlier |later )?(?P<which>last|next|this past|this coming|this|past)"
    rf" (?P<unit>week|weekend|month|year|quarter|{'|'.join(_SEASONS)}|{'|'.join(MONTHS)}|{_DAYS})(?! of\b)"
    rf"|(?P<count>{_COUNT}) (?P<each>day|night|week|weekend|month|year)s? (?:ago|back)"
    rf"|(?:(?<=on )|(?<=this ))(?P<bare>{_DAYS})(?!,? (?:the )?\d|,? [A-Z][a-z]+ \d))\b(?P<own>'s)?",
    re.IGNORECASE,
)
_IS_SUBJECT = re.compile(r" (?:was|is|has|will|went|had|marks|marked|turned|felt|were)\b", re.IGNORECASE)
_PARTS = {"this morning": "morning", "this afternoon": "afternoon", "this evening": "evening", "tonight": "evening"}


class Dated(NamedTuple):
    """A text whose times stand, and the day that it is about: ISO-8601, empty where it is no single day."""

    text: str
    day: str


def dated(text: str, time: str) -> Dated | None:
    """Return a text with its times resolved against a turn's; None where they can't be."""
    today = _today(time)
    writer = _Writer(today)
    written = _TIME.sub(writer.written, text)
    if writer.failed:
        return None
    if writer.loose and today:
        bare = written.rstrip()
        end = bare[-1:] if bare[-1:] in ".!" else ""
        written = f"{bare[: len(bare) - len(end)]} (said on {day_of(today)}){end}"
    return Dated(written, writer.days[0] if len(set(writer.days)) == 1 else "")


def has_time(text: str) -> bool:
    """Say whether a text names a time that is counted from the day it is said."""
    return _TIME.search(text) is not None


def day_of(day: date) -> str:
    """Return a day as it is written in a statement: ``7 May 2023``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _today(time: str) -> date | None:
    try:
        return date.fromisoformat(time[:10])
    except ValueError:
        return None


class _Writer:
    """Writes the times of one text, one after the other."""

    def __init__(self, today: date | None) -> None:
        self._today = today
        self.days: list[str] = []
        self.loose = False
        """whether a time stays as it was said"""
        self.failed = False

    def written(self, found: re.Match[str]) -> str:
        """Return what stands in the place of a time."""
        if self._today is None:
            return self._left_out(found)
        try:
            text = self._of(found, self._today)
        except (ValueError, OverflowError):
            text = ""
        if not text or found["own"]:
            self.loose = True
            return found.group()
        preposition, phrase = text.split(" ", 1)
        given = found["prep"] or ""
        if not given and not found.string[: found.start()].strip() and _IS_SUBJECT.match(found.string, found.end()):
            return phrase
        if found["near"] and given.strip().lower() in ("at", "in"):
            return f"{given}{preposition} {phrase}"  # "the shelter I help at yesterday"
        if given.strip().lower() in ("", "on", "in", "at", "over", "during", "for") and preposition != "=":
            given = f"{'for' if given.strip().lower() == 'for' else preposition} "
        return f"{given}{phrase}"

    def _left_out(self, found: re.Match[str]) -> str:
        # Without the turn's day it would mean another day to each reader.
        self.failed = True
        return found.group()

    def _of(self, found: re.Match[str], today: date) -> str:
        """Return a preposition, a space and the time; nothing for what stays."""
        if found["near"]:
            return self._near(found["near"].lower(), (found["part"] or "").strip().lower(), today)
        if found["count"]:
            return self._ago(found["count"].lower(), found["each"].lower(), found.string[: found.start()], today)
        if found["bare"] or found["loose"]:
            return ""
        return self._step(found["which"].lower().replace("this past", "last"), found["unit"], today)

    def _near(self, name: str, part: str, today: date) -> str:
        shift = {"tomorrow": 1, "yesterday": -1, "last night": -1}.get(name, -2 if "before" in name else 0)
        day = today + timedelta(shift)
        self.days.append(day.isoformat())
        part = part or _PARTS.get(name, "night" if name == "last night" else "")
        return f"on the {part} of {day_of(day)}" if part else f"on {day_of(day)}"

    def _ago(self, count: str, each: str, before: str, today: date) -> str:
        number = _NUMBERS.get(count) or (int(count) if count.isdecimal() else 0)
        is_about = re.search(r"\b(?:about|around|like|maybe|roughly|over|almost) $", before, re.IGNORECASE)
        if each in ("day", "night") and 0 < number < 7 and not is_about:
            day = today - timedelta(number)
            self.days.append(day.isoformat())
            return f"on {day_of(day)}"
        unit = each if number == 1 else f"{each}s"
        if each in ("month", "year"):
            return f"= {count} {unit} before {MONTHS[today.month - 1]} {today.year}"
        return f"= {count} {unit} before {day_of(today)}"

    def _step(self, which: str, unit: str, today: date) -> str:
        name = unit.lower()
        if name in _DAY_NAMES:
            return self._weekday(which, name, today)
        shift = {"last": -1, "past": -1, "next": 1, "this coming": 1}.get(which, 0)
        if name in ("week", "weekend", "quarter"):
            relation = {-1: "before", 0: "of", 1: "after"}[shift]
            return f"{'on' if name == 'weekend' else 'in'} the {name} {relation} {day_of(today)}"
        if name == "year":
            return "" if which == "past" else f"in {today.year + shift}"
        if name == "month":
            years, month = divmod(today.month - 1 + shift, 12)
            return "" if which == "past" else f"in {MONTHS[month]} {today.year + years}"
        if unit.capitalize() in MONTHS and which == "last":
            month = MONTHS.index(unit.capitalize()) + 1
            return f"in {unit.capitalize()} {today.year - (month >= today.month)}"
        return ""

    def _weekday(self, which: str, name: str, today: date) -> str:
        if which not in ("last", "past"):
            return ""
        day = today - timedelta(1 + (today.weekday() - 1 - _DAY_NAMES[name]) % 7)
        self.days.append(day.isoformat())
        return f"on {_WEEKDAYS[day.weekday()].capitalize()}, {day_of(day)}"
