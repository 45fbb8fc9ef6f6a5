"""The audit chain of one machine: its files, its lines and how each leads to the next.

Owns the form of ``audit/<machine>/YYYY-MM.jsonl`` (``man/smos-vault.5``). A line is canonical JSON (RFC 8785), names
the one before it by its sha256 and holds neither a path nor a text. Knows no file system and no key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from smos_cli.errors import FormatError

VERSION = 1
KEY_NAME = "key.pub"
CHECKPOINT = "checkpoint"
"""The verb of a line that is signed, and so vouches for all lines before it."""
MOST_LINES = 100
MOST_BYTES = 64_000
"""A file with this many lines or bytes is followed by the next: git stores a file that grows anew with each commit."""
MOST_BODIES = 2_000
"""Bodies in one line; of more, a command has several lines."""
_PART = re.compile(r"([0-9]{4}-(?:0[1-9]|1[0-2]))(?:-([2-9]|[1-9][0-9]+))?")
_CONTEXT = b"smos audit checkpoint\n"

Body = tuple[str, str, str]
"""A file's id (or token), what it held before and what after: by HMAC, or empty where there is no file."""


class Part(NamedTuple):
    """One file of a chain: the second of a month is ``2026-11-2``."""

    month: str
    number: int = 1

    @property
    def name(self) -> str:
        """Its name without an ending."""
        return self.month if self.number == 1 else f"{self.month}-{self.number}"

    @property
    def file(self) -> str:
        """The name of the file with its lines."""
        return f"{self.name}.jsonl"

    def after(self, month: str) -> Part:
        """Return the file that follows it in a month; a clock that was set back begins no earlier one."""
        return Part(month) if month > self.month else Part(self.month, self.number + 1)


class Last(NamedTuple):
    """The last line of a chain: its number, its hash, and the file it is in; at first there is none."""

    number: int = 0
    digest: str = ""
    part: Part | None = None
    lines: int = 0
    """in that file"""
    size: int = 0
    """of that file, in bytes"""

    def is_full(self, month: str) -> bool:
        """Say whether the next line, of a month (``2026-11``), begins a new file."""
        return not self.part or month > self.part.month or self.lines >= MOST_LINES or self.size >= MOST_BYTES

    def followed_by(self, line: bytes, month: str) -> Last:
        """Return what is last when a line (with its newline) of a month is added."""
        number, digest = self.number + 1, digest_of(line)
        if not self.is_full(month):
            return Last(number, digest, self.part, self.lines + 1, self.size + len(line))
        return Last(number, digest, self.part.after(month) if self.part else Part(month), 1, len(line))


def machine_of(public_key: bytes) -> str:
    """Return the machine that a key makes it: nobody else can have a key of that name."""
    from base64 import b32encode

    return b32encode(sha256(public_key).digest()).decode().lower()[:26]


def part_of(name: str, ending: str = ".jsonl") -> Part | None:
    """Return which file of a chain a name is, or None."""
    found = _PART.fullmatch(name.removesuffix(ending)) if name.endswith(ending) else None
    return Part(found[1], int(found[2] or 1)) if found else None


def parts(names: Iterable[str]) -> list[Part]:
    """Return the files of lines among some names, in their order."""
    return sorted(part for part in map(part_of, names) if part)


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Return an object of texts, whole numbers and lists as RFC 8785 writes it; its keys are ASCII."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def digest_of(line: bytes) -> str:
    """Return what the next line names a line by: the sha256 of its bytes without the newline, hex."""
    return sha256(line.removesuffix(b"\n")).hexdigest()


def parsed(line: bytes) -> dict[str, Any]:
    """Return the fields of a line; ``FormatError`` says what is wrong with one that is not of the form."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError("it is not JSON") from error
    if not isinstance(fields, dict):
        raise FormatError("it is not an object")
    if fields.get("v") != VERSION:
        raise FormatError(f"its version is not {VERSION}")
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(fields.get(name), kind)]
    if wrong or isinstance(fields["n"], bool) or not all(map(_is_body, fields["bodies"])):
        raise FormatError(f"it has no proper {wrong[0] if wrong else 'bodies'}")
    return fields


def last_line(data: bytes, part: Part) -> Last:
    """Return the last line of a file, also where a line of it is broken: then its number is counted."""
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.split(b"\n")[:-1]
    for back, line in enumerate(reversed(lines)):
        try:
            number = parsed(line)["n"] + back
        except FormatError:
            continue
        return Last(number, digest_of(lines[-1]), part, len(lines), len(whole))
    return Last(len(lines), digest_of(lines[-1]) if lines else "", part, len(lines), len(whole))


def signed_part(machine: str, fields: Mapping[str, Any]) -> bytes:
    """Return what the signature of a checkpoint is over: all of it but the signature, and whose it is."""
    return _CONTEXT + machine.encode() + b"\n" + canonical({key: fields[key] for key in fields if key != "sig"})


def split(bodies: Sequence[Body]) -> list[Sequence[Body]]:
    """Return bodies in groups that one line may hold; one group, perhaps of none, at least."""
    return [bodies[start : start + MOST_BODIES] for start in range(0, max(len(bodies), 1), MOST_BODIES)]


def _is_body(body: object) -> bool:
    return isinstance(body, list) and len(body) == 3 and all(isinstance(part, str) for part in body)


_FIELDS: dict[str, type] = {
    "actor": str,
    "bodies": list,
    "door": str,
    "n": int,
    "prev": str,
    "time": str,
    "verb": str,
}
