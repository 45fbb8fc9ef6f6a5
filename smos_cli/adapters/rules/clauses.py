"""Statements as the judge compares them: stems in order, quantities in one unit, negations apart.

Owns what makes no difference (articles, auxiliaries, case, "10 s" or "ten seconds") and what a correction denies
("10, not 60"). A question states nothing.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from smos_cli.core.sentences import starts
from smos_cli.core.stem import stem

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*(?=\D|\Z)|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[%$€£]")
_DENIAL = re.compile(
    r"[,;(\u2014-]\s*(?:and |but )?not\s(?!only|just|merely|simply)|\b(?:instead of|rather than|as opposed to)\s"
)
_PARTS = re.compile(
    r";\s+|,? (?:while|whereas|but)\s+"
    r"|,? and (?=(?:(?:does|do|did|has|have|had|is|are|was|were) (?:not|never)|\w+n't|never)\b)"
)
_VERB = re.compile(r"(?:does|do|did|has|have|had|is|are|was|were|never|not|instead|only|\w+n't)\b", re.IGNORECASE)
_NOT_DENIED = re.compile(
    r"\bnot (?:only|just|merely|simply|sure)\b|\bno (?:doubt|problem|matter|wonder)\b|\bwhether or not\b"
)
_NEGATIONS = frozenset(
    ("not", "never", "no", "cannot", "nor", "neither", "without", "nobody", "none", "nothing", "hardly")
)
_SKIPPED = frozenset(
    str.split(
        "a an the this that these those do does did have has had will would shall really just also actually currently"
        " now still already very quite so too and of to's 's both there been being any anything anyone"
        " anymore longer then ever both own"
    )
)
_LINKING = frozenset(
    str.split(
        "in on at for with by during from to into about over under as it he she they him them his her their i we you my"
        " our your me us and or but be who which when where while"
    )
)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        str.split("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen")
    )
    if number != 1
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100", "dozen": "12"}
_UNITS = {
    "ms millisecond milliseconds": (0.001, "time"),
    "s sec secs second seconds": (1, "time"),
    "min mins minute minutes": (60, "time"),
    "h hr hrs hour hours": (3_600, "time"),
    "day days": (86_400, "time"),
    "week weeks": (604_800, "time"),
    "month months": (1, "month"),
    "year years": (12, "month"),
    "mm": (0.001, "length"),
    "cm": (0.01, "length"),
    "m meter meters metre metres": (1, "length"),
    "km kilometer kilometers kilometre kilometres": (1_000, "length"),
    "g gram grams": (0.001, "weight"),
    "kg kilo kilos kilogram kilograms": (1, "weight"),
    "kb kilobyte kilobytes": (1e3, "bytes"),
    "mb megabyte megabytes": (1e6, "bytes"),
    "gb gigabyte gigabytes": (1e9, "bytes"),
    "tb terabyte terabytes": (1e12, "bytes"),
    "% percent": (1, "percent"),
    "$ dollar dollars usd": (1, "dollar"),
    "€ euro euros eur": (1, "euro"),
}  # fmt: skip
_LONGEST = 80  # words
_UNIT = {name: unit for names, unit in _UNITS.items() for name in names.split()}


class Quantity(NamedTuple):
    """A number, in the unit that its kind is counted in; without a unit its kind is empty."""

    value: float
    kind: str


class Word(NamedTuple):
    """A stem, and whether it is written as a name; or a quantity."""

    stem: str
    is_name: bool = False
    quantity: Quantity | None = None


class Clause(NamedTuple):
    """A sentence as it is compared."""

    words: tuple[Word, ...]
    is_negated: bool
    denied: frozenset[str]
    """stems of what a correction in it denies; they are not among the words"""

    @property
    def stems(self) -> tuple[str, ...]:
        """The words' stems; quantities of like value have the same."""
        return tuple(word.stem for word in self.words)

    @property
    def content(self) -> frozenset[str]:
        """The stems that are not there for grammar's sake."""
        return frozenset(self.stems) - _LINKING


def clauses(text: str) -> list[Clause]:
    """Return what a text states: its sentences, and where one has several parts each of these as well."""
    edges = [0, *starts(text), len(text)]
    sentences = (text[start:end].strip() for start, end in pairwise(edges))
    stated = (part for one in sentences if not one.endswith("?") for part in _parts(one))
    return [piece for part in stated for piece in _pieces(_clause(part)) if piece.words]


def _pieces(clause: Clause) -> list[Clause]:
    """Return a clause in pieces that can be laid beside others in little time; nearly all are one."""
    starts_at = range(0, max(1, len(clause.words)), _LONGEST)
    return [clause._replace(words=clause.words[start : start + _LONGEST]) for start in starts_at]


def _parts(sentence: str) -> list[str]:
    """Return the parts of a sentence; one that begins with its verb gets the first one's subject."""
    parts = [part.strip() for part in _PARTS.split(sentence)]
    subject = _name_at(parts[0])
    return [f"{subject} {part}" if _VERB.match(part) else part for part in parts if part]


def _name_at(sentence: str) -> str:
    """Return the subject that a sentence begins with, as far as it can be seen: a word, or a name of several."""
    words = sentence.split()
    end = 1
    while end < len(words) and (words[end][0].isupper() or words[end] in ("and", "&")):
        end += 1
    return " ".join(words[:end])


def _clause(sentence: str) -> Clause:
    main, denied = sentence, ""
    if (found := _DENIAL.search(sentence)) and found.start() > 0:
        main, denied = sentence[: found.start()], sentence[found.end() :]
    words, negations = _words(main)
    return Clause(tuple(words), negations % 2 == 1, frozenset(word.stem for word in _words(denied)[0]) - _LINKING)


def _words(text: str) -> tuple[list[Word], int]:
    """Return the words, and how many negations are among them."""
    tokens = _TOKEN.findall(_NOT_DENIED.sub(" ", text))
    words: list[Word] = []
    negations, place = 0, 0
    while place < len(tokens):
        token = tokens[place].replace("\u2019", "'")
        lower = token.lower()
        number = _number(lower)
        if number is not None:
            word, used = _quantity(number, tokens, place)
            words.append(word)
            place += used
            continue
        place += 1
        if lower in _NEGATIONS or lower.endswith("n't"):
            negations += 1
            lower = "" if lower in _NEGATIONS else _bare(lower)
        base = lower.partition("'")[0]
        if base and base not in _SKIPPED and base not in _UNIT_SIGNS:
            words.append(Word(stem(base), is_name=token[0].isupper() and place > 1))
    return words, negations


_UNIT_SIGNS = frozenset("$€£%")


def _bare(contracted: str) -> str:
    """Return the verb of a contraction with "not"."""
    return {"won't": "will", "can't": "can", "shan't": "shall", "ain't": "is"}.get(contracted, contracted[:-3])


def _number(token: str) -> float | None:
    digits = _NUMBERS.get(token, token)
    if not digits[0].isdigit():
        return None
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", digits):
        digits = digits.replace(",", "")
    if re.fullmatch(r"\d{1,2}:\d\d", digits):
        hour, _, minute = digits.partition(":")
        return int(hour) + int(minute) / 60
    try:
        return float(digits[:40])
    except ValueError:
        return None


def _quantity(number: float, tokens: list[str], place: int) -> tuple[Word, int]:
    """Return a number as a word, with the unit before or after it, and how many tokens it took."""
    after = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
    before = tokens[place - 1] if place else ""
    is_clock = ":" in tokens[place]
    used, (factor, kind) = (
        (2, _UNIT[after]) if after in _UNIT else (1, _UNIT.get(before, (1, "hour" if is_clock else "")))
    )
    if used == 1 and after in ("am", "pm"):
        used, kind = 2, "hour"
        number = number % 12 + (12 if after == "pm" else 0)
    found = Quantity(round(number * factor, 6), kind)
    return Word(f"{found.value:g}{found.kind}", quantity=found), used
