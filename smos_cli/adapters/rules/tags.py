"""A few words that a statement is found by beside its own text: identifiers and names first.

Owns their choice: lower case, at most ``MOST``, never the speaker.
"""

from __future__ import annotations

from smos_cli.adapters.rules.vocabulary import HAVINGS, KIN, WORD
from smos_cli.adapters.rules.worth import identifiers_in, names_in

MOST = 3
_LONGEST = 30


def tags_of(statement: str, names: frozenset[str]) -> tuple[str, ...]:
    """Return the tags of a statement in its speaker's words; ``names`` are of the people who talk."""
    things = [word.lower() for word in WORD.findall(statement) if word.lower() in KIN or word.lower() in HAVINGS]
    found = [*identifiers_in(statement), *names_in(statement), *things]
    told = dict.fromkeys(_tag(word) for word in found)
    return tuple(tag for tag in told if 1 < len(tag) <= _LONGEST and tag not in names)[:MOST]


def _tag(word: str) -> str:
    bare = word.lower().removesuffix("'s").strip("-_./:'")
    return "" if any(mark in bare for mark in " #,`\"'") else bare
