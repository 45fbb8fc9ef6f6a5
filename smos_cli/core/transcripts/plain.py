"""A conversation as plain text: lines that begin with who speaks, and the lines that go on.

    [2026-11-18 08:38] Marta: let's go with 10 s
    assistant: Done.

A name is one that opens the text, one that a client gives a role, or one that begins two lines at least, so that a
``Note:`` in the middle of what somebody says does not become a speaker. One that begins a single line counts if a time
stands before it as before the first, or if every line begins with somebody's name.
"""

from __future__ import annotations

import re
from collections import Counter

from smos_cli.core.episode import Turn
from smos_cli.core.speakers import role_of
from smos_cli.core.transcripts.spoken import Conversations, moment
from smos_cli.errors import FormatError

_LINE = re.compile(
    r"(?:#{1,4} |\*\*)?\[?(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?)?\]?[ \t]*(?:[-\u2013] )?"
    r"([^\W\d_][\w.' -]{0,39}):(?:\*\*)?(?:[ \t]+(.*)|)",
    re.DOTALL,
)
_ROLES = ("user", "human", "me", "you")
_LABELS = frozenset(
    (
        "note",
        "todo",
        "fix",
        "edit",
        "ps",
        "summary",
        "update",
        "question",
        "answer",
        "info",
        "debug",
        "warning",
        "error",
    )
)
"""What a line of a log or of somebody's own notes begins with."""


def read(text: str, into: Conversations) -> None:
    """Take in a text; ``FormatError`` where nobody is said to speak."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [_LINE.fullmatch(line[:100_000]) for line in lines]
    known = _speakers([head[2] for head in heads if head]) | _heard_once(lines, heads)
    number, speaker, time, said = 0, "", "", list[str]()
    for place, (line, head) in enumerate(zip(lines, heads, strict=True), 1):
        if head and head[2].casefold() in known:
            _say(into, number, Turn(speaker, "\n".join(said).strip(), time))
            number, speaker, time, said = place, head[2], moment(head[1]), [line[head.start(3) :] if head[3] else ""]
        elif speaker:
            said.append(line)
        elif line.strip():
            raise FormatError("It is no conversation: its first line does not say who speaks, such as `Marta: ...`.")
    _say(into, number, Turn(speaker, "\n".join(said).strip(), time))


def _say(into: Conversations, number: int, turn: Turn) -> None:
    if turn.speaker:
        into.say("", number, turn)


def _speakers(names: list[str]) -> set[str]:
    counted = Counter(name.casefold() for name in names)
    roles = {name for name in counted if name in _ROLES or role_of(name) != "user"}
    often = {name for name, count in counted.items() if count > 1}
    return roles | often | {name.casefold() for name in names[:1]}


def _heard_once(lines: list[str], heads: list[re.Match[str] | None]) -> set[str]:
    """Return the names that need not come twice: after a time as the first has one, or where each line has a name."""
    found = [head for head in heads if head and head[2].casefold() not in _LABELS]
    if not found:
        return set()
    timed = {head[2].casefold() for head in found if found[0][1] and head[1] and head[0][:1] == found[0][0][:1]}
    names = {head[2].casefold() for head in found if _is_name(head[2])}
    each = all(
        (head and head[2].casefold() in names) or not line.strip() for line, head in zip(lines, heads, strict=True)
    )
    return timed | (names if each else set())


def _is_name(words: str) -> bool:
    parts = words.split()
    return len(parts) <= 3 and all(part[0].isupper() for part in parts) and role_of(words) == "user"
