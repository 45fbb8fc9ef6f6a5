"""What others did to the vault's files: told by a line and a commit of its own, before a command makes its change.

Owns when that happens and what the commit says. Whatever only reads never comes here. Where nothing was changed by
others, as nearly always, this is all that is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smos_cli.core.audit import Entry, write_bodies
from smos_cli.core.changes import Change
from smos_cli.core.history import Outside
from smos_cli.core.ports import Ports
from smos_cli.core.record import commit
from smos_cli.errors import SmosError, StorageError

if TYPE_CHECKING:
    from smos_cli.core.attribution import Told

VERB = "outside"
SAVED_BEFORE = "what was saved before, and not committed"
"""What the subject of a commit ends with that holds what commands did, and whose lines were written then."""


@contextmanager
def about_to_change(ports: Ports) -> Iterator[None]:
    """Hold the vault's lock, for a command that calls ``settle`` itself before it first writes."""
    ports.history.expect()
    with ports.vault.lock():
        yield


@contextmanager
def changing(ports: Ports) -> Iterator[tuple[str, ...]]:
    """Hold the vault's lock for a change, after what others changed is recorded; yields the warnings of that."""
    with about_to_change(ports):
        yield settle(ports)


def settle(ports: Ports) -> tuple[str, ...]:
    """Record what others changed; return the warnings. To be called while the lock is held, before any write.

    What was saved before and not committed, by a command that was killed or while commits were off, has its line
    already: it is only committed.
    """
    try:
        found = ports.history.outside()
    except StorageError as error:
        return (f"What changed outside smos is not recorded: {error.message} {error.remedy}".strip(),)
    if not found:
        return ()
    from smos_cli.core.attribution import tell

    try:
        told = tell(ports, found)
        audit = write_bodies(ports, Entry(VERB, ids=told.ids, door=VERB), told.bodies) if told.bodies.found else []
    except SmosError as error:
        return (f"What changed outside smos is not recorded: {error.message} {error.remedy}".strip(),)
    return commit(ports, _change(ports, found, told, audit))


def _change(ports: Ports, found: Sequence[Outside], told: Told, audit: Sequence[str]) -> Change:
    if not told.bodies.found:
        what = SAVED_BEFORE
    elif len(told.texts) == told.number == 1:
        what = told.texts[0]
    else:
        what = f"{told.number} file{'' if told.number == 1 else 's'} changed outside smos"
    return Change(
        verb=VERB,
        subject=f"{VERB}: {what}",
        ids=told.ids,
        door=VERB,
        actor=ports.actor,
        written=(*(one.path for one in found if one.after), *audit),
        removed=tuple(one.path for one in found if not one.after),
    )
