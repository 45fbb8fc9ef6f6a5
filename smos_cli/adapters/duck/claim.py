"""The claim: which model's vectors are being made, how far they are, and that only one process makes them.

Owns ``<persona>.embedding``, which anybody may read, and the lock of who is at it. The file says what is wanted: one
that wants another model writes its own and waits for the lock, and whoever holds that sees it after its next batch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters.locks import held, is_free
from smos_cli.errors import IndexBusyError, StorageError

_MOMENT = 0.5
"""Seconds within which who only looks whether somebody is at it has let go of the lock."""
_TAKEOVER = 60.0
"""Seconds for which one that makes vectors of another model is waited for."""


class State(NamedTuple):
    """What is being made, or was when it stopped."""

    model: str = ""
    done: int = 0
    total: int = 0
    failed: str = ""
    """why it was given up"""


class Claim:
    """The claim on one vault's vectors."""

    def __init__(self, folder: Path, persona: str) -> None:
        self._file = folder / f"{persona}.embedding"
        self._lock = folder / f"{persona}.embedding.lock"

    def read(self) -> State:
        """Return what was written last; of nothing where nothing is, or it can't be read."""
        try:
            return State(**json.loads(self._file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return State()

    def write(self, state: State) -> None:
        """Say how far it is; ``StorageError`` when that can't be written."""
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(state._asdict()), encoding="utf-8")
            beside.replace(self._file)
        except OSError as error:
            raise StorageError(
                f"{self._file} can't be written: {error.strerror}.", "Free some space or make its folder writable."
            ) from error

    def clear(self, model: str) -> None:
        """Take the claim back once all is done, unless somebody has another by now."""
        if self.read().model == model:
            with suppress(OSError):
                self._file.unlink()

    def is_at_work(self) -> bool:
        """Say whether a process is making vectors."""
        return self._lock.exists() and not is_free(self._lock)

    @contextmanager
    def taken(self, model: str) -> Iterator[None]:
        """Be the only one at it; ``IndexBusyError`` when another process makes vectors of the same model."""
        before = self.read()
        with ExitStack() as stack:
            try:
                stack.enter_context(held(self._lock, _MOMENT))
            except IndexBusyError as error:
                if before.model == model:
                    raise IndexBusyError(
                        f"Another process is making the vectors of {model}: {before.done:,} of {before.total:,}.",
                        "`smos status` says how far it is.",
                    ) from error
                self.write(State(model))
                stack.enter_context(held(self._lock, _TAKEOVER))
            self.write(before._replace(failed="") if before.model == model else State(model))
            yield
