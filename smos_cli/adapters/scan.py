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

from smos_cli.errors import StorageError

Ignored = Callable[[str], bool]
"""Says whether a path (a folder ends in ``/``) is left out."""
Row = tuple[str, int, int, int, int]


class Listing:
    """A finished listing: the ``Scan`` port. ``packed`` is what crosses from one process to another."""

    def __init__(self, fingerprint: str, packed: bytes) -> None:
        self.fingerprint = fingerprint
        self.packed = packed
        self._rows: tuple[list[Row], list[tuple[str, str]], int] | None = None

    def stamps(self) -> Sequence[Row]:
        return self._loaded()[0]

    def problems(self) -> Sequence[tuple[str, str]]:
        return self._loaded()[1]

    def started_ns(self) -> int:
        return self._loaded()[2]

    def _loaded(self) -> tuple[list[Row], list[tuple[str, str]], int]:
        if self._rows is None:
            self._rows = marshal.loads(self.packed)  # noqa: S302 - written by this process or its own child
        return self._rows


def scan(root: Path, base: str, ignored: Ignored | None = None) -> Listing:
    """List every Markdown file below ``root``; ``StorageError`` when the folder is not there."""
    started = time.time_ns()
    rows: list[Row] = []
    problems: list[tuple[str, str]] = []
    top = os.fspath(root)
    try:
        os.stat(top)
    except OSError as error:
        raise StorageError(
            f"The vault {top} can't be opened: {error.strerror}.",
            "Bring the folder or its disk back; the index was left as it is.",
        ) from error
    pending = [""]
    while pending:
        _list_folder(top, pending.pop(), (rows, problems, pending), ignored)
    rows.sort()
    problems.sort()
    # Version 2 of marshal has no back references, so that equal listings are equal bytes.
    body = marshal.dumps((rows, problems), 2)
    fingerprint = blake2b(body + base.encode(), digest_size=16).hexdigest()
    return Listing(fingerprint, marshal.dumps((rows, problems, started), 2))


def _list_folder(
    top: str, folder: str, out: tuple[list[Row], list[tuple[str, str]], list[str]], ignored: Ignored | None
) -> None:
    rows, problems, pending = out
    try:
        with os.scandir(os.path.join(top, folder) if folder else top) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                path = folder + name
                if not name.isascii() and not _is_utf8(name):
                    if _is_markdown(name):
                        problems.append((printable(path), "its name is not UTF-8"))
                    continue
                if entry.is_symlink():
                    if _is_markdown(name) or entry.is_dir():
                        problems.append((path, "it is a link, and links are not followed"))
                elif entry.is_dir(follow_symlinks=False):
                    if ignored is None or not ignored(path + "/"):
                        pending.append(path + "/")
                elif _is_markdown(name) and (ignored is None or not ignored(path)):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        rows.append(
                            (path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                        )
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append((folder or "/", f"the folder can't be read: {error.strerror}"))


def printable(path: str) -> str:
    """Return a path that any terminal and file can hold, with undecodable bytes as ``\\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_markdown(name: str) -> bool:
    return name[-3:] == ".md" or name[-3:].lower() == ".md"


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
