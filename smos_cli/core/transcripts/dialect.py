"""Which program a transcript is of, told by what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from smos_cli.core.transcripts import claude_code, codex, messages, opencode
from smos_cli.core.transcripts.spoken import Conversations

Dialect = Callable[[Any, int, Conversations], None]
"""Takes in an object, with its number in the file."""


def of_line(data: Mapping[str, Any]) -> Dialect | None:
    """Return what reads lines such as this one; None for memories and turns of ours."""
    if isinstance(data.get("text"), str):
        return None
    if claude_code.is_line(data):
        return claude_code.read
    if messages.is_message(data) or messages.is_conversation(data):
        return messages.read
    return codex.read if codex.is_line(data) else None


def of_whole(data: Any) -> Dialect | None:
    """Return what reads a file that is one JSON value; None for one that is of no program we know."""
    if opencode.is_session(data):
        return opencode.read
    return messages.read_conversation if messages.is_conversation(data) else None
