"""Diff: what is not in the history yet, what last happened to one memory, or what one commit changed.

Owns which files and versions are compared, and the text of it. Files of the audit are always left out: they change
with every command, and say nothing that ``smos log`` does not. What was masked in a conversation is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import unified_diff
from typing import NamedTuple

from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import is_of_audit
from smos_cli.core.lives import Known, is_named, known, life
from smos_cli.core.past import Commit, FileChange
from smos_cli.core.ports import Ports
from smos_cli.core.reading import blob_of, memory_in, without_masked
from smos_cli.core.tombstones import read_forgotten
from smos_cli.core.versions import check_not_erased
from smos_cli.errors import AmbiguousError, FormatError, NotFoundError, StorageError

CONTEXT = 3
"""Lines around a change that are shown with it."""


class FileDiff(NamedTuple):
    """What became of one file."""

    path: str
    was: str
    """its path before, where it was moved"""
    identity: str
    status: str
    """``added``, ``changed``, ``moved`` or ``removed``"""
    diff: str
    """a unified diff; empty where the text is the same"""


class Compared(NamedTuple):
    """Two states of the vault and what differs between them."""

    before: str
    """a commit; empty where there was none"""
    after: str
    """a commit; empty for the files as they are"""
    files: tuple[FileDiff, ...]


def diff(ports: Ports, key: str = "") -> Compared:
    """Compare the files with the last commit; or show what was last done to a memory, or by a commit, that a key names.

    ``NotFoundError`` when it names neither, ``AmbiguousError`` when it names several or both.
    """
    if not key:
        return _compared(ports, _head(ports), "", ports.past.unrecorded())
    memory, commit = _meant(ports, key)
    return _of_memory(ports, memory) if memory else _of_commit(ports, commit)


def _meant(ports: Ports, key: str) -> tuple[Known | None, str]:
    memory, commit, missing = None, "", None
    try:
        memory = known(ports, key)
        check_not_erased(ports, memory)
    except NotFoundError as error:
        missing = error
    try:
        commit = ports.past.find(key)
    except (NotFoundError, AmbiguousError):
        if missing:
            raise missing from None
    if memory and commit:
        raise AmbiguousError(
            f"{key!r} names both {memory.name} and the commit {commit}.", "Give more characters of the one you mean."
        )
    return memory, commit


def _of_memory(ports: Ports, memory: Known) -> Compared:
    """Compare a memory's file with the last commit or, where it is as there, the commit that last changed it."""
    outside = [
        change
        for change in ports.past.unrecorded()
        if change.path == memory.path or is_named(change.path, memory.identity)
    ]
    if outside:
        return _compared(ports, _head(ports), "", _as_move(outside))
    for step in life(ports, memory):
        if any(change.before != change.after or change.was for change in step.files):
            return _compared(ports, _parent(step.commit), step.commit.name, step.files)
    raise NotFoundError(f"The history has no change of {memory.name}.", "See what it has with `smos log`.")


def _as_move(changes: list[FileChange]) -> list[FileChange]:
    """Return a file that went and one that came as one that moved."""
    gone, came = [one for one in changes if not one.after], [one for one in changes if not one.before]
    if len(changes) != 2 or len(gone) != 1 or len(came) != 1:
        return changes
    return [came[0]._replace(before=gone[0].before, was=gone[0].path)]


def _of_commit(ports: Ports, name: str) -> Compared:
    commit = next(iter(ports.past.commits(name)))
    return _compared(ports, _parent(commit), name, commit.files)


def _compared(ports: Ports, before: str, after: str, changes: Iterable[FileChange]) -> Compared:
    chosen = [change for change in changes if not is_of_audit(change.path, ports.vault.base)]
    stored = [blob for change in chosen for blob in (change.before, change.after) if blob not in ("", "?")]
    unique = list(dict.fromkeys(stored))
    held = dict(zip(unique, ports.past.contents(unique), strict=True))
    shown = _showing(ports, read_forgotten(ports.vault))
    return Compared(before, after, tuple(_file(ports, change, held, shown) for change in chosen))


Show = Callable[[str, bytes], bytes]


def _showing(ports: Ports, forgotten: Forgotten) -> Show:
    return lambda path, data: without_masked(blob_of(data, path), ports.vault.base, forgotten.masks).data


def _file(ports: Ports, change: FileChange, held: dict[str, bytes], shown: Show) -> FileDiff:
    before = held.get(change.before)
    after = _now(ports, change.path) if change.after == "?" else held.get(change.after)
    old, new = change.was or change.path, change.path
    known_as = memory_in(after if after is not None else before or b"", new, ports.vault.base).id
    text = _diff(
        None if before is None else shown(old, before), None if after is None else shown(new, after), (old, new)
    )
    return FileDiff(new, change.was, known_as, _status(change), text)


def _now(ports: Ports, path: str) -> bytes:
    """Return what a file holds; of one that is not read, why."""
    try:
        return ports.vault.read(path).data
    except (FormatError, NotFoundError, StorageError) as error:
        return f"({error.message})\n".encode("utf-8", "surrogateescape")


def _status(change: FileChange) -> str:
    if not change.before:
        return "added"
    if not change.after:
        return "removed"
    return "moved" if change.was else "changed"


def _diff(before: bytes | None, after: bytes | None, paths: Sequence[str]) -> str:
    if before == after:
        return ""
    old = "/dev/null" if before is None else f"a/{paths[0]}"
    new = "/dev/null" if after is None else f"b/{paths[1]}"
    if b"\0" in (before or b"") or b"\0" in (after or b""):
        return f"--- {old}\n+++ {new}\nThe bytes differ.\n"
    lines = unified_diff(_lines(before), _lines(after), _name(old), _name(new), n=CONTEXT)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes | None) -> list[str]:
    # Not splitlines, which knows more line ends than one.
    text = (data or b"").decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [lines[-1]] * bool(lines[-1])


def _name(path: str) -> str:
    """Return a path on one line."""
    return path.replace("\\", "\\\\").replace("\n", "\\n") if "\n" in path else path


def _head(ports: Ports) -> str:
    try:
        return ports.past.find("HEAD")
    except NotFoundError:  # nothing is committed yet
        return ""


def _parent(commit: Commit) -> str:
    return commit.parents[0] if commit.parents else ""
