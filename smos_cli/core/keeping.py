"""The part of the toolkit that keeps what there is: the history, the other copies, the checks and the repairs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smos_cli.core.certificate import Checked
    from smos_cli.core.diff import Compared
    from smos_cli.core.finding import Finding
    from smos_cli.core.log import Logged
    from smos_cli.core.mending import Mended
    from smos_cli.core.ports import Ports, Scan
    from smos_cli.core.queued import Queued
    from smos_cli.core.repair import Keeper, Repaired
    from smos_cli.core.sync import Synced
    from smos_cli.core.toolkit import Special
    from smos_cli.core.undo import Undone
    from smos_cli.core.verify import Verified


class Keeping:
    """What can be done with the history of one persona's memory, and to keep it whole."""

    def __init__(self, ports: Ports, special: Special) -> None:
        self._ports = ports
        self._special = special

    def check_certificate(self, data: bytes) -> Checked:
        """Check the certificate of an erasure."""
        from smos_cli.core.certificate import check

        return check(self._ports, self._special.purge(), data)

    def log(self, key: str = "", *, limit: int = 0) -> Logged:
        """Return the changes of the vault, or of one memory, newest first."""
        from smos_cli.core.log import log

        return log(self._ports, key, limit=limit)

    def diff(self, key: str = "") -> Compared:
        """Return what differs: the files from the last commit, a memory or a commit from what was before."""
        from smos_cli.core.diff import diff

        return diff(self._ports, key)

    def undo(self, revision: str = "") -> Undone:
        """Reverse a commit, or the last command."""
        from smos_cli.core.undo import undo

        return undo(self._ports, revision)

    def mend(self) -> Mended:
        """Merge anew what git alone merged, and left with conflict markers."""
        from smos_cli.core.mending import mend

        return mend(self._ports, self._special.origins)

    def at_rest(self) -> AbstractContextManager[tuple[Scan, tuple[str, ...]]]:
        """Hold the vault still while it is copied; yields its listing and warnings."""
        from smos_cli.core.backup import at_rest

        return at_rest(self._ports)

    def sync(self, remote: str, *, most: int | None = None) -> Synced:
        """Sync with another copy of the vault, by the name or URL of a remote; ``origin`` for an empty one.

        ``most`` is how many memories it may erase here because others erased them.
        """
        from smos_cli.core.renewing import MOST_ERASED
        from smos_cli.core.sync import sync

        limit = MOST_ERASED if most is None else most
        synced = sync(self._ports, self._special.meet(remote), self._special.purge(), most=limit)
        if synced.put_away or synced.erased:
            self.queue().wipe()
        return synced

    def doctor(self) -> Sequence[Finding]:
        """Return what is wrong, problems first."""
        from smos_cli.core.doctor import doctor

        return doctor(self._ports, lambda: [*self._special.examine(), *self.queue().findings()])

    def queue(self) -> Queued:
        """Return the queue of conversations that wait to be learnt from."""
        from smos_cli.core.queued import Queued

        return Queued(self._special.queue(), self._ports.persona)

    def verify(self) -> Verified:
        """Check the audit chains against themselves, home, the files and the history."""
        from smos_cli.core.verify import verify

        return verify(self._ports)

    def repair(self, keeper: Keeper) -> tuple[Sequence[Repaired], tuple[str, ...]]:
        """Put right what can be; return what was done, and the warnings."""
        from smos_cli.core.repair import repair

        return repair(self._ports, self._special.look, keeper, self._special.origins)
