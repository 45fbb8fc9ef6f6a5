"""Export: every memory as a line of JSON, so that importing it elsewhere gives the same memories with the same ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from smos_cli.core.incoming import EXTRA
from smos_cli.core.markdown import parse
from smos_cli.core.memory import LISTS, SCALARS, from_fields
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection

_DEFAULTS = {"status": "accepted", "confidence": 1.0, "pinned": False}


def export(ports: Ports, selection: Selection) -> Iterator[dict[str, Any]]:
    """Yield one object per memory, oldest first; defaults are left out but for the kind."""
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = list(session.memories(replace(selection, memories_only=True)))
    for memory in reversed(found):
        yield line_of(ports.vault.read(memory.path))


def line_of(blob: Blob) -> dict[str, Any]:
    """Return the memory in a file as an object; keys of its frontmatter that are not ours are in one of their own."""
    document = parse(blob.data)
    memory = from_fields(document.fields, document.body, blob.stamp.path)
    line: dict[str, Any] = {"id": memory.id, "text": memory.body}
    line |= {key: value for key in SCALARS if (value := getattr(memory, key)) not in ("", _DEFAULTS.get(key, ""))}
    line |= {key: list(getattr(memory, key)) for key in LISTS if getattr(memory, key)}
    extra = {key: value for key, value in document.fields.items() if key not in ("id", *SCALARS, *LISTS)}
    return line | ({EXTRA: extra} if extra else {})
