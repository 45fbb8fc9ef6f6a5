"""What is said again: another source of the memory that is there, and a reason to be surer of it.

Owns how confidences add up, and that of a file only the keys ``sources`` and ``confidence`` change.
"""

from __future__ import annotations

from dataclasses import replace

from smos_cli.core.links import turn_target
from smos_cli.core.markdown import Value, edit, parse
from smos_cli.core.memory import Memory, from_fields

SUREST = 0.99
"""However often something was said, it may be wrong."""


def is_source(link: str, memory: Memory) -> bool:
    """Say whether a memory came from the turn that a link leads to, or is supported by it already."""
    return turn_target(link) in map(turn_target, (memory.session, *memory.sources))


def supported(memory: Memory, link: str, confidence: float) -> Memory:
    """Return a memory that one more turn supports, by the target of a link to it; the same turn counts once."""
    if is_source(link, memory):
        return memory
    return replace(memory, sources=(*memory.sources, link), confidence=_surer(memory.confidence, confidence))


def with_support(data: bytes, memory: Memory) -> bytes:
    """Return a memory's file with the sources and the confidence that the memory has; every other byte stays.

    A file that says nothing of its confidence goes on to say nothing. ``FormatError`` where it can't be read.
    """
    fields = parse(data).fields
    there = from_fields(fields, "").sources
    changes: dict[str, Value | None] = {}
    if new := [source for source in memory.sources if source not in there]:
        written = fields.get("sources") or []
        changes["sources"] = [*(written if isinstance(written, list) else [written]), *(f"[[{one}]]" for one in new)]
    if fields.get("confidence") and memory.confidence != from_fields(fields, "").confidence:
        changes["confidence"] = str(memory.confidence)
    return edit(data, changes) if changes else data


def _surer(before: float, more: float) -> float:
    """Return the chance that at least one of two is right, to two places; what is certain stays so."""
    if before >= SUREST:
        return before
    return max(before, min(SUREST, round(1 - (1 - before) * (1 - more), 2)))
