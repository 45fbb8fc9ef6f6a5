"""Log: what was changed, by whom and why, newest first; of the whole vault or of one memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from smos_cli.core.changes import read_record
from smos_cli.core.lives import Step, known, life
from smos_cli.core.ports import Ports


class Logged(NamedTuple):
    """What was asked for, and whether there is more."""

    changes: tuple[Step, ...]
    more: bool


def log(ports: Ports, key: str = "", *, limit: int = 0) -> Logged:
    """Return the changes of the vault, or of what a key names, newest first; ``limit`` 0: all of them."""
    steps = life(ports, known(ports, key)) if key else _all(ports)
    found = tuple(islice(steps, limit + 1)) if limit else tuple(steps)
    return Logged(found[:limit] if limit else found, bool(limit) and len(found) > limit)


def _all(ports: Ports) -> Iterator[Step]:
    for commit in ports.past.commits():
        yield Step(commit, read_record(commit.text), commit.files)
