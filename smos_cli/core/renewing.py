"""Erasures that travel: what was erased elsewhere leaves the history here, and does not come back with that of others.

Owns when history is rewritten by a sync. To be used while the vault's lock is held.
"""

from __future__ import annotations

from typing import NamedTuple

from smos_cli.core.applying import Goal, apply
from smos_cli.core.expunging import expunge, places_of
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Erased, Purge, erased_of
from smos_cli.core.remote import Revisions
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import IndexBusyError, StorageError


class Renewed(NamedTuple):
    """Whether history was rewritten, and what its owner should know."""

    rewritten: bool = False
    warnings: tuple[str, ...] = ()


def renew(ports: Ports, revisions: Revisions, purge: Purge, fetched: str) -> Renewed:
    """Rewrite the history of both lines where one holds what either erased; ``StorageError`` where that is refused."""
    if not fetched:
        return Renewed()
    own = erased_of(read_forgotten(ports.vault))
    path = ports.vault.base + TOMBSTONES
    said = erased_of(Forgotten(revisions.file(fetched, path).decode("utf-8", "surrogateescape")))
    both = Erased(own.ids | said.ids, own.turns | said.turns)
    new = Erased(said.ids - own.ids, said.turns - own.turns)
    branch = revisions.branch()
    if not _is_any(both) or branch.tip == fetched:
        return Renewed()
    if _is_any(new):
        if refused := purge.refusal():
            raise StorageError(*refused)
        # First, so that a kill leaves a history that still has to be rewritten.
        expunge(ports, new, places_of(ports, new))
    incoming = [fetched, *([f"^{branch.tip}"] if branch.tip else [])]
    if not ((_is_any(new) and purge.holds(new)) or purge.holds(both, incoming)):
        return Renewed(warnings=_without_index(ports) if _is_any(new) else ())
    before = _tree(revisions, branch.tip)
    rewritten = purge.rewrite(both)
    after = _tree(revisions, revisions.branch().tip)
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    blobs = revisions.blobs(after[path] for path in changed if path in after)
    goals = [Goal(path, before.get(path, ""), blobs.get(after.get(path, ""))) for path in changed]
    apply(ports, goals, {}, both.ids)
    return Renewed(rewritten=True, warnings=(*rewritten.kept, *_without_index(ports)))


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
