"""What a memory is: its fields, their defaults, and how they are read from and written to frontmatter.

Owns the vocabulary (kinds, statuses, keys, dates). Refuses values that are not in it, by name and with the key.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smos_cli.core import ulid
from smos_cli.core.dates import checked_date
from smos_cli.core.markdown import Value
from smos_cli.errors import FormatError

STATUSES = ("accepted", "pending", "archived")
KINDS = ("fact", "preference", "decision", "procedure", "event", "profile")
"""The kinds people use; any other short word is a kind as well."""

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TAG = re.compile(r"[^\s,\[\]#\"'`]{1,64}")
PLAIN = ("updated", "valid_from", "valid_to", "via", "speaker", "model", "project", "ref", "file")
"""Fields of a memory that are one text, empty by default."""
SCALARS = ("kind", "status", "confidence", "created", "pinned", "session", *PLAIN)
"""All that hold one value."""
LISTS = ("tags", "sources", "supersedes", "conflicts", "aliases")
"""All that hold several texts. With ``id``, this table is every key of frontmatter that is ours."""
_LONGEST_NAME = 120
"""Bytes of a statement's words in a file name."""
_DATES = ("created", "updated", "valid_from", "valid_to")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_LINK = re.compile(r"\[\[([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")


@dataclass(frozen=True, slots=True)
class Memory:
    """One memory as it stands in its file.

    ``id`` is a ULID in upper case, or empty for a Markdown file that was dropped into ``memories/``. Dates are
    ISO-8601 (a day, or a UTC time to the second), empty when unknown. ``session``, ``sources``, ``supersedes`` and
    ``conflicts`` hold the targets of links, without brackets. ``path`` is relative to the vault, with ``/``.
    """

    id: str
    body: str
    path: str = ""
    kind: str = "fact"
    status: str = "accepted"
    confidence: float = 1.0
    created: str = ""
    updated: str = ""
    valid_from: str = ""
    valid_to: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    via: str = ""
    session: str = ""
    speaker: str = ""
    model: str = ""
    project: str = ""
    ref: str = ""
    file: str = ""
    sources: tuple[str, ...] = ()
    """turns that said the same later than ``session`` did"""
    supersedes: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    body_hash: str = field(default="", compare=False, repr=False)
    """from an index, whose ``body`` is only the beginning: the content hash of all of it; else empty"""

    @property
    def text(self) -> str:
        """The statement: the first paragraph."""
        return statement(self.body)

    @property
    def digest(self) -> str:
        """The content hash that recognises an exact repeat."""
        return self.body_hash or content_hash(self.body)


def statement(body: str) -> str:
    """Return the first paragraph of a body."""
    return _BLANK_LINE.split(body.strip(), 1)[0].strip()


def content_hash(body: str) -> str:
    """Return 32 hex digits that are equal for equal texts, whatever their line ends, outer space or NFC/NFD form."""
    plain = unicodedata.normalize("NFC", body.replace("\r\n", "\n").strip())
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def from_fields(fields: Mapping[str, Value], body: str, path: str = "") -> Memory:
    """Read a memory from its frontmatter and body; ``FormatError`` names the key whose value is not allowed."""
    identity = _string(fields, "id").upper()
    if identity and not ulid.is_valid(identity):
        raise FormatError(
            f"The id {_string(fields, 'id')!r} is not a ULID.",
            "Remove the id line; `smos index --adopt` gives a new one.",
        )
    dates = {key: _date(fields, key) for key in _DATES}
    if not dates["created"] and identity:
        dates["created"] = ulid.created(identity)
    return Memory(
        id=identity,
        body=body.strip("\n"),
        path=path,
        kind=checked_kind(_string(fields, "kind") or "fact"),
        status=checked_status(_string(fields, "status") or "accepted"),
        confidence=_confidence(fields),
        tags=tuple(checked_tag(tag) for tag in _strings(fields, "tags")),
        pinned=_flag(fields, "pinned"),
        session=_target(_string(fields, "session")),
        sources=tuple(dict.fromkeys(_targets(fields, "sources"))),
        supersedes=_targets(fields, "supersedes"),
        conflicts=_targets(fields, "conflicts"),
        aliases=tuple(_strings(fields, "aliases")),
        **dates,
        **{key: _string(fields, key) for key in PLAIN if key not in dates},
    )


def to_fields(memory: Memory) -> dict[str, Value]:
    """Return the frontmatter of a new memory, defaults left out."""
    written: dict[str, Value] = {
        "id": memory.id,
        "kind": "" if memory.kind == "fact" else memory.kind,
        "status": "" if memory.status == "accepted" else memory.status,
        "tags": list(memory.tags),
        "confidence": "" if memory.confidence == 1.0 else str(memory.confidence),
        "created": "" if memory.created == ulid.created(memory.id) else memory.created,
        "pinned": "true" if memory.pinned else "",
        **{key: getattr(memory, key) for key in PLAIN},
        "session": _link(memory.session),
        "sources": [_link(target) for target in memory.sources],
        "supersedes": [_link(target) for target in memory.supersedes],
        "conflicts": [_link(target) for target in memory.conflicts],
        "aliases": list(memory.aliases),
    }
    return {key: value for key, value in written.items() if value}


def checked_kind(text: str) -> str:
    """Return a kind as it is stored; ``FormatError`` unless it is one short word."""
    kind = text.strip().lower()
    if not _WORD.fullmatch(kind):
        raise FormatError(f"The kind {text!r} is not a word.", f"Use one such as {', '.join(KINDS)}.")
    return kind


def checked_status(text: str) -> str:
    """Return a status; ``FormatError`` unless it is one of the three that are written."""
    if text not in STATUSES:
        raise FormatError(f"The status {text!r} is unknown.", f"Use one of {', '.join(STATUSES)}.")
    return text


def checked_tag(text: str) -> str:
    """Return a tag without its ``#``; ``FormatError`` when it has spaces, commas or brackets."""
    tag = text.strip().removeprefix("#")
    if not _TAG.fullmatch(tag):
        raise FormatError(f"The tag {text!r} is not one word.", "Use letters, digits, - _ / and no spaces.")
    return tag


def checked_confidence(number: float) -> float:
    """Return a confidence; ``FormatError`` unless it lies between 0 and 1."""
    if not 0 <= number <= 1:
        raise FormatError(f"The confidence {number:g} is not between 0 and 1.", "Give a number such as 0.8.")
    return float(number)


def slug(text: str, limit: int = 48) -> str:
    """Return a statement's words as they stand in a file name: lower case, accents folded, up to 48 characters."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text[: limit * 8]) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", folded).lower())
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:limit].encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
        if len(longer) > limit or len(longer.encode()) > _LONGEST_NAME:
            break
        name = longer
    return name


def _string(fields: Mapping[str, Value], key: str) -> str:
    value = fields.get(key, "")
    if not isinstance(value, str):
        raise FormatError(f"The value of {key} is not a single text.", f"Write it as `{key}: text`.")
    return value.strip()


def _strings(fields: Mapping[str, Value], key: str) -> Sequence[str]:
    value = fields.get(key, "")
    if isinstance(value, str):
        parts = value.split(",") if key == "tags" else [value]
        return [text for part in parts if (text := part.strip())]
    if isinstance(value, list):
        return [text for item in value if (text := _list_item(item, key))]
    raise FormatError(f"The value of {key} is not a list.", f"Write it as `{key}: [one, two]`.")


def _list_item(item: Value, key: str) -> str:
    # An unquoted [[link]] is a list in a list to YAML; what was meant is plain.
    while isinstance(item, list) and len(item) == 1:
        item = item[0]
    if not isinstance(item, str):
        raise FormatError(f"The list {key} holds something that is not a text.", f"Write it as `{key}: [one, two]`.")
    return item.strip()


def _date(fields: Mapping[str, Value], key: str) -> str:
    return checked_date(_string(fields, key), key)


def _confidence(fields: Mapping[str, Value]) -> float:
    text = _string(fields, "confidence")
    try:
        return checked_confidence(float(text)) if text else 1.0
    except ValueError as error:
        raise FormatError(f"The confidence {text!r} is not a number.", "Give a number such as 0.8.") from error


def _flag(fields: Mapping[str, Value], key: str) -> bool:
    text = _string(fields, key).lower()
    if text not in ("", "true", "false", "yes", "no"):
        raise FormatError(f"The value of {key}, {text!r}, is neither true nor false.", f"Write `{key}: true`.")
    return text in ("true", "yes")


def _link(target: str) -> str:
    """Return a target in brackets, unless it would read as another one there."""
    return f"[[{target}]]" if target and _target(f"[[{target}]]") == target else target


def _targets(fields: Mapping[str, Value], key: str) -> tuple[str, ...]:
    return tuple(target for link in _strings(fields, key) if (target := _target(link)))


def _target(text: str) -> str:
    match = _LINK.fullmatch(text)
    return (match.group(1) if match else text).strip()
