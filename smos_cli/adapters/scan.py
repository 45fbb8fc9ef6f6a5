"""One listing of a vault's Markdown files, with what the file system says of each.

Owns what is looked at: hidden files and folders are not, links are reported and not followed, names that are not
UTF-8 are reported. It is kept light, so that a second process can make the listing while the first still starts.
"""

from __future__ import annotations

import marshal
import os
import stat
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

from smos_cli.core.ports import Problem, Stamp
from smos_cli.errors import VaultMissingError

Ignored = Callable[[str], bool]
"""Says whether a path (a folder ends in ``/``) is left out."""
Row = tuple[str, int, int, int, int]
"""The fields of a ``Stamp``, as they cross between processes."""
TEMPORARY = ".smos-"
"""How the names of files begin that are about to be renamed to what they are."""
_Packed = tuple[list[Row], list[tuple[str, str]], int, list[str]]


class Listing:
    """A finished listing: the ``Scan`` port. ``packed`` is what crosses from one process to another."""

    def __init__(self, fingerprint: str, packed: bytes) -> None:
        self.fingerprint = fingerprint
        self.packed = packed
        self._rows: _Packed | None = None

    def stamps(self) -> Sequence[Stamp]:
        return list(map(Stamp._make, self._loaded()[0]))

    def problems(self) -> Sequence[Problem]:
        return [Problem(*row) for row in self._loaded()[1]]

    def started_ns(self) -> int:
        return self._loaded()[2]

    def left_over(self) -> Sequence[str]:
        """Return temporary files: of a writer at work, or of one that died."""
        return self._loaded()[3]

    def _loaded(self) -> _Packed:
        if self._rows is None:
            self._rows = marshal.loads(self.packed)  # noqa: S302 - written by this process or its own child
        return self._rows


def scan(root: Path, base: str, ignored: Ignored | None = None) -> Listing:
    """List every Markdown file below ``root``; ``VaultMissingError`` when the folder is not there."""
    started = time.time_ns()
    top = os.fspath(root)
    try:
        os.stat(os.path.join(top, os.curdir))  # also fails for what is no folder
    except OSError as error:
        raise VaultMissingError(
            f"The vault {top} can't be opened: {error.strerror}.",
            "Bring the folder or its disk back; the index was left as it is.",
        ) from error
    walk = _Walk(top, ignored)
    while walk.pending:
        walk.folder(walk.pending.pop())
    walk.rows.sort()
    walk.problems.sort()
    # Version 2 of marshal has no back references, so that equal listings are equal bytes.
    body = marshal.dumps((walk.rows, walk.problems), 2)
    fingerprint = blake2b(body + base.encode(), digest_size=16).hexdigest()
    return Listing(fingerprint, marshal.dumps((walk.rows, walk.problems, started, walk.left_over), 2))


class _Walk:
    """A walk under way: what was found, what was passed over, which folders remain (each ends in ``/``)."""

    def __init__(self, top: str, ignored: Ignored | None) -> None:
        self.rows: list[Row] = []
        self.problems: list[tuple[str, str]] = []
        self.left_over: list[str] = []
        self.pending = [""]
        self._top = top
        self._ignored = ignored

    def folder(self, folder: str) -> None:
        """List one folder; one that is gone by now is no problem."""
        try:
            with os.scandir(os.path.join(self._top, folder) if folder else self._top) as entries:
                for entry in entries:
                    if entry.name[0] != ".":
                        self._entry(folder + entry.name, entry)
                    elif entry.name.startswith(TEMPORARY):
                        self.left_over.append(folder + entry.name)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problems.append((folder or "/", f"the folder can't be read: {error.strerror}"))

    def _entry(self, path: str, entry: os.DirEntry[str]) -> None:
        name = entry.name
        wanted = name[-3:] == ".md" or name[-3:].lower() == ".md"
        if entry.is_symlink():
            if (wanted or _may_be_folder(entry)) and not self._left_out(path) and not self._left_out(path + "/"):
                self.problems.append((printable(path), "it is a link, and links are not followed"))
            return
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder:
            path += "/"
        if not (wanted or is_folder) or self._left_out(path):
            return
        if not name.isascii() and not is_utf8(name):
            self.problems.append((printable(path), "its name is not UTF-8"))
        elif is_folder:
            self.pending.append(path)
        else:
            self._file(path, entry)

    def _left_out(self, path: str) -> bool:
        return self._ignored is not None and self._ignored(path)

    def _file(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted since the folder was opened; the rest of it is still there
            return
        if stat.S_ISREG(status.st_mode):
            self.rows.append((path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))


def printable(path: str) -> str:
    """Return a path that any terminal and file can hold, with undecodable bytes as ``\\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _may_be_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # it leads to itself, or through a folder that can't be read
        return True


def is_utf8(name: str) -> bool:
    """Say whether a name, as Python has it from the system, can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
