"""Status: what there is, where it is, and whether the index agrees with the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smos_cli.core.ports import Counts, Ports
from smos_cli.core.refresh import fresh
from smos_cli.errors import IndexBusyError


@dataclass(frozen=True, slots=True)
class Status:
    """One persona's state. ``counts`` is None while the index is held by somebody else."""

    persona: str
    counts: Counts | None
    index: Mapping[str, str | int]
    fresh: bool
    """the index agreed with the files before this was asked"""


def status(ports: Ports) -> Status:
    """Return the state of a persona, after the index has caught up."""
    try:
        with fresh(ports.vault, ports.index, ports.progress) as (session, report):
            counts = session.counts()
    except IndexBusyError:
        return Status(ports.persona, None, ports.index.describe(), fresh=False)
    return Status(ports.persona, counts, ports.index.describe(), fresh=report is None)
