"""An answer of a language model, from its text to candidates that can be believed.

Owns what of it is refused: all that is not an object with facts, every fact whose quote is not in a turn that was to
be read, and what is too long, too many or said twice. An answer may be anything at all.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from smos_cli.core.dates import normalise_date
from smos_cli.core.memory import KINDS, checked_tag
from smos_cli.core.models import Candidate, Said
from smos_cli.errors import FormatError

MOST_PER_TURN = 8
"""Facts kept of one turn: people rarely say more at once, and a model that makes thousands up says the same of one."""
LONGEST_STATEMENT = 1_000
"""Characters of a statement; a longer one is no statement, and is dropped."""
LONGEST_QUOTE = 1_000
"""Characters of a quote; of a longer one, this many are kept."""
_LONGEST_ANSWER = 10_000_000
_MOST_TAGS = 5
_MOST_BRACES = 50
"""Places tried for the beginning of the object in an answer that has prose around it."""
_TELLING = 8
"""Characters of a quote from which it can show by itself which turn it is from."""
_ALIKE = str.maketrans("‘’‚‛“”„‟‐‑‒–—", "''''\"\"\"\"-----")
"""Characters that models write for each other, each of length 1."""


class UnreadableError(ValueError):
    """An answer is not what was asked for; the message says how, as a part of a sentence."""


class _Turn(NamedTuple):
    """A turn, its text on one line, and that text with the characters alike that models write for each other."""

    said: Said
    text: str
    alike: str


def candidates_of(answer: str, wanted: Sequence[Said]) -> list[Candidate]:
    """Return what an answer says of turns that were to be read, in their order.

    Raises ``UnreadableError`` when there is no object with facts in it. A fact that can't be believed is left out.
    """
    facts = _facts(answer)
    texts = [" ".join(said.text.split()) for said in wanted]
    turns = [_Turn(said, text, text.translate(_ALIKE)) for said, text in zip(wanted, texts, strict=True)]
    kept = dict.fromkeys((said.turn for said in wanted), 0)
    found: dict[str, Candidate] = {}
    for fact in facts:
        candidate = _candidate(fact, turns) if isinstance(fact, dict) else None
        if candidate is None or kept[candidate.turn] >= MOST_PER_TURN:
            continue
        if found.setdefault(candidate.text.casefold(), candidate) is candidate:
            kept[candidate.turn] += 1
    order = {turn: place for place, turn in enumerate(kept)}
    return sorted(found.values(), key=lambda candidate: order[candidate.turn])


def _facts(answer: str) -> list[Any]:
    if len(answer) > _LONGEST_ANSWER:
        raise UnreadableError("it is longer than ten million characters")
    reason = ""
    for value in _values(answer):
        facts = value.get("facts") if isinstance(value, dict) else None
        if isinstance(facts, list) and (not facts or any(isinstance(fact, dict) for fact in facts)):
            return facts
        reason = reason or (
            "it is not JSON, or ends too soon" if value is None else 'it has no list "facts" of objects'
        )
    raise UnreadableError(reason or "it is not JSON")


def _values(answer: str) -> Iterator[Any]:
    """Yield the objects in an answer, None for what is none: it may stand in prose, a code fence or after thoughts."""
    decoder = json.JSONDecoder(strict=False)  # a line break in a text is no reason to ask again
    begin = answer.find("</think>") if answer.lstrip().startswith("<think>") else 0
    for found in islice(re.compile(r"\{").finditer(answer, max(begin, 0)), _MOST_BRACES):
        try:
            yield decoder.raw_decode(answer, found.start())[0]
        except (ValueError, RecursionError):
            yield None


def _candidate(fact: Mapping[str, Any], turns: Sequence[_Turn]) -> Candidate | None:
    text = _plain(fact.get("text"))
    if not _says_something(text) or len(text) > LONGEST_STATEMENT:
        return None
    source = _source(fact, turns)
    if source is None:
        return None
    said, quote = source
    return Candidate(
        text=text,
        quote=quote,
        turn=said.turn,
        speaker=said.speaker,
        role=said.role,
        kind=_kind(fact.get("kind")),
        tags=_tags(fact.get("tags")),
        valid_from=_day(fact.get("date")),
    )


def _source(fact: Mapping[str, Any], turns: Sequence[_Turn]) -> tuple[Said, str] | None:
    """Return the turn that has a fact's quote, and the quote as it is there; a model may be wrong about the number."""
    quote = _plain(fact.get("quote"))
    number = _number(fact.get("turn"))
    for words in (quote, quote.strip("\"'`“”‘’«»… .")):
        if not _says_something(words):
            return None
        alike = words.translate(_ALIKE)
        for turn in sorted(turns, key=lambda turn: turn.said.turn != number):
            at = turn.alike.find(alike) if turn.said.turn == number or len(words) >= _TELLING else -1
            if at >= 0:
                return turn.said, turn.text[at : at + len(words)][:LONGEST_QUOTE].rstrip()
    return None


def _number(turn: object) -> str:
    found = re.search(r"\d{1,9}", str(turn)) if isinstance(turn, str | int) else None
    return f"t{int(found[0])}" if found else ""


def _kind(kind: object) -> str:
    word = kind.strip().lower() if isinstance(kind, str) else ""
    return word if word in KINDS else "fact"


def _tags(tags: object) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for tag in tags[: 4 * _MOST_TAGS] if isinstance(tags, list) else ():
        try:
            found[checked_tag("-".join(_plain(tag).lower().split()))] = None
        except FormatError:
            continue
    return tuple(found)[:_MOST_TAGS]


def _day(day: object) -> str:
    try:
        return normalise_date(day)[:10] if isinstance(day, str) else ""
    except ValueError:
        return ""


def _plain(value: object) -> str:
    """Return a text on one line, without characters that can't be written to a file or move a cursor."""
    if not isinstance(value, str):
        return ""
    return "".join(c for c in " ".join(value.split()) if unicodedata.category(c) not in ("Cc", "Cs"))


def _says_something(text: str) -> bool:
    return any(map(str.isalnum, text))
