"""One file as it comes from a host: what is there already, what may follow it, and whether the whole is right.

Beside the bytes lies what they go on from: the address they came from, the host's ETag, the digest that it states.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from smos_cli.adapters.models import answers
from smos_cli.adapters.models.answers import PassingError, Stated
from smos_cli.adapters.models.files import chunks, refused, write
from smos_cli.core.catalogue import Part, Stage
from smos_cli.errors import ModelError

_LARGEST = 1 << 40
"""Bytes that a file of unknown size may have."""
_LARGEST_BLOB = 64 << 20
"""Bytes of a file that git's digest is made of at once."""


class Receiving:
    """A file on its way in. ``part`` is what it must be, as far as that is known."""

    def __init__(self, part: Part, stage: Stage, told: Callable[[int], None], *, accept_unpinned: bool) -> None:
        self.part = part
        self._stage, self._told = stage, told
        self._accept_unpinned = accept_unpinned
        self._file = stage.partial(part)
        self._note = self._file.with_suffix(".json")
        self._known = self._noted()
        self._hash = sha256()
        self.came = 0
        """bytes of it that are here"""
        self._resumed = False
        self._begin_again_at(self._usable())

    @property
    def size(self) -> int:
        """What the whole file takes; 0 when unknown."""
        return self.part.size or self._known.size

    @property
    def is_full(self) -> bool:
        """Whether as many bytes are here as there must be."""
        return 0 < self.size == self.came

    def headers(self) -> Mapping[str, str]:
        """Return what asks for the rest only, if the host still has the same file."""
        if not self.came:
            return {}
        condition = {"If-Range": self._known.etag} if self._known.etag else {}
        return {"Range": f"bytes={self.came}-", **condition}

    def begin(self, status: int, headers: Mapping[str, str], known: Stated, host: str) -> None:
        """Take in what an answer says before its bytes; ``PassingError``, ``ModelError``, ``StorageError``."""
        etag = answers.strong_etag(headers)
        start, size = 0, _length(headers) if status != 206 else 0
        if status == 206:
            found = answers.content_range(headers)
            if found is None or found[0] != self.came or self._is_other(etag, known.digest):
                raise self.changed(host)
            start, size = found
            self._resumed = start > 0
        size = size or known.size
        if self.part.size and size and size != self.part.size:
            raise ModelError(
                f"{host} has {self.part.path} with {size:,} bytes; it must have {self.part.size:,}.",
                "Give another --mirror, or --from DIR.",
            )
        digest = known.digest or (self._known.digest if start else "")
        self._check_vouched(digest, host)
        if start != self.came:
            self._begin_again_at(start)
        self._known = Stated(size, digest, etag)
        self._stage.require(max(0, self.size - self.came))
        self._write_note()

    def take(self, data: bytes, host: str) -> None:
        """Add bytes; ``ModelError`` when they are more than the file has, ``StorageError``."""
        if self.came + len(data) > (self.size or _LARGEST):
            self.restart()
            raise ModelError(f"{host} sends more than {self.part.path} has.", "Give another --mirror, or --from DIR.")
        try:
            with self._file.open("ab", buffering=0) as file:
                write(file, data)
        except OSError as error:
            raise refused(error, self._file, lacking=self.size - self.came) from error
        self._hash.update(data)
        self.came += len(data)
        self._told(self.came)

    def finished(self, host: str) -> Part:
        """Return the file, kept for good; ``PassingError``, ``ModelError`` when it is not whole or not right."""
        if self.size and self.came < self.size:
            raise PassingError(
                ModelError(f"{host} sent {self.came:,} of {self.size:,} bytes.", "Try again; what came is kept.")
            )
        found = self._hash.hexdigest()
        wanted = f"sha256:{self.part.sha256}" if self.part.sha256 else self._known.digest
        if wanted not in ("", f"sha256:{found}", self._git_digest(wanted)):
            error = ModelError(
                f"{self.part.path} from {host} is not what it must be: its sha256 is {found}, not {wanted}.",
                "Give another --mirror, or --from DIR.",
            )
            resumed = self._resumed
            self.restart()
            # What lay here from before may be to blame.
            raise PassingError(error) if resumed else error
        done = self.part._replace(size=self.came, sha256=found)
        self._stage.finish(done)
        self._note.unlink(missing_ok=True)
        return done

    def changed(self, host: str) -> PassingError:
        """Forget what came, and return that the host has another file by now."""
        self.restart()
        return PassingError(ModelError(f"{host} has another file than it had.", "Try again."))

    def restart(self) -> None:
        """Forget what came."""
        self._known = Stated()
        self._begin_again_at(0)

    def _is_other(self, etag: str, digest: str) -> bool:
        """Say whether an answer is of another file than the bytes that are here."""
        pairs = ((self._known.etag, etag), (self._known.digest, digest))
        return any(before and now and before != now for before, now in pairs)

    def _usable(self) -> int:
        """Return how much of what lies here can be gone on from."""
        came = self._stage.begun(self.part)
        if self.size and came > self.size:
            return 0
        # Without a hash that is known for good, only the host's word says that the rest is of the same file.
        return came if self.part.sha256 or (self._known.etag and self._known.digest) else 0

    def _begin_again_at(self, size: int) -> None:
        try:
            with self._file.open("ab", buffering=0) as file:
                file.truncate(size)
            self._hash = sha256()
            for chunk in chunks(self._file):
                self._hash.update(chunk)
        except OSError as error:
            raise refused(error, self._file) from error
        self.came, self._resumed = size, size > 0

    def _check_vouched(self, digest: str, host: str) -> None:
        if not (self.part.sha256 or digest or self._accept_unpinned):
            raise ModelError(
                f"Nobody vouches for {self.part.path}: no hash of it is known, and {host} states none.",
                "Pull it without a mirror, or add --accept-unpinned if you trust where it comes from.",
            )

    def _git_digest(self, wanted: str) -> str:
        if not wanted.startswith("git:") or self.came > _LARGEST_BLOB:
            return ""
        return answers.git_digest(self._file.read_bytes())

    def _noted(self) -> Stated:
        """Return what was noted of the bytes that lie here, if they are of the same address."""
        try:
            value: Any = json.loads(self._note.read_bytes())
            address, known = value["address"], Stated(value["size"], value["digest"], value["etag"])
        except (OSError, ValueError, LookupError, TypeError):
            return Stated()
        good = isinstance(known.size, int) and isinstance(known.digest, str) and isinstance(known.etag, str)
        return known if good and address == self.part.address else Stated()

    def _write_note(self) -> None:
        known = self._known
        value = {"address": self.part.address, "size": known.size, "digest": known.digest, "etag": known.etag}
        try:
            _write_small(self._note, json.dumps(value).encode())
        except OSError as error:
            raise refused(error, self._note) from error


def _length(headers: Mapping[str, str]) -> int:
    value = headers.get("content-length", "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _write_small(file: Path, data: bytes) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(data)
    new.replace(file)
