"""A sentence's own statement: without greetings and fillers before it, and without a question hung on to it.

Owns what is cut off at both ends. What is left is a piece of the sentence as it stood.
"""

from __future__ import annotations

import re

_INTERJECTIONS = (
    r"oh(?: (?:well|and|yes|yeah|wow|my))?|ah|aw+|ooh|oops|well|so|also|and|but|or|plus|yeah|yea|yes|yep|yup|no|nope"
    r"|nah|ok|okay|alright"
    r"|hey|hi|hello|wow|whoa|woah|haha+|lol|hmm+|um|uh|sure(?: thing)?|right|true|exactly|absolutely|definitely"
    r"|totally|of course|great"
    r"|(?:hmm+|oh|ok|no),? wait|wait|scratch that|correction"
    r"|cool|nice|awesome|perfect|congrats|anyway|anyways|anyhow|actually|honestly|seriously|basically|btw|by the way"
    r"|fyi|speaking of"
    r" which|speaking of that|on (?:that|another|a (?:side|different|related)) note|in fact|as for me|for me"
    r"|to be honest|tbh|you know"
    r"|like i said|as i said|as i mentioned|see|look|listen|guess what|ugh|argh|for (?:future |your )?reference"
    r"|for context|(?:please )?(?:note|remember)|important|good news|anyway back to it|don't worry"
    r"|for example|for instance"
    r"|thanks(?: (?:so much|a lot|a bunch|again|for (?:asking|sharing|the \w+)))?|thank you(?: (?:so much|very much"
    r"|again))?"
    r"|no (?:problem|worries)|i (?:see|agree)|same here|me too|great question|good question|got it|that's (?:great"
    r"|awesome|cool|true|nice)"
)
_LEAD = re.compile(
    rf"(?:(?:{_INTERJECTIONS})(?: there| man| dude| buddy| guys| all)?(?: ?[,!.:;]+| ?[-–—]+ | ?\.\.\.)+\s*"
    rf"|(?:(?:ok|okay|alright|right|yeah|well),? )?(?:ok|okay|so|oh|also|plus|anyway|actually|btw|by the way|well"
    rf"|yeah|now),? (?=(?:i|i'm|i've|i'd|i'll|my|we|we're"
    rf"|we've|our|just|by)\b)|(?:btw|by the way|fyi|(?:ok|okay),?(?= let's\b)) "
    rf"|also (?=(?:the|this|our|all|we|there)\b)|(?:and|but),? )",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"(?:(?:i|we)(?:'d| would)? (?:also |just |really )?(?:want(?:ed)?|should|have|must|need|wanna|like|forgot"
    r"|gotta)(?: to)? (?:also )?(?:let you know|tell (?:you|ya|u)|mention|share|point out|say|note|update you"
    r"|add(?= that\b))(?: something| you)?"
    r"|did i (?:mention|tell you)|i forgot to (?:mention|tell you)|just (?:wanted )?to (?:let you know|mention|add|say)"
    r"|(?:just )?(?:a )?(?:quick|short|side|little) (?:note|update|reminder|heads up)|let me tell you|i'm (?:happy"
    r"|pleased|excited|proud|glad) to"
    r" (?:say|report|announce|share)|(?:the )?(?:good|big|great) news is|turns out|it turns out|just so you know"
    r"|remember how|since (?:we|our|i) last (?:talked|chatted|spoke|\w+)(?: (?:to|with) you)?,?"
    r"|i can't believe|i'm (?:so |really |just |very )?(?:glad|happy|excited|proud|grateful|thankful|lucky|amazed"
    r"|surprised|relieved)(?: that)?(?= (?:i|my|we)\b)"
    r"|(?:i (?:just |also |actually )?(?:realized|realised|remembered|noticed|figured|found out|learned|learnt|think"
    r"|guess|believe|feel like)"
    r"|i've (?:noticed|realized|found|heard))(?: that)?(?= (?:i|i'm|i've|my|we|we've|we're)\b)|(?:a lot|so much|lots"
    r"|some[a-z ]{1,20} stuff)(?:'s| has)? happened[a-z ]{0,40})(?: about)?(?: that)?(?:[,:;]| ?[-–—]+)?\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s[-–—]+\s|[;,:…]\s?|\.\.\.?\s?|\s|\s?\()(?:(?:and|but|so|or|then|also|plus|anyway|by the way|btw|now|just"
    r"|though)[,]? ){0,3}"
    r"(?:(?:do|can|could|would|will|have|are|did|might|should) (?:you|u|ya|i)\b|(?:i'm|i was|i am|was"
    r"|i've been) (?:also |just )?"
    r"(?:wondering|curious|hoping (?:you|to get|for some|that you)|not sure|unsure)|i wonder|(?:is|are|was) there\b"
    r"|what (?:do|are|is|would|about|kind|should|else|if)\b|what's|whats|how(?:'s| do| can| would| about| did"
    r"| should| is| are)\b"
    r"|which (?:one|would|do|of)\b|where (?:can|do|should)\b|any (?:tips|advice|suggestions?|ideas?|recommendations?"
    r"|thoughts|chance"
    r"|other|idea|plans)\b|is (?:it|that|this)\b|does (?:it|that|this|anyone)\b|would it\b|isn't it|right\?|huh\?"
    r"|you know\?|speaking of which"
    r"|maybe|perhaps|i (?:think )?(?:might|could|should|would)\b|it (?:would|could|might)\b|i'd (?:love|like"
    r"|appreciate|be|recommend)\b"
    r"|so (?:anything|something) (?:that|i|like|would|we)\b|hopefully|here's|here is|take a look|check (?:it|this"
    r"|them) out|come see|if (?:you|possible|not)\b|let me know"
    r"|tell me|please\b|(?:do not|don't) forget\b|wish me|i hope|can't wait|so excited|hope you)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:,|\s|^)(?:considering|given|seeing|since|because|now|knowing|remember when|remember that"
    r"|remember how)(?: that)? ((?:I(?:'m|'ve|'ll|'d)?|my|we(?:'re|'ve)?|our)\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_OPENING_CLAUSE = re.compile(
    r"(?:considering|given|seeing|since|because|now|knowing|as)(?: that)? ((?:I(?:'m|'ve|'ll|'d)?|my|we(?:'re|'ve)?"
    r"|our)\b[^,;]{8,200}),",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\bmy ((?:(?!my\b)[\w'\-]+ ){1,6}?[\w'\-]+), (which (?:I|is|was|are|were|has|have|my)\b[^?]{8,240})", re.IGNORECASE
)
_RELATIVE = re.compile(
    r"\b((?:the|an?|my|our) (?:(?!(?:the|an?|my|our|with|that|which|to|if|i|and|or)\b)[\w'\-]+ ){1,6})(?:that "
    r"|which )?(I (?:just |recently |already |also )?"
    r"(?:got|bought|went|saw|made|took|found|read|wrote|met|won|lost|have|had|own|use|visited|attended|volunteered"
    r"|participated|ordered|built|started|tried"
    r"|finished|watched|received|planted|posted|baked|cooked|joined|played|booked|set up)\b)(?: (at|in|to|from|with"
    r"|for|on|about)(?= (?:last|yesterday|today|on|a|two|three)\b|$))?([^?]{0,160})",
    re.IGNORECASE,
)
_DASH = re.compile(r"(?<!news)(?:\s[-–—]+\s|;\s|\.\.\.\s?|\s\()(?=(?:I|I'm|I've|I'll|my|My|we|We|we're|we've|our)\b)")
_BARE_REASON = re.compile(
    r"(?:considering|given that|seeing that|since|because|knowing that) ((?:(?! (?:i|i'm|i've|we)\b)[^,])+)$",
    re.IGNORECASE,
)
_ASKING = re.compile(r", (?:which|what|when|where|how|why|who) [^,?]{3,80}\?$", re.IGNORECASE)
_ACTUALLY = re.compile(
    r"(?:(?<=\bI )|(?<=\bI just ))(?:sort|kind) of "
    r"|(?<=\w) actually(?= )|,? (?:actually|by the way|though|btw|here)(?=[.!]?$)",
    re.IGNORECASE,
)
_SHORTEST = 12
"""Characters of what can be a statement."""
_HANGING = re.compile(
    # Begun where a run of signs begins: else one of n in the middle of a text takes n * n steps.
    r"(?<![\s,;:(–—-])(?:[\s,;:(–—-]|\b(?:and|but|or|so|here's|that's|it's|which|because|if|to|the|an?|then|thought"
    r"|think|said|know|hope|when|what|how|where|why|who)$|,\s*(?:and )?(?:i|we|i'm)$)+$",
    re.IGNORECASE,
)


def statement_of(sentence: str, names: re.Pattern[str]) -> str:
    """Return what a sentence says, or an empty text; ``names`` are those of the people who talk."""
    said = _without_tail(_ACTUALLY.sub("", without_lead(sentence, names)))
    if sentence[:5].lower() == "did i":
        return said.rstrip("? ")  # "did I tell you that" asks nothing
    if found := _BARE_REASON.match(said):
        return found[1]
    return _ASKING.sub("", said)


def reason_of(question: str) -> str:
    """Return what a question says of the speaker on the way: "since I work at night"; or an empty text."""
    found = _OPENING_CLAUSE.match(question) or _CLAUSE.search(question)
    if found:
        return _without_tail(found[1].rstrip("?! "))
    if owned := _OWNED.search(question):
        return f"I have my {owned[1]}, {_without_tail(owned[2].rstrip('?! '))}"
    if relative := _RELATIVE.search(question):
        what, done, stranded, rest = relative.groups()
        return _without_tail(f"{done} {stranded + ' ' if stranded else ''}{what.strip()}{rest.rstrip('?! ')}")
    return ""


def clauses_of(sentence: str) -> list[str]:
    """Return a sentence cut where after a dash or the like somebody begins anew: "- I ..."."""
    return [part for part in _DASH.split(sentence) if part.strip()]


def without_lead(sentence: str, names: re.Pattern[str]) -> str:
    """Return a sentence without what only leads to it."""
    text = sentence.strip("*_ \t\n")
    for _ in range(6):
        before = len(text)
        for pattern in (_LEAD, names, _TELLING):
            if found := pattern.match(text):
                text = text[found.end() :].lstrip(" ,.!–—-")
        if len(text) == before:
            break
    return text


def _without_tail(text: str) -> str:
    found = _TAIL.search(text, _SHORTEST)
    if not found:
        return text
    return _HANGING.sub("", text[: found.start()])


def names_pattern(names: list[str]) -> re.Pattern[str]:
    """Return what finds the name of somebody who is spoken to at the beginning of a sentence."""
    known = {part for name in names for part in name.split() if len(part) > 1}
    known |= {name[:length] for name in known for length in (3, 4) if len(name) > length}
    words = "|".join(sorted(map(re.escape, known), key=len, reverse=True)) or r"(?!)"
    greeting = (
        r"hey(?: there)?|hi|hello|thanks(?: so much| a lot)?|thank you|wow|woah|yeah|yes|yep|oh|okay|ok|sure|well|so"
    )
    return re.compile(rf"(?:(?:{greeting}) )?(?:{words})(?: ?[,!.:;]+| ?[-–—]+)\s*", re.IGNORECASE)
