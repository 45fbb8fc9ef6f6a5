"""What arrives in an import: counted, compared with what is there, and written many files at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from smos_cli.core.changes import Touched
from smos_cli.core.known import DUPLICATE, Known
from smos_cli.core.markdown import Value, compose
from smos_cli.core.memory import Memory, to_fields
from smos_cli.core.placing import Placer
from smos_cli.core.ports import Blob, Ports, Problem
from smos_cli.core.refresh import Report
from smos_cli.errors import FormatError, SmosError

CHUNK = 1000
"""Files written at a time."""


@dataclass(slots=True)
class Imported(Report):
    """What an import did; ``memories`` are those it stored, ``episodes`` the ids of the conversations it brought.

    One that was there already is among them: who brought it may have been stopped before it was learnt from.
    """

    memories: list[Memory] = field(default_factory=list)
    episodes: list[str] = field(default_factory=list)
    redacted: int = 0
    """secrets that were taken out of what was said"""
    warnings: tuple[str, ...] = ()


class Arrivals:
    """One import under way: what is there already, and what waits to be written."""

    def __init__(self, ports: Ports, name: str) -> None:
        self.ports = ports
        self.name = name
        """of the file or folder that is imported"""
        self.report = Imported()
        self.known = Known(ports)
        self.changed: list[Touched] = []
        self._placer = Placer(ports.vault)
        self._waiting: dict[str, bytes] = {}
        self._names: dict[str, str] = {}

    def count(self, count: int = 1) -> None:
        """Count lines, turns or files as seen."""
        before = self.report.seen
        self.report.seen += count
        if before // 500 < self.report.seen // 500:
            self.ports.progress("Importing", self.report.seen, 0)

    def memory(self, memory: Memory, where: str, extra: Mapping[str, Value], *, made: bool) -> None:
        """Store a memory with keys of frontmatter that are not ours, or pass over it."""
        if verdict := self.known.verdict(memory, made=made):
            self.pass_over(where, verdict)
        else:
            data = compose({**to_fields(memory), **extra}, memory.body + "\n")
            self.store(replace(memory, path=self.place(memory, memory.text)), data)

    def place(self, memory: Memory, title: str, area: str = "memories") -> str:
        """Return a free path for a memory or episode."""
        return self._placer.path(memory, title, area)

    def store(self, memory: Memory, data: bytes, count: int = 1) -> None:
        """Write a file, soon; ``count`` is how many lines it is made of."""
        self._waiting[memory.path] = data
        self._names[memory.path] = memory.id
        self.known.add(memory)
        self.report.stored += count
        self.report.memories.append(memory)
        if len(self._waiting) >= CHUNK:
            self.flush()

    def waits(self, path: str) -> bool:
        """Say whether a file is yet to be written."""
        return path in self._waiting

    def there(self, path: str) -> Blob:
        """Return what the vault holds already; ``FormatError`` when it can't be read, and compared."""
        if self.waits(path):
            self.flush()
        try:
            return self.ports.vault.read(path)
        except SmosError as error:
            raise FormatError(f"{path}, which is here already: {error.message}", error.remedy) from error

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            made = [_made(self._names[path], path, data) for path, data in self._waiting.items()]
            try:
                self.ports.vault.create(self._waiting)
                self.changed += made
            except BaseException:
                # An interrupt may come when they are all there: then they belong into the record.
                if self.changed[-1:] != made[-1:] and self._are_there(made):
                    self.changed += made
                raise
            self._waiting, self._names = {}, {}

    def _are_there(self, made: Sequence[Touched]) -> bool:
        """Say whether files are there; all of some that were made together are, or none."""
        try:
            return self.ports.vault.read(made[-1].path).etag == made[-1].after
        except SmosError:
            return False

    def wrote(self, identity: str, path: str, data: bytes, before: str = "") -> None:
        """Count a file among those that the import changed; ``before`` is the etag it had, if it was there."""
        self.changed.append(_made(identity, path, data)._replace(before=before))

    def pass_over(self, where: str, verdict: str, count: int = 1) -> None:
        """Count what is there already, or is left out for a reason."""
        if verdict == DUPLICATE:
            self.report.duplicates += count
        else:
            self.report.skipped += count
            self.remark(where, verdict)

    def fail(self, where: str, error: SmosError, count: int = 1) -> None:
        """Count what can't be taken."""
        self.report.failed += count
        self.remark(where, error.message)

    def remark(self, where: str, reason: str) -> None:
        """Say something of what was counted elsewhere."""
        self.report.problems.append(Problem(where, reason))


def _made(identity: str, path: str, data: bytes) -> Touched:
    return Touched(identity, path, after=sha256(data).hexdigest())
