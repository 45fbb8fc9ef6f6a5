"""A line from elsewhere as a memory or a turn. Owns which JSON fields are taken and what they must be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from smos_cli.core import newlines, ulid
from smos_cli.core.dates import checked_date
from smos_cli.core.episode import Turn
from smos_cli.core.markdown import Value
from smos_cli.core.memory import LISTS, SCALARS, Memory, from_fields
from smos_cli.core.remember import checked_text
from smos_cli.core.speakers import speaker_of
from smos_cli.errors import FormatError, UsageError

EXTRA = "extra"
"""The field for keys of frontmatter that are not ours."""
_JSON_LIST = re.compile(r"\[\s*[\[{\]]")
"""How a list of objects begins, and no line of a conversation."""
_OURS = frozenset(("id", *SCALARS, *LISTS))


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


def parse_whole(data: bytes) -> Any:
    """Return the JSON value that a file is, else its text; None for lines of JSON, ``FormatError`` for no text."""
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise FormatError("It is not text in UTF-8.", "Save it in UTF-8.") from error
    if not text.startswith("{") and not _JSON_LIST.match(text):
        return text
    try:
        return json.loads(text)
    except RecursionError as error:
        raise FormatError("It is nested too deep.") from error
    except ValueError as error:
        if text.startswith("{") and "\n" in text:
            return None
        raise FormatError(f"It is not JSON: {getattr(error, 'msg', 'it can not be read')}.") from error


def is_turn(data: Mapping[str, Any]) -> bool:
    """Say whether an object is a turn of a conversation rather than a memory."""
    return "session" in data and ("speaker" in data or "role" in data) and "kind" not in data


def turn_of(data: Mapping[str, Any]) -> Turn:
    """Return the turn in ``{"session","id","speaker"|"role","time","text"}``."""
    return Turn(
        speaker=speaker_of(text_of(data, "role"), text_of(data, "speaker")),
        text=_body(data),
        time=_date(data, "time"),
        ref=text_of(data, "id"),
    )


def has_own_id(data: Mapping[str, Any]) -> bool:
    """Say whether the id of an object is one of ours, a ULID, and so that of its memory."""
    return ulid.is_valid(text_of(data, "id"))


def memory_of(data: Mapping[str, Any], *, origin: str, now: str) -> Memory:
    """Return the memory in ``{"text","id"?,"created"?,"kind"?,"tags"? ...}``.

    One with an id of ours is taken as it stands. Of another, the id becomes ``ref``, and the new id follows from
    the content: that of the same line is the same again, but for its time if the line has none.
    """
    fields: dict[str, Value] = {key: text_of(data, key) for key in SCALARS if _is_text(data, key)}
    fields |= {key: _list(data, key) for key in LISTS if data.get(key)}
    if (confidence := data.get("confidence")) is not None:
        fields["confidence"] = str(confidence)
    if pinned := data.get("pinned"):
        fields["pinned"] = str(pinned)
    fields["created"] = _date(data, "created")
    source_id = text_of(data, "id")
    if has_own_id(data):
        return from_fields({**fields, "id": source_id}, _body_as_it_is(data))
    body = _body(data)
    fields["created"] = fields["created"] or now
    fields["id"] = stable_id(str(fields["created"]), f"{source_id}\n{body}")
    if source_id:
        fields["ref"] = source_id
    fields.setdefault("via", "import")
    fields.setdefault("file", origin)
    return from_fields(fields, body)


def extra_of(data: Mapping[str, Any]) -> dict[str, Value]:
    """Return the keys of frontmatter that are not ours, from the field for them."""
    extra = data.get(EXTRA)
    if extra is None:
        return {}
    if not isinstance(extra, dict) or not _OURS.isdisjoint(extra):
        raise FormatError(f"The value of {EXTRA} is not an object of keys that are none of ours.")
    return {_encodable(key, EXTRA): _value(value) for key, value in extra.items()}


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


def _is_text(data: Mapping[str, Any], key: str) -> bool:
    return key not in ("confidence", "pinned") and data.get(key) is not None


def _encodable(text: str, key: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"The value of {key} holds half a surrogate pair, which is no character.") from error
    if "\0" in text:
        raise FormatError(f"The value of {key} holds a NUL byte.")
    return text


def _value(value: Any) -> Value:
    if isinstance(value, str):
        return _encodable(value, EXTRA)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key, EXTRA): _value(item) for key, item in value.items()}
    raise FormatError(f"The value of {EXTRA} holds something that is not a text.")


def _body(data: Mapping[str, Any]) -> str:
    text = _text(data)
    try:
        return checked_text(text)
    except UsageError as error:
        raise FormatError(error.message) from error


def _body_as_it_is(data: Mapping[str, Any]) -> str:
    """Return a text with the spaces at its ends, which may mean something in Markdown, and whatever its length."""
    text = newlines.with_lf(_encodable(_text(data), "text"))
    if not text.strip():
        raise FormatError("There is no text in it.")
    if "\0" in text:
        raise FormatError("The text holds a NUL byte.")
    return text


def _text(data: Mapping[str, Any]) -> str:
    text = data.get("text")
    if isinstance(text, str):
        return text
    raise FormatError("There is no text in it." if text is None else "The value of text is not a text.")


def _list(data: Mapping[str, Any], key: str) -> list[Value]:
    value = data[key]
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return [_encodable(item, key) for item in items]
    raise FormatError(f"The value of {key} is not a list of texts.")


def _date(data: Mapping[str, Any], key: str) -> str:
    return checked_date(text_of(data, key), key)
