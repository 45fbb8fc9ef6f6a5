"""Status: what there is, where it is, and whether the index agrees with the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smos_cli.core.choice import REMARK, Choice, read
from smos_cli.core.ports import Counts, Ports
from smos_cli.core.reembedding import Embedded
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
    choice: Choice | None = None
    """how the nearest vectors are found; None while there are too few for that to matter, or the index is held"""
    embedded: Embedded | None = None
    """whose vectors answer, and how far those of the wanted model are; None while the index is held"""
    queue: Mapping[str, int] | None = None
    """how many conversations that wait to be learnt from are in each state; None where that can't be read"""


def status(ports: Ports) -> Status:
    """Return the state of a persona, after the index has caught up."""
    try:
        with fresh(ports.vault, ports.index, ports.progress) as (session, report):
            counts, choice = session.counts(), read(session.note(REMARK))
        embedded = ports.index.embedded()
    except IndexBusyError:
        return Status(ports.persona, None, ports.index.describe(), fresh=False)
    index = ports.index.describe()
    if choice and "graph_bytes" not in index:  # it was lost, or its making was stopped
        choice = choice._replace(method="exact")
    return Status(ports.persona, counts, index, fresh=report is None, choice=choice, embedded=embedded)
