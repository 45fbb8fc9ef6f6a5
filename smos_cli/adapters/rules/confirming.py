"""What a person took up of an assistant's words, and what an assistant says it did.

Owns the pairing of "yes, do that" or "that worked" with the one proposal that it answers. Of several proposals none is
taken, unless the answer names it. An assistant's explanations and suggestions alone yield nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from smos_cli.adapters.rules.prose import Sentence, sentences_of
from smos_cli.adapters.rules.standing import stands_alone
from smos_cli.adapters.rules.vocabulary import STOP, WORD
from smos_cli.adapters.rules.worth import identifiers_in

_YES = re.compile(
    r"(?:yes|yep|yeah|yup|sure|ok|okay|agreed|correct|exactly|please(?: do)?|absolutely|definitely|of course|perfect"
    r"|great|good|fine|right)\b",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:let's (?:do|go|try|use|keep|take|start|begin|stick)|do (?:that|it|so)|go (?:ahead|for it|with)"
    r"|sounds (?:good|great|right|perfect|like a plan)|works for me"
    r"|that works|good (?:idea|plan|call)|i like (?:that|it|this)|makes sense|please do|ship it|lgtm|deal"
    r"|we'll (?:do|go|use)|i'll (?:do|go|use|take)|agreed|use that)\b",
    re.IGNORECASE,
)
_WORKED = re.compile(
    r"(?:(?:yes|yep|yeah|great|perfect|thanks|ok|nice)[,!.]? )?(?:(?:that|it|this) (?:\w+ )?(?:worked|works|fixed"
    r"|did it|did the trick|solved|was it)|(?:fixed|solved|worked)\b(?! on)"
    r"|(?:all|tests|build|it's|everything) (?:\w+ )?(?:green|pass(?:es|ing|ed)?|working|works)\b)",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\b(?:no|not|don't|doesn't|didn't|isn't|won't|can't|but|instead|rather|however|wait|except|unless|hold|stop"
    r"|never|if|maybe|almost|only|without|though|later)\b",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"(?:(?:so|then|ok|okay|next|alternatively|in that case|for now|to fix (?:this|it|that)),? )?(?:(?:should|shall"
    r"|could|can|may) (?:i|we) (?P<ask>.+)"
    r"|(?:do you want|would you like|want) me to (?P<want>.+)|(?:how|what) about (?:we |if we )?(?P<about>.+)"
    r"|(?:let's|let us) (?P<lets>.+)"
    r"|(?:i|we)(?:'d| would)? (?:also )?(?:suggest|recommend|propose) (?:that )?(?P<suggest>.+)|(?:we|you) (?:could"
    r"|should|can) (?P<could>.+)"
    r"|(?:i'd|i would) (?P<would>(?:go with|use|pick|set|choose|keep|make|add|move|start|put|take|raise|lower|split"
    r"|drop|rename|switch).+)"
    r"|i(?:'ll| will| can| could) (?P<will>.+)|the (?:fix|solution|remedy) (?:is|would be) to (?P<fix>.+)|(?:my"
    r"|the) (?:suggestion|recommendation|proposal|plan) is (?:to )?(?P<plan>.+))",
    re.IGNORECASE | re.DOTALL,
)
_ADVICE = re.compile(
    r"(?:(?:please|now|first|then|next|so|instead|to fix (?:this|it|that)),? )?(?P<do>(?:try|run|use|set|add|remove"
    r"|change|restart|install|delete|clear|upgrade|downgrade|pin|disable"
    r"|enable|replace|rename|increase|decrease|raise|lower|move|export|rebuild|reset|update|bump|open|turn|switch"
    r"|put|pass)\b.+)",
    re.IGNORECASE | re.DOTALL,
)
_DID = re.compile(
    r"(?:done[:.,!]? |ok[,:.]? |all set[:.,!]? )?(?:i(?:'ve| have)?|we(?:'ve| have)?) (?:also |now |just |already "
    r"|then )?(?:changed|set|raised|lowered|fixed|added|removed|renamed|moved|switched"
    r"|replaced|updated|upgraded|pinned|created|deployed|migrated|disabled|enabled|bumped|reverted|merged|released"
    r"|installed|configured|rewrote|split"
    r"|deleted|dropped|decided|increased|reduced|downgraded|extracted|tagged|published|implemented|chose|picked)\b",
    re.IGNORECASE,
)
_WAS = re.compile(
    r"(?:found it[:.,!]? )?(?:so )?the (?:fix|cause|culprit|root cause|bug|problem|issue|reason) (?:was"
    r"|turned out)\b|the [\w `/.\-]{2,40} (?:is|are) now\b|[\w `/.\-]{2,40} now (?:uses?|runs?|has|takes?)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?<![\w.])(?!(?:19|20)\d\d\b)\d")
"""A number that is no year."""
_OR = re.compile(r",? or ")
_TO = re.compile(r"^(?:to|(?:we|you|i)(?: (?:should|could|can))?) (?=\w)", re.IGNORECASE)
_NO_ACTION = ("help", "see", "also", "tell", "explain", "look", "check", "assist", "answer", "walk", "show")
_LONGEST = 320
"""Characters of a proposal."""


class Proposal(NamedTuple):
    """Something an assistant would do, or have done."""

    action: str
    sentence: Sentence


class Taken(NamedTuple):
    """A proposal that a person took up: what is remembered of it, without who agreed."""

    proposal: Proposal
    worked: bool


def taken_up(answer: str, said: str) -> Taken | None:
    """Return the one proposal of an assistant's turn that an answer takes up; None where it is none or unclear."""
    opening = next((one.text for one in sentences_of(answer)), "")
    if not opening or len(opening) > 200 or "?" in opening:
        return None
    after = " ".join(one.text for one in sentences_of(answer)[:2])
    if worked := _WORKED.match(opening):
        found = (
            [] if _AGAINST.search(opening, worked.end()) or _AGAINST.search(opening[: worked.end()]) else _advice(said)
        )
        return Taken(found[0], worked=True) if len(found) == 1 and _is_clear(found[0]) else None
    if _AGAINST.search(opening) or not (_YES.match(opening) or _TAKEN.search(opening)):
        return None
    found = _named(_proposals(said), after)
    if len(found) != 1 or not _is_clear(found[0]):
        return None
    asked = found[0].sentence.text.rstrip().endswith("?")
    return Taken(found[0], worked=False) if asked or _TAKEN.search(after) else None


def has_worked(answer: str) -> bool:
    """Say whether an answer begins with the news that what was done before it worked."""
    opening = next((one.text for one in sentences_of(answer)), "")
    found = _WORKED.match(opening) or _WORKED.match(opening.partition(", ")[2])
    return bool(found) and "?" not in opening and not _AGAINST.search(opening)


def was_done(statement: str) -> bool:
    """Say whether an assistant's statement tells definitely what it did or found, with the thing's name or number."""
    is_definite = bool(identifiers_in(statement)) or _AMOUNT.search(statement) is not None
    return is_definite and bool(_DID.match(statement) or _WAS.match(statement))


def _proposals(said: str) -> list[Proposal]:
    return [one for sentence in sentences_of(said) for one in _proposed(sentence, _PROPOSAL)]


def _advice(said: str) -> list[Proposal]:
    found = [one for sentence in sentences_of(said) for one in _proposed(sentence, _ADVICE)]
    return found or _proposals(said)


def _proposed(sentence: Sentence, pattern: re.Pattern[str]) -> list[Proposal]:
    """Return what a sentence proposes: one thing, or each of those that it leaves the choice between."""
    found = pattern.match(sentence.text)
    if not found or len(sentence.text) > _LONGEST:
        return []
    action = _TO.sub("", next(text for text in found.groups() if text).strip().rstrip("?.!: "))
    if action.split()[0].lower() in _NO_ACTION:
        return []
    return [Proposal(" ".join(part.split()), sentence) for part in _OR.split(action)]


def _is_clear(proposal: Proposal) -> bool:
    return len(_solid(proposal.action)) > 1 and stands_alone(proposal.action)


def _named(found: list[Proposal], answer: str) -> list[Proposal]:
    """Return the proposals that an answer names, all where it names none."""
    if len(found) < 2:
        return found
    words = _solid(answer)
    return [one for one in found if words & _solid(one.action)] or found


def _solid(text: str) -> set[str]:
    return {
        word for word in map(str.lower, WORD.findall(text)) if word not in STOP and (len(word) > 1 or word.isdigit())
    }
