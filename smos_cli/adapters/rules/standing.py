"""Whether a statement stands by itself: its pronouns have what they mean before them, and it has a subject.

Owns the guess at what "it" or "she" may mean, on the side of doubt, and the subject that people leave out in chat.
"""

from __future__ import annotations

import re

from smos_cli.adapters.rules.vocabulary import EVENTS, KIN, NO_PAST, PAST, WORD
from smos_cli.adapters.rules.worth import names_in

_TIMES = (
    r"(?: (?:past |coming |very |whole )?(?:morning|afternoon|evening|week|weekend|month|year|summer|spring|fall|autumn"
    r"|winter|quarter|time|monday|tuesday|wednesday|thursday|friday|saturday|sunday))"
)
_INTRODUCED = r" (?:[\w\-]+ ){1,4}(?:called|named)\b"
"""What follows "this" where it makes something known: "this game called"."""
_THING = re.compile(
    rf"\b(?:it|it's|its|itself|they|they're|they've|them|their|theirs|this(?!{_TIMES}|{_INTRODUCED})|that's"
    rf"|that(?=[.,!;:]|$| (?:is|was|one|day|night|time|place|way)\b)"
    r"|these(?! days)|those|(?:this|that|(?:the|another|a|an)(?: \w+)?) ones?)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\bthere\b(?!'s|'re)|\bhere\b(?!'s| is| are)", re.IGNORECASE)
_THERE_IS = re.compile(
    r"(?:^|[,;:.–-] ?|\b(?:and|but|that|think|because|since|so|if|when|where|know|saw|guess|hope) )there (?:is|are"
    r"|was|were|has|have|will)\b",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"\b(?:this|that|these|those)(?= (?:at|in|on|for|to|as|again|before|and|but|too|by|from|with)\b|[.,!;]"
    r"|$)(?<!said that)(?<!so that)"
    r"|\b(?:on|been|have|has|had|want|get|got|need|made|bought) one\b(?! of\b| more\b| day\b|-)|\blike (?:this|that"
    r"|these|those|it)(?=[.,!;]|$| (?:and|but|before|can|is|are|really)\b)|\b(?:a few|some"
    r"|several|any) more(?= (?:last|yesterday|today|in|on)\b|[.,!]|$)",
    re.IGNORECASE,
)
_SOMEWHERE = re.compile(r"\b(?:in|at|to|from|near|visit\w*) (?:the |a |an |my |our |this )?\w{3,}", re.IGNORECASE)
_BEFORE_OBJECT = 4
"""Words before a pronoun, of which one can be what it means: fewer are no more than who did what to it."""
_PERSON = re.compile(r"\b(?:he|he's|she|she's|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
_NOUN = re.compile(
    r"\b(?:an?|the|my|our|some|two|three|four|five|six|several|many|new|\d+|another|any|of|in|for|with"
    r"|about) (?!it\b|that\b|this\b|them\b|there\b|me\b|be\b|lot\b|bit\b|few\b)\w{2,}"
    r"|\b\w{3,}(?<!s)(?<!ha)(?<!wa)(?<!thi)(?<!alway)(?<!sometime)(?<!doe)(?<!ye)(?<!les)(?<!acros)(?<!thank)s\b"
    r"|\b(?:people|children|kids|folks|music|food|art|money|work)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:it|this|that|they|these|those|he|she|his|her|their|its|him|them|here|such|both|neither|the (?:same|other)"
    r"|gives|helps|makes|keeps|reminds|shows|takes|brings|means|feels|sounds|seems|works)\b",
    re.IGNORECASE,
)
_CHAT = re.compile(
    r"(?P<adverb>(?:always|just|finally|recently|also|currently|lately|still|already|actually) )?(?P<verb>[a-z]+)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|can|will|helps?|makes?|gives?|keeps?|takes?|brings?|sure|really)\b|'s\b"
)
_DOING = re.compile(
    r"(?:working|planning|training|practi[cs]ing|learning|reading|writing|finishing|preparing|looking|moving"
    r"|building|studying|visiting|going|heading|teaching|running|starting|trying)$"
)


def stands_alone(statement: str) -> bool:
    """Say whether a statement can be understood without the one before it."""
    if _POINTING.match(statement) and not re.match(rf"(?:this|these){_TIMES}|these days", statement, re.IGNORECASE):
        return False
    thing = _THING.search(statement)
    if _SHOWN.search(statement) or (thing and not _has_noun(statement[: thing.start()])):
        return False
    if thing and len(statement[: thing.start()].split()) < _BEFORE_OBJECT:
        return False
    place = _PLACE.search(_THERE_IS.sub("", statement))
    if place and not _SOMEWHERE.search(statement[: place.start()]):
        return False
    person = _PERSON.search(statement)
    return not person or _has_person(statement[: person.start()])


def with_subject(statement: str) -> str:
    """Return a statement with the "I" that was left out before "just got back" or "been busy"."""
    found = _CHAT.match(statement)
    if not found:
        return statement
    verb, rest = found["verb"].lower(), statement[found.end() :]
    lowered = statement[:1].lower() + statement[1:]
    if verb in ("been", "gotten") and re.match(r" (?:\w+(?:ing|ed)\b|to\b|busy\b|at\b|in\b|into\b|on\b|working)", rest):
        return f"I've {lowered}"
    if verb in ("love", "hate", "prefer") and not _FINITE.search(rest):
        return f"I {lowered}"
    is_done = any(word.lower() in PAST or (word.endswith("ed") and word not in NO_PAST) for word in WORD.findall(rest))
    if verb in ("gonna", "gotta") or (_DOING.fullmatch(verb) and not is_done and not _FINITE.search(rest)):
        return f"I'm {lowered}" if verb != "gotta" else f"I {lowered}"
    is_past = verb in PAST or (verb.endswith("ed") and (verb in EVENTS or found["adverb"]) and verb not in NO_PAST)
    if is_past and verb not in ("was", "were", "did", "had") and not rest.startswith((" by", "-")):
        return f"I {lowered}"
    return statement


def _has_noun(before: str) -> bool:
    return _NOUN.search(before) is not None or bool(names_in(f"_ {before}"))


def _has_person(before: str) -> bool:
    words = {word.lower().removesuffix("'s") for word in WORD.findall(before)}
    return (
        not KIN.isdisjoint(words)
        or bool(names_in(f"_ {before}"))
        or bool(re.search(r"\b(?:woman|man|girl|boy|lady|guy|someone|\w+er|\w+or|\w+ist) ", before))
    )
