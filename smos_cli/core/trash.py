"""The trash: where a forgotten file lies until it is restored or erased.

Owns the names in it: a file keeps its path, below ``.trash/``, and gets a number if that is taken. What a key means
in it is what it means in the vault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from smos_cli.core.layout import TRASH
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Entry, Ports, Problem, Stamp
from smos_cli.core.reading import read_memory
from smos_cli.core.scanning import ScannedSession
from smos_cli.core.selection import Selection
from smos_cli.core.targets import Target
from smos_cli.errors import FormatError, SmosError


class Trash(NamedTuple):
    """All files of the trash at one moment: as an index by their paths there, by path, and those that are broken."""

    session: ScannedSession
    targets: dict[str, Target]
    problems: list[Problem]

    def holds(self, path: str) -> bool:
        """Say whether a path is that of a file of the trash."""
        return path in self.targets or any(problem.where == path for problem in self.problems)

    def at(self, path: str) -> Target:
        """Return what lies at a path of the trash; ``FormatError`` when its file is broken."""
        for where, reason in self.problems:
            if where == path:
                raise FormatError(f"{path}: {reason}", "Correct the file in an editor.")
        return self.targets[path]

    def named(self, key: str) -> list[Memory]:
        """Return what a key may name, with the paths it had in the vault."""
        return [self.targets[found.path].memory for found in self.session.memories(Selection(key=key, everything=True))]


def opened(ports: Ports) -> Trash:
    """Read the trash."""
    trash = Trash(ScannedSession(), {}, [])
    entries = []
    for path in _files(ports, _folder(ports).rstrip("/")):
        stamp = Stamp(path, 0, 0, 0, 0)
        try:
            blob = ports.vault.read(path)
            memory = read_memory(blob._replace(stamp=blob.stamp._replace(path=former(ports, path))), ports.vault.base)
        except SmosError as error:
            trash.problems.append(Problem(path, error.message))
            entries.append(Entry(stamp, "", "memory", None, (), error.message))
        else:
            trash.targets[path] = Target(path, memory, blob.etag)
            entries.append(Entry(stamp, blob.etag, "memory", replace(memory, path=path), ()))
    trash.session.write(entries, (), "")
    return trash


def list_trash(ports: Ports) -> tuple[Sequence[Memory], Sequence[Problem]]:
    """Return what can be restored, newest first and with its paths in the trash, and the files that are broken."""
    trash = opened(ports)
    found = trash.session.memories(Selection(everything=True))
    return [replace(trash.targets[item.path].memory, path=item.path) for item in found], trash.problems


def former(ports: Ports, path: str) -> str:
    """Return the path that a file of the trash had in the vault; that of a file of the vault is what it is."""
    return path.removeprefix(_folder(ports))


def trash_place(ports: Ports, path: str) -> str:
    """Return where in the trash a file of the vault can go."""
    return _free(ports, _folder(ports) + path)


def former_place(ports: Ports, trashed: str) -> str:
    """Return where a file of the trash was, or a place beside it if that is taken."""
    return _free(ports, former(ports, trashed))


def _folder(ports: Ports) -> str:
    return ports.vault.base + TRASH


def _files(ports: Ports, folder: str) -> Iterator[str]:
    for name in ports.vault.names(folder):
        path = f"{folder}/{name}"
        if name.lower().endswith(".md"):
            yield path
        else:
            yield from _files(ports, path)


def _free(ports: Ports, path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    folder = path[: -len(name)]
    taken = ports.vault.names(folder.rstrip("/"))
    number, free = 2, name
    while free in taken:
        free = f"{name[:-3]}.{number}.md"
        number += 1
    return folder + free
