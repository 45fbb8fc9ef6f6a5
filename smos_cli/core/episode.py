"""Episodes: one conversation as a file a person can read, and as turns that can be recalled.

Owns the transcript's form: ``## 08:38 Marta ^t12``, then the text. A turn that came from elsewhere carries the id
it had there in a comment. A line of text that looks like such a heading, or like a marker of a merge conflict, is
escaped, so that text stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smos_cli.core import newlines
from smos_cli.core.dates import normalise_date
from smos_cli.core.passages import Passage

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

_MOMENT = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(?:(\d\d:\d\d(?::\d\d)?) )?", re.ASCII)
_REF, _REF_END = " <!-- ref: ", " -->"
_MARKS = r"(?:## |<{7} |={7}$|>{7} )"
_MARKED = re.compile(rf"\\*{_MARKS}")
_ESCAPED = re.compile(rf"\\+{_MARKS}")
_MOST_DIGITS = 9
"""Of a turn's number; what has more is no heading of ours."""
ERASED = "*(erased)*"
"""What stands where the words of an erased turn stood."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said at one time. ``time`` is ISO-8601 or empty; ``ref`` is the id it had at its source."""

    speaker: str
    text: str
    time: str = ""
    ref: str = ""


def render(turns: Sequence[Turn], day: str, first: int = 1) -> str:
    """Return turns, numbered from the first, as the body of an episode of a day (``2026-11-18``).

    ``parse`` gives the same turns back.
    """
    blocks = []
    for number, turn in enumerate(turns, start=first):
        clock = turn.time[11:16] if turn.time[11:19].endswith(":00") or len(turn.time) < 19 else turn.time[11:19]
        # A year or a month alone says less than the episode's own day.
        date = turn.time[:10] if len(turn.time) >= 10 and turn.time[:10] != day else ""
        moment = "".join(f"{part} " for part in (date, clock) if part)
        heading = f"## {moment}{_name(turn.speaker)}{_reference(turn.ref)} ^t{number}"
        blocks.append(f"{heading}\n\n{_escape(turn.text.strip())}\n")
    return "\n".join(blocks)


def is_transcript(fields: Mapping[str, Value], body: str) -> bool:
    """Say whether a file is an episode wherever it lies: it names its session, and has turns."""
    return "session" in fields and "kind" not in fields and any(_head(line, "") for line in body.split("\n"))


def without(body: str, turns: Collection[str]) -> str:
    """Return the body of an episode without some turns, such as ``t12``; the others keep their numbers."""
    kept: list[str] = []
    leave_out = False
    for line in body.split("\n"):
        if head := _head(line, ""):
            leave_out = head.turn in turns
        if not leave_out:
            kept.append(line)
    return "\n".join(kept)


def parse(body: str, day: str) -> list[Passage]:
    """Return the turns of an episode as passages; text before the first heading is a passage of its own."""
    found: list[Passage] = []
    head = Passage("")
    lines: list[str] = []
    for line in body.split("\n"):
        next_head = _head(line, day)
        if next_head:
            _close(found, head, lines)
            head, lines = next_head, []
        else:
            lines.append(line[1:] if _ESCAPED.match(line) else line)
    _close(found, head, lines)
    return found


def covered(body: str, masked: Callable[[str], bool]) -> str:
    """Return the body of an episode with ``[forgotten]`` for the text of each turn, such as ``t12``, that is masked."""
    kept: list[str] = []
    hiding = False
    for line in newlines.split(body):
        head = _head(line, "")
        if head:
            hiding = masked(head.turn)
            kept.append(f"{line.rstrip()}\n\n[forgotten]\n\n" if hiding else line)
        elif not hiding:
            kept.append(line)
    return "".join(kept)


def blanked(body: str, gone: Callable[[str], bool]) -> str:
    """Return the text of an episode with ``*(erased)*`` for the text of some turns; all else stays as it is."""
    return "".join(
        head + (_blank(block) if name and gone(name) else "".join(block)) for head, name, block in _blocks(body)
    )


def spoken(body: str, wanted: Callable[[str], bool]) -> list[str]:
    """Return the texts of some turns, without those that are erased."""
    texts = ("".join(block).strip() for _, name, block in _blocks(body) if name and wanted(name))
    return [text for text in texts if text != ERASED]


def _blocks(body: str) -> list[tuple[str, str, list[str]]]:
    """Return the heading, the turn and the lines of each part of an episode; those before the first have no turn."""
    found: list[tuple[str, str, list[str]]] = [("", "", [])]
    for line in newlines.split(body):
        if head := _head(line, ""):
            found.append((line, head.turn, []))
        else:
            found[-1][2].append(line)
    return found


def _blank(block: Sequence[str]) -> str:
    said = [place for place, line in enumerate(block) if line.strip()]
    if not said:
        return "".join(block)
    first, last = block[said[0]], block[said[-1]]
    end = newlines.style(first) if first.endswith(("\r", "\n")) else ""
    end = end if last.endswith(("\r", "\n")) else ""
    return "".join([*block[: said[0]], ERASED, end, *block[said[-1] + 1 :]])


def _close(found: list[Passage], head: Passage, lines: Sequence[str]) -> None:
    text = "\n".join(lines).strip()
    if text or head.turn:
        found.append(head._replace(text=text))


def _head(line: str, day: str) -> Passage | None:
    """Read a heading of ours, None for any other line. No regex: a hostile line costs no more than its length."""
    front, mark, number = line.rstrip().rpartition(" ^t")
    if not mark or not front.startswith("## ") or not (number.isascii() and number.isdigit()):
        return None
    if len(number) > _MOST_DIGITS:
        return None
    front, ref = front[len("## ") :], ""
    if front.endswith(_REF_END) and _REF in front:
        front, _, ref = front.removesuffix(_REF_END).partition(_REF)
    moment = _MOMENT.match(front)
    assert moment
    date, clock = moment[1] or day, moment[2]
    try:
        time = normalise_date(f"{date}T{clock}" if clock else date)
    except ValueError:
        time = ""
    speaker = front[moment.end() :].removeprefix("\\").replace("<\\!--", "<!--").replace("<\\\\", "<\\")
    return Passage("", ref.replace("--&gt;", "-->").replace("--&amp;", "--&"), speaker, f"t{number}", time)


def _name(speaker: str) -> str:
    """Return a speaker's name as it stands in a heading: no part of it reads as another part of the heading."""
    name = _one_line(speaker).replace("<\\", "<\\\\").replace("<!--", "<\\!--") or "?"
    return f"\\{name}" if name[0] == "\\" or _MOMENT.match(f"{name} ")[0] else name  # type: ignore[index]


def _reference(ref: str) -> str:
    plain = _one_line(ref).replace("--&", "--&amp;").replace("-->", "--&gt;")
    return f"{_REF}{plain}{_REF_END}" if plain else ""


def _escape(text: str) -> str:
    return "\n".join("\\" + line if _means_more(line) else line for line in newlines.with_lf(text).split("\n"))


def _means_more(line: str) -> bool:
    """Say whether a line of text would be read as a heading of ours, a conflict marker, or an escaped line."""
    if not _MARKED.match(line):
        return False
    return not line.startswith("## ") or _head(line, "") is not None


def _one_line(text: str) -> str:
    return " ".join(text.split())
