"""The vault's files: read as they were at one moment, written so that a crash leaves the old or the new one.

Owns paths, locks, and the tidying after a writer that died. Refuses paths out of the vault, links, files over 16 MB.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from smos_cli.adapters import durable
from smos_cli.adapters.locks import held
from smos_cli.adapters.scan import TEMPORARY, Listing
from smos_cli.core.ports import Blob, Stamp
from smos_cli.errors import FormatError, NotFoundError, SmosError, StaleError, StorageError

LARGEST = 16_000_000
"""Bytes of the largest Markdown file that is read."""
TICK_NS = 20_000_000
"""File clocks move in steps of up to 10 ms."""
_Facts = tuple[int, int, int, int]


class VaultFiles:
    """The ``Vault`` port over a folder."""

    lock_wait = 30.0
    """Seconds a held vault is waited for."""

    def __init__(self, root: Path, base: str, lock_file: Path, scan: Callable[[], Listing]) -> None:
        self.root = root
        self.base = base
        self._lock_file = lock_file
        self._scan = scan
        self._holds = False
        self._written_ns = 0
        self._plain: set[str] = set()

    def scan(self) -> Listing:
        listing = self._scan()
        if self._holds:
            self._remove_left_over(listing.left_over())
        # A listing begun before this process had the lock may lack what the one before it wrote.
        if self._holds and listing.started_ns() <= self._written_ns + TICK_NS:
            return self._scan()
        return listing

    @contextmanager
    def lock(self) -> Iterator[None]:
        with held(self._lock_file, self.lock_wait):
            self._holds = True
            try:
                self._take_over()
                yield
            finally:
                self._holds = False
                self._give_up()

    def _take_over(self) -> None:
        """Learn when the vault was given up; if its holder died, delete temporary files: nobody is writing one now."""
        self._written_ns = time.time_ns()  # for all that is known of one who died, or whose lock file was deleted
        with suppress(FileNotFoundError):
            status = self._lock_file.stat()
            if status.st_size:
                self._remove_left_over(_left_over(self.root))
            else:
                self._written_ns = status.st_mtime_ns
        _mark(self._lock_file, 1)

    def _remove_left_over(self, paths: Iterable[str]) -> None:
        for path in paths:
            with suppress(OSError):
                os.unlink(self.root / path)

    def _give_up(self) -> None:
        """Say in the lock file that its holder lives, and when it wrote last."""
        if not _mark(self._lock_file, 0):
            # Without it the next one takes now for the time of the last write.
            with suppress(OSError):
                os.unlink(self._lock_file)

    def read(self, path: str) -> Blob:
        target = self._path(path)
        try:
            for _ in range(3):
                data, before, after = _read_once(target)
                # The time of the inode may change: by a rename over it, which leaves what it holds as it was.
                if (before[0], before[1]) == (after[0], after[1]):
                    break
            else:
                raise StorageError(f"{path} kept changing while it was read.", "Try again when it is at rest.")
        except NotADirectoryError as error:  # behind a file there is none
            raise _foreign(FileNotFoundError(*error.args), path) from error
        except OSError as error:
            raise _foreign(error, path) from error
        return Blob(data, Stamp(path, *before), sha256(data).hexdigest())

    def create(self, files: Mapping[str, bytes]) -> None:
        self._check_free(files)
        with _in_our_words(""):
            durable.create({self._path(path): data for path, data in files.items()})

    def replace(self, path: str, data: bytes, etag: str) -> None:
        target, there = self._path(path), self.read(path)
        if there.etag != etag:
            raise StaleError(f"{path} changed since it was read.", "Look at it again, then repeat the command.")
        with _in_our_words(path):
            durable.write_over(target, data, there.data)

    def move(self, source: str, target: str) -> None:
        self._check_free([target])
        with _in_our_words(source):
            durable.move(self._path(source), self._path(target))

    def append(self, path: str, data: bytes) -> None:
        with _in_our_words(path):
            durable.append(self._path(path), data)

    def remove(self, path: str) -> None:
        with _in_our_words(path):
            durable.remove(self._path(path))

    def names(self, folder: str) -> Sequence[str]:
        with _in_our_words(folder):
            try:
                return sorted(os.listdir(self._path(folder) if folder else self.root))
            except (FileNotFoundError, NotADirectoryError):
                return []

    def _path(self, path: str) -> Path:
        parts = path.split("/")
        if not path or ".." in parts or "" in parts[:-1] or "\0" in path:
            raise NotFoundError(f"{path!r} is not a path inside the vault.", "Give a path as `smos list` shows it.")
        for depth in range(1, len(parts)):
            self._check_folder("/".join(parts[:depth]))
        return self.root.joinpath(*parts)

    def _check_folder(self, folder: str) -> None:
        if folder in self._plain:
            return
        if os.path.islink(self.root / folder):
            raise StorageError(
                f"{folder} is a link, and links are not followed.", "Make it a folder of the vault, or remove the link."
            )
        self._plain.add(folder)

    def _check_free(self, paths: Iterable[str]) -> None:
        for path in paths:
            if os.path.lexists(self._path(path)):
                raise StaleError(f"{path} is there already.", "Look at it with `smos show`, then try again.")


def _read_once(target: Path) -> tuple[bytes, _Facts, _Facts]:
    with open(target, "rb", buffering=0, opener=_open) as file:
        descriptor = file.fileno()
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StorageError(f"{target.name} is not a file.", "Move it out of the vault.")
        before = _facts(descriptor)
        if before[0] > LARGEST:
            raise FormatError(
                f"{target.name} has {before[0] / 1e6:.0f} MB, over the limit of {LARGEST / 1e6:.0f} MB.",
                "Split it, or name it in .smosignore.",
            )
        data = file.read()
        return data, before, _facts(descriptor)


def _open(path: str, flags: int) -> int:
    # Not blocking, since a named pipe would keep whoever opens it waiting for somebody to write.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _facts(descriptor: int) -> _Facts:
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _left_over(root: Path) -> Iterator[str]:
    """Yield temporary files wherever they lie, but for git's folder: also in folders that are hidden or ignored."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        yield from (os.path.join(folder, name) for name in names if name.startswith(TEMPORARY))


def _mark(lock_file: Path, size: int) -> bool:
    """Give a lock file a size: 1 while the vault is written to; say whether that could be done."""
    try:
        os.truncate(lock_file, size)
        os.utime(lock_file)
    except OSError:
        return False
    return True


@contextmanager
def _in_our_words(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _foreign(error, path) from error


def _foreign(error: OSError, path: str) -> SmosError:
    where = path or os.path.basename(str(error.filename or "the vault"))
    if isinstance(error, FileNotFoundError):
        return NotFoundError(f"{where} is not there.", "See what is there with `smos list`.")
    remedy = {
        "ENOSPC": "Free some space on the vault's disk; nothing was changed.",
        "EFBIG": "Free some space, or raise the limit on the size of files; nothing was changed.",
        "EDQUOT": "Free some of your disk quota; nothing was changed.",
        "EROFS": "The vault's disk is read-only: mount it for writing.",
        "EACCES": "Change the permissions of the file or its folder.",
        "ELOOP": "It is a link, and links are not followed.",
    }.get(_errno_name(error), "Look at the disk; nothing was changed.")
    return StorageError(f"{where} could not be read or written: {error.strerror or error}.", remedy)


def _errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")
