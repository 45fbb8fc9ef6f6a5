"""One file as the index takes it in. Owns what each kind of file means; a file that means nothing says why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256

from smos_cli.core import episode, passages
from smos_cli.core.forgotten import masked_of
from smos_cli.core.layout import role_of
from smos_cli.core.markdown import Document, Value, edit, parse
from smos_cli.core.memory import Memory, from_fields
from smos_cli.core.ports import Blob, Entry, Stamp
from smos_cli.core.ulid import is_valid
from smos_cli.errors import FormatError


def read_entry(blob: Blob, base: str, masks: Collection[str]) -> Entry:
    """Return the entry of a file; one that breaks the format has a ``problem`` and no passages."""
    role = role_of(blob.stamp.path, base)
    try:
        if role == "note":
            return _note(blob)
        document = parse(blob.data)
        if role == "memory":
            return _memory(blob, document)
        if role == "episode":
            return _episode(blob, document, masks)
    except FormatError as error:
        return Entry(blob.stamp, blob.etag, role, None, (), f"{error.message} {error.remedy}".strip())
    return Entry(blob.stamp, blob.etag, role, None, ())


def _memory(blob: Blob, document: Document) -> Entry:
    memory = from_fields(document.fields, document.body, blob.stamp.path)
    found = passages.of_memory(memory.body, learnt=bool(memory.session and memory.model))
    if not found:
        raise FormatError("It has no text.", "Write its statement below the frontmatter, or delete the file.")
    return Entry(blob.stamp, blob.etag, "memory", memory, found)


def _episode(blob: Blob, document: Document, masks: Collection[str]) -> Entry:
    memory = from_fields({**document.fields, "kind": "episode"}, "", blob.stamp.path)
    turns = episode.parse(document.body, memory.created[:10])
    masked = masked_of(memory.id, memory.path, masks)
    kept = [turn for turn in turns if not (masks and masked(turn.turn))]
    cut = [piece for turn in kept for piece in passages.of_turn(turn)]
    return Entry(blob.stamp, blob.etag, "episode", memory, cut)


def _note(blob: Blob) -> Entry:
    """A note belongs to its owner: frontmatter that is broken, or another program's, is no reason to lose its text."""
    fields: dict[str, Value] = {}
    try:
        document = parse(blob.data)
        fields, body = document.fields, document.body
    except FormatError:
        body = _text(blob.data)
    identity = fields.get("id")
    if isinstance(identity, str) and is_valid(identity) and not episode.is_transcript(fields, body):
        try:
            return _memory(blob, Document(fields, body, True, 1))
        except FormatError:
            pass  # the id is another program's, as the other keys are
    tags = fields.get("tags")
    memory = Memory(
        id="",
        body="",
        path=blob.stamp.path,
        kind="note",
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )
    return Entry(blob.stamp, blob.etag, "note", memory, passages.of_note(body))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"It is not UTF-8 (byte {error.start}).", "Save it as UTF-8, or name it in .smosignore."
        ) from error
    if "\0" in text:
        raise FormatError("It holds a NUL byte.", "Remove it, or name the file in .smosignore.")
    return text.replace("\r\n", "\n")


def read_memory(blob: Blob, base: str) -> Memory:
    """Return the memory, episode or note in a file with its whole body; ``FormatError`` when it breaks the format."""
    entry = read_entry(blob, base, ())
    if entry.problem:
        raise FormatError(f"{blob.stamp.path}: {entry.problem}", "Correct the file in an editor.")
    memory = entry.memory or Memory(id="", body="", path=blob.stamp.path, kind="note")
    return replace(memory, body=_body(blob)) if entry.role != "memory" else memory


def memory_in(data: bytes, path: str, base: str) -> Memory:
    """Return the memory, episode or note that some bytes are at a path; of what breaks the format only its text."""
    blob = blob_of(data, path)
    try:
        return read_memory(blob, base)
    except FormatError:
        role = role_of(path, base)
        return Memory(id="", body=data.decode("utf-8", "replace"), path=path, kind="fact" if role == "memory" else role)


def blob_of(data: bytes, path: str) -> Blob:
    """Return bytes that come from elsewhere than the vault as if they had been read there."""
    return Blob(data, Stamp(path, len(data), 0, 0, 0), sha256(data).hexdigest())


def without_masked(blob: Blob, base: str, masks: Collection[str]) -> Blob:
    """Return an episode's file with ``[forgotten]`` for the text of its masked turns; any other file as it is."""
    if not masks or role_of(blob.stamp.path, base) != "episode":
        return blob
    try:
        document = parse(blob.data)
        identity = from_fields({**document.fields, "kind": "episode"}, "").id
        body = episode.covered(document.body, masked_of(identity, blob.stamp.path, masks))
        return blob._replace(data=edit(blob.data, {}, body)) if body != document.body else blob
    except FormatError:
        # Its id can't be read: every turn that is masked of an id that stands anywhere in it is taken for its own.
        text = blob.data.decode("utf-8", "surrogateescape")
        ids = {place for place in (name.partition("#")[0] for name in masks) if place in text.upper()}
        masked = masked_of("", blob.stamp.path, masks)
        covered = episode.covered(text, lambda turn: masked(turn) or any(f"{place}#{turn}" in masks for place in ids))
        return blob._replace(data=covered.encode("utf-8", "surrogateescape"))


def _body(blob: Blob) -> str:
    try:
        return parse(blob.data).body.strip("\n")
    except FormatError:
        return _text(blob.data)
