"""The vault's files: read as they were at one moment, written so that a crash leaves the old or the new one.

Owns the order of temp file, fsync and rename. Refuses paths out of the vault, links, files over 16 MB.
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

from smos_cli.adapters.durable import make_folder, move_to_free, sync_all, sync_folders, temporary_beside, write_new
from smos_cli.adapters.locks import held
from smos_cli.adapters.scan import Listing
from smos_cli.core.ports import Blob, Stamp
from smos_cli.errors import FormatError, NotFoundError, SmosError, StaleError, StorageError

LARGEST = 16_000_000
"""Bytes of the largest Markdown file that is read."""
TICK_NS = 20_000_000
"""File clocks move in steps of up to 10 ms."""
BULK = 64
"""From this many new files on, the disk is told once to write them all."""
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
        self._plain: set[str] = set()

    def scan(self) -> Listing:
        listing = self._scan()
        if self._holds:
            self._remove_left_over(listing)
        # A listing begun before this process had the lock may lack what the one before it wrote.
        if self._holds and listing.started_ns() <= self._last_written_ns() + TICK_NS:
            return self._scan()
        return listing

    def _remove_left_over(self, listing: Listing) -> None:
        """Delete temporary files of writers that died: while this process holds the lock nobody is writing one."""
        for path in listing.left_over():
            with suppress(OSError):
                os.unlink(self.root / path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        with held(self._lock_file, self.lock_wait):
            self._holds = True
            try:
                yield
            finally:
                self._holds = False
                with suppress(FileNotFoundError):
                    os.utime(self._lock_file)

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
        except OSError as error:
            raise _foreign(error, path) from error
        return Blob(data, Stamp(path, *before), sha256(data).hexdigest())

    def create(self, files: Mapping[str, bytes]) -> None:
        self._check_free(files)
        made: list[tuple[Path, Path]] = []
        folders: set[Path] = set()
        unfinished: list[Path] = []
        try:
            for path, data in files.items():
                target = self._path(path)
                folders.update(make_folder(target.parent))
                temporary = temporary_beside(target)
                made.append((temporary, target))
                unfinished.append(temporary)
                write_new(temporary, data, sync=len(files) < BULK)
            if len(files) >= BULK:
                sync_all([temporary for temporary, _ in made])
            for temporary, target in made:
                move_to_free(temporary, target)
                unfinished.append(target)
            sync_folders(folders)
            unfinished = []
        except OSError as error:
            raise _foreign(error, "") from error
        finally:
            # All of them or none, also when it is interrupted.
            for path_left in unfinished:
                path_left.unlink(missing_ok=True)

    def replace(self, path: str, data: bytes, etag: str) -> None:
        target = self._path(path)
        if self.read(path).etag != etag:
            raise StaleError(f"{path} changed since it was read.", "Look at it again, then repeat the command.")
        temporary = temporary_beside(target)
        try:
            mode = target.stat().st_mode & 0o777
            write_new(temporary, data, sync=True)
            temporary.chmod(mode)
            temporary.replace(target)
            sync_folders({target.parent})
        except OSError as error:
            raise _foreign(error, path) from error
        finally:
            temporary.unlink(missing_ok=True)

    def move(self, source: str, target: str) -> None:
        self._check_free([target])
        old, new = self._path(source), self._path(target)
        try:
            folders = make_folder(new.parent)
            move_to_free(old, new)
            sync_folders({*folders, old.parent})
        except OSError as error:
            raise _foreign(error, source) from error

    def remove(self, path: str) -> None:
        target = self._path(path)
        try:
            target.unlink()
            sync_folders({target.parent})
        except OSError as error:
            raise _foreign(error, path) from error

    def names(self, folder: str) -> Sequence[str]:
        try:
            return sorted(os.listdir(self._path(folder) if folder else self.root))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _foreign(error, folder) from error

    def _last_written_ns(self) -> int:
        """Return when a vault was last given up, which may be now where the lock file was deleted."""
        try:
            return self._lock_file.stat().st_mtime_ns
        except FileNotFoundError:
            return time.time_ns()

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
