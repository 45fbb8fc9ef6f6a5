"""A disk that refuses: the calls by which files are written, of which any one can be made to fail."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from smos_cli.adapters import durable, renames

WRITERS = ("durable", "renames", "files", "locks", "home", "identity")
"""The adapters that write what must last, or lock it."""
FAULTS = (errno.ENOSPC, errno.EIO, errno.EDQUOT)
_CALLS = (
    *("open", "write", "fsync", "close", "link", "rename", "replace"),
    *("unlink", "mkdir", "truncate", "utime", "chmod"),
)
_NEEDING_SPACE = frozenset({"open", "write", "fsync", "link", "mkdir", "rename", "replace"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class FaultyDisk:
    """Stands for the module ``os``: its ``number``-th writing call fails, and with ``lasting`` those after it."""

    def __init__(self, number: int, fault: int, *, lasting: bool = False) -> None:
        self.calls: list[str] = []
        """names of the writing calls there were"""
        self._number = number
        self._fault = fault
        self._lasting = lasting

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in _CALLS:
            return real

        def call(*args: Any, **more: Any) -> Any:
            if name != "open" or args[1] & _WRITING:
                self.check(name)
            # The disk below is not waited for: what is looked at is what this machine sees.
            return None if name == "fsync" else real(*args, **more)

        return call

    def check(self, name: str) -> None:
        """Count a call; ``OSError`` if it is one that fails."""
        self.calls.append(name)
        count = len(self.calls)
        late = self._lasting and count > self._number and name in _NEEDING_SPACE
        if count == self._number or late:
            raise OSError(self._fault, os.strerror(self._fault))

    @property
    def failed(self) -> str:
        """The call that failed first; empty where there were not that many."""
        return self.calls[self._number - 1] if 0 < self._number <= len(self.calls) else ""


class SlowPipe(FaultyDisk):
    """Fails nothing, but takes one byte of every two that it is given."""

    def __init__(self) -> None:
        super().__init__(0, 0)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        return os.write(descriptor, data[: (len(data) + 1) // 2])


@contextmanager
def on(disk: Any, writers: Sequence[str] = WRITERS) -> Iterator[None]:
    """Let the adapters write to this disk while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in writers:
            patch.setattr(import_module(f"smos_cli.adapters.{name}"), "os", disk)
        if isinstance(disk, FaultyDisk):
            rename = renames._rename_new
            patch.setattr(renames, "_rename_new", lambda *paths: (disk.check("rename"), rename(*paths))[1])
            patch.setattr(durable, "_sync_disk", lambda _: (disk.check("fsync"), True)[1])
        yield
