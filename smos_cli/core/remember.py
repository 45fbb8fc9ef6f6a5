"""Remember: a text becomes a file, unless the same text is there already.

Owns what a text must be, and how a repeat is recognised without waiting for the index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import normalize

from smos_cli.core import ulid
from smos_cli.core.dates import checked_date
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import role_of
from smos_cli.core.markdown import compose
from smos_cli.core.memory import (
    Memory,
    checked_confidence,
    checked_kind,
    checked_tag,
    statement,
    to_fields,
)
from smos_cli.core.outside import about_to_change, settle
from smos_cli.core.placing import Placer
from smos_cli.core.ports import Ports, Stamp
from smos_cli.core.reading import read_entry
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import check_still_there, compare
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.errors import FormatError, IndexBusyError, SmosError, StaleError, StorageError, UsageError

LONGEST = 1_000_000
"""Characters of the longest text that is remembered."""
_INDEX_WAIT = 0.25
"""Seconds that remembering waits for the index before it looks through the files instead."""


@dataclass(frozen=True, slots=True)
class NewMemory:
    """What a user says of a memory when giving it."""

    text: str
    kind: str = "fact"
    tags: tuple[str, ...] = ()
    confidence: float = 1.0
    valid_from: str = ""
    valid_to: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of it: ``stored`` or ``duplicate``, and the memory that is now there."""

    outcome: str
    memory: Memory
    warnings: tuple[str, ...] = ()


def remember(ports: Ports, new: NewMemory) -> Remembered:
    """Store a memory, durably; a text that is there already is answered with the memory it is in."""
    memory = _checked(ports, new)
    with about_to_change(ports):
        if twin := _twin(ports, memory):
            return Remembered("duplicate", twin, _left_alone(memory, twin))
        settled = settle(ports)
        forgotten = read_forgotten(ports.vault)
        path = Placer(ports.vault).path(memory, memory.text)
        memory = replace(memory, path=path)
        data = compose(to_fields(memory), memory.body + "\n")
        ports.vault.create({path: data})
        lifted, warnings = _lift_tombstone(ports, forgotten, memory)
        warnings += record(ports, "remember", [memory], [touched(memory, after=data)], also=lifted)
        return Remembered("stored", memory, settled + warnings)


def checked_text(text: str) -> str:
    """Return a text as it is stored; ``UsageError`` when it is empty, too long, or not text."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not body:
        raise UsageError("There is no text to remember.", 'Give it as an argument: smos remember "The TTL is 10 s".')
    if "\0" in body:
        raise UsageError("The text holds a NUL byte.", "Give it as plain text.")
    if len(body) > LONGEST:
        raise UsageError(
            f"The text has {len(body):,} characters, over the limit of {LONGEST:,}.",
            "Import it as a file: smos import FILE.",
        )
    try:
        body.encode()
    except UnicodeEncodeError as error:
        raise UsageError("The text is not UTF-8.", "Give it in UTF-8.") from error
    return body


def _checked(ports: Ports, new: NewMemory) -> Memory:
    body = checked_text(new.text)
    identity = ports.new_id()
    try:
        memory = Memory(
            id=identity,
            body=body,
            kind=checked_kind(new.kind),
            tags=tuple(dict.fromkeys(checked_tag(tag) for tag in new.tags)),
            confidence=checked_confidence(new.confidence),
            created=ports.now(),
            valid_from=checked_date(new.valid_from, "--valid-from"),
            valid_to=checked_date(new.valid_to, "--valid-to"),
            via=ports.door,
            file=new.source,
        )
    except FormatError as error:
        raise UsageError(error.message, error.remedy) from error
    # A year and a day of it can't be told apart: as far as both go, the end must not come first.
    known = min(len(memory.valid_from), len(memory.valid_to))
    if memory.valid_to[:known] < memory.valid_from[:known]:
        raise UsageError(
            f"It would end, {memory.valid_to}, before it begins, {memory.valid_from}.", "Give --valid-to a later date."
        )
    return memory


def _left_alone(given: Memory, there: Memory) -> tuple[str, ...]:
    """Say what a memory that was known does not have of what was given now."""
    differs = {
        "tags": not {*given.tags} <= {*there.tags},
        "kind": given.kind not in ("fact", there.kind),
        "confidence": given.confidence not in (1.0, there.confidence),
        "dates": any(
            theirs and theirs != ours
            for theirs, ours in ((given.valid_from, there.valid_from), (given.valid_to, there.valid_to))
        ),
        "source": given.file not in ("", there.file),
    }
    names = [name for name, one_does in differs.items() if one_does]
    if not names:
        return ()
    words = ["smos edit", ulid.suffix(there.id) or there.path]
    if {*names} <= {"tags", "kind"}:  # the rest is changed in an editor
        words += [f"--tag {tag}" for tag in given.tags if tag not in there.tags]
        words += [f"--kind {given.kind}"] if differs["kind"] else []
    return (f"It was known already and is as it was. Change its {' and '.join(names)} with `{' '.join(words)}`.",)


def _twin(ports: Ports, memory: Memory) -> Memory | None:
    """Find a memory of the same text: in the index where it is up to date, in the files where it is not."""
    selection = Selection(digest=memory.digest, everything=True, memories_only=True)
    stamps = ports.vault.scan().stamps()
    try:
        with ports.index.session(wait=_INDEX_WAIT) as session:
            stored, twins = list(session.stored()), session.memories(selection)
    except (IndexBusyError, StorageError):
        return _among(ports, memory, stamps)
    check_still_there(ports.vault, stamps, had_files=bool(stored))
    difference = compare(stored, stamps, ())
    stale = {*difference.removed, *(stamp.path for stamp in difference.changed)}
    known = [twin for twin in twins if twin.path not in stale]
    return known[0] if known else _among(ports, memory, difference.changed)


def _among(ports: Ports, memory: Memory, stamps: Iterable[Stamp]) -> Memory | None:
    line = statement(memory.body).split("\n", 1)[0]
    needles = {text.encode() for text in (line, *(normalize(form, line) for form in ("NFC", "NFD")))}
    for stamp in stamps:
        if role_of(stamp.path, ports.vault.base) != "memory" or stamp.size < min(map(len, needles)):
            continue
        try:
            blob = ports.vault.read(stamp.path)
        except SmosError:
            continue
        if any(needle in blob.data for needle in needles):
            found = read_entry(blob, ports.vault.base, ()).memory
            if found and found.digest == memory.digest:
                return found
    return None


def _lift_tombstone(ports: Ports, forgotten: Forgotten, memory: Memory) -> tuple[list[str], tuple[str, ...]]:
    """Who says again what was forgotten means it: the tombstone of that text goes. Return what was written, warnings.

    The memory is stored by now, so a tombstone that stays is no more than a warning.
    """
    if not forgotten.knows(memory.digest):
        return [], ()
    try:
        return [write_forgotten(ports.vault, forgotten.without(memory.id, memory.digest))], ()
    except (StaleError, StorageError) as error:
        return [], (f"The memory is stored, but its text still counts as forgotten: {error.message} {error.remedy}",)
