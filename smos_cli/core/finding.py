"""What an examination of memory found: the shape that ``doctor`` and ``audit verify`` report in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know. ``level`` is ``problem``, which makes ``doctor`` fail, or ``note``."""

    level: str
    where: str
    what: str
    remedy: str
