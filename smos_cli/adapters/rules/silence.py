"""What is not worth a thought: questions, what might be, sarcasm, quotations, another language, orders, address.

Owns the refusals that one sentence is enough for. What passes may still say too little: that is for ``worth``.
"""

from __future__ import annotations

import re

from smos_cli.adapters.rules.vocabulary import COORDINATED, ENGLISH, EVENTS, LIKINGS, MODALS, NO_PAST, PAST, WORD

LONGEST = 700
"""Characters of a sentence that is read."""
_QUESTION = re.compile(
    r"(?:can|could|would|will|do|does|did|have|has|is|are|am|was|were|should|shall|may|what|what's|whats|how|how's"
    r"|when|where|why"
    r"|who|who's|which|whose|any|wanna|want to|mind|please|tell me|let me|let's|lets|help me|give me|show me|explain"
    r"|remember (?:to|that|when)"
    r"|keep|check|take|try|go|make sure|don't|never|just (?:keep|remember|let|do)|hope|hopefully|hoping|wish|wishing"
    r"|good luck|enjoy|see you"
    r"|here's|here is|here are|this is (?:a|an|my|the|our|me) (?:\w+ )?(?:pic|photo|picture|shot)|look at"
    r"|almost (?:like|as)|especially when|time flies|feels like (?:just )?yesterday|even if|from a distance|same"
    r"|bye|not yet|talk|thanks|thank|congrats|congratulations|sorry|glad|sounds|looks like|looking forward"
    r"|can't wait|stay|believe|imagine"
    r"|consider|think about|feel free|write|create|generate|list|summarize|summarise|rewrite|translate|act as|you"
    r"|your|you're|you've|u"
    r"|must (?:be|have)|love (?:the|your|that|this|it|how|you)|way to go|so (?:glad|happy|proud|sorry|cool|sweet)"
    r"|nice|what an?|such an?|no wonder"
    r"|may|if|unless|suppose|assuming|what if|maybe|perhaps|probably|i wish|i guess|i hope|i bet|i wonder|i doubt"
    r"|i agree|i understand"
    r"|i appreciate|i know (?:that |how |what )?(?:you|it|that|right)|i'm (?:so |really |very |just )?(?:sorry"
    r"|wondering|curious|not sure|unsure|confused"
    r"|glad|happy for|proud of you|here for you|always here|hoping|sure you)|i'd (?:appreciate|love to (?:see|hear"
    r"|know|try|help|join|check|meet)"
    r"|be (?:happy|glad)|recommend|suggest|say)|i was (?:wondering|hoping|curious)|i'll (?:definitely |be sure to "
    r"|make sure to |have to |always )?"
    r"(?:check|look into|try|keep|let you|do|be|consider|give|miss|cherish|make sure|enjoy|remember|never|always"
    r"|think)|i (?:can|could)(?:'t| not|not)? (?:see|imagine|only|wait|agree|believe|relate|understand|tell))\b",
    re.IGNORECASE,
)
"""How a sentence begins that asks, bids, wishes or answers, and tells nothing of its own."""
_PERHAPS = re.compile(
    r"\b(?:might|maybe|perhaps|probably|should(?:n't)?|could|would(?!n't)(?! (?:like|prefer|rather))|if|unless"
    r"|whether|wish|suppose|imagine|hypothetically"
    r"|in theory|what would|'d (?:be|have (?:been|to)|do|go|love|appreciate|recommend|suggest)|i'd (?:buy|get|pick"
    r"|choose|take|use|make|want|need"
    r"|hate|consider|guess)|not sure|someday|one day|let's say|pretend|as though|would've|could've|should've"
    r"|may (?:be|have|not|want|need))\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"(?<= )(?:would|could) (?=(?:cost|take|last|arrive|be (?:around|about|ready|back|over|done|\d|\$))\b)"
    r"|(?<=i )could (?=only )|,? if that (?:helps|matters)",
    re.IGNORECASE,
)
"""Told by somebody, rather than imagined."""
_SARCASM = re.compile(
    r"(?:(?<!\S)/s(?!\S)|\byeah,? right\b|\bas if\b(?=[.!]|$| i| you| that)|\bsure,? jan\b|\bnot!$|[\U0001f644]"
    r"|\boh,? (?:great|joy|sure|how lovely)[,.!]"
    r"|\bjust what i needed\b|\bwhat could (?:possibly )?go wrong\b|\bthanks for nothing\b"
    r"|\bbecause that (?:always )?(?:works|helps|ends)\b"
    r"|\bsaid no one\b|</?sarcasm>|\(sarcasm\)|\b(?:just|only) kidding\b|\bj/k\b|\bjk\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“][^\"”\n]{40,600}[\"”]")
_CATCHING_UP = re.compile(
    r"\b(?:happened|been|days?|while|weeks?|time|ages)\b[^.]{0,30}\bsince (?:we|our|i) (?:last "
    r"|both )?(?:\w+ ?(?:to you|with you)?|chatted|talked|spoke)$|long time no|^haven't (?:seen|talked|heard)|^(?:we"
    r"|i|our) last (?:talked|chatted|spoke|chat|talk)\b",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"(?:that|this|it|those|these|there)(?:'s| is| are| was| were)? (?:so |really |very |such |a |an )*(?:you|your)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:ignore|disregard) (?:all |any )?(?:previous|prior|above)|\byou are (?:now )?an? \b|\bas an ai\b",
    re.IGNORECASE,
)


def is_sarcastic(sentence: str) -> bool:
    """Say whether a sentence carries a mark that it is not meant; so may be the ones beside it."""
    return _SARCASM.search(sentence) is not None


def is_question(sentence: str) -> bool:
    """Say whether a sentence asks something."""
    return sentence.rstrip(" \"')*_!.").endswith(("?", "？"))


def is_silent(statement: str) -> bool:
    """Say whether a statement tells nothing that holds, whoever says it."""
    if not 10 <= len(statement) <= LONGEST or is_question(statement):
        return True
    statement = _TOLD.sub(" ", statement)
    return bool(
        _QUESTION.match(statement)
        or _PERHAPS.search(statement)
        or _CATCHING_UP.search(statement.rstrip(".! "))
        or _REPORTED.search(statement)
        or _ADDRESSED.match(statement)
        or _is_quotation(statement)
        or not _is_english(statement)
        or not _has_verb(statement)
    )


def _is_quotation(statement: str) -> bool:
    quoted = sum(len(found.group()) for found in _QUOTED.finditer(statement))
    return 2 * quoted > len(statement)


def _is_english(statement: str) -> bool:
    words = [word.lower() for word in WORD.findall(statement)]
    known = sum(word in ENGLISH or word in EVENTS for word in words)
    strange = sum(not char.isascii() and char.isalpha() for char in statement)
    return known >= 1 + (len(words) > 7) and 10 * strange <= len(statement)


def _has_verb(statement: str) -> bool:
    """Say whether a statement has a verb that the rules know or can tell by its ending: else it may be half of one."""
    words = [word.lower() for word in WORD.findall(statement)]
    return any(
        word in _VERBS
        or "'" in word
        or (word.endswith("ed") and word not in NO_PAST)
        or (word.endswith("s") and (word[:-1] in _VERBS or word[:-2] in _VERBS))
        for word in words
    )


_SERVING = (
    *("change", "contain", "support", "require", "expect", "return", "receive", "belong", "depend", "include", "serve"),
    *(
        "host",
        "handle",
        "report",
        "close",
        "open",
        "end",
        "cover",
        "point",
        "lie",
        "weigh",
        "turn",
        "mean",
        "ask",
        "allow",
        "refuse",
        "log",
        "merge",
        "squash",
        "rebase",
    ),
)
"""What things and services do."""
_VERBS = (MODALS | PAST | LIKINGS | COORDINATED | {word for word in EVENTS if not word.endswith("ing")}) | frozenset(
    ("am", "is", "are", "be", "do", "have", "has", "fail", "listen", "expire", *_SERVING)
) - frozenset(("into", "favorite", "favourite", "fan", "used"))
