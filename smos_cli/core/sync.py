"""Sync: what was done here and what was done elsewhere become one history, here and at the remote.

Owns the order: commit, fetch, take in, push, and again when somebody else was faster. The vault is held only while
its files change, not while the remote is waited for. A kill at any moment leaves what the next sync ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from smos_cli.core.joint import Joint, take_in
from smos_cli.core.outside import changing
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Purge
from smos_cli.core.remote import Meet, Other
from smos_cli.core.renewing import MOST_ERASED
from smos_cli.core.signing import sign
from smos_cli.errors import OfflineError, RemoteError, StaleError

VERB = "sync"
_TRIES = 5


class Conflict(NamedTuple):
    """What was changed here and there so that only one version could stay where it was."""

    identity: str
    """id of the memory, or its path where it has none"""
    copy: str
    """id of the other version, or its path where it has none"""
    path: str
    """where the other version is; empty where it was put away"""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did."""

    remote: str
    sent: int = 0
    """commits that the remote lacked"""
    received: int = 0
    """commits that were lacking here"""
    merged: int = 0
    """files that both had changed"""
    conflicts: tuple[Conflict, ...] = ()
    put_away: tuple[str, ...] = ()
    """ids of memories that went to the trash here"""
    erased: tuple[str, ...] = ()
    """ids of memories that were here and that others erased"""
    rewritten: bool = False
    """history was rewritten without what was erased elsewhere"""
    uncommitted: bool = False
    """something that is saved here could not be committed, and so not be sent; the warnings say why"""
    offline: str = ""
    """why the remote was not reached; everything is saved here"""
    warnings: tuple[str, ...] = ()


def sync(ports: Ports, meet: Meet, purge: Purge, *, most: int = MOST_ERASED) -> Synced:
    """Sync with a remote; ``RemoteError`` when it refuses. That it can't be reached is a result.

    ``most`` is how many memories may be erased here because others erased them.
    """
    if not ports.past.recording:
        raise RemoteError(
            "Commits are off here, so there is nothing to sync.",
            "See `smos config get vault.autocommit` and `smos doctor`.",
        )
    with meet as other:
        with changing(ports) as warnings:
            done = Synced(other.remote.name, uncommitted=bool(warnings), warnings=warnings)
        for _ in range(_TRIES):
            try:
                fetched = other.remote.fetch()
            except OfflineError as error:
                return replace(done, offline=error.message)
            joint = _taken_in(ports, other, purge, fetched, most)
            done = _added(done, joint)
            try:
                forced = joint.theirs != fetched
                if joint.tip == fetched or other.remote.push(joint.tip, expected=fetched if forced else None):
                    return replace(done, sent=other.revisions.count(joint.tip, joint.theirs))
            except OfflineError as error:
                return replace(done, offline=error.message)
    raise RemoteError(
        f"Others pushed to {done.remote} while this sync did, {_TRIES} times.", "Everything is saved here; sync again."
    )


def _taken_in(ports: Ports, other: Other, purge: Purge, fetched: str, most: int) -> Joint:
    """Take in what was fetched, and sign; from the start again when a file changed meanwhile."""
    for left in reversed(range(_TRIES)):
        with changing(ports) as warnings:
            try:
                joint = take_in(ports, other, purge, fetched, most)
            except StaleError:
                if not left:
                    raise
                continue
            if joint.tip != other.revisions.fetched():
                warnings += sign(ports, VERB, "Sign the audit chain")
            return joint._replace(tip=other.revisions.branch().tip, warnings=(*warnings, *joint.warnings))
    raise AssertionError


def _added(done: Synced, joint: Joint) -> Synced:
    """Return what was done, with one round more."""
    conflicts = [
        Conflict(clash.identity or clash.path, clash.copy_identity or clash.copy, clash.copy) for clash in joint.clashes
    ]
    return replace(
        done,
        received=done.received + joint.received,
        merged=done.merged + joint.merged,
        conflicts=(*done.conflicts, *conflicts),
        put_away=tuple(dict.fromkeys((*done.put_away, *joint.put_away))),
        erased=tuple(dict.fromkeys((*done.erased, *joint.erased))),
        rewritten=done.rewritten or joint.rewritten,
        warnings=tuple(dict.fromkeys((*done.warnings, *joint.warnings))),
    )
