"""Which memory is meant by an id, its beginning or end, a path, a file name or an alias. Ambiguity is reported."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from smos_cli.core.memory import Memory
from smos_cli.core.ports import IndexSession
from smos_cli.core.selection import Selection
from smos_cli.errors import AmbiguousError, NotFoundError

_SHOWN = 5


def resolve(session: IndexSession, key: str) -> Memory:
    """Return the one memory, episode or note that a key names; ``NotFoundError``, ``AmbiguousError``."""
    wanted = key.strip()
    found = _named(session, wanted)
    if not found:
        wanted = wanted.split("#", 1)[0].removeprefix("[[").removesuffix("]]").split("|", 1)[0]
        found = _named(session, wanted)
    exact = [memory for memory in found if wanted in (memory.path, memory.id) or wanted.upper() == memory.id]
    if len(exact) == 1:
        return exact[0]
    if not found:
        raise NotFoundError(f"Nothing here has the id {key!r}.", _near(session, wanted))
    if len(found) > 1:
        raise AmbiguousError(
            f"{key!r} could be {len(found)} memories: {_names(found)}.",
            "Give more characters of the id, or the path.",
        )
    return found[0]


def _named(session: IndexSession, wanted: str) -> Sequence[Memory]:
    return session.memories(Selection(key=wanted, everything=True)) if wanted else ()


def _names(found: Sequence[Memory]) -> str:
    names = [f"{memory.id or memory.path} ({memory.path})" if memory.id else memory.path for memory in found[:_SHOWN]]
    return ", ".join(names) + (" ..." if len(found) > _SHOWN else "")


def _near(session: IndexSession, wanted: str) -> str:
    names = [memory.path.rsplit("/", 1)[-1].removesuffix(".md") for memory in session.memories(Selection(limit=2000))]
    close = get_close_matches(wanted, names, n=1)
    return f"Did you mean {close[0]}?" if close else "See what is there with `smos list`, or search with `smos recall`."
