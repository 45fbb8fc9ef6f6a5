"""Mending: a file that a merge by git alone left with conflict markers is merged as it should have been.

Owns what counts as such a file: whole sets of markers at the beginning of lines, each with its label. A text that
shows markers inside a fenced block is one only if the history says that a merge made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from smos_cli.core import newlines
from smos_cli.core.changes import Touched
from smos_cli.core.layout import TOMBSTONES, role_of
from smos_cli.core.memory import Memory
from smos_cli.core.merging import Merged, Side, merge
from smos_cli.core.merging.cuts import fence_after
from smos_cli.core.outside import changing
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.reading import read_memory
from smos_cli.core.record import record, touched
from smos_cli.core.refresh import compare
from smos_cli.core.trash import trash_place
from smos_cli.errors import FormatError, IndexBusyError, SmosError, StorageError

_OURS, _BASE, _MIDDLE, _THEIRS = "<<<<<<< ", "|||||||", "=======", ">>>>>>> "


class Torn(NamedTuple):
    """A file as both sides of a merge had it, and as its base had it; None where that is not known."""

    base: bytes | None
    one: Side
    other: Side


Origins = Callable[[str, bytes], Torn | None]
"""Says of a path and the bytes with markers in it what git merged there, if the history knows."""


class Mended(NamedTuple):
    """The files that have no markers any more, the copies made beside them, and what could not be done."""

    paths: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def mend(ports: Ports, origins: Origins) -> Mended:
    """Merge every file that has conflict markers, and record it."""
    found = [path for path in _suspects(ports) if _torn(ports, origins, path)]
    if not found:
        return Mended()
    with changing(ports) as told:
        work = _Work(ports)
        for path in found:
            torn = _torn(ports, origins, path)
            if torn:
                work.mend(*torn)
        return work.done(told)


class _Work:
    """What is being done, one file after the other, and then recorded in one go."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._mended = Mended()
        self._memories: list[Memory] = []
        self._touched: list[Touched] = []
        self._also: list[str] = []

    def mend(self, blob: Blob, torn: Torn) -> None:
        path, vault = blob.stamp.path, self._ports.vault
        base = {} if torn.base is None else {path: torn.base}
        merged = merge(base, torn.one, torn.other, prefix=vault.base, known=_Present(self._ports))
        data = merged.files.pop(path, None)
        if data is None or has_markers(data):
            warning = f"{path} has conflict markers that can't be mended: settle it in an editor."
            self._mended = self._mended._replace(warnings=(*self._mended.warnings, warning))
            return
        self._create(merged)
        vault.replace(path, data, blob.etag)
        self._note(path, before=blob.etag)
        self._mended = self._mended._replace(
            paths=(*self._mended.paths, path), copies=(*self._mended.copies, *merged.files)
        )

    def done(self, told: Sequence[str]) -> Mended:
        warnings = (*told, *self._mended.warnings)
        if self._mended.paths:
            warnings += record(self._ports, "mend", self._memories, self._touched, also=self._also)
        return self._mended._replace(warnings=warnings)

    def _create(self, merged: Merged) -> None:
        """Write the copies first: what is in them is in no other file then."""
        vault = self._ports.vault
        vault.create({trash_place(self._ports, path): data for path, data in merged.put_away.items()})
        vault.create(merged.files)
        for path in merged.files:
            self._note(path)

    def _note(self, path: str, before: str = "") -> None:
        blob = self._ports.vault.read(path)
        if not path.lower().endswith(".md"):
            self._also.append(path)
            return
        try:
            memory = read_memory(blob, self._ports.vault.base)
        except FormatError:
            memory = Memory(id="", body="", path=path)
        self._memories.append(memory)
        self._touched.append(touched(memory, before=before, after=blob.data))


class _Present:
    """The paths of the vault, asked for one by one."""

    def __init__(self, ports: Ports) -> None:
        self._vault = ports.vault

    def __contains__(self, path: object) -> bool:
        folder, _, name = str(path).rpartition("/")
        return name in self._vault.names(folder)


def has_markers(data: bytes) -> bool:
    """Say whether a file has whole sets of conflict markers, fenced or not."""
    return split(data, fenced=True) is not None


def split(data: bytes, *, fenced: bool = False) -> tuple[bytes | None, bytes, bytes] | None:
    """Return the base, where each set of markers shows it, and both sides of a file that has conflict markers.

    None for one that has none, or a broken set; ``fenced``: a set in a fenced block counts as well.
    """
    if _OURS.encode() not in data or _THEIRS.encode() not in data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    torn = _Sides(fenced=fenced)
    if not all(map(torn.take, newlines.split(text))) or torn.now or not torn.sets:
        return None
    base = "".join(torn.base).encode() if torn.bases == torn.sets else None
    return base, "".join(torn.ours).encode(), "".join(torn.theirs).encode()


class _Sides:
    """The lines of a file with markers, shared out line by line."""

    def __init__(self, *, fenced: bool) -> None:
        self.base: list[str] = []
        self.ours: list[str] = []
        self.theirs: list[str] = []
        self.now = ""
        """the marker that was met last, of a set that is open"""
        self.sets = self.bases = 0
        self._fenced = fenced
        self._fence = ""

    def take(self, line: str) -> bool:
        """Take a line; False when no merge writes it so."""
        mark = _mark(line, self.now)
        if not mark:
            self._share(line)
            return True
        order = {_OURS: ("",), _BASE: (_OURS,), _MIDDLE: (_OURS, _BASE), _THEIRS: (_MIDDLE,)}
        if self.now not in order[mark] or (self._fence and not self._fenced):
            return False
        self.now = "" if mark == _THEIRS else mark
        self.sets += mark == _OURS
        self.bases += mark == _BASE
        return True

    def _share(self, line: str) -> None:
        for name, lines in (("", self.base), (_BASE, self.base), ("", self.ours), (_OURS, self.ours)):
            if self.now == name:
                lines.append(line)
        if self.now in ("", _MIDDLE):
            self.theirs.append(line)
        if not self.now:
            self._fence = fence_after(self._fence, line)


def _mark(line: str, now: str) -> str:
    """Return which marker a line is; one without a label is only where it is due."""
    plain = line.rstrip("\r\n")
    if plain.startswith((_OURS, _THEIRS)):
        return plain[: len(_OURS)]
    if now in (_OURS, _BASE) and plain == _MIDDLE:
        return _MIDDLE
    return _BASE if now == _OURS and plain.partition(" ")[0] == _BASE else ""


def _suspects(ports: Ports) -> Iterator[str]:
    """Yield the files that may have markers: what changed since the last refresh, is broken, or is a note.

    Notes only where the history is ours: elsewhere it was not our merge, and not our file.
    """
    base = ports.vault.base
    scan = ports.vault.scan()
    stamps = scan.stamps()
    try:
        with ports.index.session() as session:
            stored = list(session.stored())
    except (IndexBusyError, StorageError):
        stored = []
    known = {*(one.path for one in compare(stored, stamps, [problem[0] for problem in scan.problems()]).changed)}
    known |= {one.path for one in stored if one.problem}
    for stamp in stamps:
        # Notes are recalled with markers and all, so that no index tells of them.
        is_note = role_of(stamp.path, base) in ("note", "own")
        if ports.past.recording if is_note else stamp.path in known:
            yield stamp.path
    yield base + TOMBSTONES


def _torn(ports: Ports, origins: Origins, path: str) -> tuple[Blob, Torn] | None:
    """Return a file that has to be mended, and what it was made of."""
    try:
        blob = ports.vault.read(path)
    except SmosError:
        return None
    if not has_markers(blob.data):
        return None
    if known := origins(path, blob.data):
        return blob, known
    found = split(blob.data)
    if found is None:
        return None
    base, ours, theirs = found
    return blob, Torn(base, Side({path: ours}), Side({path: theirs}))
