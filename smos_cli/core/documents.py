"""Markdown files from elsewhere: memories go where memories go, episodes where episodes go, notes are copied.

Owns what the layout of another vault means: its card and records stay there, and so does what was forgotten in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from smos_cli.core import episode
from smos_cli.core.arrivals import Arrivals
from smos_cli.core.conversations import EPISODES_OFF
from smos_cli.core.forgotten import Forgotten, masked_of
from smos_cli.core.incoming import stable_id
from smos_cli.core.known import DUPLICATE, FORGOTTEN
from smos_cli.core.layout import CARD, TOMBSTONES, role_of
from smos_cli.core.markdown import edit, parse
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Blob, Stamp
from smos_cli.core.reading import read_entry
from smos_cli.errors import FormatError, SmosError

Read = Callable[[str], bytes]
_ADOPTED = "smos/"
"""Where a vault lies in a folder that was adopted."""
_AREAS = {"memory": "memories/", "episode": "episodes/", "note": "notes/"}


class _Place(NamedTuple):
    """Where a file lies: below a vault's folder, which ends in ``/`` unless it is the top, or below none."""

    vault: str | None
    inner: str
    role: str


class Documents:
    """The Markdown files of one import; ``read`` returns what is in a file of the source."""

    def __init__(self, arrivals: Arrivals, read: Read) -> None:
        self._arrivals = arrivals
        self._read = read
        self._vaults: dict[str, bool] = {}

    def take(self, path: str) -> None:
        """Store a file or pass over it, for a reason that is counted."""
        arrivals = self._arrivals
        arrivals.count()
        where = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        try:
            data = self._read(path)
        except SmosError as error:
            arrivals.fail(where, error)
            return
        place = self._place(path)
        try:
            if place.role == "own":
                arrivals.pass_over(where, "it belongs to the vault it lies in")
            elif place.role == "episode" or _is_transcript(data):
                self._episode(place, data, where)
            else:
                self._memory_or_note(place, data, where)
        except FormatError as error:
            arrivals.fail(where, error)

    def _place(self, path: str) -> _Place:
        """Find the innermost vault that a file lies in, and what it is there."""
        folder = path.rpartition("/")[0]
        while not self._is_vault(folder):
            if not folder:
                return _Place(None, path, "note")
            folder = folder.rpartition("/")[0]
        vault = f"{folder}/" if folder else ""
        inner = path.removeprefix(vault)
        return _Place(vault, inner, role_of(inner, ""))

    def _is_vault(self, folder: str) -> bool:
        if folder not in self._vaults:
            try:
                card = parse(self._read(f"{folder}/{CARD}" if folder else CARD))
                self._vaults[folder] = "format" in card.fields
            except SmosError:
                self._vaults[folder] = False
        return self._vaults[folder]

    def _memory_or_note(self, place: _Place, data: bytes, where: str) -> None:
        memory, role = _read_as(place.role, data)
        if role != "memory":
            if self._arrivals.known.forgot(_text(data)):
                self._arrivals.pass_over(where, FORGOTTEN)
                return
            vault = place.vault or ""
            self._note(vault + place.inner.removeprefix("notes/" if place.vault is not None else ""), data)
            return
        arrivals = self._arrivals
        made = not memory.id
        if made:
            memory, data = self._with_id(memory, data)
        if verdict := arrivals.known.verdict(memory, made=made):
            arrivals.pass_over(where, verdict)
        else:
            arrivals.store(replace(memory, path=arrivals.place(memory, memory.text)), data)

    def _episode(self, place: _Place, data: bytes, where: str) -> None:
        arrivals = self._arrivals
        if arrivals.ports.episodes == "off":
            arrivals.pass_over(where, EPISODES_OFF)
            return
        memory, _ = _read_as("episode", data)
        data, left_out = self._without_forgotten(place, memory, data)
        if not memory.id:
            memory, data = self._with_id(memory, data)
        if there := arrivals.known.episode(memory.id):
            same = arrivals.there(there).data == data
            arrivals.pass_over(where, DUPLICATE if same else "that conversation is here, and is not the same by now")
        elif verdict := arrivals.known.verdict(memory):
            arrivals.pass_over(where, verdict)
        else:
            turns = [turn.text for turn in episode.parse(parse(data).body, "") if turn.turn]
            title = f"{memory.created[:10]} {turns[0] if turns else ''}"
            arrivals.store(replace(memory, path=arrivals.place(memory, title, "episodes")), data)
            if left_out:
                arrivals.remark(where, f"{left_out} of its turns were forgotten where it comes from, and left out")

    def _without_forgotten(self, place: _Place, memory: Memory, data: bytes) -> tuple[bytes, int]:
        """Return an episode without the turns that are masked in its own vault, and how many they are."""
        if place.vault is None:
            return data, 0
        try:
            tombstones = self._read(place.vault + TOMBSTONES).decode("utf-8", "surrogateescape")
        except SmosError:
            return data, 0
        body, masks = parse(data).body, Forgotten(tombstones).masks
        by_path, in_adopted = (masked_of(memory.id, path, masks) for path in (place.inner, _ADOPTED + place.inner))
        turns = {turn.turn for turn in episode.parse(body, "") if turn.turn}
        masked = {turn for turn in turns if by_path(turn) or in_adopted(turn)}
        return (edit(data, {}, episode.without(body, masked)), len(masked)) if masked else (data, 0)

    def _with_id(self, memory: Memory, data: bytes) -> tuple[Memory, bytes]:
        """Give a memory or episode that another vault has no id for the one that follows from its content."""
        identity = stable_id(memory.created or self._arrivals.ports.now(), f"\n{memory.body or parse(data).body}")
        data = edit(data, {"id": identity})
        return _read_as(memory.kind if memory.kind == "episode" else "memory", data)[0], data

    def _note(self, path: str, data: bytes) -> None:
        vault = self._arrivals.ports.vault
        path = f"{vault.base}notes/{path}"
        folder, _, name = path.rpartition("/")
        if name not in vault.names(folder) and not self._arrivals.waits(path):
            self._arrivals.store(Memory(id="", body="", kind="note", path=path), data)
        elif self._arrivals.there(path).data == data:
            self._arrivals.pass_over(path, DUPLICATE)
        else:
            self._arrivals.pass_over(path, "another note of that name is there")


def _is_transcript(data: bytes) -> bool:
    try:
        document = parse(data)
    except FormatError:
        return False
    return bool(document.fields.get("id")) and episode.is_transcript(document.fields, document.body)


def _read_as(role: str, data: bytes) -> tuple[Memory, str]:
    """Return what a file holds as a memory, episode or note, and which it is; ``FormatError`` when it is broken."""
    entry = read_entry(Blob(data, Stamp(f"{_AREAS[role]}x.md", len(data), 0, 0, 0), ""), "", ())
    if entry.problem:
        raise FormatError(entry.problem)
    assert entry.memory is not None
    return entry.memory, entry.role


def _text(data: bytes) -> str:
    try:
        return parse(data).body
    except FormatError:
        return data.decode("utf-8", "replace")
