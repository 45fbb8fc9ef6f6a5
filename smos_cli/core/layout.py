"""Where things are in a vault. Owns the names of our own files and folders; ``base`` is empty or ``smos/``."""

from __future__ import annotations

from collections.abc import Sequence

from smos_cli.core import ulid
from smos_cli.core.memory import slug

CARD = "PERSONA.md"
TOMBSTONES = ".tombstones"
TRASH = ".trash/"
AUDIT = "audit/"
FOLDER_LIMIT = 500
"""A folder of memories or episodes holds at most this many files; then 11-2, 11-3 ..."""

_OWN = (CARD, "README.md")
_AREAS = {"memories/": "memory", "episodes/": "episode", AUDIT: "own", "notes/": "note"}


def role_of(path: str, base: str) -> str:
    """Return ``memory``, ``episode``, ``note`` or ``own`` (ours, and not recalled) for a path."""
    if not path.startswith(base):
        return "note"
    inner = path[len(base) :]
    for area, role in _AREAS.items():
        if inner.startswith(area):
            return role
    return "own" if inner in _OWN or base else "note"


def is_of_audit(path: str, base: str) -> bool:
    """Say whether a file is of the audit, which tells what was done whatever becomes of it."""
    return path.startswith(base + AUDIT)


def file_name(text: str, identity: str, fallback: str = "memory") -> str:
    """Return the name of a new file: words of its statement and the last eight characters of its id."""
    return f"{slug(text) or fallback}-{ulid.suffix(identity)}.md"


def month_folder(area: str, created: str) -> str:
    """Return the folder of a month, such as ``memories/2026/11``."""
    return f"{area}/{created[:4]}/{created[5:7] or '01'}"


def overflow(siblings: Sequence[str], month: str) -> list[str]:
    """Return the folders of one month among its siblings in the order they filled up: 11, 11-2, 11-3 ..."""
    endings = (name[len(month) + 1 :] for name in siblings if name.startswith(f"{month}-"))
    numbers = sorted(int(ending) for ending in endings if ending.isdecimal() and ending == str(int(ending)))
    return [month] * (month in siblings) + [f"{month}-{number}" for number in numbers]
