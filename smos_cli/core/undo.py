"""Undo: what one command did is reversed by a new change, on top of all that came after it.

Owns which command is meant. Nothing is written before all of it is known to be possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from smos_cli.core.audit import ERASE
from smos_cli.core.changes import Change, Told, read_record
from smos_cli.core.layout import is_of_audit
from smos_cli.core.memory import Memory
from smos_cli.core.outside import SAVED_BEFORE, changing
from smos_cli.core.outside import VERB as OUTSIDE
from smos_cli.core.past import Commit
from smos_cli.core.ports import Ports
from smos_cli.core.record import recorded
from smos_cli.core.reversing import Back, carry_out, planned
from smos_cli.core.untombing import Lines, put_back, take_back, tombstone_lines
from smos_cli.core.versions import SHORT
from smos_cli.errors import NotFoundError, StaleError, StorageError, UsageError

VERB = "undo"
_PASSED_OVER = (VERB, OUTSIDE, "init", "sync", "join", "merge")
"""Verbs whose commits are not a command that a bare undo means."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What was reversed, and the memories that it concerned, as they are now or were."""

    commit: Commit
    told: Told
    memories: tuple[Memory, ...]
    paths: tuple[str, ...]
    """files that were written or taken out"""
    warnings: tuple[str, ...] = ()


def undo(ports: Ports, revision: str = "") -> Undone:
    """Reverse a commit or, without one, the last command that is not undone yet.

    ``StaleError`` when something that it changed was changed again so that both can't be had, or is as it was;
    ``UsageError`` for what can't be undone; ``NotFoundError`` when there is nothing. Then nothing is changed.
    """
    if not ports.past.recording:
        raise StorageError(
            "Changes are not kept in a history, so nothing can be undone.",
            "See `smos config get vault.autocommit` and `smos doctor`; `smos restore` brings back what was forgotten.",
        )
    # What it names is looked up first: recording what others did moves HEAD.
    named = ports.past.find(revision) if revision else ""
    with changing(ports) as warnings:
        if not named:
            _check_committed(ports)
        commit = next(ports.past.commits(named)) if named else _last(ports)
        _check(commit)
        files, lines = planned(ports, commit), tombstone_lines(ports, commit)
        if not files and not lines:
            raise StaleError(
                f"What {commit.name[:SHORT]} changed is as it was before.",
                "`smos undo COMMIT` undoes another one; see them with `smos log`.",
            )
        done = _reversed(ports, commit, files, lines)
    return replace(done, warnings=(*warnings, *done.warnings))


def _reversed(ports: Ports, commit: Commit, files: Sequence[Back], lines: Lines) -> Undone:
    own = put_back(ports, lines)
    touched = [one for back in files for one in carry_out(ports, back)]
    own += take_back(ports, lines, [back.memory for back in files if back.then and not back.now])
    memories = tuple({back.memory.id or back.memory.path: back.memory for back in files}.values())
    told = read_record(commit.text)
    warnings = recorded(ports, _change(ports, commit, told, memories), touched, own)
    return Undone(commit, told, memories, tuple(dict.fromkeys(one.path for one in touched)), warnings)


def _change(ports: Ports, commit: Commit, told: Told, memories: Sequence[Memory]) -> Change:
    return Change(
        verb=VERB,
        subject=f"{VERB}: {told.subject or commit.name[:SHORT]}",
        ids=tuple(memory.id for memory in memories if memory.id),
        door=ports.door,
        actor=ports.actor,
        why=ports.reason,
        undoes=commit.name,
    )


def _check_committed(ports: Ports) -> None:
    """Raise ``StorageError`` when commands are saved that could not be committed: a bare undo would pass them over."""
    if any(is_of_audit(change.path, ports.vault.base) for change in ports.past.unrecorded()):
        raise StorageError(
            "The last command is saved, but could not be committed, so a bare undo would mean an earlier one.",
            "See what is in the way with `smos doctor`, or undo a certain one: `smos undo COMMIT`.",
        )


def _last(ports: Ports) -> Commit:
    undone = set()
    for commit, told in _told(ports):
        if commit.name in undone:
            continue
        if told.verb == VERB:
            undone.add(told.undoes)
        elif _holds_commands(ports, commit, told):
            raise UsageError(
                f"The last commands were not committed one by one, but together in {commit.name[:SHORT]}.",
                f"Undo all of them by `smos undo {commit.name[:SHORT]}`, or an earlier one; see `smos log`.",
            )
        elif _is_command(ports, commit, told):
            return commit
    raise NotFoundError("There is no command left to undo.", "`smos undo COMMIT` undoes a certain one; see `smos log`.")


def _is_command(ports: Ports, commit: Commit, told: Told) -> bool:
    """Say whether a bare undo may mean a commit."""
    if not told.verb or told.verb in _PASSED_OVER or len(commit.parents) != 1:
        return False
    return any(not is_of_audit(change.path, ports.vault.base) for change in commit.files)


def _holds_commands(ports: Ports, commit: Commit, told: Told) -> bool:
    """Say whether a commit is of what commands did that could not commit it themselves: their lines are in it."""
    later = told.verb == OUTSIDE and told.subject.endswith(SAVED_BEFORE)
    return later and any(is_of_audit(change.path, ports.vault.base) for change in commit.files)


def _told(ports: Ports) -> Iterator[tuple[Commit, Told]]:
    return ((commit, read_record(commit.text)) for commit in ports.past.commits())


def _check(commit: Commit) -> None:
    """Raise ``UsageError`` for a commit that can't be undone as one."""
    name = commit.name[:SHORT]
    if read_record(commit.text).verb == ERASE:
        raise UsageError(
            f"{name} erased memories, and what is erased can't be brought back.",
            "`smos undo COMMIT` undoes what was done before; see it with `smos log`.",
        )
    if len(commit.parents) > 1:
        raise UsageError(
            f"{name} joins the changes of two sides.", "Undo those that you don't want one by one; see `smos log`."
        )
    if not commit.parents:
        raise UsageError(f"The history begins with {name}.", "Undo what was done since; see `smos log`.")
