"""A disk that forgets what was not synced: what writers did to real files is kept beside, and cut off at any moment.

The rules are those of a journaling file system that promises no more than POSIX: what is written to a file is there
after ``fsync`` of the file, a name that came, changed or went after ``fsync`` of its folder, a rename whole or not at
all. What was not synced may be there, in part, in any order, or not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from smos_cli.adapters import durable, renames
from tests.adapters.acts import PASSING, Tree, tree
from tests.adapters.faults import WRITERS, on

FOLDER = -1
"""Stands for a folder where else there is a file's number."""


class Names(NamedTuple):
    """Names that come or go together: to which file each belongs, None where it is gone."""

    names: dict[str, int | None]


class Written(NamedTuple):
    """What a file holds from now on."""

    file: int
    data: bytes


class Synced(NamedTuple):
    """A file, a folder, or everything that was made to last."""

    file: int | None = None
    folder: str | None = None


Step = Names | Written | Synced


@dataclass
class Disk:
    """What lasts, and what is only in the machine's memory yet."""

    names: dict[str, int]
    data: dict[int, bytes]
    waiting: list[Names] = field(default_factory=list)
    unwritten: dict[int, list[bytes]] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Do one step more."""
        if isinstance(step, Names):
            self.waiting.append(step)
        elif isinstance(step, Written):
            self.unwritten.setdefault(step.file, []).append(step.data)
        elif step.file is not None:
            self._write(step.file)
        else:
            self._enter(step.folder)

    def after_power_cut(self, chance: Random | None) -> Tree:
        """Return the files that are found: with no ``chance`` only what lasts, else of the rest what it picks."""
        names: dict[str, int | None] = dict(self.names)
        for group in self.waiting:
            if chance and chance.random() < 0.5:
                names.update(group.names)
        found: Tree = {}
        for path, file in names.items():
            if file is not None and file != FOLDER and _is_reached(path, names):
                found[path] = self._found(file, chance)
        return found

    def _found(self, file: int, chance: Random | None) -> bytes:
        lasting = self.data.get(file, b"")
        if not chance or file not in self.unwritten:
            return lasting
        latest = self.unwritten[file][-1]
        kept = next((place for place, pair in enumerate(zip(lasting, latest, strict=False)) if len({*pair}) > 1), None)
        kept = min(len(lasting), len(latest)) if kept is None else kept
        torn = latest[: chance.randint(kept, len(latest))]
        unfilled = lasting + b"\0" * (len(latest) - len(lasting))
        return chance.choice([lasting, latest, torn, unfilled, *self.unwritten[file]])

    def _write(self, file: int) -> None:
        if contents := self.unwritten.pop(file, []):
            self.data[file] = contents[-1]

    def _enter(self, folder: str | None) -> None:
        """Make a folder's names last, or with None everything."""
        if folder is None:
            for file in list(self.unwritten):
                self._write(file)
        here, self.waiting = self.waiting, []
        for group in here:
            if folder is None or any(os.path.dirname(path) == folder for path in group.names):
                for path, file in group.names.items():
                    self.names.pop(path, None) if file is None else self.names.update({path: file})
            else:
                self.waiting.append(group)


class Recorder:
    """Stands for the module ``os``: does what it is told below one folder, and keeps every step."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[Step] = []
        found = tree(root)
        self._files = {path: number for number, path in enumerate(found)}
        self._data = dict(enumerate(found.values()))
        self._open: dict[int, tuple[str, int]] = {}
        folders = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir()]
        self._first = Disk({**dict.fromkeys(folders, FOLDER), **self._files}, dict(self._data))

    def until(self, count: int) -> Disk:
        """Return the disk after some of the steps."""
        disk = Disk(dict(self._first.names), dict(self._first.data))
        for step in self.steps[:count]:
            disk.take(step)
        return disk

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        is_new = flags & os.O_CREAT and not os.path.lexists(path)
        descriptor = os.open(path, flags, mode)
        if (name := self._name(path)) is None:
            return descriptor
        if is_new:
            self._files[name] = number = len(self._data)
            self._data[number] = b""
            self.steps.append(Names({name: number}))
        self._open[descriptor] = (name, self._files.get(name, FOLDER))
        return descriptor

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        os.close(descriptor)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        count = os.write(descriptor, data)
        self._changed(descriptor)
        return count

    def ftruncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)
        self._changed(descriptor)

    def fsync(self, descriptor: int) -> None:
        if descriptor in self._open:
            name, file = self._open[descriptor]
            self.steps.append(Synced(folder=name) if file == FOLDER else Synced(file=file))

    def sync_disk(self, _: Path) -> bool:
        self.steps.append(Synced())
        return True

    def link(self, source: Any, target: Any, *, follow_symlinks: bool = True) -> None:
        os.link(source, target, follow_symlinks=follow_symlinks)
        self._rename(source, target, gone=False)

    def rename(self, source: Any, target: Any) -> None:
        os.rename(source, target)
        self._rename(source, target)

    replace = rename

    def rename_new(self, source: Path, target: Path) -> bool:
        """Rename where nothing has the name."""
        if os.path.lexists(target):
            raise FileExistsError(target)
        self.rename(source, target)
        return True

    def unlink(self, path: Any) -> None:
        os.unlink(path)
        if (name := self._name(path)) is not None:
            del self._files[name]
            self.steps.append(Names({name: None}))

    def mkdir(self, path: Any, mode: int = 0o777) -> None:
        os.mkdir(path, mode)
        if (name := self._name(path)) is not None:
            self.steps.append(Names({name: FOLDER}))

    def _rename(self, source: Any, target: Any, *, gone: bool = True) -> None:
        old, new = self._name(source), self._name(target)
        assert old is not None
        assert new is not None
        self._files[new] = file = self._files[old]
        if gone:
            del self._files[old]
        self.steps.append(Names({new: file, old: None} if gone else {new: file}))

    def _changed(self, descriptor: int) -> None:
        if descriptor in self._open:
            name, file = self._open[descriptor]
            self.steps.append(Written(file, (self.root / name).read_bytes()))

    def _name(self, path: Any) -> str | None:
        """Return a path below the folder, None for any other and for what nothing depends on."""
        try:
            name = Path(path).relative_to(self.root).as_posix()
        except ValueError:
            return None
        return None if name.startswith(PASSING) else name if name != "." else ""


@contextmanager
def recorded(root: Path) -> Iterator[Recorder]:
    """Let what the adapters write below a folder be kept while the block runs."""
    recorder = Recorder(root)
    with pytest.MonkeyPatch.context() as patch, on(recorder, WRITERS):
        patch.setattr(renames, "_rename_new", recorder.rename_new)
        patch.setattr(durable, "_sync_disk", recorder.sync_disk)
        yield recorder


def _is_reached(path: str, names: dict[str, int | None]) -> bool:
    """Say whether all the folders that a path goes through are there."""
    folder = os.path.dirname(path)
    return not folder or (names.get(folder) == FOLDER and _is_reached(folder, names))
