"""This machine in home: the key that signs audit chains, and how far each persona's chain came.

Owns ``keys/audit.key`` (the secret, for its owner's eyes alone), ``keys/audit-NAME.pub`` beside it, so that a command
that signs nothing need not load the library, and ``audit/``. Each persona has a key of its own, made of the secret and
its name: two copies of one vault in one home are two chains, and nobody can tell from two vaults that one machine has
both. Ed25519 (RFC 8032) is PyNaCl's.
"""

from __future__ import annotations

import hmac
import os
import re
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from smos_cli.adapters.durable import append, create
from smos_cli.core.auditing import Mark, Marks
from smos_cli.errors import StaleError, StorageError

if TYPE_CHECKING:
    from nacl.signing import SigningKey

_PRIVATE = r"ed25519 ([0-9a-f]{64})\n?"
_PUBLIC = r"ed25519 ([0-9a-f]{64}) ([a-z2-7]{26})\n?"
_MARK = r"(head|checkpoint|lost) ([0-9]{1,15}) ([0-9a-f]{64})"


class MachineIdentity:
    """The ``Machine`` port over a home folder, for one persona."""

    def __init__(self, home: Path, persona: str) -> None:
        self._home = home
        self._key_file = home / "keys/audit.key"
        self._persona = persona
        self._public_file = home / f"keys/audit-{persona}.pub"
        self._head = home / f"audit/{persona}.head"
        self._kept = home / f"audit/{persona}.kept"

    def name(self) -> str:
        return self._public[1]

    def known(self) -> str:
        found = self._noted()
        return found[1] if found else ""

    def public_key(self) -> bytes:
        return self._public[0]

    def sign(self, data: bytes) -> bytes:
        self.name()  # makes the key where there is none
        return self._signing().sign(data).signature

    def genuine(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        from nacl.exceptions import CryptoError
        from nacl.signing import VerifyKey

        try:
            VerifyKey(public_key).verify(data, signature)
        except (CryptoError, ValueError, TypeError):
            return False
        return True

    def marks(self) -> Marks:
        found = [*_marks(self._head), *_marks(self._kept)]
        heads, signed = ([mark for kind, mark in found if kind == word] for word in ("head", "checkpoint"))
        lost = tuple(dict.fromkeys(mark for kind, mark in found if kind == "lost"))
        return Marks(heads[-1] if heads else None, signed[-1] if signed else None, lost)

    def mark(self, head: Mark) -> None:
        # Not durable: it is only a hint, and another write to the disk would make every command slower.
        with suppress(OSError):
            try:
                descriptor = _open(self._head)
            except FileNotFoundError:
                self._head.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = _open(self._head)
            try:
                os.write(descriptor, f"head {head.number:<15} {head.digest}\n".encode())
            finally:
                os.close(descriptor)

    def keep(self, *, checkpoint: Mark | None = None, lost: Mark | None = None) -> None:
        marks = (("checkpoint", checkpoint), ("lost", lost))
        lines = "".join(f"{kind} {mark.number} {mark.digest}\n" for kind, mark in marks if mark)
        try:
            append(self._kept, lines.encode())
        except OSError as error:
            raise _foreign(error, self._kept) from error

    @cached_property
    def _public(self) -> tuple[bytes, str]:
        """The public key and the name; both are made, with the secret, where there is none."""
        if found := self._noted():
            return found
        from smos_cli.core.chain import machine_of

        with suppress(OSError):  # of a key that is gone, or not whole
            self._public_file.unlink()
        if not os.path.lexists(self._key_file):
            self._let_go()
            self._write(self._key_file, f"ed25519 {os.urandom(32).hex()}\n")
        key = bytes(self._signing().verify_key)
        self._write(self._public_file, f"ed25519 {key.hex()} {machine_of(key)}\n")
        return key, machine_of(key)

    def _let_go(self) -> None:
        """Let go of what a secret that is gone left behind: all chains go on as another machine's, from their start."""
        with suppress(OSError):
            for public in self._public_file.parent.glob("audit-*.pub"):
                public.unlink()
            for mark in [*self._head.parent.glob("*.head"), *self._head.parent.glob("*.kept")]:
                mark.replace(mark.with_name(f"{mark.name}.old"))

    def _noted(self) -> tuple[bytes, str] | None:
        """Return the public key and the name as they were noted beside a secret that is there."""
        found = re.fullmatch(_PUBLIC, _text(self._public_file))
        return (bytes.fromhex(found[1]), found[2]) if found and os.path.lexists(self._key_file) else None

    def _signing(self) -> SigningKey:
        from nacl.signing import SigningKey

        return SigningKey(hmac.digest(self._secret(), f"smos audit {self._persona}".encode(), "sha256"))

    def _secret(self) -> bytes:
        try:
            found = re.fullmatch(_PRIVATE, self._key_file.read_text("ascii", "replace"))
        except OSError as error:
            raise _foreign(error, self._key_file) from error
        if not found:
            raise StorageError(
                f"{self._key_file} is not a key of smos.",
                "Bring it back from a copy; or move it away, and a new one begins a new chain.",
            )
        return bytes.fromhex(found[1])

    def _write(self, path: Path, text: str) -> None:
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.parent.mkdir(exist_ok=True, mode=0o700)
            create({path: text.encode()}, mode=0o600)
        except StaleError:
            pass  # another process has just made it
        except OSError as error:
            raise _foreign(error, path) from error


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)


def _marks(path: Path) -> list[tuple[str, Mark]]:
    """Return the marks in a file, in their order; a line that is none may be half of one, and is passed over."""
    rows = [re.fullmatch(_MARK, " ".join(line.split())) for line in _text(path).split("\n")]
    return [(row[1], Mark(int(row[2]), row[3])) for row in rows if row]


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""


def _foreign(error: OSError, path: Path) -> StorageError:
    return StorageError(
        f"{path} can't be read or written: {error.strerror or error}.",
        "Make it readable and writable for you, or set SMOS_HOME to a folder that is.",
    )
