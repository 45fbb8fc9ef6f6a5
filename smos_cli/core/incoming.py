"""A line from elsewhere as a memory or a turn. Owns which JSON fields are taken and what they must be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from smos_cli.core import ulid
from smos_cli.core.dates import normalise_date
from smos_cli.core.episode import Turn
from smos_cli.core.markdown import Value
from smos_cli.core.memory import Memory, from_fields
from smos_cli.core.remember import checked_text
from smos_cli.errors import FormatError, UsageError

_TEXTS = [
    "kind",
    "status",
    "created",
    "updated",
    "valid_from",
    "valid_to",
    "via",
    "session",
    "speaker",
    "model",
    "project",
    "ref",
    "file",
]
_LISTS = ("tags", "supersedes", "conflicts", "aliases")


def parse_line(line: bytes) -> dict[str, Any]:
    """Return the object on a line of JSON Lines."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is not UTF-8 or nested too deep"
        raise FormatError(f"The line is not JSON: {reason}.") from error
    if not isinstance(data, dict):
        raise FormatError("The line is JSON, but not an object.")
    return data


def is_turn(data: Mapping[str, Any]) -> bool:
    """Say whether an object is a turn of a conversation rather than a memory."""
    return "session" in data and ("speaker" in data or "role" in data) and "kind" not in data


def turn_of(data: Mapping[str, Any]) -> Turn:
    """Return the turn in ``{"session","id","speaker"|"role","time","text"}``."""
    return Turn(
        speaker=text_of(data, "speaker") or text_of(data, "role"),
        text=_body(data),
        time=_date(data, "time"),
        ref=text_of(data, "id"),
    )


def memory_of(data: Mapping[str, Any], *, origin: str, now: str, taken: frozenset[str] | set[str]) -> Memory:
    """Return the memory in ``{"text","id"?,"created"?,"kind"?,"tags"? ...}``.

    An id that is a free ULID is kept; another one becomes ``ref``. The new id follows from the content, so that the
    same line has the same id again.
    """
    fields: dict[str, Value] = {key: text_of(data, key) for key in _TEXTS if data.get(key) is not None}
    fields |= {key: _list(data, key) for key in _LISTS if data.get(key)}
    if (confidence := data.get("confidence")) is not None:
        fields["confidence"] = str(confidence)
    if pinned := data.get("pinned"):
        fields["pinned"] = str(pinned)
    fields["created"] = _date(data, "created")
    body, source_id = _body(data), text_of(data, "id")
    if ulid.is_valid(source_id) and source_id.upper() not in taken:
        fields["id"] = source_id.upper()
    else:
        fields["created"] = fields["created"] or now
        fields["id"] = stable_id(str(fields["created"]), f"{origin}\n{source_id}\n{body}")
        if source_id:
            fields["ref"] = source_id
    if "via" not in fields:  # a line that says how it was learnt is an export of ours and comes back as it was
        fields["via"] = "import"
        fields.setdefault("file", origin)
    return from_fields(fields, body)


def stable_id(created: str, seed: str) -> str:
    """Return a ULID of a date and of what it is made from."""
    text = created if len(created) > 10 else f"{created}-01-01"[:10]
    moment = datetime.fromisoformat(text)
    milliseconds = int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    return ulid.make(max(0, milliseconds), blake2b(seed.encode(), digest_size=10).digest())


def text_of(data: Mapping[str, Any], key: str) -> str:
    """Return a text or number of an object as text, empty when it is not there."""
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return _encodable(str(value), key).strip()
    raise FormatError(f"The value of {key} is not a text.")


def _encodable(text: str, key: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"The value of {key} holds half a surrogate pair, which is no character.") from error
    return text


def _body(data: Mapping[str, Any]) -> str:
    if not isinstance(data.get("text"), str):
        raise FormatError("There is no text in it." if data.get("text") is None else "The value of text is not a text.")
    try:
        return checked_text(data["text"])
    except UsageError as error:
        raise FormatError(error.message) from error


def _list(data: Mapping[str, Any], key: str) -> list[Value]:
    value = data[key]
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return [_encodable(item, key) for item in items]
    raise FormatError(f"The value of {key} is not a list of texts.")


def _date(data: Mapping[str, Any], key: str) -> str:
    text = text_of(data, key)
    try:
        return normalise_date(text) if text else ""
    except ValueError as error:
        raise FormatError(f"The value of {key}, {text!r}, is not a date.") from error
