"""Who a sentence is about: "I" becomes the speaker, and the verb behind it agrees.

Owns the words of the first and second person. Grammar by rule: a verb that the rules do not know is taken as regular.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smos_cli.adapters.rules.vocabulary import (
    ADVERBS,
    COORDINATED,
    EITHER,
    MODALS,
    NO_ADVERBS,
    NO_PAST,
    PARTICIPLES,
    PAST,
    STOP,
)

_TOKEN = re.compile(r"[^\W_][\w'\-]*|\W+|_+")
_LONGEST_NAME = 60
_SPEAKERS = frozenset(("user", "human", "me", "you", "i", "customer", "client", "person", ""))
_AS_IT_STANDS = frozenset(
    (
        "who",
        "that",
        "which",
        "and",
        "or",
        "but",
        "if",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "as",
        "than",
        "then",
    )
)
_IRREGULAR = {
    "am": "is",
    "are": "is",
    "aren't": "isn't",
    "ain't": "isn't",
    "be": "is",
    "do": "does",
    "don't": "doesn't",
    "go": "goes",
    "gonna": "is going to",
    "gotta": "has to",
    "have": "has",
    "haven't": "hasn't",
    "wanna": "wants to",
    "were": "was",
    "weren't": "wasn't",
}
_WE = {"we": "", "we're": " are", "we've": " have", "we'll": " will", "we'd": " had", "us": ""}
_I = frozenset(("i", "i'm", "im", "i've", "ive", "i'll", "i'd"))
_MINE = frozenset(("me", "my", "mine", "myself", "our", "ours", "ourselves"))
_SLURRED = {"gonna": "going to", "wanna": "want to", "gotta": "got to"}
_HABITS = re.compile(r"\b(?:always|usually|often|every|each|never|rarely|sometimes)\b", re.IGNORECASE)
_YOURS = {
    "you": "",
    "you're": " is",
    "you've": " has",
    "you'll": " will",
    "you'd": " would",
    "your": "'s",
    "yours": "'s",
}


class Who(NamedTuple):
    """What the people of a turn are called in a statement."""

    name: str
    """the speaker: ``Marta`` or ``the user``"""
    other: str = ""
    """whom the speaker says "you" to; empty where there are several"""

    @property
    def opening(self) -> str:
        """The speaker's name as a sentence begins with it."""
        return self.name[:1].upper() + self.name[1:]


def named(speaker: str, role: str) -> str:
    """Return what a speaker is called: a name, or ``the user`` and ``the assistant`` for one who has none."""
    if role == "assistant":
        return "the assistant"
    plain = " ".join(speaker[:_LONGEST_NAME].split())
    return "the user" if plain.casefold() in _SPEAKERS else plain


def third_person(text: str, who: Who) -> str:
    """Return a sentence with the speaker's name where it says "I", and "you" as the one spoken to."""
    return _Retelling(text, who).told()


def inflected(verb: str, *, habit: bool = False) -> str:
    """Return a verb as it stands behind a name in the singular: ``like`` as ``likes``, ``went`` as it is."""
    low = verb.lower()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if low in MODALS or low in PAST or not low.isalpha() or (low in EITHER and not habit):
        return verb
    if (low.endswith("ed") and low not in NO_PAST) or (low[:2] == "re" and low[2:] in PAST):
        return verb
    if low.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


class _Retelling:
    """One sentence, word by word."""

    def __init__(self, text: str, who: Who) -> None:
        self._tokens = _TOKEN.findall(text)
        self._who = who
        self._habit = bool(_HABITS.search(text))
        self._place = 0
        self._out: list[str] = []
        self._named = self._present = self._we = self._plural = False

    def told(self) -> str:
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._place += 1
            self._out.append(self._word(token) if token[0].isalnum() else token)
        return "".join(self._out)

    def _word(self, token: str) -> str:
        low = token.lower()
        if low in _I:
            return self._subject(low) if token[0] == "I" or low != token else token
        if low in _MINE:
            return self._own(low)
        if low in _WE and (token == low or not self._out):
            self._named = self._we = True
            return self._we_word(low)
        if low in _YOURS and self._who.other:
            return self._you(low)
        return self._other(token, low)

    def _other(self, token: str, low: str) -> str:
        """Return a word that is no person: a second verb agrees too."""
        if self._present and low in COORDINATED and self._behind_and():
            return inflected(token)
        if low in ("to", "will", "can"):
            self._present = False
        return _SLURRED.get(low, token)

    def _own(self, low: str) -> str:
        """Return what stands for "me", "my", "our" and the like."""
        if low in ("myself", "ourselves"):
            return "themselves"
        if low == "me":
            return "them" if self._is_they() else self._name()
        return "their" if self._named and low in ("my", "our") else f"{self._name()}'s"

    def _name(self) -> str:
        return self._who.opening if not any(part.strip() for part in self._out) else self._who.name

    def _we_word(self, low: str) -> str:
        if low == "we'd" and not self._is_past_behind():
            return f"{self._name()} and others would"
        return f"{self._name()} and others{_WE[low]}"

    def _you(self, low: str) -> str:
        if low == "you" and not self._is_object():
            self._agree()
        return f"{self._who.other}{_YOURS[low]}"

    def _is_object(self) -> bool:
        """Say whether the word before is one that a verb or "to" puts a person behind."""
        before = next((part.lower() for part in reversed(self._out) if part[:1].isalnum()), "")
        return before in (
            "to",
            "with",
            "for",
            "from",
            "of",
            "about",
            "by",
            "at",
            "on",
            "gave",
            "tell",
            "told",
            "showed",
            "sent",
        )

    def _is_they(self) -> bool:
        """Say whether the speaker can be "they": who has no name of their own, once told of in the sentence."""
        return self._named and not self._we and self._who.name.startswith("the ")

    def _subject(self, low: str) -> str:
        if self._is_they() and not self._behind_and():
            return self._they(low)
        name = self._name()
        if self._is_one_of_several():
            self._named = True
            return self._they(low, name)
        if self._named and not self._we and self._behind_and() and self._out:
            name = ""
        if name:
            self._plural = False
        self._named, self._we, self._present = True, False, False
        if self._plural:
            return self._they(low, name)
        if low != "i":
            self._present = low in ("i'm", "i've")
            verb = {"m": "is", "ve": "has", "ll": "will"}.get(low[1:].lstrip("'"), "")
            return self._joined(name, verb or ("had" if self._is_past_behind() else "would"))
        self._agree()
        if not name and self._place < len(self._tokens) and self._tokens[self._place].isspace():
            self._place += 1
        return name

    def _they(self, low: str, name: str = "they") -> str:
        self._present, self._plural = False, True
        if low != "i":
            verb = {"m": "are", "ve": "have", "ll": "will"}.get(low[1:].lstrip("'"), "")
            return self._joined(name, verb or ("had" if self._is_past_behind() else "would"))
        place = self._verb_place()
        if place >= 0:
            token = self._tokens[place]
            self._tokens[place] = {"am": "are", "was": "were", "wasn't": "weren't"}.get(token.lower(), token)
        if not name and self._place < len(self._tokens) and self._tokens[self._place].isspace():
            self._place += 1
        return name

    def _is_one_of_several(self) -> bool:
        """Say whether a subject of several people ends here: "my wife and I"."""
        words = re.findall(r"[\w'\-]+", "".join(self._out).lower())
        if self._we or not 1 < len(words) < 7 or words[-1] != "and" or any("," in part for part in self._out):
            return False
        return not any(
            word in PARTICIPLES or word in MODALS or word in COORDINATED or word.endswith("ed") for word in words
        )

    @staticmethod
    def _joined(name: str, verb: str) -> str:
        return f"{name} {verb}" if name else verb

    def _behind_and(self) -> bool:
        before = [part.strip().lower() for part in self._out[-4:] if part.strip()]
        if before and before[-1] in ADVERBS:
            before.pop()
        return bool(before) and before[-1] in ("and", "or", "but", "then")

    def _is_past_behind(self) -> bool:
        place = self._verb_place()
        low = self._tokens[place].lower() if place >= 0 else ""
        return low in PARTICIPLES or (low.endswith("ed") and low not in NO_PAST)

    def _verb_place(self) -> int:
        """Return where the verb of the subject before stands; -1 where none is near."""
        for place in range(self._place, min(self._place + 8, len(self._tokens))):
            token = self._tokens[place]
            if not token.strip():
                continue
            low = token.lower()
            if not token[0].isalpha():
                return -1
            if low in ADVERBS or (low.endswith("ly") and low not in NO_ADVERBS):
                continue
            return place
        return -1

    def _agree(self) -> None:
        place = self._verb_place()
        if place < 0:
            return
        token = self._tokens[place]
        if token.lower() in _AS_IT_STANDS or (token.lower() in STOP and token.lower() not in _VERBS_OF_STOP):
            return
        told = inflected(token, habit=self._habit)
        self._present = told != token
        self._tokens[place] = told


_VERBS_OF_STOP = frozenset(("am", "have", "do", "don't", "get", "gonna", "be", "let", "were", "are"))
