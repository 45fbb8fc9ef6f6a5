"""Links to turns that a merge gave a new number: those of the side that the turns came from follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from smos_cli.core import ulid
from smos_cli.core.links import link_target
from smos_cli.core.markdown import edit, parse
from smos_cli.core.merging.matching import File, identity_of
from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

Moved = Mapping[tuple[str, str], str]
"""By what a link to an episode is compared by, and a turn, the number that the turn has now."""


def moved_turns(renumbered: Iterable[tuple[File, Iterable[tuple[str, str]]]]) -> Moved:
    """Return where turns of some episodes are now, given their old and new numbers."""
    moved: dict[tuple[str, str], str] = {}
    for file, pairs in renumbered:
        for old, new in pairs:
            names = (link_target(file.path), ulid.suffix(identity_of(*file)))
            moved |= {(name, old): new for name in names if name}
    return moved


def relinked(data: bytes, moved: Moved) -> bytes:
    """Return a memory that says in which turns it was said by the numbers that the turns have now."""
    try:
        fields = parse(data).fields
        links = {key: fields[key] for key in ("session", "sources") if key in fields}
        changes: dict[str, Value | None] = {
            key: new for key, value in links.items() if (new := _renumbered(value, moved)) != value
        }
        return edit(data, changes) if changes else data
    except FormatError:
        return data


def _renumbered(value: Value, moved: Moved) -> Value:
    """Return a link, or a list of links, with the number that its turn has now."""
    if isinstance(value, list):
        return [_renumbered(item, moved) for item in value]
    if not isinstance(value, str):
        return value
    name, mark, rest = value.removeprefix("[[").partition("#^")
    turn = rest.removesuffix("]]").partition("|")[0].strip()
    new = moved.get((link_target(name), turn.lower()))
    return value.replace(f"{mark}{turn}", f"{mark}{new}", 1) if mark and new else value
