"""The salts of the audit chain: what makes a body's hash useless to whoever guesses at an erased text.

Owns the form of ``audit/<machine>/YYYY-MM.salts``, a line for each file that the chain names, and the hash itself:

    01KB8F3K2M7Q0ZT4V9X2C5N6PD 91ab...                  id, 16 random bytes in hex
    5f0c9d2e...                91ab... notes/a%20b.md   a random token for a file without an id, and its path

``erase`` takes lines out; nothing else does. A conversation that it takes a turn out of gets another salt. A file that
got its salt on two machines has two: the one of the machine whose name sorts first is used from then on, and both are
good for what was hashed.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

ENDING = ".salts"
LENGTH = 16
"""Bytes of a salt, and of a token."""


class Salt(NamedTuple):
    """A salt, whose it is, and where the file lies if it has no id."""

    identity: str
    secret: str
    """hex"""
    path: str = ""

    @property
    def line(self) -> bytes:
        """Its line, with the newline."""
        place = f" {quoted(self.path)}" if self.path else ""
        return f"{self.identity} {self.secret}{place}\n".encode()

    @property
    def retired(self) -> str:
        """What tombstones name it by once nobody is to have it any more."""
        return sha256(bytes.fromhex(self.secret)).hexdigest()[:32]

    def mac(self, digest: str) -> str:
        """Return the keyed hash of a body, given the sha256 of its bytes in hex; of no file the empty text."""
        return hmac.digest(bytes.fromhex(self.secret), digest.encode(), "sha256").hex() if digest else ""


class Salts:
    """All salts of a vault, given the data of its files in the order of their machines' names."""

    def __init__(self, files: Iterable[bytes] = ()) -> None:
        self._all: dict[str, list[Salt]] = {}
        self._tokens: dict[str, str] = {}
        for data in files:
            for line in data.split(b"\n"):
                if salt := _parsed(line):
                    self.add(salt)

    def add(self, salt: Salt) -> None:
        """Take in a salt that comes after those there are."""
        self._all.setdefault(salt.identity, []).append(salt)
        if salt.path:
            self._tokens.setdefault(salt.path, salt.identity)

    def of(self, identity: str) -> Salt | None:
        """Return the salt that an id or token is hashed with from now on."""
        found = self._all.get(identity)
        return found[0] if found else None

    def all_of(self, identity: str) -> Collection[Salt]:
        """Return every salt that an id or token was ever hashed with."""
        return self._all.get(identity, ())

    def token(self, path: str) -> str:
        """Return the token of a path, or an empty text."""
        return self._tokens.get(path, "")

    def tokens(self, paths: Collection[str]) -> list[str]:
        """Return every token of some paths, on whichever machine it was made."""
        return sorted(identity for identity, some in self._all.items() if any(salt.path in paths for salt in some))

    def identities(self) -> Mapping[str, Collection[Salt]]:
        """Return all that have a salt."""
        return self._all


def without(data: bytes, identities: Collection[str]) -> bytes:
    """Return a file of salts without some ids and tokens; every other byte stays."""
    drop = {identity.encode() for identity in identities}
    return b"".join(line for line in data.splitlines(keepends=True) if line.partition(b" ")[0].strip() not in drop)


def without_retired(data: bytes, marks: Collection[str]) -> bytes:
    """Return a file of salts without those that tombstones have retired; every other byte stays."""
    lines = data.splitlines(keepends=True)
    return b"".join(line for line in lines if not ((salt := _parsed(line.rstrip(b"\n"))) and salt.retired in marks))


def quoted(path: str) -> str:
    """Return a path as it stands in a file of salts: as in a URL."""
    from urllib.parse import quote

    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _parsed(line: bytes) -> Salt | None:
    """Return the salt in a line; None for one that is none, which ``audit verify`` misses."""
    words = line.decode("ascii", "replace").split(" ")
    if len(words) not in (2, 3) or len(words[1]) != 2 * LENGTH:
        return None
    try:
        bytes.fromhex(words[1])
    except ValueError:
        return None
    return Salt(words[0], words[1], _plain(words[2]) if len(words) == 3 else "")


def _plain(place: str) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(place).decode("utf-8", "surrogateescape")
