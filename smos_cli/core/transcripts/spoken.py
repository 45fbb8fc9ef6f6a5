"""What the readers of transcripts share: the turns by session, and what a message's parts are as text.

Owns what is kept of a message: its texts, a mark for a picture or a file, one folded line for a tool call. What a
tool answered and what a model thought by itself are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from smos_cli.core.dates import normalise_date
from smos_cli.core.episode import Turn
from smos_cli.errors import FormatError

Session = list[tuple[int, Turn]]
"""The turns of one conversation, each with the number of the line or message it came from."""

TOOL = "> [!tool]- "
"""How the line of a tool call begins."""
_TEXTS = ("text", "input_text", "output_text")
_MARKS = {
    **dict.fromkeys(("image", "image_url", "input_image"), "[image]"),
    **dict.fromkeys(("document", "file", "input_file"), "[file]"),
    **dict.fromkeys(("audio", "input_audio"), "[audio]"),
}
_TELLING = ("command", "cmd", "file_path", "filePath", "path", "pattern", "query", "url", "description", "prompt")
"""What says most of a call, in the order of preference."""
_LONGEST_CALL = 200


class Conversations:
    """What was said, by session, in the order in which it came. ``name`` stands in for a session without one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.passed_over: dict[str, int] = {}
        """how many messages were left out, by the reason"""
        self.failures: list[tuple[int, str]] = []
        """messages that can't be read: where, and why"""
        self._turns: dict[str, list[_Heard]] = {}
        self._messages: dict[str, str] = {}

    @property
    def sessions(self) -> dict[str, Session]:
        """The turns by session, as far as they were heard."""
        return {session: [heard.whole() for heard in turns] for session, turns in self._turns.items()}

    def say(self, session: str, number: int, turn: Turn, message: str = "") -> None:
        """Add a turn; further parts of the same message, told by its id, go on with it. One of nothing is none."""
        if not turn.text.strip():
            return
        turns = self._turns.setdefault(session or self.name, [])
        if message and turns and self._messages.get(session) == message:
            turns[-1].more.append(turn.text)
        else:
            turns.append(_Heard(number, turn, []))
        self._messages[session] = message

    def pass_over(self, reason: str) -> None:
        """Count a message that is left out."""
        self.passed_over[reason] = self.passed_over.get(reason, 0) + 1


class _Heard(NamedTuple):
    """A turn that may go on: joined at the end, as a message may have thousands of parts."""

    number: int
    turn: Turn
    more: list[str]

    def whole(self) -> tuple[int, Turn]:
        """Return the turn with all its parts, an empty line between them."""
        if not self.more:
            return self.number, self.turn
        first, *between, last = self.turn.text.rstrip(), *self.more
        text = "\n\n".join([first, *map(str.strip, between), last.lstrip()])
        return self.number, replace(self.turn, text=text)


def text_in(content: Any) -> str:
    """Return the content of a message as text: a text, or a list of parts; ``FormatError`` for anything else."""
    if content is None:
        return ""
    if isinstance(content, str):
        return _encodable(content)
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, Sequence):
        raise FormatError("The content of the message is neither a text nor a list of parts.")
    return "\n\n".join(text for part in content if (text := _part(part).strip()))


def tool_line(name: Any, arguments: Any) -> str:
    """Return a tool call as one folded line: the tool, and what says most of what it was given."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            pass
    told = arguments
    if isinstance(arguments, Mapping):
        told = next((arguments[key] for key in _TELLING if arguments.get(key)), arguments)
    if isinstance(told, list) and all(isinstance(word, str) for word in told):
        told = " ".join(told)
    if not isinstance(told, str):
        told = json.dumps(told, ensure_ascii=False) if told else ""
    line = " ".join(f"{name if isinstance(name, str) else 'tool'}: {told}".split()).rstrip(":")
    return _encodable(TOOL + (line if len(line) <= _LONGEST_CALL else f"{line[:_LONGEST_CALL]} ..."))


def moment(value: Any) -> str:
    """Return a time as ISO-8601, from a text or from s or ms since 1970; empty where it is none."""
    from datetime import UTC, datetime

    try:
        if isinstance(value, bool) or value is None:
            return ""
        if isinstance(value, int | float):
            seconds = value / 1000 if abs(value) > 1e11 else value
            return normalise_date(datetime.fromtimestamp(seconds, UTC).isoformat())
        return normalise_date(value) if isinstance(value, str) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def name_in(data: Mapping[str, Any], *keys: str) -> str:
    """Return the first of some fields that is a text with something in it, on one line."""
    found = (data.get(key) for key in keys)
    return next((_encodable(" ".join(text.split())) for text in found if isinstance(text, str) and text.strip()), "")


def _part(part: Any) -> str:
    if isinstance(part, str):
        return _encodable(part)
    if not isinstance(part, Mapping):
        return ""
    kind = part.get("type", "text")
    if kind in _TEXTS:
        text = part.get("text")
        return _encodable(text) if isinstance(text, str) else ""
    if kind == "tool_use":
        return tool_line(part.get("name"), part.get("input"))
    return _MARKS.get(kind, "") if isinstance(kind, str) else ""


def _encodable(text: str) -> str:
    """Return a text that UTF-8 can hold and an episode may: half a surrogate pair and NUL become a sign for it."""
    return (
        text.encode("utf-8", "replace").decode().replace("\0", "\ufffd") if not text.isascii() or "\0" in text else text
    )
