"""Bringing the files of a vault to what another commit has: each only from what it was thought to be.

Owns the order, in which nothing is ever only in memory: what leaves the vault is in the trash first, what is new
comes before what goes. It can be done again after it was killed. Refuses a file that changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from smos_cli.core.cleaning import id_of
from smos_cli.core.layout import TRASH, role_of
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.remote import blob_name
from smos_cli.core.trash import trash_place
from smos_cli.errors import NotFoundError, RemoteError, StaleError, StorageError


class Goal(NamedTuple):
    """What one file is to be."""

    path: str
    before: str
    """name of the blob that it holds now; empty where there is no file"""
    after: bytes | None
    """what it is to hold; None: it goes"""


class _Step(NamedTuple):
    """A file that is not yet as it is to be."""

    goal: Goal
    there: Blob | None


def apply(ports: Ports, goals: Sequence[Goal], put_away: Mapping[str, bytes], erased: Collection[str]) -> list[str]:
    """Write, move and remove files; return the ids (or paths) of memories that went to the trash.

    ``put_away`` are versions that only the trash keeps, by the path they had; of what is ``erased`` nothing is kept.
    ``StaleError`` when a file is neither what it was nor what it is to be.
    """
    steps = [step for step in (_step(ports, goal) for goal in goals) if step]
    leaving = [step for step in steps if step.goal.after is None and step.there]
    coming = {step.goal.path: step.goal.after for step in steps if step.goal.after is not None and not step.there}
    trashed = _put_away(ports, put_away, erased)
    moved = _moves(leaving, coming)
    # A file where a folder is to be stands in the way of what comes.
    folders = {folder for path in coming for folder in accumulate(path.split("/")[:-1], "{}/{}".format)}
    first = [step for step in leaving if step.goal.path in folders and step.goal.path not in moved]
    not_kept = {*erased, *(id_of(data) for data in coming.values() if data)} - {""}
    trashed += [_leave(ports, step, not_kept) for step in first]
    for source, target in sorted(moved.items(), key=lambda move: move[0] not in folders):
        ports.vault.move(source, target)
    targets = frozenset(moved.values())
    new = {path: data for path, data in coming.items() if path not in targets and data is not None}
    if new:
        ports.vault.create(new)
    _restored(ports, new)
    for step in steps:
        if step.there and step.goal.after is not None:
            ports.vault.replace(step.goal.path, step.goal.after, step.there.etag)
    rest = [step for step in leaving if step.goal.path not in folders and step.goal.path not in moved]
    trashed += [_leave(ports, step, not_kept) for step in rest]
    return list(dict.fromkeys(filter(None, trashed)))


def current(ports: Ports, path: str) -> Blob | None:
    """Return a file of the vault as it is now, or None."""
    try:
        return ports.vault.read(path)
    except NotFoundError:
        return None


def _step(ports: Ports, goal: Goal) -> _Step | None:
    there = _in_the_place_of(ports, goal)
    if (there.data if there else None) == goal.after:
        return None
    if (blob_name(there.data, goal.before) if there else "") != goal.before:
        folder, _, name = goal.path.rpartition("/")
        if there and not goal.before and name not in ports.vault.names(folder):
            raise RemoteError(
                f"{goal.path} is to come, and a file here has that name but for capital letters.",
                "Rename one of them, there or here, then sync again.",
            )
        raise StaleError(
            f"{goal.path} is not as the last commit has it.",
            "Commit or unstage what you changed of it by hand, then sync again.",
        )
    return _Step(goal, there)


def _in_the_place_of(ports: Ports, goal: Goal) -> Blob | None:
    try:
        return current(ports, goal.path)
    except StorageError as error:
        if goal.after is None or not isinstance(error.__cause__, IsADirectoryError):
            raise
        raise RemoteError(
            f"{goal.path} is to come, and a folder here has that name.",
            "Rename or remove one of them, there or here, then sync again.",
        ) from error


def _moves(leaving: Sequence[_Step], coming: Mapping[str, bytes | None]) -> dict[str, str]:
    """Return which file goes where without a change."""
    targets = {data: path for path, data in coming.items()}
    found: dict[str, str] = {}
    for step in leaving:
        target = targets.pop(step.there.data, None) if step.there else None
        if target and not target.startswith(f"{step.goal.path}/"):
            found[step.goal.path] = target
    return found


def _leave(ports: Ports, step: _Step, not_kept: Collection[str]) -> str:
    """Take a file out of the vault; return its id or path if it went to the trash."""
    path, data = step.goal.path, step.there.data if step.there else b""
    identity = id_of(data)
    if (
        role_of(path, ports.vault.base) not in ("memory", "episode")
        or identity in not_kept
        or _is_kept(ports, path, data)
    ):
        ports.vault.remove(path)
        return ""
    ports.vault.move(path, trash_place(ports, path))
    return identity or path


def _put_away(ports: Ports, versions: Mapping[str, bytes], erased: Collection[str]) -> list[str]:
    """Write versions to the trash, once each."""
    kept = []
    for path, data in versions.items():
        identity = id_of(data)
        if identity in erased or _is_kept(ports, path, data):
            continue
        ports.vault.create({trash_place(ports, path): data})
        kept.append(identity or path)
    return kept


def _restored(ports: Ports, new: Mapping[str, bytes]) -> None:
    """Take what somebody restored elsewhere out of the trash here."""
    folders: dict[str, Collection[str]] = {}
    for path, data in new.items():
        folder = f"{ports.vault.base}{TRASH}{path}".rpartition("/")[0]
        if folder not in folders:
            folders[folder] = ports.vault.names(folder)
        if folders[folder] and id_of(data) and (kept := _kept_as(ports, path, data)):
            ports.vault.remove(kept)


def _is_kept(ports: Ports, path: str, data: bytes) -> bool:
    return bool(_kept_as(ports, path, data))


def _kept_as(ports: Ports, path: str, data: bytes) -> str:
    """Return where the trash has a version, under the name of its path or that with a number, or nothing."""
    folder, _, name = f"{ports.vault.base}{TRASH}{path}".rpartition("/")
    stem = name.removesuffix(".md")
    names = [one for one in ports.vault.names(folder) if one == name or one.startswith(f"{stem}.")]
    found = (f"{folder}/{one}" for one in names)
    return next((where for where in found if (blob := current(ports, where)) and blob.data == data), "")
