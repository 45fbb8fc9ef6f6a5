"""Links between memories: what the target of a ``[[link]]`` is compared by."""

from __future__ import annotations

import re

from smos_cli.core import ulid

_SUFFIX = re.compile(r"(?:^|-)([0-9a-hjkmnp-tv-z]{8})$")


def link_target(text: str) -> str:
    """Return the last eight characters of an id where a target ends in them, else the target's text."""
    name = text.split("#", 1)[0].strip().lower()
    match = _SUFFIX.search(name)
    return match.group(1) if match else ulid.suffix(name) if ulid.is_valid(name) else name
