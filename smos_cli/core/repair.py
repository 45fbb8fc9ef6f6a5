"""Repair: what can be put right without a person is, and what was done is said.

Owns the order: the machine's side first, so that the rest can be recorded; then what a merge, others or a killed
command left; then the index, and ids that two files have. What it leaves, ``doctor`` goes on to name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from smos_cli.core.changes import Touched
from smos_cli.core.doctor import Twins, find_twins
from smos_cli.core.markdown import edit
from smos_cli.core.memory import Memory
from smos_cli.core.mending import Origins
from smos_cli.core.mending import mend as merged_anew
from smos_cli.core.outside import about_to_change, changing, settle
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import fresh, refresh
from smos_cli.core.selection import Selection
from smos_cli.errors import SmosError, StoppedError, StorageError


class Repaired(NamedTuple):
    """Something that was wrong, and what was done about it."""

    what: str
    done: str


Mend = Callable[[], Iterable[Repaired]]
"""Puts right what is wrong beside the vault's files: git, leftovers. Called while the vault's lock is held."""
Look = Callable[[], Mend]
"""Looks for that, before the lock is taken."""
Keeper = Callable[[Twins], str | None]
"""Says which of some files keeps the id that they all have; None leaves them as they are."""


def repair(ports: Ports, look: Look, keeper: Keeper, origins: Origins) -> tuple[list[Repaired], tuple[str, ...]]:
    """Put right what can be; return what was done, and the warnings.

    ``IndexBusyError`` when another process keeps the vault, ``StoppedError`` when it is interrupted.
    """
    mend = look()
    with ports.vault.lock():
        done = list(mend())
    warnings: list[str] = []
    try:
        for one in _steps(ports, keeper, origins, warnings):
            done.append(one)
    except StoppedError:
        raise
    except SmosError as error:
        warnings.append(f"The rest was left as it is: {error.message} {error.remedy}".strip())
    return done, tuple(warnings)


def _steps(ports: Ports, keeper: Keeper, origins: Origins, warnings: list[str]) -> Iterator[Repaired]:
    """Repair what is in the vault and the index, one thing after the other."""
    mended = merged_anew(ports, origins)
    yield from (Repaired(f"{path} had conflict markers.", "Merged anew.") for path in mended.paths)
    warnings += mended.warnings
    with about_to_change(ports):
        unsaved = len(ports.history.outside())
        told = settle(ports)
        warnings += told
        if unsaved and not told:
            verb = "was" if unsaved == 1 else "were"
            yield Repaired(f"{_count(unsaved)} {verb} not in the history.", "Recorded.")
    yield from _indexed(ports)
    for twins in _twins(ports):
        keeps = keeper(twins)
        if keeps is not None:
            done, told = _told_apart(ports, twins, keeps)
            yield from done
            warnings += told


def _indexed(ports: Ports) -> list[Repaired]:
    """Bring the index up to date; one that can't be opened is made anew."""
    try:
        with fresh(ports.vault, ports.index, ports.progress) as (_, report):
            changed = report.stored + report.removed if report else 0
    except StoppedError:
        raise
    except StorageError as error:
        return _rebuilt(ports, error)
    except SmosError:
        return []  # held by another process, or the vault is not there: doctor says so
    return [Repaired(f"The index was behind by {_count(changed)}.", "Brought up to date.")] if changed else []


def _rebuilt(ports: Ports, error: StorageError) -> list[Repaired]:
    try:
        refresh(ports.vault, ports.index, rebuild=True, progress=ports.progress)
    except StoppedError:
        raise
    except SmosError:
        return []
    return [Repaired(f"The index could not be used: {error.message}", "Made anew from the files.")]


def _twins(ports: Ports) -> list[Twins]:
    try:
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            memories = session.memories(Selection(everything=True))
            ages = {item.stamp.path: item.stamp.mtime_ns for item in session.stored()}
    except StoppedError:
        raise
    except SmosError:
        return []
    return [twins.by_age(ages) for twins in find_twins(memories)]


def _told_apart(ports: Ports, twins: Twins, keeps: str) -> tuple[list[Repaired], tuple[str, ...]]:
    """Give each file of an id but one an id of its own; nothing else of it changes."""
    done: list[Repaired] = []
    memories: list[Memory] = []
    changes: list[Touched] = []
    warnings: list[str] = []
    with changing(ports) as settled:
        warnings += settled
        for path in twins.paths:
            if path == keeps:
                continue
            try:
                blob = ports.vault.read(path)
                memory, change = _renamed(ports, blob, twins.id)
            except SmosError as error:
                warnings.append(f"{path} still has the id {twins.id}: {error.message}")
                continue
            memories.append(memory)
            changes.append(change)
            done.append(Repaired(f"{path} had the id {twins.id}, as {keeps} has.", f"It has the id {memory.id} now."))
        if memories:
            warnings += record(ports, "repair", memories, changes)
    return done, tuple(warnings)


def _renamed(ports: Ports, blob: Blob, identity: str) -> tuple[Memory, Touched]:
    if read_memory(blob, ports.vault.base).id != identity:
        raise StorageError("It has changed meanwhile.", "Try again.")
    data = edit(blob.data, {"id": ports.new_id()})
    ports.vault.replace(blob.stamp.path, data, blob.etag)
    memory = read_memory(blob._replace(data=data), ports.vault.base)
    return memory, touched(memory, before=blob.etag, after=data)


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"
