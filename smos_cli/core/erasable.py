"""What would be erased, before anybody is asked: files, turns of conversations, and what the history has of them.

Owns what a key may mean: a memory of the vault or its trash, or an id that only commits still hold, or of which
something is left of an erasure that was killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.expunging import places_of
from smos_cli.core.forget import meant
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.masking import masks_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Blob, Ports, Stamp
from smos_cli.core.purging import Erased, Purge, Survey, erased_of
from smos_cli.core.reading import read_memory
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import SHORTEST_END
from smos_cli.core.targets import Target, target
from smos_cli.core.tombstones import read_forgotten
from smos_cli.core.trash import former, opened
from smos_cli.errors import FormatError, NotFoundError, UsageError


class Plan(NamedTuple):
    """What an erasure takes."""

    targets: tuple[Target, ...]
    """the files; one without a path is no file any more"""
    erased: Erased
    """their ids, and the turns that they came from"""
    survey: Survey
    """what commits hold, of this and of whatever was erased before"""
    refused: tuple[str, str] | None = None
    """why the history can't be rewritten, and what to do"""
    warnings: tuple[str, ...] = ()

    @property
    def memories(self) -> tuple[Memory, ...]:
        """The memories, each once."""
        found = {item.memory.id or item.path: item.memory for item in reversed(self.targets)}
        return tuple(found[name] for name in dict.fromkeys(item.memory.id or item.path for item in self.targets))


def to_erase(ports: Ports, purge: Purge, keys: Sequence[str]) -> Plan:
    """Return what would be erased, in the vault, in its trash, and in its history.

    ``NotFoundError`` where a key names nothing; ``UsageError`` for a file without an id where a history is kept,
    since nothing would tell other clones of this vault what they have to erase.
    """
    targets = _targets(ports, purge, keys)
    masks = masks_of(ports, [item.memory for item in targets])
    erased = Erased(frozenset(item.memory.id for item in targets if item.memory.id), masks.turns)
    before = erased_of(read_forgotten(ports.vault))
    survey = purge.survey(Erased(before.ids | erased.ids, before.turns | erased.turns))
    nameless = next((item.path for item in targets if not item.memory.id), None)
    if nameless and survey.commits:
        raise UsageError(
            f"{nameless} has no id, by which other clones of this vault could tell what to erase.",
            "Give it one with `smos index --adopt`, sync, and erase it then.",
        )
    return Plan(tuple(targets), erased, survey, purge.refusal(), masks.warnings)


def _targets(ports: Ports, purge: Purge, keys: Sequence[str]) -> list[Target]:
    """Return what keys name; a whole id names every file that has it, as all of them go."""
    trash = opened(ports)
    files = _files_of(ports, {identity for key in keys if ulid.is_valid(identity := key.strip().upper())})
    found: dict[str, Target] = {}
    missing: dict[str, NotFoundError] = {}
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        for key in keys:
            if there := files.get(key.strip().upper()):
                found |= there
                continue
            try:
                path = meant(ports, key, session, trash.session).path
            except NotFoundError as error:
                missing[key] = error
            else:
                found[path] = trash.at(path) if trash.holds(path) else target(ports, path)
    for key, not_found in missing.items():
        item = _without_file(ports, purge, key)
        if item is None:
            raise not_found
        found[item.memory.id] = item
    return list(found.values())


def _files_of(ports: Ports, ids: Collection[str]) -> dict[str, dict[str, Target]]:
    """Return the files of some ids in the vault and its trash, by id and path, also those that are broken."""
    found: dict[str, dict[str, Target]] = {}
    for place in places_of(ports, Erased(frozenset(ids))) if ids else ():
        blob = ports.vault.read(place.path)
        former_blob = blob._replace(stamp=blob.stamp._replace(path=former(ports, place.path)))
        item = Target(place.path, _read(ports, place.identity, former_blob), blob.etag)
        found.setdefault(place.identity, {})[place.path] = item
    return found


def _without_file(ports: Ports, purge: Purge, key: str) -> Target | None:
    """Return what commits, or objects that no commit has any more, hold of an id."""
    forgotten = read_forgotten(ports.vault)
    for identity in _named(key.strip().upper(), forgotten):
        survey = purge.survey(Erased(frozenset([identity])))
        if survey.versions or survey.holding:
            path, data = survey.bodies.get(identity, ("", b""))
            return Target("", _read(ports, identity, Blob(data, Stamp(path, 0, 0, 0, 0), "")), "")
    return None


def _named(key: str, forgotten: Forgotten) -> Iterable[str]:
    if ulid.is_valid(key):
        return [key]
    ids = [one for one in forgotten.ids if one.startswith(key) or (len(key) >= SHORTEST_END and one.endswith(key))]
    return ids if key and len(ids) == 1 else ()


def _read(ports: Ports, identity: str, blob: Blob) -> Memory:
    """Return the memory of an id; of a broken file, nothing else is known."""
    unknown = Memory(identity, "", blob.stamp.path)
    try:
        memory = read_memory(blob, ports.vault.base)
    except FormatError:
        return unknown
    return memory if memory.id == identity else unknown
