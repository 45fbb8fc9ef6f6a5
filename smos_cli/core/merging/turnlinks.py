"""Links to turns that a merge gave a new number: those of the side that the turns came from follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smos_cli.core import ulid
from smos_cli.core.links import link_target
from smos_cli.core.markdown import edit, parse
from smos_cli.core.merging.matching import File, identity_of
from smos_cli.errors import FormatError

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
    """Return a memory that says in which turn it was said by the number that the turn has now."""
    try:
        session = parse(data).fields.get("session")
        if not isinstance(session, str):
            return data
        name, mark, rest = session.removeprefix("[[").partition("#^")
        turn = rest.removesuffix("]]").partition("|")[0].strip()
        new = moved.get((link_target(name), turn.lower()))
        return edit(data, {"session": session.replace(f"{mark}{turn}", f"{mark}{new}", 1)}) if mark and new else data
    except FormatError:
        return data
