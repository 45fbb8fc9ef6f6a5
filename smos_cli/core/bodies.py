"""What a line of the audit chain says of files: whose each is, and its keyed hash before and after.

Owns who is who: an id, or for a file without one a random token that its path gets. A file that was there before any
chain named it first enters, so that over all chains every body is entered before it is left.
"""

from __future__ import annotations

from collections.abc import Callable

from smos_cli.core.chain import Body
from smos_cli.core.changes import Touched
from smos_cli.core.salts import LENGTH, Salt, Salts


class Bodies:
    """The bodies of one line under way. ``made`` are the salts that are to be written before it."""

    def __init__(self, salts: Salts, entropy: Callable[[int], bytes]) -> None:
        self.found: list[Body] = []
        self.made: list[Salt] = []
        self._salts = salts
        self._entropy = entropy

    def add(self, touched: Touched, *, was: str = "") -> None:
        """Take in what became of a file; ``was`` is its keyed hash before, where the chain knows better."""
        before, after = touched.before, touched.after
        if before == after:
            return
        identity = touched.identity or self._salts.token(touched.path) or self._entropy(LENGTH).hex()
        salt = self._salts.of(identity)
        if salt is None:
            salt = self._make(identity, "" if touched.identity else touched.path)
            before = self._entering(salt, touched) if before else ""
        self.found.append((identity, was or salt.mac(before), salt.mac(after)))

    def _entering(self, salt: Salt, touched: Touched) -> str:
        """Say how a file came that was there before any line named it; return its sha256 before, under this id."""
        token = self._salts.token(touched.path)
        if token != salt.identity and (old := self._salts.of(token)):
            # It had no id until now, and so leaves under its token.
            self.found.append((token, old.mac(touched.before), ""))
            return ""
        self.found.append((salt.identity, "", salt.mac(touched.before)))
        return touched.before

    def _make(self, identity: str, path: str) -> Salt:
        salt = Salt(identity, self._entropy(LENGTH).hex(), path)
        self._salts.add(salt)
        self.made.append(salt)
        return salt
