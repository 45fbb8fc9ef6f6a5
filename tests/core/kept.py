"""A persona of fakes whose vault has a history, and that history sees what others changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from smos_cli.core.changes import Change
from smos_cli.core.history import Outside
from tests.core.bob import Bob
from tests.fake_past import FakePast
from tests.fakes import FakeHistory, FakeVault


class WatchedHistory(FakeHistory):
    """A history that looks itself at what differs from its last commit; ``off``: commands die before they commit."""

    def __init__(self, past: FakePast, vault: FakeVault) -> None:
        super().__init__()
        self.past = past
        self.off = False
        self._vault = vault

    def outside(self) -> Sequence[Outside]:
        changes = self.past.unrecorded()
        then = self.past.contents(change.before for change in changes if change.before)
        return [
            Outside(
                change.path,
                sha256(next(then)).hexdigest() if change.before else "",
                sha256(self._vault.files[change.path]).hexdigest() if change.after else "",
            )
            for change in changes
        ]

    def commit(self, change: Change) -> str | None:
        return None if self.off else self.past.commit(change)


def kept(files: Mapping[str, bytes] | None = None, **others: Any) -> Bob:
    """Return a persona whose vault has a history; what is there at first is not in it."""
    bob = Bob(files, **others)
    past = FakePast(bob.vault)
    return bob.with_history(WatchedHistory(past, bob.vault), past)
