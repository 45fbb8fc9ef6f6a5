"""Export: every memory as a line of JSON, so that importing it elsewhere gives the same memories with the same ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from smos_cli.core.markdown import parse
from smos_cli.core.memory import from_fields
from smos_cli.core.ports import Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection

_PLAIN = [
    "kind",
    "status",
    "confidence",
    "created",
    "updated",
    "valid_from",
    "valid_to",
    "pinned",
    "via",
    "session",
    "speaker",
    "model",
    "project",
    "ref",
    "file",
]
_LISTS = ("tags", "supersedes", "conflicts", "aliases")
_DEFAULTS = {"status": "accepted", "confidence": 1.0, "pinned": False}


def export(ports: Ports, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield one object per memory, oldest first; defaults are left out but for the kind and how it was learnt."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = list(session.memories(replace(selection, memories_only=True)))
    for memory in reversed(found):
        document = parse(ports.vault.read(memory.path).data)
        whole = from_fields(document.fields, document.body, memory.path)
        line: dict[str, Any] = {"id": whole.id, "text": whole.body.strip()}
        plain = {key: getattr(whole, key) for key in _PLAIN}
        line |= {key: value for key, value in plain.items() if key == "via" or value not in ("", _DEFAULTS.get(key))}
        line |= {key: list(getattr(whole, key)) for key in _LISTS if getattr(whole, key)}
        yield line
