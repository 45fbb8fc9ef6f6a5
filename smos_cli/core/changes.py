"""A change of the vault as its history tells it: who, what and why.

Owns the text of the record: a subject a person reads and trailers a program reads. Knows no history keeper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

SUBJECT_LENGTH = 72
"""Characters of the longest subject."""
WHY_LENGTH = 4_000
"""Characters of the longest paragraph."""
MOST_IDS = 100
"""Ids named in one record; of more, only their number is."""


class Touched(NamedTuple):
    """One file that changed: whose it is, and what it held before and after."""

    identity: str
    """id of the memory or episode; empty where it has none"""
    path: str
    before: str = ""
    """sha256 of its bytes, hex; empty where there was no file"""
    after: str = ""
    """the same; empty where there is no file now"""


@dataclass(frozen=True, slots=True)
class Change:
    """One command's change of the vault; all paths are relative to it, with ``/``."""

    verb: str
    """``remember``, ``forget``, ``edit``, ``import`` ..."""
    subject: str
    """a sentence for people, e.g. ``remember: The cache TTL is 10 seconds``"""
    ids: tuple[str, ...]
    """the memories it concerns"""
    door: str
    """``shell``, ``chat``, ``mcp``, ``import`` ..."""
    actor: str
    why: str = ""
    """one paragraph, or nothing"""
    written: tuple[str, ...] = ()
    """files that exist now"""
    removed: tuple[str, ...] = ()
    """files that are gone"""
    undoes: str = ""
    """the commit that it reverses"""


class Told(NamedTuple):
    """What a record tells; of a commit that is none of ours only its text."""

    subject: str
    why: str
    verb: str = ""
    ids: tuple[str, ...] = ()
    size: int = 0
    """how many memories it concerns; where it is not the number of ``ids``, they are not named"""
    door: str = ""
    actor: str = ""
    undoes: str = ""


def record(change: Change) -> str:
    """Return the text that is kept with a change: subject, paragraph, trailers; it ends with one newline."""
    trailers = [("Smos-Verb", change.verb)]
    if len(change.ids) <= MOST_IDS:
        trailers += [("Smos-Id", identifier) for identifier in change.ids]
    else:
        trailers.append(("Smos-Count", str(len(change.ids))))
    trailers += [("Smos-Door", change.door), ("Smos-Actor", change.actor), ("Smos-Undoes", change.undoes)]
    paragraphs = [
        _clipped(_one_line(change.subject) or _one_line(change.verb), SUBJECT_LENGTH),
        _clipped("\n".join(filter(None, map(_one_line, change.why.splitlines()))), WHY_LENGTH),
        "\n".join(f"{key}: {_one_line(value)}" for key, value in trailers if _one_line(value)),
    ]
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def read_record(text: str) -> Told:
    """Return what a record tells, also where a hook or a person added to it."""
    subject, *paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", text.strip())]
    # What a person wrote stands before the trailers.
    places = [at for at, part in enumerate(paragraphs) if "\nSmos-Verb: " in f"\n{part}"]
    if not places:
        return Told(_one_line(subject), "\n\n".join(paragraphs))
    place = places[-1]
    trailers: dict[str, list[str]] = {}
    for line in paragraphs[place].splitlines():
        key, _, value = line.partition(": ")
        trailers.setdefault(key, []).append(value.strip())
    first = {key: values[0] for key, values in trailers.items()}
    ids = tuple(trailers.get("Smos-Id", ()))
    count = first.get("Smos-Count", "")
    return Told(
        _one_line(subject),
        "\n\n".join(paragraphs[:place]),
        first["Smos-Verb"],
        ids,
        int(count) if count.isdecimal() else len(ids),
        *(first.get(f"Smos-{word}", "") for word in ("Door", "Actor", "Undoes")),
    )


def _one_line(text: str) -> str:
    """Return the text without line breaks and control characters, which could end a trailer early."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
