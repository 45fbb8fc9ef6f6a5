"""Messages as the APIs of OpenAI and Anthropic take them: a list, an object that holds one, or one message a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smos_cli.core.episode import Turn
from smos_cli.core.speakers import speaker_of
from smos_cli.core.transcripts.spoken import Conversations, moment, name_in, text_in, tool_line
from smos_cli.errors import FormatError

_TIMES = ("time", "timestamp", "created_at", "created", "date")
_OTHERS = ("text", "session")
"""What memories and turns of ours have, and messages do not."""


def is_message(data: Any) -> bool:
    """Say whether something is one message."""
    if not isinstance(data, Mapping) or not isinstance(data.get("role"), str) or any(key in data for key in _OTHERS):
        return False
    return "content" in data or "tool_calls" in data


def is_conversation(data: Any) -> bool:
    """Say whether something is a list of messages, or holds one."""
    found = data.get("messages") if isinstance(data, Mapping) else data
    return isinstance(found, list) and bool(found) and is_message(found[0])


def read(data: Mapping[str, Any], number: int, into: Conversations) -> None:
    """Take in one line: a message of the file's only conversation, or a conversation of its own."""
    if is_conversation(data):
        read_conversation(data, number, into)
    elif is_message(data):
        _say(data, number, "", "", into)
    else:
        raise FormatError("The line is neither a message nor a list of messages.")


def read_conversation(data: Any, number: int, into: Conversations) -> None:
    """Take in a whole conversation; of several in a file, those without a name are told apart by their number."""
    whole: Mapping[str, Any] = data if isinstance(data, Mapping) else {"messages": data}
    session = name_in(whole, "session", "session_id", "conversation_id", "id", "title")
    if not session and number > 1:
        session = f"{into.name}:{number}"
    when = next((time for key in _TIMES if (time := moment(whole.get(key)))), "")
    if whole.get("system"):
        into.say(session, number, Turn("system", text_in(whole["system"]), when))
    for place, message in enumerate(whole["messages"], 1):
        try:
            if not is_message(message):
                raise FormatError("it has no role or no content")
            _say(message, number, session, when, into)
        except FormatError as error:
            into.failures.append((number, f"Message {place} can't be read: {error.message}"))


def _say(message: Mapping[str, Any], number: int, session: str, when: str, into: Conversations) -> None:
    role = name_in(message, "role") or "assistant"
    if role in ("tool", "function"):
        return
    calls = message.get("tool_calls")
    lines = [_call(call) for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    text = "\n\n".join(part for part in (text_in(message.get("content")), *lines) if part.strip())
    time = next((found for key in _TIMES if (found := moment(message.get(key)))), when)
    into.say(session, number, Turn(speaker_of(role, name_in(message, "name")), text, time, name_in(message, "id")))


def _call(call: Mapping[str, Any]) -> str:
    function = call.get("function")
    told = function if isinstance(function, Mapping) else call
    return tool_line(told.get("name"), told.get("arguments", told.get("input")))
