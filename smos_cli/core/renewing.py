"""Erasures that travel: what was erased elsewhere leaves the history here, and does not come back with that of others.

Owns when history is rewritten by a sync. To be used while the vault's lock is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from smos_cli.core.applying import Goal, apply
from smos_cli.core.expunging import expunge, places_of
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Erased, Purge, erased_of
from smos_cli.core.remote import Revisions
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import IndexBusyError, RemoteError, StorageError

MOST_ERASED = 20
"""Memories that a sync erases here because others did; more have to be allowed."""


class Renewed(NamedTuple):
    """Whether history was rewritten, what went for good, and what its owner should know."""

    rewritten: bool = False
    erased: tuple[str, ...] = ()
    """ids of the memories that were here and that others erased"""
    warnings: tuple[str, ...] = ()


def renew(ports: Ports, revisions: Revisions, purge: Purge, fetched: str, most: int) -> Renewed:
    """Rewrite the history of both lines where one holds what either erased; ``StorageError`` where that is refused.

    ``RemoteError`` where others erased more than ``most`` memories that are here: then nothing is changed.
    """
    if not fetched:
        return Renewed()
    own = erased_of(read_forgotten(ports.vault))
    path = ports.vault.base + TOMBSTONES
    said = erased_of(Forgotten(revisions.file(fetched, path).decode("utf-8", "surrogateescape")))
    both = Erased(own.ids | said.ids, own.turns | said.turns, own.salts | said.salts)
    new = Erased(said.ids - own.ids, said.turns - own.turns, said.salts - own.salts)
    branch = revisions.branch()
    if not _is_any(both) or branch.tip == fetched:
        return Renewed()
    erased: tuple[str, ...] = ()
    if _is_any(new):
        places = places_of(ports, new)
        erased = tuple(dict.fromkeys(place.identity for place in places if place.whole))
        _check_few(erased, most)
        if refused := purge.refusal():
            raise StorageError(*refused)
        # First, so that a kill leaves a history that still has to be rewritten.
        expunge(ports, new, places)
    incoming = [fetched, *([f"^{branch.tip}"] if branch.tip else [])]
    if not ((_is_any(new) and purge.holds(new)) or purge.holds(both, incoming)):
        return Renewed(erased=erased, warnings=_without_index(ports) if _is_any(new) else ())
    before = _tree(revisions, branch.tip)
    rewritten = purge.rewrite(both)
    after = _tree(revisions, revisions.branch().tip)
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    blobs = revisions.blobs(after[path] for path in changed if path in after)
    goals = [Goal(path, before.get(path, ""), blobs.get(after.get(path, ""))) for path in changed]
    apply(ports, goals, {}, both.ids)
    return Renewed(True, erased, warnings=(*rewritten.kept, *_without_index(ports)))


def _check_few(erased: Sequence[str], most: int) -> None:
    """Raise ``RemoteError`` where others would erase so much that it may be a mistake, or worse."""
    if len(erased) > most:
        raise RemoteError(
            f"The remote says that {len(erased)} memories that are here were erased for good.",
            "Nothing was changed. See its file .tombstones; if it is meant, `smos sync --yes` erases them here too.",
        )


def _tree(revisions: Revisions, commit: str) -> dict[str, str]:
    return {one.path: one.after for one in revisions.differences("", commit) if one.after} if commit else {}


def _without_index(ports: Ports) -> tuple[str, ...]:
    """Delete the index, which may hold what was erased; the next recall makes it anew."""
    try:
        ports.index.drop()
    except (IndexBusyError, StorageError):
        return ("The index may still hold what was erased elsewhere: run `smos index --rebuild`.",)
    return ()


def _is_any(erased: Erased) -> bool:
    return bool(erased.ids or erased.turns)
