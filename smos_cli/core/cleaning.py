"""What is left of one file, or of one commit's message, when memories and turns are erased.

Owns how a file of an erased memory is told, and that what has nothing of it stays as it is, byte for byte. Each
function is pure, and does nothing more when it is used again on what it returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from smos_cli.core import newlines
from smos_cli.core.episode import blanked, spoken
from smos_cli.core.flat import MAX_BYTES
from smos_cli.core.forgotten import mask, masked_of
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.markdown import parse
from smos_cli.core.purging import Erased
from smos_cli.core.salts import Salts, without, without_retired
from smos_cli.core.ulid import is_valid
from smos_cli.errors import FormatError

_ID_LINE = re.compile(rb"""^["']?id["']?[ \t]*:[ \t]*["']?([0-9A-Za-z]{26})(?![0-9A-Za-z])""", re.MULTILINE)
_ULID = re.compile(rb"[0-9A-Za-z]{26}")
_LONGEST_FRONT = MAX_BYTES + 100
_FENCE = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)
_FRONTMATTER = (b"---", b"\xef\xbb\xbf---")
_SALTS = re.compile(r"(?:.*/)?audit/[^/]+/[^/]+\.salts", re.DOTALL)
_SALT = re.compile(rb"\S+ [0-9a-f]{32}(?: |\n|\Z)")
_FORGOTTEN = b"forgotten "
_TRAILERS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*: [^\n]*(?:\n|\Z))+")
_VERB = re.compile(rb"^Smos-Verb: (.+)$", re.MULTILINE)
_ID = re.compile(rb"^Smos-Id: (\S+)$", re.MULTILINE)
_GONE = b"(erased)"
_CALLOUT = re.compile(r"^\[![\w-]+\][+-]? ?")
_QUOTED = re.compile(rb"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_BLANK = re.compile(r"\n[^\S\n]*\n")
_FEWEST = 3
"""Letters and digits of the shortest text that is looked for."""


def id_of(data: bytes) -> str:
    """Return the id in a file's frontmatter, also where that is broken; empty where it has none."""
    if not data.startswith(_FRONTMATTER):
        return ""
    try:
        written = parse(data).fields.get("id")
        identity = written.upper() if isinstance(written, str) else ""
    except FormatError:
        opening = _FENCE.search(data[3:])
        found = _ID_LINE.search(data[: opening.start() + 3] if opening else data)
        identity = found[1].decode().upper() if found else ""
    return identity if is_valid(identity) else ""


def may_concern(data: bytes, names: Collection[str]) -> bool:
    """Say quickly whether a file may have one of these ids, or lines of ours about ids."""
    if data.startswith(_FRONTMATTER):
        return any(found.decode().upper() in names for found in _ULID.findall(data, 0, _LONGEST_FRONT))
    return _SALT.match(data) is not None or _FORGOTTEN in data


def has_lines(path: str) -> bool:
    """Say whether a path is that of a file with lines about ids: the tombstones, or salts of an audit chain."""
    return path.rpartition("/")[2] == TOMBSTONES or _SALTS.fullmatch(path) is not None


def turns_of(identity: str, path: str, erased: Erased) -> Callable[[str], bool] | None:
    """Return what says which turns of an episode are erased, by its id or its path; None where none can be."""
    starts = tuple(mask(place, "") for place in (identity, path) if place)
    named = any(turn.startswith(starts) for turn in erased.turns)
    return masked_of(identity, path, erased.turns) if named else None


def without_turns(data: bytes, gone: Callable[[str], bool]) -> bytes:
    """Return an episode's file with ``*(erased)*`` for what was said in some turns; their headings stay."""
    text = data.decode("utf-8", "surrogateescape")
    begin = _body_begin(data, text)
    return (text[:begin] + blanked(text[begin:], gone)).encode("utf-8", "surrogateescape")


def without_lines(data: bytes, erased: Erased, paths: Collection[str] = ()) -> bytes:
    """Return salts or tombstones without what could be used to guess at a text that was erased.

    That is its salts, those of files without an id that lay at some paths, and the hashes of what was forgotten.
    """
    ids = erased.ids
    if erased.salts and _SALT.match(data):
        data = without_retired(data, erased.salts)
    tokens: set[str] = set()
    if paths and _SALT.match(data):
        salts = (salt for some in Salts([data]).identities().values() for salt in some)
        tokens = {salt.identity for salt in salts if salt.path in paths}
    hashes = {_FORGOTTEN + identity.encode() for identity in ids} if _FORGOTTEN in data else set()
    kept = (line for line in data.split(b"\n") if b" ".join(line.split(b" ")[:2]) not in hashes)
    return without(b"\n".join(kept) if hashes else data, {*ids, *tokens})


def without_words(message: bytes, ids: Collection[str]) -> bytes:
    """Return a commit's message with no word of the memories it names: the verb, ``(erased)`` and the trailers.

    That of an erasure never had any.
    """
    if b"Smos-Id: " not in message:
        return message
    named = {identity.decode("ascii", "replace") for identity in _ID.findall(message)}
    parts, first = message.strip(b"\n").split(b"\n\n"), _words(message)
    verb = _VERB.search(b"\n".join(parts[first : first + 1]))
    if named.isdisjoint(ids) or (verb and verb[1] == b"erase"):
        return message
    kept = [part for part in parts[first:] if _TRAILERS.fullmatch(part)]
    return b"\n\n".join([(verb[1] if verb else b"smos") + b": " + _GONE, *kept]) + b"\n"


def texts_of(data: bytes) -> set[str]:
    """Return the paragraphs of a memory's file as ``plain`` would have them."""
    try:
        body = parse(data).body
    except FormatError:
        body = data.decode("utf-8", "surrogateescape")
    return _paragraphs(body)


def turn_texts(data: bytes, gone: Callable[[str], bool]) -> set[str]:
    """Return the paragraphs of some turns of an episode's file as ``plain`` would have them."""
    text = data.decode("utf-8", "surrogateescape")
    found: set[str] = set()
    for said in spoken(text[_body_begin(data, text) :], gone):
        found |= _paragraphs(said)
    return found


def said_in(message: bytes) -> set[str]:
    """Return what a commit's message says beside its verb and trailers, as ``plain`` would have it."""
    subject, *others = message.decode("utf-8", "surrogateescape").strip("\n").split("\n\n")
    first = _words(message) - 1
    others = [
        part
        for place, part in enumerate(others)
        if place < first or not _TRAILERS.fullmatch(part.encode("utf-8", "surrogateescape"))
    ]
    told = subject.partition(": ")[2].removesuffix("…")
    return set() if told == _GONE.decode() else _paragraphs("\n\n".join([told, *others]))


def stem(path: str) -> str:
    """Return what a link to a file would say: its name without the ending."""
    return path.rpartition("/")[2].removesuffix(".md")


def plain(data: bytes) -> bytes:
    """Return a text in which another is looked for: without marks of quotes, and with single spaces alone."""
    return b" ".join((_QUOTED.sub(b"", data) if b">" in data else data).split())


def _words(message: bytes) -> int:
    """Return how many paragraphs of a message are words, the subject first: a reason may look like trailers, too."""
    parts = message.strip(b"\n").split(b"\n\n")
    return next((place for place in range(len(parts) - 1, 0, -1) if _VERB.search(parts[place])), 1)


def _body_begin(data: bytes, text: str) -> int:
    """Return where the text after the frontmatter begins; of a file that is broken, all of it is looked through."""
    try:
        line = parse(data).body_line
    except FormatError:
        return 0
    return sum(map(len, newlines.split(text)[: line - 1]))


def _paragraphs(text: str) -> set[str]:
    pieces = set()
    for paragraph in _BLANK.split(newlines.with_lf(text)):
        piece = plain(paragraph.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
        piece = _CALLOUT.sub("", piece)
        if sum(map(str.isalnum, piece)) >= _FEWEST:
            pieces.add(piece)
    return pieces
