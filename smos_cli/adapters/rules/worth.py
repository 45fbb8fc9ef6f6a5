"""How much a statement tells that is worth keeping, and what kind of thing it is.

Owns the score: what is definite counts (a time, a number, a name, a thing of the speaker's own, something done, liked
or decided), feeling and praise count against it. The weights were chosen on conversations, and are stated here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smos_cli.adapters.rules.dating import has_time
from smos_cli.adapters.rules.vocabulary import (
    CAPITALISED,
    EVENTS,
    HAVINGS,
    KIN,
    LIKINGS,
    MONTHS,
    PAST,
    STOP,
    VAGUE,
    WORD,
)

ENOUGH = 2.6
"""From this score on a statement is kept."""
_FIRST = frozenset(
    ("i", "i'm", "i've", "i'll", "i'd", "im", "my", "mine", "me", "we", "we're", "we've", "we'll", "our", "us")
)
_NUMBER = re.compile(
    r"(?<![\w.])[$€£]?\d[\d,.:/]*(?:[%kKmM]|am|pm|th|st|nd|rd|GB|MB|ms|s)?\b|\b(?:two|three|four|five|six|seven"
    r"|eight|nine|ten|dozen|hundred|thousand)\b"
)
_HABIT = re.compile(
    r"\b(?:recently|lately|currently|these days|every \d+|every (?:day|week|month|year|morning|night|evening|other"
    r"|weekend|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday)|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|usually|once an?|twice an?"
    r"|times an?|daily|weekly|monthly"
    r"|for (?:about |over |almost |nearly |the past |the last )?(?:\w+ )?(?:years?|months?|weeks?|days?|hours?)"
    r"|since (?:i|we|\d|last|\w+ \d|my)"
    r"|when i was|as a (?:kid|child|teen)|growing up|years old|used to|for the first time|in (?:the )?(?:spring"
    r"|summer|fall|autumn|winter)"
    rf"|(?:{'|'.join(MONTHS)})|\d(?:th|st|nd|rd)|weekend|o'clock|before bed|after work)\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(
    r"\b(?:decided (?:(?:yesterday|today|tonight|recently|finally|(?:last|this) \w+) )?(?:to|on|that|against)"
    r"|(?:we|i)(?:'re| are|'m| am|'ll| will) (?:going with|go with|use|using"
    r"|stick(?:ing)? with|settle on|standardi[sz]e on)|we use"
    r"|settled on|chose|agreed (?:to|on|that)|(?:the )?decision|from now on|going forward|we don't (?:use|do|allow)"
    r"|always use|never use|we (?:always|never)|policy is|made up my mind|opted|must (?:be|not|use|have)|has to be"
    r"|have to be)\b",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(?:the (?:fix|cause|culprit|problem|issue|bug|reason|root cause|solution|trick|workaround|answer) (?:was|is"
    r"|turned out)|(?:that )?fixed (?:it|the|by)"
    r"|solved (?:it|the|by)|worked after|works (?:now|after|when)|turned out (?:to be|that)|caused by|it was because"
    r"|had to (?:set|run|pin|add|remove|restart|install|disable|enable|upgrade|downgrade))\b",
    re.IGNORECASE,
)
_PROJECT = re.compile(
    r"\b(?:runs? on|listens? on|lives? (?:in|at)|is (?:stored|kept|deployed|hosted|written|built|owned|called|named"
    r"|due|scheduled) |deploys?|port|database|"
    r"branch|release|deadline|staging|production|repo(?:sitory)?|server|endpoint|api|timeout|version|tests?|config"
    r"|queue|cache|token|migration|schema|pipeline|cluster|bucket|backup|package|library|command|script|build|ci)\b",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"`[^`\n]{1,120}`|\b[\w\-]+(?:/[\w.\-]+)+\b|\b\w+_\w+\b|\b[a-z]+[A-Z]\w+\b|\b[a-z]{2,20}\d{1,4}\b"
    r"|\bv?\d+\.\d+(?:\.\d+)*\b|\b[\w\-]+\.(?:py|js|ts|toml|ya?ml|json|md|sql|sh|rs|go|env|lock)\b"
)
_TITLE = re.compile(r"[\"“'‘][A-Z0-9][^\"”’\n]{1,60}[\"”’']")
_PROFILE = re.compile(
    r"\b(?:is (?:allergic|vegan|vegetarian|diabetic|coeliac|celiac)"
    r"|(?:i'm|i am) (?:allergic|vegan|vegetarian|left-handed|right-handed|colou?r-?blind|deaf|blind|diabetic"
    r"|married|divorced|retired"
    r"|\d\d\b|originally from|an? (?!bit|little|lot|huge|big|fan|total|mess|tad|great|good|better|different))"
    r"|i (?:work|live|was born|grew up|study) (?:as|at|for|in|on|near)\b|my name is|i go by|i have (?:an?|two|three"
    r"|four|five) (?:degree|sons?|daughters?|dogs?|cats?|brothers?|sisters?|kids|children)|i come from"
    r"|my (?:job|birthday|hometown|native language|time zone|timezone) is"
    r"|my (?:wife|husband|partner|mother|mom|mum|father|dad|son|daughter|brother|sister|boss"
    r"|manager)(?: [A-Z]\w+)? (?:is an?|works|lives|turns|studies)|i weigh)\b",
    re.IGNORECASE,
)
_STEADY = re.compile(
    r"\bi (?:also |mostly |mainly |usually )?(?:use|drive|speak|play|teach|own|ride|collect|(?:never|always|don't"
    r"|can't) (?:eat|drink|use|smoke|drive|work|write|read|travel|fly|cook)) \w+",
    re.IGNORECASE,
)
"""What somebody does as a rule."""
_PREFERENCE = re.compile(
    r"\b(?:i(?:'m| am)? (?:really |also |just |usually |always |personally |definitely )*(?:love|like|prefer|hate"
    r"|enjoy|adore|dislike|into|a (?:big |huge )?fan of|can't stand|(?:don't|do not) want any)\b"
    r"|(?:my|our) (?:\w+ )?(?:favou?rite|preferred|fave)|i'd (?:rather|prefer)|(?:^|[.;] )(?:please )?(?:always"
    r"|never) (?:use|write|put|run|add))\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"(?:,|\s[-–—])\s?(?:(?:and|but|so) )?(?:(?:it|that|they|everything|which)(?:'s| is| was| has been|'s been"
    r"|'ve been| have been| made| felt| really| just| has| helped| helps)|i (?:am|was|feel|felt)|i'm)\b.*"
    r"|\s[-–—]\s?(?:[\w']+,? ?){1,4}[.!]*$",
    re.IGNORECASE | re.DOTALL,
)
"""What a sentence says at its end of how that was."""
_PLATITUDE = re.compile(
    r"\b(?:keep(?:s|ing)? (?:going|it up|pushing|growing|at it)|gives? up|giving up|make it work|(?:my|our) best"
    r"|stay(?:ing)? (?:motivated|focused|positive|strong)"
    r"|make a difference|work(?:ing)? hard|each other|pa(?:ys?|id) off|means? (?:a lot|the world)|true self"
    r"|great time|so far, so good|go(?:es|ing)? for it|no matter what|come true)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"\b(?:prefer(?:s|red)?|can't stand|allergic|my (?:favou?rite|go-to|preferred)"
    r"|i (?:don't|do not) want any(?! (?:more|of|trouble|problems?)\b))\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:looking for|trying to find|need|want|interested in)\b[^.]{0,24}\b(?:advice|tips|recommendations?"
    r"|suggestions?|ideas|info|information|help|resources|guidance|inspiration)\b",
    re.IGNORECASE,
)
_WEAK_OPENING = re.compile(
    r"(?:(?:it|that|this|they|these|those|there|here)(?:'s| is| was| are| were|'re)? |it |that |i(?:'m| am| feel"
    r"| felt)(?: also| just| so| really| very| pretty| super| totally)*"
    r" (?:\w+ed|excited|happy|glad|grateful|thankful|lucky|proud|sure|ready|open|confident|sorry|here|down|blessed"
    r"|determined|motivated|hopeful)\b)",
    re.IGNORECASE,
)


class Worth(NamedTuple):
    """What a statement is worth."""

    score: float
    kind: str

    @property
    def confidence(self) -> float:
        """How sure it is that it is worth keeping: 0.5 at the threshold, towards 0.95 above it."""
        return round(min(0.95, 0.5 + (self.score - ENOUGH) * 0.08), 2)


def worth_of(statement: str, names: frozenset[str]) -> Worth:
    """Return what a statement in the speaker's own words is worth; ``names`` are of the people who talk."""
    core = _OPINION.sub("", statement)
    score = max(_score(text, names) for text in {statement, core})
    return Worth(score, kind_of(statement))


def kind_of(statement: str) -> str:
    """Return what kind of thing a statement tells."""
    words = {word.lower() for word in WORD.findall(statement)}
    if _FIXED.search(statement):
        return "procedure"
    if _DECIDED.search(statement):
        return "decision"
    if words & PAST and (has_time(statement) or "recently" in words or "just" in words):
        return "event"
    if _PREFERENCE.search(statement) and not has_time(statement):
        return "preference"
    return "profile" if _PROFILE.search(statement) else "fact"


def names_in(statement: str) -> list[str]:
    """Return the words of a statement that are written as names are, but for its first."""
    words = WORD.findall(statement)
    return [word for word in words[1:] if word[0].isupper() and word not in CAPITALISED and len(word) > 1]


def identifiers_in(statement: str) -> list[str]:
    """Return commands, paths, versions and names of code."""
    return [found.strip("`") for found in _IDENTIFIER.findall(statement)]


def _score(statement: str, names: frozenset[str]) -> float:
    words = [word.lower() for word in WORD.findall(statement)]
    content = [word for word in words if word not in STOP]
    solid = [word for word in content if word not in VAGUE]
    is_first = not _FIRST.isdisjoint(words)
    score = 1.0 if is_first else 0.0
    score += 1.6 if has_time(statement) else 0.0
    score += 1.0 if _HABIT.search(statement) else 0.0
    score += 1.2 if _NUMBER.search(statement) else 0.0
    score += min(2, sum(not _is_of(name, names) for name in names_in(statement))) * 0.9
    score += 0.8 if _TITLE.search(statement) else 0.0
    score += (1.0 if is_first else 0.4) * (not EVENTS.isdisjoint(words))
    score += (0.9 if is_first else 0.3) * (not LIKINGS.isdisjoint(words))
    score += 1.7 * (_STEADY.search(statement) is not None)
    score += 1.4 * (_CHOICE.search(statement) is not None) - 1.0 * (_REQUEST.search(statement) is not None)
    score += 0.7 * min(2, len(KIN.intersection(words)))
    score += 0.7 * min(2, len(HAVINGS.intersection(words)))
    score += 2.0 * (_DECIDED.search(statement) is not None) + 2.2 * (_FIXED.search(statement) is not None)
    score += 1.2 * min(2, len(identifiers_in(statement)))
    score += 0.6 * (_PROJECT.search(statement) is not None)
    score += 0.2 * min(6, len(solid) - 2) - 1.0 * (len(solid) < 2 and not _PROFILE.search(statement))
    score -= 0.75 * min(4, len(content) - len(solid))
    score -= 0.9 * sum(word in ("you", "your", "you're", "you've", "u", "ya") for word in words)
    score -= 1.4 * min(2, len(_PLATITUDE.findall(statement)))
    if _PROFILE.search(statement):
        score += 1.8
    elif _WEAK_OPENING.match(statement):
        score -= 1.5
    return score


def _is_of(name: str, names: frozenset[str]) -> bool:
    low = name.lower().removesuffix("'s")
    return any(known == low or (len(low) >= 2 and known.startswith(low)) for known in names)
