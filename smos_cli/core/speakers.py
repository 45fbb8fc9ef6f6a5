"""Who speaks in a turn: a person, the assistant, a tool or the system, told by the name that stands over it."""

from __future__ import annotations

_ROLES = {
    **dict.fromkeys(
        ("assistant", "ai", "bot", "model", "agent", "chatgpt", "claude", "gemini", "copilot"), "assistant"
    ),
    **dict.fromkeys(("tool", "function", "tool_result"), "tool"),
    **dict.fromkeys(("system", "developer"), "system"),
}


def role_of(speaker: str) -> str:
    """Return ``assistant``, ``tool`` or ``system`` for the names that clients give them, ``user`` for any other."""
    return _ROLES.get(speaker.strip().casefold(), "user")
