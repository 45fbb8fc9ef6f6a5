"""Signing the audit chain before others get it, so that nobody can cut off what they have of it."""

from __future__ import annotations

from smos_cli.core.audit import checkpoint
from smos_cli.core.changes import Change
from smos_cli.core.ports import Ports
from smos_cli.core.record import commit
from smos_cli.errors import SmosError


def sign(ports: Ports, verb: str, subject: str) -> tuple[str, ...]:
    """Sign what this machine's chain says that is not signed yet, and commit that; return the warnings.

    To be called while the vault's lock is held. ``subject`` is what the commit says after the verb.
    """
    marks = ports.machine.marks()
    if marks.head in (None, marks.checkpoint):
        return ()
    try:
        written = checkpoint(ports)
    except SmosError as error:
        return (f"The audit chain is not signed: {error.message} {error.remedy}".strip(),)
    change = Change(verb, f"{verb}: {subject}", (), ports.door, ports.actor, ports.reason, tuple(written))
    return commit(ports, change)
