"""Who speaks in a turn: a person, the assistant, a tool or the system, told by the name that stands over it."""

from __future__ import annotations

_ROLES = {
    **dict.fromkeys(
        ("assistant", "ai", "bot", "chatbot", "model", "llm", "agent", "reasoning", "thinking"), "assistant"
    ),
    **dict.fromkeys(("chatgpt", "gpt", "claude", "gemini", "copilot", "codex", "opencode"), "assistant"),
    **dict.fromkeys(("tool", "function", "tool_result", "tool_call", "function_call"), "tool"),
    **dict.fromkeys(("ipython", "environment", "observation"), "tool"),
    **dict.fromkeys(("system", "developer"), "system"),
}


def role_of(speaker: str) -> str:
    """Return ``assistant``, ``tool`` or ``system`` for the names that clients give them, ``user`` for any other."""
    return _ROLES.get(speaker.strip().casefold(), "user")


def speaker_of(role: str, name: str) -> str:
    """Return the name of a person who speaks; for anybody else the role, since a name would pass for a person's."""
    return name if name and role_of(role) == "user" else role
