"""A session of opencode as its ``export`` writes it: one object with the messages and the parts of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smos_cli.core.episode import Turn
from smos_cli.core.transcripts.spoken import Conversations, moment, name_in, text_in, tool_line


def is_session(data: Any) -> bool:
    """Say whether something is such an object."""
    if not isinstance(data, Mapping) or not isinstance(data.get("info"), Mapping):
        return False
    messages = data.get("messages")
    return isinstance(messages, list) and all(isinstance(one, Mapping) and "parts" in one for one in messages)


def read(data: Mapping[str, Any], _number: int, into: Conversations) -> None:
    """Take in a session. What the program itself put into the user's message (``synthetic``) is left out."""
    session = name_in(data["info"], "id", "title")
    for number, message in enumerate(data["messages"], 1):
        info = message.get("info")
        info = info if isinstance(info, Mapping) else {}
        parts = message["parts"] if isinstance(message["parts"], list) else []
        times = info.get("time")
        when = moment(times.get("created")) if isinstance(times, Mapping) else ""
        text = "\n\n".join(said for part in parts if isinstance(part, Mapping) and (said := _part(part)))
        into.say(session, number, Turn(name_in(info, "role") or "user", text, when, name_in(info, "id")))


def _part(part: Mapping[str, Any]) -> str:
    if part.get("synthetic") or part.get("ignored"):
        return ""
    if part.get("type") == "tool":
        state = part.get("state")
        return tool_line(part.get("tool"), state.get("input") if isinstance(state, Mapping) else None)
    return text_in(part) if part.get("type") in ("text", "file") else ""
