"""Re-embedding: the vectors of another model are made beside those in use, which answer until all are there.

Owns what is said of it. How vectors are made, kept and taken into use is the index's.
"""

from __future__ import annotations

from typing import NamedTuple

from smos_cli.core.ports import Ports
from smos_cli.core.refresh import Report, refresh
from smos_cli.errors import SmosError, StoppedError


class Embedded(NamedTuple):
    """Whose vectors an index has, and how far those of the wanted model are made."""

    used: str
    """the model whose vectors answer; empty while that is not known"""
    wanted: str
    done: int = 0
    """passages that have a vector of the wanted model"""
    total: int = 0
    """passages that are to have one; 0 where nobody has counted yet"""
    at_work: bool = False
    """a process is making them"""
    failed: str = ""
    """why the last one that made them gave up"""

    @property
    def due(self) -> bool:
        """Say whether vectors are to be made: of another model, or of passages that have none."""
        return self.used != self.wanted or self.done < self.total


def reembed(ports: Ports) -> Embedded:
    """Make every passage a vector of the wanted model, and take them into use once all are there.

    What was made before a stop or a kill is not made again. ``StoppedError`` when it is interrupted, ``IndexBusyError``
    when another process is at it, ``ModelError`` when the model does not work: the old vectors answer as before.
    """
    return ports.index.reembed(ports.progress)


def brought_up(ports: Ports, *, rebuild: bool) -> tuple[Report, str]:
    """Bring the index up to date or make it anew, with vectors of the wanted model; return also what went wrong there.

    A model that does not work, or somebody else who is at it, leaves the index as good as it was.
    """
    report = refresh(ports.vault, ports.index, rebuild=rebuild, progress=ports.progress)
    trouble = ""
    try:
        if ports.index.embedded().due:
            ports.index.reembed(ports.progress)
    except StoppedError:
        raise
    except SmosError as error:
        trouble = f"{error.message} {error.remedy}".strip()
    ports.index.settle(ports.progress)
    return report, trouble
