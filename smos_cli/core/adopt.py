"""Adopt: Markdown files that a person dropped into ``memories/`` get an id, and nothing else of them changes."""

from __future__ import annotations

from smos_cli.core.changes import Touched
from smos_cli.core.layout import role_of
from smos_cli.core.markdown import edit
from smos_cli.core.memory import Memory
from smos_cli.core.outside import changing
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.errors import SmosError


def adopt(ports: Ports) -> tuple[list[Memory], tuple[str, ...]]:
    """Give ids to all memories without one; return them and the warnings."""
    base = ports.vault.base
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = session.memories(Selection(everything=True))
    nameless = [memory.path for memory in found if not memory.id and role_of(memory.path, base) == "memory"]
    if not nameless:
        return [], ()
    adopted: list[Memory] = []
    changes: list[Touched] = []
    with changing(ports) as settled:
        warnings = list(settled)
        for path in nameless:
            try:
                blob = ports.vault.read(path)
                if read_memory(blob, base).id:
                    continue  # another process gave it one, before this one held the lock
                memory, change = _with_id(ports, blob)
                adopted.append(memory)
                changes.append(change)
            except SmosError as error:
                warnings.append(f"{path} has no id yet: {error.message}")
        if adopted:
            warnings += record(ports, "adopt", adopted, changes)
        return adopted, tuple(warnings)


def _with_id(ports: Ports, blob: Blob) -> tuple[Memory, Touched]:
    data = edit(blob.data, {"id": ports.new_id(blob.stamp.mtime_ns // 1_000_000)})
    ports.vault.replace(blob.stamp.path, data, blob.etag)
    memory = read_memory(blob._replace(data=data), ports.vault.base)
    return memory, touched(memory, before=blob.etag, after=data)
