"""The merge of two trees: what is one thing is merged, forgetting wins, and every file finds its place."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from smos_cli.core.layout import role_of
from smos_cli.core.merging.copies import Copy, Lost, memory_copy, sibling
from smos_cli.core.merging.documents import Versions
from smos_cli.core.merging.graves import Graves
from smos_cli.core.merging.kinds import Outcome, merged_file
from smos_cli.core.merging.matching import File, Unit, identity_of, matched
from smos_cli.core.merging.own import fork_name
from smos_cli.core.merging.shapes import Clash, Merged, Side
from smos_cli.core.merging.turnlinks import moved_turns, relinked


def merge(base: Mapping[str, bytes], one: Side, other: Side, *, prefix: str = "", known: Container[str] = ()) -> Merged:
    """Merge two sides that come from a base, which may be empty; ``merge(base, x, y) == merge(base, y, x)``.

    ``prefix`` is where our own files begin (``""`` or ``smos/``). ``known`` are the paths that all three have alike,
    so that they are not in them: a copy that would lie there was made before.
    """
    if isinstance(base, Supposed):
        base = base.of(one, other, known)
    return _merge(base, sorted((one, other), key=_rank), prefix, known)[0]


def virtual_base(base: Mapping[str, bytes], sides: Sequence[Side], *, prefix: str = "") -> dict[str, bytes]:
    """Return one base for several merge bases: their merge, given the base that they in turn have in common.

    What clashes in it is left out, unless both sides of the merge that asks for it have the copy that it makes: each
    may have settled that clash in its own way, and neither is a change of the other.
    """
    first, *rest = sorted(sides, key=_rank)
    supposed: list[Clash] = []
    files: dict[str, bytes] = dict(first.files)
    doubtful: set[str] = set()
    for side in rest:
        grounds = base.of(first, side, ()) if isinstance(base, Supposed) else base
        merged, unsure = _merge(grounds, sorted((first, side), key=_rank), prefix, ())
        first = Side(merged.files, side.time, side.name)
        supposed += [clash for clash in merged.clashes if clash.copy]
        doubtful |= unsure
        files |= merged.files
    certain = {path: data for path, data in first.files.items() if path not in doubtful}
    return Supposed(certain, files, supposed)


class Supposed(dict[str, bytes]):
    """A base that no commit has, and what clashed when it was made."""

    def __init__(self, certain: Mapping[str, bytes], files: Mapping[str, bytes], clashes: Sequence[Clash]) -> None:
        super().__init__(certain)
        self._files, self._clashes = files, clashes

    def of(self, one: Side, other: Side, known: Container[str]) -> dict[str, bytes]:
        """Return the base for two sides: with a clash where both have its copy, and so settled it in this way."""
        files = dict(self)
        for clash in self._clashes:
            if clash.copy in known or all(_has(side, clash) for side in (one, other)):
                files |= {path: self._files[path] for path in (clash.path, clash.copy)}
        return files


def _has(side: Side, clash: Clash) -> bool:
    names = (identity_of(*file) for file in side.files.items())
    return clash.copy in side.files or (bool(clash.copy_identity) and clash.copy_identity in names)


def _merge(
    base: Mapping[str, bytes], sides: Sequence[Side], prefix: str, known: Container[str]
) -> tuple[Merged, set[str]]:
    """Return the merge of two sides, the early one first, and the paths of what clashed and of what that made."""
    early, late = sides
    ground = _Ground(early, late, prefix, Graves(base, early.files, late.files, prefix))
    kept, put_away = _kept(base, ground)
    renumbered = [(one.file, one.outcome.renumbered) for one in kept if one.outcome.renumbered]
    if moved := moved_turns(renumbered):
        kept = [
            one._replace(file=File(one.file.path, relinked(one.file.data, moved))) if one.is_early else one
            for one in kept
        ]
    files = {one.file.path: one.file.data for one in kept}
    merged = _with_copies(Merged(files, put_away, ()), kept, ground, known)
    tombstones = ground.graves.data(renumbered)
    if tombstones is not None:
        merged.files[ground.graves.path] = tombstones
    unsure = {one.file.path for one in kept if one.outcome.renumbered or one.outcome.lost is not None}
    return merged, unsure | {clash.copy for clash in merged.clashes}


class _Ground(NamedTuple):
    """What every decision of a merge rests on."""

    early: Side
    late: Side
    prefix: str
    graves: Graves


class _Kept(NamedTuple):
    """What a unit became, and where it is to lie."""

    file: File
    outcome: Outcome
    rank: tuple[bool, bool]
    """whose the path is, if two want it: who had it in the base comes first, then the late side's"""
    is_early: bool = False
    """it is the early side's alone"""


def _rank(side: Side) -> tuple[int, str, str]:
    content = sha256()
    for path, data in sorted(side.files.items()):
        content.update(f"{path}\n{len(data)}\n".encode("utf-8", "surrogateescape") + data)
    return side.time, side.name, content.hexdigest()


def _kept(base: Mapping[str, bytes], ground: _Ground) -> tuple[list[_Kept], dict[str, bytes]]:
    """Return what stays, each where it can lie, and by path what is put away."""
    trees = (base, ground.early.files, ground.late.files)
    without_graves = ({path: data for path, data in tree.items() if path != ground.graves.path} for tree in trees)
    kept: list[_Kept] = []
    put_away: dict[str, bytes] = {}
    for unit in matched(*without_graves):
        if unit.early and unit.late:
            kept.append(_merged(unit, unit.early, unit.late, ground))
        elif there := unit.early or unit.late:
            if _stays(unit, there, ground.graves):
                kept.append(_Kept(there, Outcome(there.data), _priority(unit, there), unit.late is None))
            elif _is_news(unit, there, ground):
                put_away[_free(there, put_away)] = there.data
    return _placed(kept), put_away


def _stays(unit: Unit, there: File, graves: Graves) -> bool:
    """Say whether what only one side has stays: the other never had it, or deleted it and this side changed it."""
    if identity_of(*there) in graves.erased or graves.holds(*there, unit.base.data if unit.base else None):
        return False
    return there != unit.base


def _is_news(unit: Unit, there: File, ground: _Ground) -> bool:
    """Say whether what goes is put away: who forgot a memory has it in the trash, as far as it was the same here."""
    base = unit.base.data if unit.base else None
    kept = there.data == base and ground.graves.holds(*there, base)
    return not kept and _is_remembered(there, ground) and identity_of(*there) not in ground.graves.erased


def _is_remembered(file: File, ground: _Ground) -> bool:
    return role_of(file.path, ground.prefix) in ("memory", "episode") or bool(identity_of(*file))


def _merged(unit: Unit, early: File, late: File, ground: _Ground) -> _Kept:
    moved = unit.base is not None and late.path == unit.base.path
    path = early.path if moved else late.path
    versions = Versions(unit.base.data if unit.base else None, early.data, late.data)
    outcome = merged_file(path, versions, ground.prefix, ground.graves)
    file = File(path, outcome.data)
    return _Kept(file, outcome, _priority(unit, late if path == late.path else early))


def _priority(unit: Unit, file: File) -> tuple[bool, bool]:
    at_home = unit.base is not None and unit.base.path == file.path
    return not at_home, unit.late is None or unit.late.path != file.path


def _placed(kept: Sequence[_Kept]) -> list[_Kept]:
    """Return what stays with a path of its own each; a name can't be both a file and a folder."""
    taken = {folder for one in kept for folder in _folders(one.file.path)}
    placed = []
    for one in sorted(kept, key=lambda one: (one.rank, one.file)):
        path = _free(one.file, taken)
        taken.add(path)
        placed.append(one._replace(file=one.file._replace(path=path)))
    return placed


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _free(file: File, taken: Container[str]) -> str:
    return file.path if file.path not in taken else sibling(*file).path


def _with_copies(merged: Merged, kept: Sequence[_Kept], ground: _Ground, known: Container[str]) -> Merged:
    """Return the merge with a copy of every version that lost a clash, unless it is there."""
    settled = ground.graves.ids.union(identity_of(*one.file) for one in kept) - {""}
    clashes = []
    for one in kept:
        path, lost = one.file.path, one.outcome.lost
        if lost is None:
            continue
        clash = Clash(path, identity_of(*one.file), "", "", one.outcome.why)
        if one.outcome.becomes == "trash":
            merged.put_away[path] = lost
        else:
            copy = _copy(one, lost, ground.early.time)
            if copy.identity not in settled and copy.path not in known:
                place = copy.path if merged.files.get(copy.path, copy.data) == copy.data else sibling(*copy[:2]).path
                merged.files[place] = copy.data
                clash = clash._replace(copy=place, copy_identity=copy.identity)
        clashes.append(clash)
    return merged._replace(clashes=tuple(sorted(clashes)))


def _copy(one: _Kept, lost: bytes, time: int) -> Copy:
    path, becomes = one.file.path, one.outcome.becomes
    if becomes == "fork":
        return Copy(fork_name(path, lost), lost)
    memory = memory_copy(Lost(lost, path, one.file.data, time)) if becomes == "memory" else None
    return memory or sibling(path, lost)
