"""Edit and pin: one memory changes, and no byte of its file beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smos_cli.core.drafts import Editor
from smos_cli.core.layout import role_of
from smos_cli.core.markdown import Value, edit, parse
from smos_cli.core.memory import Memory, checked_kind, checked_tag, statement
from smos_cli.core.outside import changing
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import fresh
from smos_cli.core.remember import checked_text
from smos_cli.core.resolve import resolve
from smos_cli.errors import FormatError, SmosError, StaleError, UsageError


@dataclass(frozen=True, slots=True)
class Edit:
    """What changes: the statement, tags to add and to take away, the kind; and of which file, by its etag.

    Nothing of the first four set means: by hand.
    """

    text: str | None = None
    tags: tuple[str, ...] = ()
    untags: tuple[str, ...] = ()
    kind: str | None = None
    etag: str | None = None
    """None: of the file as it is now"""

    @property
    def by_hand(self) -> bool:
        """Whether it says nothing of what is to change."""
        return self.text is None and self.kind is None and not (self.tags or self.untags)


@dataclass(frozen=True, slots=True)
class Edited:
    """The memory as it is now, and whether anything changed."""

    memory: Memory
    changed: bool
    warnings: tuple[str, ...] = ()


def edit_memory(ports: Ports, key: str, change: Edit, keep: Editor | None = None) -> Edited:
    """Change a memory by options.

    ``StaleError`` when the file is not the one that was read: a new statement is kept as a draft by then, by ``keep``.
    """
    blob = _find(ports, key)
    try:
        _check_etag(blob, change.etag)
        return _changed(ports, blob, change)
    except StaleError as error:
        if change.text is None or keep is None:
            raise
        raise _kept(error, keep, blob, change.text) from error


def _changed(ports: Ports, blob: Blob, change: Edit) -> Edited:
    memory = read_memory(blob, ports.vault.base)
    changes: dict[str, Value | None] = {}
    try:
        if change.tags or change.untags:
            changes["tags"] = _tags(memory, change)
        if change.kind is not None and (kind := checked_kind(change.kind)) != memory.kind:
            changes["kind"] = kind if kind != "fact" else None
    except FormatError as error:
        raise UsageError(error.message, error.remedy) from error
    body = _with_statement(blob, _new_text(change.text)) if change.text is not None else None
    return _apply(ports, blob, changes, body, verb="edit")


def _new_text(text: str) -> str:
    if not text.strip():
        raise UsageError("The new text is empty.", "Give one, or put the memory out of reach with `smos forget`.")
    return checked_text(text)


def edit_by_hand(ports: Ports, key: str, editor: Editor, etag: str | None = None) -> Edited:
    """Let a person change a copy of the file in an editor; what they saved is taken in if it can be read.

    An error leaves the file as it was and says where the draft is.
    """
    before = _find(ports, key)
    _check_etag(before, etag)
    draft = editor(before.stamp.path.rsplit("/", 1)[-1], before.data)
    data = draft.data()
    try:
        memory = read_memory(before._replace(data=data), ports.vault.base)
        if data == before.data:
            draft.discard()
            return Edited(memory, changed=False)
        with changing(ports) as settled:
            ports.vault.replace(before.stamp.path, data, before.etag)
            warnings = settled + record(ports, "edit", [memory], [touched(memory, before=before.etag, after=data)])
    except SmosError as error:
        raise type(error)(error.message, f"Nothing was changed; what you wrote is in {draft.path}.") from error
    draft.discard()
    return Edited(memory, True, warnings)


def pin(ports: Ports, key: str, *, on: bool, etag: str | None = None) -> Edited:
    """Make a memory standing, or no longer; ``StaleError`` when its file has another etag than is given."""
    blob = _find(ports, key)
    _check_etag(blob, etag)
    memory = read_memory(blob, ports.vault.base)
    if memory.pinned == on:
        return Edited(memory, changed=False)
    return _apply(ports, blob, {"pinned": "true" if on else None}, None, verb="pin" if on else "unpin")


def _find(ports: Ports, key: str) -> Blob:
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = resolve(session, key)
    role = role_of(found.path, ports.vault.base)
    if role in ("episode", "own") or (role == "note" and not found.id):
        raise UsageError(f"{found.path} is not a memory.", "Edit notes and episodes in your own editor.")
    return ports.vault.read(found.path)


def _check_etag(blob: Blob, etag: str | None) -> None:
    if etag not in (None, blob.etag):
        raise StaleError(f"{blob.stamp.path} changed since it was read.", "Look at it again, then repeat the command.")


def _kept(error: StaleError, keep: Editor, blob: Blob, text: str) -> StaleError:
    """Return the error of an edit that came too late, with the place where what was to be written is kept."""
    try:
        draft = keep(blob.stamp.path.rsplit("/", 1)[-1], f"{text}\n".encode())
    except SmosError:
        return error
    return StaleError(error.message, f"Look at it again; what you wrote is in {draft.path}.")


def _apply(ports: Ports, blob: Blob, changes: Mapping[str, Value | None], body: str | None, *, verb: str) -> Edited:
    fields = parse(blob.data).fields
    wanted = dict(changes)
    if not fields.get("id"):
        wanted = {"id": ports.new_id(blob.stamp.mtime_ns // 1_000_000), **wanted}
    data = edit(blob.data, wanted, body)
    if data == blob.data:
        return Edited(read_memory(blob, ports.vault.base), changed=False)
    if verb == "edit":
        data = edit(data, {"updated": ports.now()})
    with changing(ports) as settled:
        ports.vault.replace(blob.stamp.path, data, blob.etag)
        memory = read_memory(blob._replace(data=data), ports.vault.base)
        changed = touched(memory, before=blob.etag, after=data)
        return Edited(memory, True, settled + record(ports, verb, [memory], [changed]))


def _tags(memory: Memory, change: Edit) -> list[Value] | None:
    removed = {checked_tag(tag) for tag in change.untags}
    kept = [tag for tag in (*memory.tags, *(checked_tag(tag) for tag in change.tags)) if tag not in removed]
    return list(dict.fromkeys(kept)) or None


def _with_statement(blob: Blob, text: str) -> str:
    """Return the body with another first paragraph; the rest, such as quotes, stays."""
    body = parse(blob.data).body
    start = len(body) - len(body.lstrip())
    return body[:start] + text + body[start + len(statement(body)) :]
