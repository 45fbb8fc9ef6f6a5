"""What an audit chain asks of the machine it is written on: a name, a key, and a note of how far it came.

Owns the port and its shapes. What is kept here lies in home, out of reach of whoever only has the vault.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Mark(NamedTuple):
    """A line of a chain: its number and its hash."""

    number: int
    digest: str


class Marks(NamedTuple):
    """How far this machine's chain of one persona came."""

    head: Mark | None = None
    """the last line that was written; a hint, which a power cut may set back"""
    checkpoint: Mark | None = None
    """the last line that was signed"""
    lost: tuple[Mark, ...] = ()
    """lines that had been written and were not there any more when the next one was"""


class Machine(Protocol):
    """This machine, as the audit chain of one persona knows it. Raises ``StorageError`` when home refuses."""

    def name(self) -> str:
        """Return its name, made of its public key; a first key is made where there is none."""

    def known(self) -> str:
        """Return its name, or an empty text where it has no key yet."""

    def public_key(self) -> bytes:
        """Return the 32 bytes that its signatures are checked with (Ed25519, RFC 8032)."""

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of a signature."""

    def genuine(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        """Say whether a signature is of this data and made with the secret half of this key, whosever it is."""

    def marks(self) -> Marks:
        """Return how far the chain came; what can't be read counts as not there."""

    def mark(self, head: Mark) -> None:
        """Note the last line; it need not survive a power cut."""

    def keep(self, *, checkpoint: Mark | None = None, lost: Mark | None = None) -> None:
        """Note, durably, a line that was signed, or one that is gone."""
