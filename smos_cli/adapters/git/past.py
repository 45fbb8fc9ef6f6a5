"""What the vault's repository holds, read by the git binary. The ``Past`` port.

Owns the questions to git and the reading of its answers. Writes nothing, not even git's index, and asks only a
repository that smos made: another one may run what it likes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from subprocess import CalledProcessError

from smos_cli.adapters.git.call import BULK_LIMIT, READING, Call, Git
from smos_cli.adapters.git.log import ASK, parse_log
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.past import Commit, FileChange
from smos_cli.errors import AmbiguousError, NotFoundError, StorageError

_HASH = re.compile("[0-9a-f]{40,64}")
_CHUNK = 1 << 16
_ASKED_AT_ONCE = 500
"""Blobs asked for before their answers are read: their names fit into a pipe."""
_MOST_ERRORS = 300
_KEPT_FILES = (b"100644", b"100755")


class GitPast:
    """The ``Past`` port over git; ``recording`` says whether commands are committed now."""

    def __init__(self, vault: Path, *, recording: bool, binary: str = "git") -> None:
        self.recording = recording
        self._repository = Repository(vault, binary)

    def commits(self, start: str = "HEAD", *, under: Sequence[str] = ()) -> Iterator[Commit]:
        if start == "HEAD" and not self._has_commits():
            return
        words = ("--full-history",) * bool(under)
        call = self._start("-c", "log.showRoot=true", *ASK, *words, "--end-of-options", start, "--", *under)
        done = False
        try:
            yield from parse_log(iter(lambda: call.read(_CHUNK), b""))
            done = True
        finally:
            if not done:
                call.stop()
        _finish(call)

    def find(self, revision: str) -> str:
        git = self._git()
        missing = NotFoundError(f"There is no commit {revision!r}.", "See them with `smos log`.")
        if not revision.isprintable():
            raise missing
        words = ("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
        try:
            name = git.read(*words).decode().strip()
        except StorageError as error:
            told = error.__cause__.stderr if isinstance(error.__cause__, CalledProcessError) else b""
            if b" is ambiguous" in told:
                raise AmbiguousError(f"{revision!r} could be several commits.", "Give more characters.") from error
            if b"Needed a single revision" in told:
                raise missing from error
            raise _unreadable(error) from error
        if not _HASH.fullmatch(name):  # of ^HEAD, all that did not lead to it is named
            raise missing
        return name

    def until(self, seconds: int) -> str:
        if not self._has_commits():
            return ""
        return _finish(self._start("rev-list", "-1", f"--min-age={seconds}", "HEAD", "--")).decode().strip()

    def files(self, commit: str = "HEAD", *, under: Sequence[str] = ()) -> Mapping[str, str]:
        if commit == "HEAD" and not self._has_commits():
            return {}
        words = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, *(one.rstrip("/") for one in under))
        rows = (row.partition(b"\t") for row in _finish(self._start(*words)).split(b"\0") if row)
        split = ((head.split(), path) for head, _, path in rows)
        return {os.fsdecode(path): blob.decode() for (mode, _, blob), path in split if mode in _KEPT_FILES}

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        wanted = iter(blobs)
        call = self._start("cat-file", "--batch")
        with closing(_Reader(call)) as reader:
            while some := list(islice(wanted, _ASKED_AT_ONCE)):
                call.write(b"".join(f"{blob}\n".encode() for blob in some))
                for blob in some:
                    yield reader.next(blob)

    def unrecorded(self) -> Sequence[FileChange]:
        words = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
        return sorted(_changed(_finish(self._start(*words)).split(b"\0")))

    def _has_commits(self) -> bool:
        """Say whether HEAD is a commit; that of a new repository is a branch without one."""
        try:
            self._git().read("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except StorageError as error:
            if isinstance(error.__cause__, CalledProcessError) and error.__cause__.returncode == 1:
                return False
            raise _unreadable(error) from error
        return True

    def _start(self, *words: str) -> Call:
        return self._git().start(*words, limit=BULK_LIMIT, extra=READING)

    def _git(self) -> Git:
        if not self._repository.available():
            raise StorageError("The history can't be read: git is missing.", "Install git.")
        if not self._repository.owned():
            raise StorageError(
                f"No history is kept in {self._repository.vault}.",
                "A vault that smos makes while git is there has one; `smos doctor` says what is missing.",
            )
        return self._repository.git()


class _Reader:
    """The answers of ``cat-file --batch``."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def next(self, blob: str) -> bytes:
        """Return what the next answer holds; ``NotFoundError`` when there is no such object, or not here."""
        head = self._call.lines(1)[0].split()
        if len(head) != 3:
            if not head:
                _finish(self._call)
            raise NotFoundError(f"The history lacks {blob}.", "Fetch it: see `git fsck` in the vault.")
        data = self._call.read(int(head[2]))
        self._call.read(1)
        return data

    def close(self) -> None:
        self._call.stop()


def _changed(rows: list[bytes]) -> Iterator[FileChange]:
    """Read ``git status --porcelain=v2 -z`` without renames."""
    for row in rows:
        kind = row[:1]
        if kind == b"?" and not row.endswith(b"/"):
            yield FileChange(os.fsdecode(row[2:]), "", "?")
        elif kind == b"1":
            _, _, _, head_mode, _, mode, blob, _, path = row.split(b" ", 8)
            yield FileChange(os.fsdecode(path), blob.decode() if head_mode in _KEPT_FILES else "", _there(mode))
        elif kind == b"u":
            _, _, _, _, our_mode, _, mode, _, blob, _, path = row.split(b" ", 10)
            yield FileChange(os.fsdecode(path), blob.decode() if our_mode in _KEPT_FILES else "", _there(mode))


def _there(mode: bytes) -> str:
    return "" if mode == b"000000" else "?"


def _finish(call: Call) -> bytes:
    """End a call that reads; its error says what could not be read."""
    try:
        return call.finish()
    except StorageError as error:
        raise _unreadable(error) from error


def _unreadable(error: StorageError) -> StorageError:
    """Return the error of a call as that of reading: the call itself speaks of a change that was not recorded."""
    cause = error.__cause__
    if not isinstance(cause, CalledProcessError) or b"dubious ownership" in cause.stderr:
        return StorageError(error.message, error.remedy)
    if cause.returncode < 0:
        return StorageError("git was stopped while it read the history.", "Try again.")
    told = " ".join(cause.stderr.decode("utf-8", "replace").split())[:_MOST_ERRORS].rstrip(".")
    return StorageError(f"git could not read the history: {told}.", "See what is wrong with `git fsck` in the vault.")
