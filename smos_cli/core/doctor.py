"""Doctor: what is wrong here, each with a remedy. It only looks."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from smos_cli.core.dangling import dangling
from smos_cli.core.finding import Finding
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Found, Ports, Stamp
from smos_cli.core.reembedding import Embedded
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import SmosError, StoppedError

_READABLE = "Make it a file or folder that can be read, or name it in .smosignore."


class Twins(NamedTuple):
    """Files that have one id."""

    id: str
    paths: tuple[str, ...]

    def by_age(self, times: Mapping[str, int]) -> Twins:
        """Return them with the file that was changed longest ago first."""
        return self._replace(paths=tuple(sorted(self.paths, key=lambda path: (times.get(path, 0), path))))


Examination = Callable[[], Iterable[Finding]]
"""Looks at the machine: git, the disk, the libraries."""


def doctor(ports: Ports, examine: Examination) -> list[Finding]:
    """Return everything that is wrong or worth knowing, problems first."""
    found = [*_index(ports), *examine()]
    return sorted(found, key=lambda finding: (finding.level != "problem", finding.where, finding.what))


def find_twins(memories: Iterable[Memory]) -> list[Twins]:
    """Return the ids that more than one file has."""
    by_id: dict[str, list[str]] = defaultdict(list)
    for memory in memories:
        if memory.id:
            by_id[memory.id].append(memory.path)
    return [Twins(identity, tuple(sorted(paths))) for identity, paths in by_id.items() if len(paths) > 1]


def _index(ports: Ports) -> list[Finding]:
    try:
        scan = ports.vault.scan()
        with fresh(ports.vault, ports.index, ports.progress) as (session, report):
            stored = list(session.stored())
            memories = session.memories(Selection(everything=True))
            statements = session.statements(Selection(everything=True))
        embedded = ports.index.embedded()
    except StoppedError:
        raise
    except SmosError as error:
        return [Finding("problem", "vault", error.message, error.remedy)]
    found = [
        Finding("problem", item.stamp.path, item.problem, "Correct the file in an editor.")
        for item in stored
        if item.problem
    ]
    told = {finding.where for finding in found}
    unread = [*scan.problems(), *(report.problems if report else ())]
    found += [
        Finding("problem", where, _sentence(reason, where), _READABLE)
        for where, reason in dict.fromkeys((problem[0], problem[1]) for problem in unread)
        if where not in told
    ]
    found += _vectors(embedded)
    found += _back_again(ports, memories) + _circles(statements) + _undecided(statements) + dangling(ports, memories)
    return found + _twins(memories) + _nameless(memories, ports.vault.base) + _alike([i.stamp for i in stored])


def _vectors(embedded: Embedded) -> list[Finding]:
    """Say that vectors are missing, unless somebody is making them."""
    if not embedded.due or embedded.at_work:
        return []
    what = f"Of {embedded.total:,} passages, {embedded.done:,} have a vector of {embedded.wanted}."
    level = "problem" if embedded.failed else "note"
    return [Finding(level, "index", f"{what} {embedded.failed}".strip(), "Run `smos index`.")]


def _sentence(reason: str, where: str) -> str:
    """Return a reason as a sentence; one that begins with a path begins as that does."""
    begun = reason if reason.startswith(where) else reason[:1].upper() + reason[1:]
    return begun if begun.endswith(".") else f"{begun}."


def _back_again(ports: Ports, memories: Sequence[Memory]) -> list[Finding]:
    """What was forgotten or erased, and yet lies in the vault: somebody else put the file there."""
    forgotten = read_forgotten(ports.vault)
    # The index has a content hash of memories alone: a note's text, or a turn's, may be that of a memory.
    return [
        Finding(
            "problem",
            memory.path,
            "It was forgotten or erased, and is here again.",
            "Forget it again, or `smos restore` it.",
        )
        for memory in memories
        if memory.id in forgotten.ids or forgotten.knows(memory.body_hash)
    ]


def _twins(memories: Sequence[Memory]) -> list[Finding]:
    return [
        Finding(
            "problem",
            twins.paths[0],
            f"The id {twins.id} is also in {', '.join(twins.paths[1:])}.",
            "`smos doctor --repair` asks which one keeps it, and gives the others a new one.",
        )
        for twins in find_twins(memories)
    ]


def _undecided(statements: Iterable[Found]) -> list[Finding]:
    """Memories that contradict each other, by a merge or a person's own link."""
    paths = sorted(found.memory.path for found in statements if found.conflicts_with)
    if not paths:
        return []
    others = f" and {len(paths) - 2} more" if len(paths) > 2 else ""
    what = f"{len(paths)} memories contradict each other, and all are kept until you decide."
    remedy = "`smos forget` or `smos edit` the one that is not so."
    return [Finding("note", f"{', '.join(paths[:2])}{others}", what, remedy)]


def _circles(statements: Iterable[Found]) -> list[Finding]:
    """Memories that supersede each other, so that none of them is recalled."""
    superseded = {found.memory.id or found.memory.path: found for found in statements if found.superseded_by}
    newer = {name: set(found.superseded_by) for name, found in superseded.items()}
    while ends := [name for name, names in newer.items() if names.isdisjoint(newer)]:
        for name in ends:
            del newer[name]
    told: set[str] = set()
    found = []
    for name in sorted(newer, key=lambda name: superseded[name].memory.path):
        circle = {other for other in _reached(newer, name) if name in _reached(newer, other)}
        if name in circle - told:
            told |= circle
            found.append(_circle(sorted(superseded[one].memory.path for one in circle)))
    return found


def _circle(paths: Sequence[str]) -> Finding:
    return Finding(
        "problem",
        paths[0],
        f"It and {', '.join(paths[1:])} supersede each other in a circle, so none of them is recalled.",
        "Take the link that is wrong out of `supersedes` with `smos edit`.",
    )


def _reached(newer: Mapping[str, set[str]], start: str) -> set[str]:
    """Return what follows from a memory by any number of links."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        more = newer.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found


def _nameless(memories: Sequence[Memory], base: str) -> list[Finding]:
    return [
        Finding("note", memory.path, "It is a memory without an id.", "`smos index --adopt` gives it one.")
        for memory in memories
        if not memory.id and role_of(memory.path, base) == "memory"
    ]


def _alike(stamps: Sequence[Stamp]) -> list[Finding]:
    """Names that are two files here and one on another system."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for stamp in stamps:
        by_name[unicodedata.normalize("NFC", stamp.path).casefold()].append(stamp.path)
    return [
        Finding(
            "note",
            paths[0],
            f"It differs from {', '.join(paths[1:])} only by case or accents' form.",
            "Rename one: on macOS and Windows they would be one file.",
        )
        for paths in by_name.values()
        if len(paths) > 1
    ]
