"""Taking what was erased out of the vault and its trash: every file of an id, and turns out of conversations.

Owns which files those are. Writes no tombstone, keeps no record, and leaves the index and the history alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from smos_cli.core.changes import Touched
from smos_cli.core.cleaning import id_of, stem, texts_of, turn_texts, turns_of, without_turns
from smos_cli.core.ports import IndexSession, Ports
from smos_cli.core.purging import Erased
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.trash import former, opened
from smos_cli.errors import NotFoundError


class Place(NamedTuple):
    """A file with something of what is erased."""

    path: str
    identity: str
    whole: bool
    """it goes; otherwise turns are taken out of it"""


def places_of(ports: Ports, erased: Erased) -> list[Place]:
    """Return the files of erased memories and the conversations with erased turns, of the vault and its trash."""
    trash = opened(ports)
    episodes = {turn.partition("#")[0] for turn in erased.turns} - erased.ids
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = list(_named(session, erased.ids, episodes))
        broken = [item.path for item in session.stored() if item.problem]
    for path, target in trash.targets.items():
        identity = target.memory.id
        if identity in erased.ids:
            found.append(Place(path, identity, whole=True))
        elif identity in episodes or former(ports, path) in map(unquote, episodes):
            found.append(Place(path, identity, whole=False))
    for path in [*broken, *(problem.where for problem in trash.problems)]:
        with suppress(NotFoundError):
            identity = id_of(ports.vault.read(path).data)
            if identity in erased.ids or identity in episodes:
                found.append(Place(path, identity, whole=identity in erased.ids))
    return list({place.path: place for place in found}.values())


def expunge(ports: Ports, erased: Erased, places: list[Place]) -> list[Touched]:
    """Change and delete those files; return what became of those of the vault. The lock is held.

    Turns go first: as long as a memory's file is there, it tells where it was said.
    """
    touched = []
    for place in sorted(places, key=lambda one: one.whole):
        change = (_deleted if place.whole else _cut)(ports, place, erased)
        if change and former(ports, place.path) == place.path:
            touched.append(change)
    return touched


def said(ports: Ports, erased: Erased, places: list[Place]) -> frozenset[str]:
    """Return the texts of those files that have to be gone, and the names of the files that go."""
    texts: set[str] = set()
    for place in places:
        with suppress(NotFoundError):
            data = ports.vault.read(place.path).data
            gone = turns_of(place.identity, former(ports, place.path), erased)
            if place.whole:
                texts |= {stem(place.path), *texts_of(data)}
            elif gone:
                texts |= turn_texts(data, gone)
    return frozenset(texts)


def _named(session: IndexSession, ids: frozenset[str], episodes: set[str]) -> Iterator[Place]:
    for key in sorted(ids | episodes):
        for memory in session.memories(Selection(key=unquote(key), everything=True)):
            if memory.id == key or (not memory.id and memory.path == unquote(key)):
                yield Place(memory.path, memory.id, whole=key in ids)


def _cut(ports: Ports, place: Place, erased: Erased) -> Touched | None:
    try:
        blob = ports.vault.read(place.path)
    except NotFoundError:
        return None
    gone = turns_of(place.identity, former(ports, place.path), erased)
    data = without_turns(blob.data, gone) if gone else blob.data
    if data == blob.data:
        return None
    ports.vault.replace(place.path, data, blob.etag)
    return Touched(place.identity, place.path, blob.etag, sha256(data).hexdigest())


def _deleted(ports: Ports, place: Place, _erased: Erased) -> Touched | None:
    try:
        before = ports.vault.read(place.path).etag
        ports.vault.remove(place.path)
    except NotFoundError:
        return None
    return Touched(place.identity, place.path, before)
