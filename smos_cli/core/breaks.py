"""Where an audit chain breaks: a line that was changed, is missing, stands elsewhere, or was signed by somebody else.

Owns what a sound chain is, line by line. Of a broken one it tells the first break, and goes on reading: what the other
lines say is still good for comparing bodies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from smos_cli.core import chain
from smos_cli.core.auditing import Mark, Marks
from smos_cli.core.chain import Part
from smos_cli.core.finding import Finding
from smos_cli.errors import FormatError

COMPARE = "Compare it with another copy of the vault, or with its history: `git log -p -- {}`."
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_KEY = re.compile(r"[0-9a-f]{64}\n?")
Genuine = Callable[[bytes, bytes, bytes], bool]
"""Says whether a signature is good, given the public key, the data and the signature."""


class Files(NamedTuple):
    """A chain as it lies in a folder."""

    machine: str
    folder: str
    key: bytes | None
    """what ``key.pub`` holds"""
    parts: Mapping[Part, bytes]
    """in their order"""


class Row(NamedTuple):
    """One line, and what it says if it can be read."""

    path: str
    number: int
    """in its file, from 1"""
    data: bytes
    fields: Mapping[str, Any] | None
    wrong: str
    month: str

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.path}:{self.number}"


class Chain(NamedTuple):
    """A chain that was read: its lines, its first break if it has one, and what else is to be said."""

    machine: str
    rows: Sequence[Row]
    broken: Finding | None
    notes: Sequence[Finding] = ()

    @property
    def checkpoints(self) -> int:
        """How many of its lines are signed."""
        return sum(row.fields is not None and row.fields["verb"] == chain.CHECKPOINT for row in self.rows)


def check(files: Files, genuine: Genuine) -> Chain:
    """Read a chain and find its first break."""
    rows, notes, torn = _rows(files)
    key = files.key.decode("ascii", "replace") if files.key is not None else ""
    broken = None
    if not _KEY.fullmatch(key) or chain.machine_of(bytes.fromhex(key)) != files.machine:
        what = "The public key is not there." if files.key is None else "It is not the key that its folder is named by."
        broken = _finding(f"{files.folder}/{chain.KEY_NAME}", what)
    else:
        broken = _first_break(rows, files.machine, lambda *signed: genuine(bytes.fromhex(key), *signed))
    return Chain(files.machine, rows, broken or torn, notes)


def against(read: Chain, marks: Marks, folder: str) -> Finding | None:
    """Compare this machine's chain with what home knows of it; return the first difference."""
    last = len(read.rows)
    for mark, how in ((marks.checkpoint, "signed"), (marks.head, "written")):
        if mark and mark.number > last:
            where = read.rows[-1].where if read.rows else folder
            return _finding(where, f"The chain is truncated: line {mark.number} was {how} here, and this is the last.")
        if mark and not _holds(read, mark):
            row = read.rows[mark.number - 1]
            return _finding(row.where, f"It was changed: it is not the line {mark.number} that was {how} here.")
    for mark in marks.lost:
        if mark.number > last or not _holds(read, mark):
            what = f"The chain was truncated or changed before it went on: line {mark.number} as written here is gone."
            return _finding(folder, what)
    return None


def _holds(read: Chain, mark: Mark) -> bool:
    return 0 < mark.number <= len(read.rows) and chain.digest_of(read.rows[mark.number - 1].data) == mark.digest


def _rows(files: Files) -> tuple[list[Row], list[Finding], Finding | None]:
    """Return all lines, the notes, and what is wrong with a file that ends in half a line."""
    rows: list[Row] = []
    notes: list[Finding] = []
    torn = None
    for place, (part, data) in enumerate(files.parts.items(), 1):
        path = f"{files.folder}/{part.file}"
        *lines, rest = data.split(b"\n")
        rows += [_row(path, number, line, part.month) for number, line in enumerate(lines, 1)]
        if not rest:
            continue
        where = f"{path}:{len(lines) + 1}"
        if place == len(files.parts):
            what = "It is half a line: a power cut came while it was written."
            notes.append(Finding("note", where, what, "The next change takes it away."))
        else:
            torn = torn or _finding(where, "It is truncated: the line has no end.")
    return rows, notes, torn


def _row(path: str, number: int, line: bytes, month: str) -> Row:
    try:
        fields = chain.parsed(line)
    except FormatError as error:
        return Row(path, number, line, None, error.message, month)
    wrong = "" if chain.canonical(fields) == line else "it is not canonical JSON"
    if not _TIME.fullmatch(fields["time"]):
        wrong = wrong or "its time is no time"
    return Row(path, number, line, fields, wrong, month)


def _first_break(rows: Sequence[Row], machine: str, signed: Callable[[bytes, bytes], bool]) -> Finding | None:
    digest = ""
    for place, row in enumerate(rows):
        fields, expected = row.fields, place + 1
        if fields is None or row.wrong:
            return _finding(row.where, f"It was changed: {row.wrong}.")
        if (fields["n"], fields["prev"]) != (expected, digest):
            return _misplaced(rows, place, digest)
        if fields["time"][:7] > row.month:
            return _finding(row.where, f"It was changed: a line of {fields['time'][:7]} can't be in this file.")
        if fields["verb"] == chain.CHECKPOINT and not _is_signed(fields, machine, signed):
            return _finding(row.where, "Its signature is forged: it was not made with the key of this chain.")
        digest = chain.digest_of(row.data)
    return None


def _misplaced(rows: Sequence[Row], place: int, digest: str) -> Finding:
    """Say why a line is not the one that has to come here: it, or the one before it, was changed, or others went."""
    row, expected = rows[place], place + 1
    fields = row.fields or {}
    number = fields["n"]
    if number == expected and not place:
        return _finding(row.where, "It was changed: it is the first line, and names one before it.")
    if number == expected:
        return _changed(rows, place)
    if fields["prev"] == digest:
        return _finding(row.where, f"It was changed: it is line {expected} and says {number}.")
    if number > expected and not any(other.fields and other.fields["n"] == expected for other in rows[place:]):
        lines = f"Line {expected} is" if number == expected + 1 else f"Lines {expected} to {number - 1} are"
        return _finding(row.where, f"{lines} missing before it.")
    return _finding(row.where, f"It stands in the wrong place: line {expected} has to come here, and this is {number}.")


def _changed(rows: Sequence[Row], place: int) -> Finding:
    """Say which of two lines was changed that do not follow one another: the next line knows the second."""
    row = rows[place]
    after = rows[place + 1].fields if place + 1 < len(rows) else None
    if after is None:
        return _finding(row.where, "It does not follow the line before it: one of the two was changed.")
    if after["prev"] != chain.digest_of(row.data):
        return _finding(row.where, "It was changed: neither the line before it nor the one after it fits.")
    return _finding(rows[place - 1].where, "It was changed: the line after it names another one.")


def _is_signed(fields: Mapping[str, Any], machine: str, signed: Callable[[bytes, bytes], bool]) -> bool:
    try:
        signature = bytes.fromhex(fields["sig"])
    except (KeyError, TypeError, ValueError):
        return False
    return signed(chain.signed_part(machine, fields), signature)


def _finding(where: str, what: str) -> Finding:
    return Finding("problem", where, what, COMPARE.format(where.partition(":")[0]))
