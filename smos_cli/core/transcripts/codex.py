"""Session files of Codex: lines of a type and a payload, under ``~/.codex/sessions``; and its older form without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smos_cli.core.episode import Turn
from smos_cli.core.transcripts.spoken import Conversations, moment, name_in, text_in, tool_line
from smos_cli.errors import FormatError

_LINES = ("session_meta", "response_item", "event_msg", "turn_context", "compacted")
_CALLS = ("function_call", "custom_tool_call", "local_shell_call")
_ITEMS = ("message", "reasoning", "function_call_output", "custom_tool_call_output", *_CALLS)


def is_line(data: Mapping[str, Any]) -> bool:
    """Say whether an object is a line of such a file."""
    if data.get("type") in _LINES:
        return isinstance(data.get("payload"), Mapping)
    if data.get("record_type") == "state" or (data.keys() >= {"id", "timestamp", "instructions"}):
        return True
    return data.get("type") in _ITEMS and (data.get("type") != "message" or isinstance(data.get("content"), list))


def read(data: Mapping[str, Any], number: int, into: Conversations) -> None:
    """Take in a line. Events repeat what the items say, so that only items are read."""
    payload = data.get("payload", data)
    if not isinstance(payload, Mapping):
        raise FormatError("The line has no payload that could be read.")
    if data.get("type") == "session_meta" or "type" not in data:
        into.name = name_in(payload, "id") or into.name
        return
    if data.get("type") not in ("response_item", *_ITEMS):
        return
    time, kind = moment(data.get("timestamp")), payload.get("type")
    if kind == "message":
        speaker = name_in(payload, "role") or "assistant"
        into.say("", number, Turn(speaker, text_in(payload.get("content")), time, name_in(payload, "id")))
    elif kind in _CALLS:
        into.say("", number, Turn("assistant", _call(payload), time), message="calls")


def _call(payload: Mapping[str, Any]) -> str:
    action = payload.get("action")
    if isinstance(action, Mapping):
        return tool_line("shell", action)
    return tool_line(payload.get("name"), payload.get("arguments", payload.get("input")))
