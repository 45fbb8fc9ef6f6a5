"""Erase: memories are gone for good, from the vault, its trash, the index and the history, and that is proved.

Owns the order: the tombstone first, so that a kill at any moment leaves what the same command ends; then the turns a
memory came from, its files, the record, the history, the index; at last a search for what should be gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from smos_cli.core.audit import ERASE, Entry, checkpoint, read_salts, redact, write
from smos_cli.core.auditing import Mark
from smos_cli.core.certificate import Proof, certify
from smos_cli.core.changes import Change, Touched
from smos_cli.core.cleaning import plain
from smos_cli.core.erasable import Plan
from smos_cli.core.expunging import Place, expunge, places_of, said
from smos_cli.core.memory import Memory
from smos_cli.core.outside import changing
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Purge, Rewritten, erased_of
from smos_cli.core.record import commit, versioned
from smos_cli.core.refresh import refresh
from smos_cli.core.remains import Remains, Searched
from smos_cli.core.targets import Target, still_there
from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.core.trash import former
from smos_cli.errors import IndexBusyError, SmosError, StorageError

HISTORY_REMAINS = (
    "The text is gone from the vault and the index, but commits made before still hold it in the vault's .git folder."
)
INDEX_REMAINS = (
    "Another process opened the index meanwhile, so it may hold the text until it is made anew:"
    " run `smos index --rebuild`."
)
_AGAIN = "Run the same command again: what is gone stays gone."


class Tools(NamedTuple):
    """What an erasure needs beside the ports."""

    purge: Purge
    remains: Remains


class Erasure(NamedTuple):
    """What was erased, and the proof of it."""

    memories: tuple[Memory, ...]
    warnings: tuple[str, ...] = ()
    rewritten: Rewritten = Rewritten()
    searched: Searched = Searched()
    certificate: Mapping[str, Any] | None = None
    """None where something of it is left, or nothing has an id"""


def erase(ports: Ports, tools: Tools, plan: Plan, *, keep_history: bool = False) -> Erasure:
    """Erase what a plan says, leave tombstones that hold only ids, and search for what should be gone.

    ``keep_history``: commits made before keep it. The index goes first: while another process holds it nothing is
    erased (``IndexBusyError``). ``StaleError`` when a file is no longer what was shown; one that is gone is erased.
    ``StorageError`` where the history can't be rewritten, before anything is changed.
    """
    refused = None if keep_history else tools.purge.refusal()
    if refused:
        raise StorageError(*refused)
    with changing(ports) as settled:
        # Listing under the lock also deletes what a writer that died left over: it may hold the same text.
        ports.vault.scan()
        there = still_there(ports, [item for item in plan.targets if item.path], gone_is_done=True)
        gone = _out_of_vault(ports, plan, there)
        rewritten = Rewritten() if keep_history else _out_of_history(ports, tools.purge)
        warnings = (*settled, *plan.warnings, *gone.warnings, *_index_anew(ports), *rewritten.kept)
        memories = plan.memories
        if keep_history:
            return Erasure(memories, (*warnings, HISTORY_REMAINS))
        return _proved(ports, tools.remains, plan, gone, Erasure(memories, warnings, rewritten))


class _Gone(NamedTuple):
    """What was taken out of the vault."""

    texts: frozenset[str]
    """what the files said"""
    line: Mark | None
    """of the audit chain"""
    warnings: tuple[str, ...]


def _out_of_vault(ports: Ports, plan: Plan, there: Sequence[Target]) -> _Gone:
    places = places_of(ports, plan.erased)
    texts = said(ports, plan.erased, places)
    ports.index.drop()
    conversations = [place for place in places if not place.whole and former(ports, place.path) == place.path]
    tombstones = _bury(ports, plan, conversations)
    touched = expunge(ports, plan.erased, places)
    for item in there:
        if not item.memory.id:
            ports.vault.remove(item.path)
            touched.append(Touched("", item.path, item.etag))
    touched += _cut_before(ports, conversations, touched)
    kept, told = _with_reason(ports, texts | plan.survey.texts)
    line, warnings = _record(kept, plan, touched, tombstones)
    return _Gone(texts, line, (*told, *warnings))


def _with_reason(ports: Ports, texts: Iterable[str]) -> tuple[Ports, tuple[str, ...]]:
    """Return the ports, without the reason if it has something of what is erased, and a warning of that.

    What the record of an erasure says is never erased.
    """
    reason = plain(ports.reason.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    if not any(text in reason for text in texts):
        return ports, ()
    return replace(ports, reason=""), ("The reason repeats what was erased, so it is not kept.",)


def _bury(ports: Ports, plan: Plan, conversations: Sequence[Place]) -> str:
    """Write the tombstones; return their path."""
    salts = read_salts(ports.vault)
    names = [place.identity or salts.token(place.path) for place in conversations]
    forgotten = read_forgotten(ports.vault)
    for item in plan.targets:
        forgotten = forgotten.without(item.memory.id, item.memory.digest)
    lines = [f"erased {item.memory.id}" for item in plan.targets if item.memory.id]
    lines += [f"masked {turn} erased" for turn in sorted(plan.erased.turns)]
    lines += [f"retired {salt.retired}" for name in names for salt in salts.all_of(name)]
    return write_forgotten(ports.vault, forgotten.adding(lines, ports.entropy(16).hex()))


def _cut_before(ports: Ports, conversations: Sequence[Place], touched: Sequence[Touched]) -> list[Touched]:
    """Return the conversations whose turns an erasure took out that was killed: they lack another salt."""
    done = {one.path for one in touched}
    there = [(place, ports.vault.read(place.path).etag) for place in conversations if place.path not in done]
    return [Touched(place.identity, place.path, etag, etag) for place, etag in there]


def _record(
    ports: Ports, plan: Plan, touched: Sequence[Touched], tombstones: str
) -> tuple[Mark | None, tuple[str, ...]]:
    """Add a signed line to the audit chain, without the salts of what is gone, and commit; return it and warnings."""
    ids = tuple(memory.id for memory in plan.memories if memory.id)
    kept = versioned(ports, touched)
    try:
        removed = [one for one in kept if not one.after]
        audit = write(ports, Entry(ERASE, removed, ids, paths=_former_paths(ports, plan, removed)))
        line = ports.machine.marks().head
        audit += redact(ports, [one for one in touched if one.after])
        audit += checkpoint(ports)
    except SmosError as error:
        return None, (f"The erasure is done, but not recorded: {error.message} {error.remedy}".strip(),)
    # A record of an erasure must not repeat what was erased.
    what = (ids or ("a memory without an id",))[0] if len(plan.memories) == 1 else f"{len(plan.memories)} memories"
    change = Change(
        verb=ERASE,
        subject=f"erase: {what}",
        ids=ids,
        door=ports.door,
        actor=ports.actor,
        why=ports.reason,
        written=(*(one.path for one in kept if one.after), tombstones, *audit),
        removed=tuple(one.path for one in kept if not one.after),
    )
    return line, commit(ports, change)


def _former_paths(ports: Ports, plan: Plan, removed: Sequence[Touched]) -> frozenset[str]:
    """Return where files of it ever lay and nothing lies now."""
    there = {stamp.path for stamp in ports.vault.scan().stamps()}
    return frozenset({*plan.survey.paths, *(one.path for one in removed)} - there)


def _out_of_history(ports: Ports, purge: Purge) -> Rewritten:
    """Rewrite the history without all that was ever erased, as every clone does that has the same tombstones."""
    try:
        return purge.rewrite(erased_of(read_forgotten(ports.vault)))
    except (IndexBusyError, StorageError) as error:
        raise StorageError(f"The files are erased, but not what commits hold: {error.message}", _AGAIN) from error


def _index_anew(ports: Ports) -> tuple[str, ...]:
    """Make the index again; it is dropped again before, as a recall may have read the files before they went."""
    try:
        ports.index.drop()
    except (IndexBusyError, StorageError):
        return (INDEX_REMAINS,)
    with suppress(IndexBusyError, StorageError):  # the next recall makes it
        refresh(ports.vault, ports.index, rebuild=False, progress=ports.progress)
    return ()


def _proved(ports: Ports, remains: Remains, plan: Plan, gone: _Gone, done: Erasure) -> Erasure:
    """Search for what should be gone; certify that it is."""
    texts = gone.texts | plan.survey.texts
    try:
        searched = remains.search(plan.erased, texts)
    except StorageError as error:
        what = f"It is erased, and not certified, as not everything can be searched: {error.message}"
        return done._replace(warnings=(*done.warnings, what))
    done = done._replace(searched=searched)
    if searched.left or done.rewritten.kept or gone.line is None or not plan.erased.ids:
        return done
    places = ("vault", "trash", *(("index",) if INDEX_REMAINS not in done.warnings else ()), "home")
    proof = Proof(
        plan.erased,
        commits_rewritten=done.rewritten.commits,
        objects_searched=searched.objects,
        files_searched=searched.files,
        texts_searched=len(texts),
        verified=(*places, "history") if searched.objects else places,
        also_in=searched.also_in,
        tip=done.rewritten.tip,
        line=gone.line,
    )
    try:
        return done._replace(certificate=certify(ports, proof))
    except SmosError as error:
        return done._replace(warnings=(*done.warnings, f"It is not certified: {error.message}"))
