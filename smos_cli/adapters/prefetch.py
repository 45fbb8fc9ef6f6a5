"""Makes the vault's listing in a second process while the first one still imports its libraries.

Owns that one fork. At 10,000 files the listing costs 45 ms, and a thread would contend with the imports for the
interpreter. Where there is no fork the listing is made when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from smos_cli.adapters.scan import Listing

_DIGEST = 32


class Prefetch:
    """A listing under way in a child process; ``result`` waits for it."""

    def __init__(self, make: Callable[[], Listing]) -> None:
        self._make = make
        self._reader = -1
        self._child = 0
        if hasattr(os, "fork"):
            self._start()

    def result(self) -> Listing:
        """Return the listing, made here if the child could not make it. It can be taken once."""
        packed = self._collect() if self._reader >= 0 else b""
        if len(packed) <= _DIGEST:
            return self._make()
        return Listing(packed[:_DIGEST].decode(), packed[_DIGEST:])

    def _start(self) -> None:
        self._reader, writer = os.pipe()
        self._child = os.fork()
        if self._child:
            os.close(writer)
            return
        status = 1
        try:
            os.close(self._reader)
            listing = self._make()
            with open(writer, "wb", buffering=0) as pipe:
                rest = memoryview(listing.fingerprint.encode() + listing.packed)
                while rest:
                    rest = rest[pipe.write(rest) :]
            status = 0
        finally:
            os._exit(status)

    def _collect(self) -> bytes:
        with open(self._reader, "rb") as pipe:
            packed = pipe.read()
        self._reader = -1
        _, status = os.waitpid(self._child, 0)
        return packed if status == 0 else b""
