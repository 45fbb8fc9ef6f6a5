"""The tombstones: what was forgotten or erased, so that it is not learnt, imported or synced back.

Owns the form of ``.tombstones``. What was forgotten is kept as a keyed hash of its text, what was erased only as an
id: the file never says what it is about. One line each:

    key 5f0c...                                     a random key, made with the first line
    forgotten 01KB8F3K2M7Q0ZT4V9X2C5N6PD 91ab...    id or "-", keyed hashes: of the text, its source, its statement
    erased 01KB8F3K2M7Q0ZT4V9X2C5N6PD               id
    masked 01KB8F3K2M7Q0ZT4V9X2C5N6PE#t12           the turn a forgotten memory came from
    masked 01KB8F3K2M7Q0ZT4V9X2C5N6PF#t3 91ab...    one that says it again, brought in later; the hash is of the text
    masked 01KB8F3K2M7Q0ZT4V9X2C5N6PE#t12 erased    the same of an erased memory: no restore takes it away
    retired 3e7f...                                 hash of the salt that a conversation had before a turn was erased

An episode without an id is named by its path, in which spaces and the like stand as in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from hashlib import blake2b

_COMMENT = "# What was forgotten or erased here, so that it is not brought back by accident. Kept by smos.\n"
_KEY = re.compile(r"(?:[0-9a-f]{2}){1,64}")
_WORDS = ("key", "forgotten", "erased", "masked", "retired")


def source_hash(file: str, ref: str) -> str:
    """Return the hash of where a memory came from, by file and id there; empty when it had no id."""
    return blake2b(f"{file}\n{ref}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if ref else ""


def mask(place: str, turn: str) -> str:
    """Return what masks a turn of the episode of an id or, where it has none, of a path: ASCII without spaces."""
    return f"{''.join(map(_plain, place))}#{turn}"


def masked_of(identity: str, path: str, masks: Collection[str]) -> Callable[[str], bool]:
    """Return what says whether a turn of an episode is masked, by the episode's id or by its path."""
    starts = [mask(place, "") for place in (identity, path) if place]
    return lambda turn: any(f"{start}{turn}" in masks for start in starts)


class Forgotten:
    """The tombstones of one vault, and the etag of the file they were read from. Unknown lines are kept as they are."""

    def __init__(self, text: str = "", etag: str = "") -> None:
        self.etag = etag
        # Not splitlines, which knows more line ends than the lines we keep may hold.
        self._lines = text.removesuffix("\n").split("\n") if text else []
        rows = [line.split() for line in self._lines]
        self._rows = [row for row in rows if len(row) >= 2 and row[0] in _WORDS]

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids that were forgotten or erased."""
        return frozenset(row[1] for row in self._rows if row[0] in ("forgotten", "erased") and row[1] != "-")

    @cached_property
    def erased(self) -> frozenset[str]:
        """Ids that were erased."""
        return frozenset(row[1] for row in self._rows if row[0] == "erased")

    @cached_property
    def masks(self) -> frozenset[str]:
        """Turns that are not recalled, as ``mask`` names them."""
        return frozenset(row[1] for row in self._rows if row[0] == "masked" and row[1].isascii())

    @cached_property
    def erased_turns(self) -> frozenset[str]:
        """Turns of erased memories, which no restore brings back."""
        rows = (row for row in self._rows if row[0] == "masked" and row[2:3] == ["erased"])
        return frozenset(row[1] for row in rows if row[1].isascii())

    @cached_property
    def retired(self) -> frozenset[str]:
        """Salts of the audit chain that nobody is to have any more, by their hashes."""
        return frozenset(row[1] for row in self._rows if row[0] == "retired")

    def knows(self, digest: str) -> bool:
        """Say whether a text of this content hash, or what came from a source of this hash, was forgotten."""
        return not self._hashes(digest).isdisjoint(self._forgotten)

    def render(self) -> str:
        """Return the file's text."""
        return "".join(f"{line}\n" for line in self._lines)

    def adding(self, lines: Iterable[str], key: str) -> Forgotten:
        """Return these tombstones with more lines; ``key`` (hex) is used if there is none yet."""
        head = [] if self._keys else [_COMMENT.rstrip(), f"key {key}"]
        known = set(self._lines)
        return self._with([*self._lines, *head, *(line for line in lines if line not in known)])

    def without(self, identity: str, digest: str) -> Forgotten:
        """Return these tombstones without what keeps out one memory, by id and by text."""
        hashes = self._hashes(digest)
        keep = [
            line
            for line in self._lines
            if line.split()[:2] not in (["forgotten", identity], ["erased", identity])
            and not (line.startswith("forgotten ") and not hashes.isdisjoint(line.split()[2:]))
        ]
        return self._with(keep)

    def without_lines(self, lines: Iterable[str]) -> Forgotten:
        """Return these tombstones without some of their lines."""
        gone = frozenset(lines)
        return self._with(line for line in self._lines if line not in gone)

    def unmasked(self, *turns: str) -> Forgotten:
        """Return these tombstones with some turns no longer masked, unless for what was erased."""
        gone = {("masked", turn) for turn in turns}
        return self._with(line for line in self._lines if tuple(line.split()) not in gone)

    def unmasked_with(self, *digests: str) -> Forgotten:
        """Return these tombstones without the masks of turns that only said again a text of these content hashes."""
        hashes = {one for digest in digests for one in self._hashes(digest)}
        return self._with(line for line in self._lines if line[:7] != "masked " or line.split()[-1] not in hashes)

    def repeat_line(self, turn: str, digests: Iterable[str]) -> str:
        """Return the line that masks a turn which says what was forgotten, with the one of its hashes that is known."""
        known = (one for digest in digests for one in self._hashes(digest) if one in self._forgotten)
        return f"masked {turn} {next(known, '')}".rstrip()

    def forgotten_line(self, identity: str, digest: str, key: str, *others: str) -> str:
        """Return the line for a forgotten memory, told by hashes; ``key`` (hex) is used if there is none yet."""
        used = next(iter(self._keys), key)
        return " ".join(["forgotten", identity or "-", *(_hash(used, part) for part in (digest, *others) if part)])

    def _with(self, lines: Iterable[str]) -> Forgotten:
        return Forgotten("\n".join(lines), self.etag)

    def _hashes(self, digest: str) -> set[str]:
        """Return what a text is kept as: under each key, because merged files have several."""
        return {_hash(key, digest) for key in self._keys} if digest else set()

    @cached_property
    def _forgotten(self) -> frozenset[str]:
        return frozenset(part for row in self._rows if row[0] == "forgotten" for part in row[2:])

    @cached_property
    def _keys(self) -> list[str]:
        return [row[1] for row in self._rows if row[0] == "key" and _KEY.fullmatch(row[1])]


def _plain(character: str) -> str:
    if character.isascii() and character.isprintable() and character not in "%#, ":
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _hash(key: str, digest: str) -> str:
    return blake2b(digest.encode(), key=bytes.fromhex(key), digest_size=16).hexdigest()
