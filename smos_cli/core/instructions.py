"""Text that looks like an instruction to the model that will read it, rather than something to know.

Owns what such a text says. A person's rule for the work (``always use tabs``, ``I prefer short answers``) is a
preference and none of this; taking over the model, hiding from the user, running what comes from elsewhere, sending
data away, and the syntax of prompts and tools are. It errs on the side of a review: what it names only waits.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_EARLIER = r"(?:previous|prior|preceding|earlier|above|former|original|system|your)"
_RULES = (
    r"(?:instructions?|prompts?|rules?|guidelines?|directives?|orders|commands|guardrails?|restrictions?"
    r"|programming|training|context|conversation)"
)
_USER = r"(?:the |your |any |our )(?:user|human|operator)s?"
_YOU_SAY = (
    r"(?:respond|reply|answer|say|output|print|write|speak|return|begin|start|end|include|append|mention"
    r"|recommend|insert|obey|comply|agree|pretend|execute|call|use the tool|follow)"
)

_PATTERNS = (
    # taking over
    r"\b(?:ignore|disregard|forget|override|overrule|bypass|neglect|discard)\b"
    rf"(?:(?:\W+\w+){{0,3}}?\W+{_EARLIER}\W+(?:\w+\W+){{0,3}}?{_RULES}\b"
    r"|(?:\W+(?:all|any|of|the|these|those)){1,3}\W+(?:instructions?|prompts?|rules|guidelines|directives)\b"
    r"(?!\W+(?:for|of|in|on|that|from|about|we)\b))",
    rf"\b(?:ignore|disregard|override|bypass|circumvent|disable)\W+(?:\w+\W+){{0,2}}?(?:safety|security"
    rf"|content|moderation|system)\W+(?:\w+\W+)?(?:{_RULES}|checks?|filters?|settings?|measures?|prompt)\b",
    r"\b(?:new|updated|real|actual|secret|hidden|additional|important)\W+(?:system\W+)?(?:instructions?"
    r"|directives?|prompt)\W*(?::|for (?:you|the (?:assistant|model|ai|agent)))",
    r"\b(?:system|developer|assistant)\W{0,3}(?:prompt|message|override|instruction|note|command)s?\W{0,2}\s*[:=]",
    r"(?:^|\n)\W{0,6}(?:system|assistant|developer|sysadmin)\s*:\s*\S",
    r"\b(?:reveal|repeat|print|show|output|leak|disclose|tell me)\b(?:\W+\w+){0,4}?\W+(?:system prompt"
    r"|your (?:initial |original |hidden |full )?(?:instructions|prompt|rules))",
    r"\b(?:from now on|henceforth|starting now|going forward|for the rest of (?:this|the) (?:conversation"
    r"|chat|session))\W+(?:you(?:'ll|'re|\W+(?:are|will|must|should|shall|have to|can))?\b|(?:always "
    r"|never )?(?:act|pretend|behave|respond|reply|answer|speak|ignore|obey|refuse|call yourself)\b)",
    r"\b(?:you are|you're|act|behave|respond|speak|pretend)\W+(?:now|as if|to be|like)\W+(?:you (?:are"
    r"|were|have)|a|an|in|dan\b|no longer|free|unrestricted|jailbroken)\b",
    r"\b(?:pretend|act as|roleplay as|role-play as|simulate being)\W+(?:you|to be|if you"
    r"|an? (?:unrestricted|evil|unfiltered|jailbroken|different|ai|assistant|model|system|admin|root"
    r"|hacker))",
    r"\b(?:developer mode|jailbreak|do anything now|dan mode|god mode|unrestricted mode)\b",
    # telling the model how to answer
    rf"\byou\W+(?:must|should|shall|will|have to|need to|are (?:required|obliged|instructed|ordered"
    rf"|to))\W+(?:now |always |never |not |only |ever |also |immediately |first )*{_YOU_SAY}\b",
    rf"\b(?:always|never|only)\W+{_YOU_SAY}\b(?:\W+\w+){{0,6}}?\W+(?:with the (?:word|phrase|following|text"
    rf"|link)|the (?:phrase|word|following|link|sentence)|exactly|verbatim)\b",
    r"\b(?:the (?:ai|assistant|model|agent|llm|chatbot)|any (?:ai|assistant|model|agent|llm)"
    r"|ai (?:assistants?|models?|agents?)|(?:claude|chatgpt|gpt|copilot"
    r"|gemini))\W+(?:reading this\W+)?(?:must|should|shall|needs? to|has to|is (?:required|instructed"
    r"|to))\b(?!\W+be\b)",
    r"\b(?:if you are|when you are|as) an? (?:ai|assistant|llm|language model|agent)\b.{0,60}?(?:,|:|must"
    r"|should|please|do)\b",
    r"\b(?:this is an? (?:order|command|instruction) (?:to|for) (?:you|the)|you have been (?:instructed"
    r"|reprogrammed|updated|authori[sz]ed)|your (?:new )?(?:task|goal|mission|purpose|job|role"
    r"|name) is (?:now )?to\b|you have no restrictions)",
    # hiding
    rf"\b(?:do not|don't|never|without|must not|should not|avoid)\W+(?:ever |actually )?(?:tell|telling"
    rf"|inform|informing|notify|notifying|alert|alerting|warn|warning|mention(?:ing)?(?: (?:this|it"
    rf"|that))? to|show(?:ing)?(?: (?:this|it|that))? to|reveal(?:ing)?(?: (?:this|it|that))? to"
    rf"|let(?:ting)?)\W+{_USER}\b",
    rf"\b(?:do not|don't|never"
    rf"|without)\W+(?:ever )?ask(?:ing)?\W+{_USER}\W+(?:for\W+)?(?:\w+\W+)?(?:confirm|permi|approv|consent)",
    rf"\b(?:hide|conceal|keep)\W+(?:this|it|that|these|them|the (?:fact|message|change"
    rf"|result)s?)\W+(?:\w+\W+){{0,3}}?from\W+{_USER}\b",
    r"\b(?:silently|secretly|covertly)\W+(?:run|execute|send|upload|install|call|delete|post|add|append"
    r"|forward|download|write|push|commit)\b",
    r"\bdo not (?:mention|reveal|disclose|repeat) (?:this|these|that) (?:instruction|message|prompt|note"
    r"|text|rule)s?\b",
    r"\bwithout (?:asking|waiting for|requiring|seeking)\W+(?:\w+\W+){0,3}?(?:confirmation|permission"
    r"|approval|consent|review)\b",
    # running and sending
    r"\b(?:curl|wget|fetch|iwr|invoke-webrequest)\b[^\n|;]{0,300}\|\s*(?:sudo\s+)?(?:ba|z|da|k|fi)?sh\b"
    r"|\b(?:ba|z)?sh\s+(?:-c\s+[\"']?)?(?:<\(|\$\(|\"\$\()\s*(?:curl|wget)",
    r"\b(?:iex|invoke-expression)\b.{0,80}(?:http|download|webclient|iwr)|\bbase64\s+(?:-d|--decode"
    r"|-D)\b[^\n]{0,80}\|\s*(?:ba|z)?sh\b|\beval\s*[\"'(]?\s*\$\((?:curl|wget)",
    r"\b(?:run|execute|paste|type|enter)\W+(?:\w+\W+){0,3}?(?:this|the following|these|following"
    r"|below)\W+(?:\w+\W+){0,2}?(?:command|script|code|shell|snippet|payload|query)s?\b",
    r"\brm\s+-[a-z]*r[a-z]*f?[a-z]*\s+(?:/|~|\$home|\*)(?:\s|$|\*)",
    r"\b(?:send|post|upload|forward|e-?mail|exfiltrate|transmit|copy|leak|report|submit"
    r"|pass)\b(?:\W+\w+){0,8}?\W+(?:api[ _-]?keys?|passwords?|secrets?|tokens?|credentials?|private keys?"
    r"|env(?:ironment)?(?: variables?| file)?|\.env|ssh keys?|conversation|chat history|memor(?:y|ies)"
    r"|files?|contents?|data|history)\b(?:\W+\w+){0,6}?\W+(?:https?://|to\W+(?:https?|this (?:url|address"
    r"|server|endpoint|webhook)|the (?:url|attacker|following)|\S+@\S+|my (?:server|webhook)"
    r"|an? (?:external|remote)))",
    r"\bexfiltrat",
    r"!\[[^\]\n]{0,100}\]\(https?://[^)\s]{0,300}[?&][^)\s=]{1,40}=(?:[{$<%]|[^)\s]{0,40}(?:\{|data|secret"
    r"|token|history|prompt))",
    # the syntax of prompts and tools
    r"<\|[a-z_]{2,30}\|>|<\s*/?\s*(?:system|assistant|human|im_start|im_end|function_calls?"
    r"|function_results?|tool_(?:call|use|result|response|code)s?|invoke|antml:[a-z_]+|start_of_turn"
    r"|end_of_turn|thinking|system-reminder|important)\b[^<>\n]{0,200}>",
    r"\[/?INST\]|<<\s*/?SYS\s*>>|(?:^|\n)\s*#{1,4}\s*(?:system|instruction|assistant|human|user"
    r"|response)s?\s*:?\s*(?:\n|$)|(?:^|\n)\s*(?:human|user)\s*:.{0,300}\n\s*(?:assistant|ai)\s*:",
    r"\{\s*[\"'](?:tool_calls?|function_call|tool_use|tool_name)[\"']\s*:"
    r"|[\"']name[\"']\s*:\s*[\"'][\w.\-]{1,60}[\"']\s*,\s*[\"'](?:arguments|parameters"
    r"|input)[\"']\s*:\s*[{\"']",
    r"\b(?:call|invoke|trigger)\W+(?:the\W+)?[`\"']?[\w.\-]{2,40}[`\"']?\W+(?:tool|function"
    r"|plugin)\W+(?:with|to|and)\b",
    r"\b(?:end of|begin(?:ning)? of|start of)\W+(?:system|user|the)\W+(?:\w+\W+)?(?:prompt|instructions?|message)\b",
    r"\b(?:remember|store|save|add|write|keep) (?:this |the following |it )?(?:in|to|into|as) (?:your "
    r"|the )?(?:(?:long[- ]term |permanent )?memory|memories|system prompt)\b",
)
_HIDDEN = re.compile(
    "[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069\u2061-\u2064\u180e]|[\u200b\u2060\ufeff\u00ad\ufe00-\ufe0e]{2,}"
    "|[A-Za-z][\u200b-\u200d\u2060\ufeff][A-Za-z]"
)
"""Characters that a person does not see and a model reads: tags, directions, and what has no width inside of words."""
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f")
"""The flags of England, Scotland and Wales, which are spelled in tags."""


def is_instruction(text: str) -> bool:
    """Say whether a text looks like an instruction to the model that will read it; then a person looks at it first."""
    if not text.isascii():
        if _HIDDEN.search(_FLAG.sub("", text)):
            return True
        text = _plain(text)
    # Without blank lines, on which the patterns would spend the square of their number.
    lines = "\n".join(stripped for line in text.split("\n") if (stripped := line.strip()))
    return _all().search(lines) is not None


@cache
def _all() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


def _plain(text: str) -> str:
    """Return a text with the letters that look like others, and quotes, as ASCII has them."""
    folded = unicodedata.normalize("NFKC", text).translate(_ALIKE)
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


_ALIKE = str.maketrans("аеорсухіѕјԁһⅼ\u2018\u2019\u201c\u201d\u2010\u2011\u2013", "aeopcyxisjdhl''\"\"---")
"""Cyrillic letters that pass for Latin ones."""
