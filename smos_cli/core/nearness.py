"""When two statements say the same in nearly the same words: their signatures are equal.

Owns what may differ: case, punctuation, articles and other empty words, endings, the order in a list, and whether a
clause such as ``In production,`` stands first or last. Everything else is a difference, as what is wrongly taken for
a repeat is lost: a number, its unit, a date, a negation, a modal or past form, a question, another word, another order.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from smos_cli.core.stem import stem

_TOKEN = re.compile(
    r"[A-Za-z]+(?:'[A-Za-z]+)?(?![\w@/\\#+]|[.\-:][^\W_])"  # a plain word
    r"|[$€£#@~+\-]?\w(?:[\w@/\\#+%°]|[.,:\-'](?=\w))*"  # a number, a name with marks in it, an address, a path
    r"|[,;.?!]|[<>=≤≥≠≈&|*/+%€$£°→]+"
)
_EMPTY = frozenset(
    str.split(
        """
    a an the is are am be been being do does that just also really please actually basically
    """
    )
)
_AUXILIARY = frozenset(["was", "were", "had", "did", "has", "have"])
_CONTRACTED = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "n't": "not", "'s": "",
    "'re": "", "'m": "", "'ve": "have", "'ll": "will", "'d": "would", "let's": "let us",
}  # fmt: skip
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(str.split("zero one two three four five six seven eight nine ten eleven twelve"))
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100"}
_UNITS = {
    word: words.split()[0]
    for words in (
        "ms millisecond milliseconds millis",
        "s sec secs second seconds",
        "min mins minute minutes",
        "h hr hrs hour hours",
        "d day days",
        "kb kilobyte kilobytes",
        "mb megabyte megabytes",
        "gb gigabyte gigabytes",
        "% percent pct",
        "km kilometre kilometres kilometer kilometers",
    )
    for word in words.split()
}
_MEASURE = re.compile(r"([+\-~]?\d[\d,]*(?:\.\d+)?)([A-Za-z%°µ]{1,12})")
_THOUSANDS = re.compile(r"[+\-~]?\d{1,3}(?:,\d{3})+")
_SHOUTED = frozenset(str.split("it us who am as at in on or and is be do so may"))
"""Words that are names where they stand in capitals: IT, US, WHO."""
_LEAD = re.compile(
    r"\s*(?:(?:just )?(?:a )?(?:quick )?(?:reminder|note|fyi|btw|by the way|ok|okay|so|well|yes|yeah|yep|again"
    r"|as i said|as (?:always|mentioned|discussed|agreed)|to be clear|for the record|in short)\s*[,:]\s+)+",
    re.IGNORECASE,
)
"""What people say before they say something again."""
_OPENERS = frozenset(str.split("in on at since for from until by after before during with yesterday today tomorrow"))
_JOINERS = frozenset([",", "and", "or"])
_LONGEST = 4000


def signature(text: str) -> str:
    """Return what statements that say the same in nearly the same words have in common; empty for one of no words."""
    if lead := _LEAD.match(text):
        text = text[lead.end() :]
    text = text[:_LONGEST].replace("\u2019", "'").replace("`", "").replace('"', "") + text[_LONGEST:]
    words = _words(text)
    sentences = "\n".join(" ".join(_sorted_lists(_opened_last(words))) for words in _sentences(words))
    return sentences if any(map(str.isalnum, sentences)) else ""


def near_hash(text: str) -> str:
    """Return the hash of a statement's signature, by which tombstones tell it in other words; empty without one."""
    plain = signature(text)
    return blake2b(f"near\n{plain}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if plain else ""


def _words(text: str) -> list[str]:
    shouting = text.isupper()
    found: list[str] = []
    for word in _TOKEN.findall(text):
        if word.isalpha() and word.islower():
            found += _plain(word)
        elif word.isupper() and not shouting and word.lower() in _SHOUTED and len(word) > 1:
            found.append(word)
        elif len(word) <= 3 and found and found[-1][-1:].isdigit() and word.isascii() and word.isalpha():
            found.append(word)  # 5 Mb are not 5 MB
        elif word.replace("'", "").isalpha() and word.isascii():
            found += _plain(word.lower())
        else:
            found += _marked(word)
    return _measured(found)


@lru_cache(maxsize=20_000)
def _plain(word: str) -> tuple[str, ...]:
    """Return what is left of a word of small letters."""
    if word in _EMPTY:
        return ()
    if "'" in word:
        for ending, meant in _CONTRACTED.items():
            if word.endswith(ending):
                return tuple(
                    part for half in (word.removesuffix(ending), *meant.split()) for part in _plain(half) if half
                )
    if word in _CONTRACTED:
        return tuple(_CONTRACTED[word].split())
    if word in _NUMBERS:
        return (_NUMBERS[word],)
    root = stem(word)
    # What was so is not what is so: a past form stays one, also where no ending says that it is.
    is_past = (word.endswith("ed") and not word.endswith("eed")) or not word.startswith(root.rstrip("ie"))
    return (word if word in _AUXILIARY else f"{root}+ed" if is_past else root,)


@lru_cache(maxsize=20_000)
def _marked(mark: str) -> tuple[str, ...]:
    """Return what is left of a mark with digits or marks: its capitals may tell it from another."""
    if not any(map(str.isalnum, mark)):
        return (mark[0] if mark[0] in ".?!" else ";,"[mark != ";"] if mark in ",;" else mark,)
    if _THOUSANDS.fullmatch(mark):
        return (mark.replace(",", ""),)
    if measure := _MEASURE.fullmatch(mark):
        return (measure[1].replace(",", ""), _UNITS.get(measure[2], measure[2]))
    halves = mark.split("-")
    if len(halves) > 1 and all(half.isalpha() and half.isascii() for half in halves):
        return tuple(part for half in halves for part in _plain(half.lower()))
    return (mark,) if mark.isascii() else (mark.casefold(),)


def _measured(words: list[str]) -> list[str]:
    """Give the units behind numbers the names that they share."""
    for place, (number, unit) in enumerate(pairwise(words), 1):
        if number[:1].isdigit() and unit in _STEMMED_UNITS:
            words[place] = _STEMMED_UNITS[unit]
    return words


_STEMMED_UNITS = {stem(word): unit for word, unit in _UNITS.items()} | _UNITS


def _sentences(words: list[str]) -> list[list[str]]:
    """Cut words at the ends of sentences; only a question keeps its mark."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == "?":
            found[-1].append(word)
        if word in (".", "!", "?", ";"):
            found.append([])
        else:
            found[-1].append(word)
    return [sentence for sentence in found if sentence]


def _opened_last(words: list[str]) -> list[str]:
    """Put a clause that opens a sentence behind it: ``On Monday, it was cleared``."""
    if words.count(",") == 1 and words[0] in _OPENERS:
        cut = words.index(",")
        if cut >= 1 and len(words) - cut > 2:
            return [*words[cut + 1 :], *words[:cut]]
    return words


def _sorted_lists(words: list[str]) -> list[str]:
    """Sort the items of a list that begins or ends a sentence; elsewhere it can't be told what belongs to an item."""
    if _JOINERS.isdisjoint(words):
        return words
    found: list[str] = []
    place = 0
    while place < len(words):
        end = _list_end(words, place)
        if end and (place == 0 or end == len(words)):
            items = [word for word in words[place:end] if word not in _JOINERS]
            joiner = "or" if "or" in words[place:end] else "and"
            found += [joiner, *sorted(items)]
            place = end
        else:
            found.append(words[place])
            place += 1
    return [word for word in found if word != ","]


def _list_end(words: list[str], start: int) -> int:
    """Return where a list of single words that begins at a place ends, 0 where none begins."""
    place, joined = start, False
    while place + 2 <= len(words) and words[place] not in _JOINERS:
        after = place + 1
        if after >= len(words) or words[after] not in _JOINERS:
            break
        last = words[after] != ","
        after += 1
        if after < len(words) and words[after] in ("and", "or") and not last:
            last, after = True, after + 1
        if after >= len(words) or words[after] in _JOINERS:
            return 0
        place, joined = after, joined or last
        if last:
            break
    return place + 1 if joined else 0
