"""Episodes: one conversation as a file a person can read, and as turns that can be recalled.

Owns the transcript's form: ``## 08:38 Marta ^t12``, then the text. A turn that came from elsewhere carries the id
it had there in a comment. A line of text that looks like such a heading, or like a marker of a merge conflict, is
escaped, so that text stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smos_cli.core.dates import normalise_date
from smos_cli.core.passages import Passage

_HEADING = re.compile(
    r"## (?:(?P<day>\d{4}-\d\d-\d\d) )?(?:(?P<clock>\d\d:\d\d(?::\d\d)?) )?(?P<speaker>.*?)"
    r"(?: <!-- ref: (?P<ref>.*?) -->)? \^(?P<turn>t\d+)"
)
_MARKS = r"(?:## |<{7} |={7}$|>{7} )"
_MARKED = re.compile(rf"\\*{_MARKS}")
_ESCAPED = re.compile(rf"\\+{_MARKS}")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said at one time. ``time`` is ISO-8601 or empty; ``ref`` is the id it had at its source."""

    speaker: str
    text: str
    time: str = ""
    ref: str = ""


def render(turns: Sequence[Turn], day: str, skip: int = 0) -> str:
    """Return the body of an episode of a day (``2026-11-18``), without the first turns if told to skip some.

    ``parse`` gives the same turns back.
    """
    blocks = []
    for number, turn in enumerate(turns[skip:], start=skip + 1):
        clock = turn.time[11:16] if turn.time[11:19].endswith(":00") or len(turn.time) < 19 else turn.time[11:19]
        parts = [turn.time[:10] if turn.time[:10] != day else "", clock, _one_line(turn.speaker) or "?"]
        if turn.ref:
            parts.append(f"<!-- ref: {_one_line(turn.ref).replace('-->', '--&gt;')} -->")
        heading = "## " + " ".join(part for part in parts if part) + f" ^t{number}"
        blocks.append(f"{heading}\n\n{_escape(turn.text.strip())}\n")
    return "\n".join(blocks)


def parse(body: str, day: str) -> list[Passage]:
    """Return the turns of an episode as passages; text before the first heading is a passage of its own."""
    found: list[Passage] = []
    head = Passage("")
    lines: list[str] = []
    for line in body.split("\n"):
        match = _HEADING.fullmatch(line.rstrip()) if line.startswith("## ") else None
        if match:
            _close(found, head, lines)
            head, lines = _head(match, day), []
        else:
            lines.append(line[1:] if _ESCAPED.match(line) else line)
    _close(found, head, lines)
    return found


def _close(found: list[Passage], head: Passage, lines: Sequence[str]) -> None:
    text = "\n".join(lines).strip()
    if text or head.turn:
        found.append(head._replace(text=text))


def _head(match: re.Match[str], day: str) -> Passage:
    date, clock = match["day"] or day, match["clock"]
    try:
        time = normalise_date(f"{date}T{clock}" if clock else date)
    except ValueError:
        time = ""
    ref = (match["ref"] or "").replace("--&gt;", "-->")
    return Passage("", ref, match["speaker"], match["turn"], time)


def _escape(text: str) -> str:
    return "\n".join("\\" + line if _means_more(line) else line for line in text.replace("\r\n", "\n").split("\n"))


def _means_more(line: str) -> bool:
    """Say whether a line of text would be read as a heading of ours, a conflict marker, or an escaped line."""
    if not _MARKED.match(line):
        return False
    return not line.startswith("## ") or bool(_HEADING.fullmatch(line.rstrip()))


def _one_line(text: str) -> str:
    return " ".join(text.split())
