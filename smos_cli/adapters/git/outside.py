"""What differs between a vault's files and the last commit that smos made, asked of ``git status``.

Owns the early question, which runs beside the rest of a command, and its check under the vault's lock: what another
smos was about to commit meanwhile is not called outside. Writes nothing, not even git's index.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters.git.call import BULK_LIMIT, READING, Call
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.history import Outside
from smos_cli.core.layout import TRASH
from smos_cli.errors import StorageError

LARGEST = 16_000_000
"""Bytes of the largest file that is looked into."""
_YOUNG = 2.0
"""Seconds for which an answer is worth more than a new one."""
_SLOW = 0.1
"""Seconds of waiting after which git may have read files because its index does not know their times."""
_NAMED = 200
"""Up to this many files are asked for by name when they are checked again; of more, all."""
_HASHED_AT_ONCE = 200
_STATUS = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames", "--")
_EPISODES = "episodes/"
_TEMPORARY = re.compile(r"(^|/)(\..*\.tmp$|\.git/|\.smos-init-)", re.DOTALL)
_FILES = ("100644", "100755")


class _State(NamedTuple):
    """What git says: of each path that differs its blob in the last commit, and what the user has staged."""

    blobs: Mapping[str, str]
    staged: frozenset[str]


class Early:
    """One question to git; one that is never asked for its answer ends with the object.

    ``locked`` says that it begins under the vault's lock, so that its answer needs no check.
    """

    def __init__(self, repository: Repository, base: str, episodes: str, *, locked: bool = False) -> None:
        self._repository = repository
        self._trash = base + TRASH
        self._episodes = base + _EPISODES
        self._versioned = episodes == "versioned"
        self._locked = locked
        self._started = time.monotonic()
        self._told = False
        self.was_slow = False
        self._state: _State | None = None
        self._calls: list[Call] = []
        with suppress(StorageError):
            self._calls = self._ask(())

    def __del__(self) -> None:
        for call in self._calls:
            call.stop()

    def is_used_up(self) -> bool:
        """Say whether it has told its answer, or is too old to."""
        return self._told or self.is_old()

    def is_old(self) -> bool:
        """Say whether what it knows may no longer be so."""
        return time.monotonic() - self._started > _YOUNG

    def staged(self) -> frozenset[str]:
        """Return what the user, or another smos at that moment, had staged; ``StorageError``."""
        return self._answer().staged

    def outside(self) -> list[Outside]:
        """Return what differs now, by path; ``StorageError`` when git fails."""
        self._told = True
        state = self._answer()
        if state.blobs and not self._locked:
            state = self._asked_again(sorted(state.blobs))
        blobs = {**state.blobs, **self._committed_by_others()}
        wanted = sorted(path for path in blobs if path not in state.staged and self._tells(path))
        return [one for one in self._compared(wanted, blobs) if one.before != one.after]

    def _answer(self) -> _State:
        if self._state is None:
            calls, self._calls = self._calls or self._ask(()), []
            begun = time.monotonic()
            self._state = self._read(calls)
            self.was_slow = time.monotonic() - begun > _SLOW
        return self._state

    def _asked_again(self, paths: list[str]) -> _State:
        return self._read(self._ask(paths if len(paths) <= _NAMED else ()))

    def _ask(self, paths: Sequence[str]) -> list[Call]:
        calls = [self._start(*_STATUS, *paths)]
        if self._versioned:
            # The ignore rules, which leave the episodes out of git, are for vaults that do not keep them in it.
            chosen = [path for path in paths if path.startswith(self._episodes)] if paths else [self._episodes]
            if chosen:
                calls.append(self._start("ls-files", "--others", "-z", "--", *chosen))
        return calls

    def _start(self, *words: str) -> Call:
        call = self._repository.git().start(*words, limit=BULK_LIMIT, extra=READING)
        call.write(b"", last=True)
        return call

    def _read(self, calls: list[Call]) -> _State:
        answers = []
        try:
            while calls:
                answers.append(os.fsdecode(calls.pop(0).finish()).split("\0"))
        finally:
            for call in calls:
                call.stop()
        entries = [*_entries(answers[0]), *((path, "", False) for answer in answers[1:] for path in answer if path)]
        pending = self._repository.pending.paths()
        staged = frozenset(path for path, _, is_staged in entries if is_staged and path not in pending)
        return _State({path: blob for path, blob, _ in reversed(entries)}, staged)

    def _committed_by_others(self) -> dict[str, str]:
        """Return what was committed since smos last did, with the blobs it had then."""
        repository = self._repository
        ours = repository.pending.tip()
        now = repository.tip(repository.branch()) if ours else ""
        if not now or now == ours:
            return {}
        try:
            told = repository.git().run("diff-tree", "-r", "-z", "--no-renames", ours, now)
        except StorageError:
            return {}  # the commit is gone: history was rewritten
        rows = os.fsdecode(told).split("\0")
        heads = ((head.split(), path) for head, path in zip(rows[::2], rows[1::2], strict=False))
        return {path: head[2] if _is_file(head[0][1:]) else "" for head, path in heads}

    def _tells(self, path: str) -> bool:
        if path.startswith(self._episodes) and not self._versioned:
            return False
        return not (path.endswith("/") or path.startswith(self._trash) or _TEMPORARY.search(path))

    def _compared(self, paths: Sequence[str], blobs: Mapping[str, str]) -> Iterator[Outside]:
        known = self._hashes(dict.fromkeys(blobs[path] for path in paths if blobs[path]))
        for path in paths:
            before = known.get(blobs[path]) if blobs[path] else ""
            after = _hash_on_disk(self._repository.vault / path)
            if before is not None and after is not None:
                yield Outside(path, before, after)

    def _hashes(self, blobs: Iterable[str]) -> dict[str, str]:
        """Return the sha256 of what some blobs hold."""
        found: dict[str, str] = {}
        names = list(blobs)
        for start in range(0, len(names), _HASHED_AT_ONCE):
            some = names[start : start + _HASHED_AT_ONCE]
            call = self._repository.git().start("cat-file", "--batch", limit=BULK_LIMIT, extra=READING)
            call.write(b"".join(f"{name}\n".encode() for name in some))
            for name in some:
                head = call.lines(1)[0].split()
                if len(head) == 3:
                    found[name] = sha256(call.read(int(head[2]))).hexdigest()
                    call.read(1)
            call.finish()
        return found


def _entries(rows: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Read ``git status --porcelain=v2 -z``: path, blob in the last commit, whether it is staged.

    Passed over are submodules, links, and what is in conflict.
    """
    for row in rows:
        if row.startswith("? "):
            yield row[2:], "", False
        elif row.startswith("u "):
            yield row.split(" ", 10)[10], "", True
        elif row.startswith("1 "):
            _, state, _, head_mode, index_mode, mode, blob, _, path = row.split(" ", 8)
            if {head_mode, index_mode, mode} <= {*_FILES, "000000"}:
                yield path, blob if _is_file(head_mode) else "", state[0] != "."


def _is_file(mode: str) -> bool:
    return mode in _FILES


def _hash_on_disk(path: Path) -> str | None:
    """Return the sha256 of a file, nothing where there is none, or None for what is not looked into."""
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            return None
        return sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None
