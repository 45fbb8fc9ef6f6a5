"""Links between memories, and to turns of episodes: what the target of a ``[[link]]`` is compared by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smos_cli.core import ulid

if TYPE_CHECKING:
    from smos_cli.core.memory import Memory

_SUFFIX = re.compile(r"(?:^|-)([0-9a-hjkmnp-tv-z]{8})$")


def link_target(text: str) -> str:
    """Return the last eight characters of an id where a target ends in them, else the target's text."""
    name = text.split("#", 1)[0].strip().lower().rpartition("/")[2].removesuffix(".md")
    match = _SUFFIX.search(name)
    return match.group(1) if match else ulid.suffix(name) if ulid.is_valid(name) else name


def turn_target(text: str) -> tuple[str, str]:
    """Return what a link to a turn is compared by: that of its episode, which may be renamed, and the turn."""
    return link_target(text), text.partition("#")[2].strip().lower()


def link_targets(memory: Memory, relation: str) -> list[str]:
    """Return what a memory's ``supersedes`` or ``conflicts`` point to; a link to nothing or to itself is none."""
    own = ulid.suffix(memory.id)
    found = dict.fromkeys(map(link_target, getattr(memory, relation)))
    return [target for target in found if target not in ("", own)]
