"""Whose a file was, when all that is left of it is the hash of what it held.

Owns the ways to tell, the cheap before the dear: by the token of its path, by the id that stands in it now, by the end
of its name, and at last by trying the salts of all.
"""

from __future__ import annotations

from collections import defaultdict

from smos_cli.core import ulid
from smos_cli.core.balance import Balance
from smos_cli.core.salts import Salts

_MOST_SEARCHES = 50
"""Files that all salts are tried for: with 10,000 of them each takes some 20 ms."""


class Owners:
    """The ids and tokens that the chains of a vault name."""

    def __init__(self, salts: Salts, balance: Balance) -> None:
        self._salts = salts
        self._balance = balance
        self._searches = _MOST_SEARCHES
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for identity in salts.identities():
            self._by_name[ulid.suffix(identity)].append(identity)

    def before(self, path: str, digest: str, identity: str) -> str:
        """Return whose a file was that held a body (sha256, hex) and has an id now, or none.

        Empty for a file without an id that no chain names.
        """
        salts = self._salts
        token = salts.token(path)
        name = path.rpartition("/")[2].removesuffix(".md")
        for one in [token, identity, *self._by_name.get(ulid.suffix(name), [])]:
            if one and self._had(one, digest):
                return one
        if identity and not salts.of(identity):
            return identity
        return self._search(digest) or identity or token

    def _search(self, digest: str) -> str:
        if not self._searches:
            return ""
        self._searches -= 1
        return next((one for one in self._balance.identities() if self._had(one, digest)), "")

    def _had(self, identity: str, digest: str) -> bool:
        bodies = self._balance.entered(identity)
        return bool(bodies) and any(salt.mac(digest) in bodies for salt in self._salts.all_of(identity))
