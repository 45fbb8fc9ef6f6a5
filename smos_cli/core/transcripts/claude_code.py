"""Session files of Claude Code: a line for each message, or part of one, under ``~/.claude/projects``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smos_cli.core.episode import Turn
from smos_cli.core.transcripts.spoken import Conversations, moment, name_in, text_in

_OTHER_LINES = ("file-history-snapshot", "queue-operation", "summary", "progress")


def is_line(data: Mapping[str, Any]) -> bool:
    """Say whether an object is a line of such a file."""
    kind = data.get("type")
    if kind in ("user", "assistant"):
        return isinstance(data.get("message"), Mapping) and ("sessionId" in data or "uuid" in data)
    return kind in _OTHER_LINES and ("leafUuid" in data or "sessionId" in data or "snapshot" in data)


def read(data: Mapping[str, Any], number: int, into: Conversations) -> None:
    """Take in a line. Subagents, what the program itself said in the user's name, and summaries are left out."""
    message = data.get("message")
    if data.get("type") not in ("user", "assistant") or not isinstance(message, Mapping):
        return
    if data.get("isSidechain"):
        into.pass_over("a subagent's message")
        return
    if data.get("isMeta") or data.get("isCompactSummary"):
        return
    turn = Turn(
        speaker=str(data["type"]),
        text=text_in(message.get("content")),
        time=moment(data.get("timestamp")),
        ref=name_in(data, "uuid"),
    )
    into.say(name_in(data, "sessionId"), number, turn, name_in(message, "id"))
