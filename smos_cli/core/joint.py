"""Taking in another line of history: forward along it, or merged with one's own.

Owns what is merged with what: the files in which they differ, by the best commits that they share. Refuses what no
vault has: links, repositories, names that lead out of it. To be used while the vault's lock is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from smos_cli.core.applying import Goal, apply, current
from smos_cli.core.audit import folder_of, write
from smos_cli.core.card import check_card
from smos_cli.core.changes import Change
from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import CARD, TOMBSTONES, role_of
from smos_cli.core.merge_record import VERB, Told, tell
from smos_cli.core.merging import Clash, Side, merge, virtual_base
from smos_cli.core.ports import Ports
from smos_cli.core.purging import Purge
from smos_cli.core.remote import Branch, Difference, Other, blob_name
from smos_cli.core.renewing import renew
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import RemoteError


class Joint(NamedTuple):
    """What became of both lines."""

    tip: str
    """where the branch is"""
    theirs: str = ""
    """where the other line is, without what was erased"""
    received: int = 0
    merged: int = 0
    clashes: tuple[Clash, ...] = ()
    put_away: tuple[str, ...] = ()
    rewritten: bool = False
    erased: tuple[str, ...] = ()
    """ids of memories that were here and that others erased"""
    warnings: tuple[str, ...] = ()


def take_in(ports: Ports, other: Other, purge: Purge, fetched: str, most: int) -> Joint:
    """Bring branch and files to where they have both; ``StaleError`` when a file changed since it was committed."""
    revisions = other.revisions
    renewed = renew(ports, revisions, purge, fetched, most)
    branch, theirs = revisions.branch(), revisions.fetched() if fetched else ""
    joint = Joint(branch.tip, theirs, rewritten=renewed.rewritten, erased=renewed.erased, warnings=renewed.warnings)
    if not theirs or theirs == branch.tip:
        return joint
    bases = revisions.bases(branch.tip, theirs) if branch.tip else ()
    if theirs in bases:
        return joint
    taking = _Taking(ports, other, branch, theirs)
    if taking.committed_conversations():
        again = take_in(ports, other, purge, fetched, most)
        told = dict.fromkeys((*joint.warnings, *again.warnings))
        erased = (*joint.erased, *again.erased)
        return again._replace(rewritten=joint.rewritten or again.rewritten, erased=erased, warnings=tuple(told))
    joint = joint._replace(received=revisions.count(theirs, branch.tip))
    return taking.forward(joint) if not branch.tip or branch.tip in bases else taking.merge(joint, bases)


class _Taking:
    """One line that is taken in."""

    def __init__(self, ports: Ports, other: Other, branch: Branch, theirs: str) -> None:
        self._ports = ports
        self._revisions = other.revisions
        self._branch = branch
        self._theirs = theirs
        self._changes = other.revisions.differences(branch.tip, theirs)
        _check(self._changes, other.remote.name)
        self._blobs: dict[str, bytes] = {}
        self._trees: dict[str, dict[str, str]] = {}
        """of each commit and path the blob that it has, or nothing; see ``_read_trees``"""

    def committed_conversations(self) -> bool:
        """Commit what they changed of conversations and is otherwise here: where those are local, nobody else does."""
        if self._ports.episodes == "versioned":
            return False
        written: list[str] = []
        removed: list[str] = []
        for change in self._changes:
            if role_of(change.path, self._ports.vault.base) == "episode":
                there = current(self._ports, change.path)
                found = blob_name(there.data, self._theirs) if there else ""
                if found not in (change.before, change.after):
                    (written if found else removed).append(change.path)
        if not written and not removed:
            return False
        subject = f"{VERB}: Conversations that others changed, too"
        told = Change(VERB, subject, (), self._ports.door, self._ports.actor)
        return bool(self._ports.history.commit(replace(told, written=tuple(written), removed=tuple(removed))))

    def forward(self, joint: Joint) -> Joint:
        """Go on to where they are."""
        self._load(change.after for change in self._changes)
        # What is a file on neither side is a link that goes: it is nothing that we write.
        changes = [one for one in self._changes if one.before or one.after]
        goals = [Goal(one.path, one.before, self._blobs.get(one.after)) for one in changes]
        self._check_card(related=True)
        put_away = apply(self._ports, goals, {}, self._erased(goals))
        self._revisions.forward(self._branch, self._theirs)
        return joint._replace(
            tip=self._theirs, put_away=tuple(put_away), warnings=(*joint.warnings, *self._against_our_chain(goals))
        )

    def _against_our_chain(self, goals: Sequence[Goal]) -> Iterable[str]:
        """Say so when they changed what this machine wrote of its own commands: nobody but it goes on with that."""
        machine = self._ports.machine.known()
        if not machine:
            return
        ours = f"{folder_of(self._ports.vault, machine)}/"
        for goal in goals:
            if goal.path.startswith(ours) and goal.path.endswith(".jsonl") and goal.before:
                self._load([goal.before])
                if not (goal.after or b"").startswith(self._blobs[goal.before]):
                    yield f"Others changed {goal.path}, which only this machine adds to: see `smos audit verify`."

    def merge(self, joint: Joint, bases: Sequence[str]) -> Joint:
        """Make files, an audit line and a commit of both."""
        prefix = self._ports.vault.base
        self._read_trees(bases)
        sides = self._side(self._branch.tip), self._side(self._theirs)
        self._check_card(related=bool(bases))
        base = self._base(bases)
        ours = self._trees[self._branch.tip]
        alike = {one.path for one in self._revisions.differences("", self._branch.tip)} - ours.keys()
        merged = merge(base, *sides, prefix=prefix, known=alike)
        goals = [
            Goal(path, ours.get(path, ""), merged.files.get(path))
            for path in sorted({*ours, *merged.files})
            if merged.files.get(path) != sides[0].files.get(path)
        ]
        put_away = apply(self._ports, goals, merged.put_away, self._erased(goals))
        told = tell(self._ports, base, sides, merged.files)
        commit = self._commit(goals, told, joint.received)
        return joint._replace(tip=commit, merged=told.both, clashes=merged.clashes, put_away=tuple(put_away))

    def _commit(self, goals: Sequence[Goal], told: Told, received: int) -> str:
        audit = write(self._ports, told.entry) if told.entry.touched else []
        change = Change(
            verb=VERB,
            subject=f"{VERB}: Merge {received} commit{'' if received == 1 else 's'}",
            ids=tuple(told.entry.ids),
            door=self._ports.door,
            actor=self._ports.actor,
            why=self._ports.reason,
            written=(*(goal.path for goal in goals if goal.after is not None), *audit),
            removed=tuple(goal.path for goal in goals if goal.after is None),
        )
        return self._ports.history.commit_merge(change, self._theirs)

    def _read_trees(self, bases: Sequence[str]) -> None:
        """Read which blobs the commits have at the paths in which one of them is not as ours."""
        apart = {commit: self._revisions.differences(self._branch.tip, commit) for commit in bases}
        apart[self._theirs] = self._changes
        ours = {one.path: one.before for some in apart.values() for one in some}
        self._trees = {commit: {**ours, **_afters(some)} for commit, some in apart.items()} | {self._branch.tip: ours}

    def _tree(self, commit: str) -> dict[str, str]:
        if commit not in self._trees:
            ours = self._trees[self._branch.tip]
            apart = _afters(self._revisions.differences(self._branch.tip, commit))
            self._trees[commit] = {path: apart.get(path, blob) for path, blob in ours.items()}
        return self._trees[commit]

    def _side(self, commit: str) -> Side:
        return Side(self._files(commit), self._revisions.seconds(commit), commit)

    def _base(self, bases: Sequence[str]) -> dict[str, bytes]:
        """Return the files that a merge starts from; of several bases, what their own merge would have."""
        if len(bases) < 2:
            return self._files(bases[0]) if bases else {}
        sides = sorted(map(self._side, bases), key=lambda side: (side.time, side.name))
        shared = self._revisions.bases(*sorted(bases)[:2])
        return virtual_base(self._base(shared), sides, prefix=self._ports.vault.base)

    def _files(self, commit: str) -> dict[str, bytes]:
        """Return the restricted tree of a commit; the tombstones, which every merge needs, are always in it."""
        tree = self._tree(commit)
        self._load(tree.values())
        files = {path: self._blobs[blob] for path, blob in tree.items() if blob}
        tombstones = self._ports.vault.base + TOMBSTONES
        if tombstones not in tree and (forgotten := read_forgotten(self._ports.vault)).etag:
            files[tombstones] = _data(forgotten)
        return files

    def _load(self, names: Iterable[str]) -> None:
        missing = {name for name in names if name} - self._blobs.keys()
        if missing:
            self._blobs.update(self._revisions.blobs(sorted(missing)))

    def _erased(self, goals: Sequence[Goal]) -> frozenset[str]:
        """Return what will be erased by the tombstones to come, or is by those there are."""
        path = self._ports.vault.base + TOMBSTONES
        coming = next((goal.after for goal in goals if goal.path == path and goal.after is not None), None)
        forgotten = read_forgotten(self._ports.vault)
        return forgotten.erased if coming is None else forgotten.erased | Forgotten(_text(coming)).erased

    def _check_card(self, *, related: bool) -> None:
        """Look at their card where it changed or is gone, or where they may be anything."""
        path = self._ports.vault.base + CARD
        if not related or any(change.path == path for change in self._changes):
            check_card(self._revisions.file(self._theirs, path) or None)


def _check(changes: Iterable[Difference], remote: str) -> None:
    for change in changes:
        if change.refused:
            raise RemoteError(
                f"{remote} has {change.path}, which is {change.refused}, so nothing is taken from it.",
                "Remove that there, or look into it with git; the vault here is as it was.",
            )


def _afters(changes: Iterable[Difference]) -> dict[str, str]:
    return {change.path: change.after for change in changes}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _data(forgotten: Forgotten) -> bytes:
    return forgotten.render().encode("utf-8", "surrogateescape")
