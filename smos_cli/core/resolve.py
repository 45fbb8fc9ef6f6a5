"""Which memory is meant by an id, its beginning or end, a path, a file name or an alias. Ambiguity is reported.

A file whose frontmatter is broken has no id that can be read: it is found by its path, its name or the end of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from smos_cli.core import ulid
from smos_cli.core.memory import Memory
from smos_cli.core.ports import IndexSession
from smos_cli.core.selection import SHORTEST_END, Selection
from smos_cli.errors import AmbiguousError, NotFoundError

_SHOWN = 5
_ELSEWHERE = "See what is there with `smos list` or `smos recall`, and what was forgotten with `smos restore`."


def resolve(session: IndexSession, key: str, *others: IndexSession) -> Memory:
    """Return the one memory, episode or note that a key names; ``NotFoundError``, ``AmbiguousError``.

    Of a broken file it has the path alone. ``others`` are looked into as well, as if all were one.
    """
    sessions, wanted = (session, *others), key.strip()
    found = _named(sessions, wanted)
    if not found:
        wanted = wanted.split("#", 1)[0].removeprefix("[[").removesuffix("]]").split("|", 1)[0]
        found = _named(sessions, wanted)
    found = found or _broken(sessions, key.strip()) or _broken(sessions, wanted)
    exact = [memory for memory in found if wanted in (memory.path, memory.id) or wanted.upper() == memory.id]
    if len(exact) == 1:
        return exact[0]
    if not found:
        raise NotFoundError(f"Nothing here has the id {key!r}.", _near(session, wanted))
    if len(found) > 1:
        raise AmbiguousError(
            f"{key!r} could be {len(found)} memories: {_names(found)}.",
            "Give more characters of the id, or the path."
            if len({memory.id for memory in found}) > 1
            else "Give the path of the one that is meant.",
        )
    return found[0]


def _named(sessions: Sequence[IndexSession], wanted: str) -> list[Memory]:
    if not wanted:
        return []
    selection = Selection(key=wanted, everything=True)
    return [memory for session in sessions for memory in session.memories(selection)]


def _broken(sessions: Sequence[IndexSession], wanted: str) -> list[Memory]:
    paths = [item.path for session in sessions for item in session.stored() if item.problem]
    path = f"{wanted.removesuffix('.md')}.md"
    if wanted in paths or path in paths:
        return [Memory(id="", body="", path=wanted if wanted in paths else path)]
    ending = (ulid.suffix(wanted) if ulid.is_valid(wanted) else wanted.removesuffix(".md")).lower()
    return [
        Memory(id="", body="", path=found)
        for found in paths
        if wanted
        and (
            found.endswith(f"/{path}")
            or (len(ending) >= SHORTEST_END and found.lower().removesuffix(".md").endswith(ending))
        )
    ]


def _names(found: Sequence[Memory]) -> str:
    names = [f"{memory.id or memory.path} ({memory.path})" if memory.id else memory.path for memory in found[:_SHOWN]]
    return ", ".join(names) + (" ..." if len(found) > _SHOWN else "")


def _near(session: IndexSession, wanted: str) -> str:
    names = [memory.path.rsplit("/", 1)[-1].removesuffix(".md") for memory in session.memories(Selection(limit=2000))]
    close = get_close_matches(wanted, names, n=1)
    return f"Did you mean {close[0]}?" if close else _ELSEWHERE
