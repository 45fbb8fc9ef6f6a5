"""ULIDs: the ids of memories and episodes (https://github.com/ulid/spec). Owns their alphabet, nothing else.

A ULID is 26 characters of Crockford base 32: 48 bits of milliseconds since 1970, then 80 random bits. Upper case
is canonical; the last eight characters in lower case name a file and its links.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALLOWED = frozenset(_ALPHABET)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUFFIX_LENGTH = 8


def make(milliseconds: int, entropy: bytes) -> str:
    """Return the ULID of a time (ms since 1970) and ten random bytes."""
    number = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(entropy[:10].rjust(10, b"\0"), "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_valid(text: str) -> bool:
    """Say whether a text is a ULID, in either case."""
    return len(text) == 26 and text.isascii() and text[0] in "01234567" and _ALLOWED.issuperset(text.upper())


def suffix(ulid: str) -> str:
    """Return the last eight characters in lower case, as they stand in file names and links."""
    return ulid[-SUFFIX_LENGTH:].lower()


def created(ulid: str) -> str:
    """Return the time inside a ULID as ISO-8601 UTC to the second, e.g. ``2026-11-18T08:38:00Z``."""
    milliseconds = 0
    for character in ulid[:10].upper():
        milliseconds = milliseconds << 5 | _ALPHABET.index(character)
    try:
        moment = _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # the format reaches the year 10889, dates here stop at 9999
        return "9999-12-31T23:59:59Z"
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
