"""The trash: where a forgotten file lies until it is restored or erased.

Owns the names in it: a file keeps its path, below ``.trash/``, and gets a number if that is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from smos_cli.core.layout import TRASH
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.ulid import suffix
from smos_cli.errors import AmbiguousError, NotFoundError, SmosError

_SHORTEST = 4
"""Characters of an id that are enough to look for."""


def find_in_trash(ports: Ports, key: str) -> tuple[str, Memory]:
    """Return the path of the one forgotten memory that a key names, and the memory with its former path."""
    wanted = key.strip()
    paths = list(_files(ports, _folder(ports).rstrip("/")))
    # An id stands in the names that smos gives; others are looked into.
    matches = [path for path in paths if _names(ports, path, wanted)] or _with_id(ports, paths, wanted.upper())
    if not matches:
        raise NotFoundError(
            f"Nothing in the trash has the id {key!r}.", "See what was forgotten in the vault's .trash."
        )
    if len(matches) > 1:
        raise AmbiguousError(f"{key!r} could be {', '.join(matches)}.", "Give one of these paths.")
    return matches[0], _read(ports, matches[0])


def in_trash(ports: Ports) -> Iterator[Memory]:
    """Yield every memory in the trash that can be read."""
    for path in _files(ports, _folder(ports).rstrip("/")):
        try:
            yield _read(ports, path)
        except SmosError:
            continue


def trash_place(ports: Ports, path: str) -> str:
    """Return where in the trash a file of the vault can go."""
    return _free(ports, _folder(ports) + path)


def former_place(ports: Ports, trashed: str) -> str:
    """Return where a file of the trash was, or a place beside it if that is taken."""
    return _free(ports, _former(ports, trashed))


def _folder(ports: Ports) -> str:
    return ports.vault.base + TRASH


def _former(ports: Ports, trashed: str) -> str:
    return trashed.removeprefix(_folder(ports))


def _files(ports: Ports, folder: str) -> Iterator[str]:
    for name in ports.vault.names(folder):
        path = f"{folder}/{name}"
        if name.lower().endswith(".md"):
            yield path
        else:
            yield from _files(ports, path)


def _names(ports: Ports, path: str, wanted: str) -> bool:
    """Say whether a key is a file's path, its name, or the end of the id in its name."""
    name = path.rsplit("/", 1)[-1][:-3]
    stem, _, number = name.rpartition(".")
    if not number.isdecimal():
        stem = name
    ending = wanted.lower() if len(wanted) <= 8 else suffix(wanted)
    return wanted in (path, _former(ports, path), name) or (len(ending) >= _SHORTEST and stem.endswith(ending))


def _with_id(ports: Ports, paths: list[str], wanted: str) -> list[str]:
    if len(wanted) < _SHORTEST:
        return []
    found = []
    for path in paths:
        try:
            identity = _read(ports, path).id
        except SmosError:
            continue
        if identity.startswith(wanted) or identity.endswith(wanted):
            found.append(path)
    return found


def _read(ports: Ports, trashed: str) -> Memory:
    blob = ports.vault.read(trashed)
    return read_memory(blob._replace(stamp=blob.stamp._replace(path=_former(ports, trashed))), ports.vault.base)


def _free(ports: Ports, path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    folder = path[: -len(name)]
    taken = ports.vault.names(folder.rstrip("/"))
    number, free = 2, name
    while free in taken:
        free = f"{name[:-3]}.{number}.md"
        number += 1
    return folder + free
