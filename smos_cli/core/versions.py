"""A memory as it was: which commit is meant by a revision or a date, and what a memory's file held then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from smos_cli.core.changes import read_record
from smos_cli.core.dates import normalise_date
from smos_cli.core.layout import role_of
from smos_cli.core.lives import Known, Trail, is_named, life
from smos_cli.core.ports import Ports
from smos_cli.core.reading import memory_in
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import NotFoundError

SHORT = 10
"""Digits of a commit's hash as people are shown it."""


class Version(NamedTuple):
    """What a memory's file held, where, and in which commit."""

    commit: str
    path: str
    data: bytes


def commit_at(ports: Ports, when: str) -> str:
    """Return the commit that a revision names, or the last one by the end of a date; ``NotFoundError``."""
    when = when.strip()
    try:
        end = _end(normalise_date(when))
    except (ValueError, OverflowError):
        return ports.past.find(when)
    # A number of digits alone may be the beginning of a hash; a year is not.
    if when.isdecimal() and len(when) > len("2026"):
        try:
            return ports.past.find(when)
        except NotFoundError:
            pass
    found = ports.past.until(end)
    if not found:
        raise NotFoundError(f"Nothing was recorded by {when}.", "See what was with `smos log`.")
    return found


def version_at(ports: Ports, memory: Known, when: str) -> Version:
    """Return what a memory's file held at a revision or a date; ``NotFoundError`` when it was not there, or erased."""
    check_not_erased(ports, memory)
    commit = commit_at(ports, when)
    tree = ports.past.files(commit)
    for paths in _places(ports, memory, commit, tree):
        there = [path for path in paths if path in tree]
        for path, data in zip(there, ports.past.contents(tree[path] for path in there), strict=True):
            found = memory_in(data, path, ports.vault.base).id
            # A file that broke the format then has no id that can be read.
            if found == memory.identity or (not found and is_named(path, memory.identity)):
                return Version(commit, path, data)
    raise NotFoundError(
        f"{memory.name} was not there at {when if len(when) < len(commit) else commit[:SHORT]}.",
        f"See its life with `smos log {memory.name}`.",
    )


def last_version(ports: Ports, memory: Known) -> Version:
    """Return what the file of a memory that is gone held last; ``NotFoundError`` for one unknown or erased."""
    check_not_erased(ports, memory)
    for step in life(ports, memory):
        for change in step.files:
            if blob := change.after or change.before:
                (data,) = ports.past.contents([blob])
                return Version(step.commit.name, change.path, data)
    raise NotFoundError(f"The history has no text of {memory.name}.", "See its life with `smos log`.")


def check_not_erased(ports: Ports, memory: Known) -> None:
    """Raise ``NotFoundError`` for a memory that was erased, wherever a copy of it may still be."""
    if memory.identity and memory.identity in read_forgotten(ports.vault).erased:
        raise NotFoundError(f"{memory.identity} was erased for good.", "Remember it anew if it is needed.")


def _places(ports: Ports, memory: Known, commit: str, tree: Iterable[str]) -> Iterator[list[str]]:
    """Yield where a memory's file may have lain, the cheapest guess first."""
    yield [*(path for path in tree if is_named(path, memory.identity)), *([memory.path] if memory.identity else [])]
    trail = Trail(memory, ports.vault.base)
    for one in ports.past.commits():
        if one.name == commit:
            break
        trail.follow(one, read_record(one.text))
    yield sorted(trail.paths)
    if memory.identity:
        yield [path for path in tree if path.endswith(".md") and role_of(path, ports.vault.base) in ("memory", "note")]


def _end(when: str) -> int:
    """Return the last second of a normalised date, since 1970."""
    if "T" in when:
        return int(datetime.fromisoformat(when).timestamp())
    year, *rest = (int(part) for part in when.split("-"))
    if len(rest) == 2:
        after = date(year, *rest) + timedelta(days=1)
    else:
        month = rest[0] if rest else 12
        after = date(year + month // 12, month % 12 + 1, 1)
    return int(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()) - 1
