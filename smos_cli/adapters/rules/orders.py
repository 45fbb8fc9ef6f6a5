"""What a person lays down for an assistant: a rule for good, a choice, what to be called.

Owns the difference from what is bid once, which is not remembered: "never push to main" against "rename it".
"""

from __future__ import annotations

import re

_POLITE = r"(?:(?:and|also|please|so|ok|okay|yes|no),? ){0,3}"
_RULE = re.compile(rf"{_POLITE}(always|never|from now on)(,? (?!mind|ever)\w+ \S.*)", re.IGNORECASE)
_LASTING = re.compile(
    rf"{_POLITE}(\w+ \S.{{0,200}}? (?:from now on|going forward|in (?:the )?future))[.!]*$", re.IGNORECASE
)
_CHOICE = re.compile(
    rf"{_POLITE}let's ((?:use|go with|stick with|switch to|drop|call it|standardi[sz]e on) (?!it\b|that\b|this\b"
    rf"|them\b|those\b).*)",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(r",? (?:for (?:this|that|now|it)|here|there|then|instead|too|as well)(?=[.!]*$)", re.IGNORECASE)
_CALLED = re.compile(rf"(?i:{_POLITE}(?:you can |just )?call me) ([A-Z][\w'\-]+)[.!]*$")
_TOLD = re.compile(r"(?:i|i'm|i've|my|we|we're|our|the|it|you)\b", re.IGNORECASE)


def laid_down(clause: str) -> str:
    """Return what a clause lays down, in the speaker's words: "I have a rule: ..."; an empty text for none."""
    if found := _RULE.match(clause):
        return f"I have a rule: {found[1].lower()}{found[2]}"
    if found := _CALLED.match(clause):
        return f"I go by the name {found[1]}"
    if found := _CHOICE.match(clause):
        return f"I decided to {_FOR_NOW.sub('', found[1])}"
    found = _LASTING.match(clause)
    if found and not _TOLD.match(found[1]):
        return f"I have a rule: {found[1][:1].lower()}{found[1][1:]}"
    return ""
