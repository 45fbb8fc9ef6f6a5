"""Bringing a model: from the hub, a mirror or a folder, whole or not at all.

Owns what has to be right before and after: the licence, the role, which file is missing, what each must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from smos_cli.core.catalogue import (
    PLAYED_BY,
    Described,
    Installed,
    Listed,
    Part,
    Source,
    Stage,
    Store,
    check_model_name,
    check_path,
)
from smos_cli.core.models import ROLES
from smos_cli.core.ports import Problem, Progress
from smos_cli.errors import ModelError, NotFoundError, OfflineError, UsageError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be pulled. ``folder`` is where its files lie on this machine; empty: on the hub."""

    name: str
    role: str = ""
    folder: str = ""
    accept_licence: bool = False
    accept_unpinned: bool = False
    mirror: str = ""


class Pulled(NamedTuple):
    """What pulling came to. ``outcome`` is installed, replaced, or present: the same was here."""

    outcome: str
    model: Installed
    brought: int
    """bytes that came now"""
    unpinned: tuple[str, ...] = ()
    """files that no hash was known for before they came"""


class Folder(Source, Protocol):
    """A folder of this machine that holds a model's files."""

    def describe(self) -> Described:
        """Return what its files say of themselves; ``ModelError``, ``UsageError`` when there are two models in it."""


class Means(NamedTuple):
    """What pulling works with."""

    store: Store
    table: Sequence[Listed]
    hub: Callable[[Wanted], Source]
    """the hub or a mirror"""
    folder: Callable[[str], Folder]
    address: Callable[[Wanted, Part], str]
    """where a file would come from"""
    progress: Progress
    offline: bool
    """no server may be asked"""


def pull(means: Means, wanted: Wanted, agree: Callable[[Listed], bool]) -> Pulled | None:
    """Bring a model and install it; None when the user does not ``agree`` to a licence that has to be asked for."""
    check_model_name(wanted.name)
    if wanted.role and wanted.role not in ROLES:
        raise UsageError(f"{wanted.role!r} is not a role.", f"The roles are {', '.join(ROLES)}.")
    listed = next((item for item in means.table if item.name == wanted.name), None)
    if listed is None:
        return _from_elsewhere(means, wanted)
    if wanted.role not in ("", listed.role):
        raise UsageError(f"{listed.name} plays the role {listed.role}, not {wanted.role}.", "Leave --role out.")
    if not (listed.commercial or wanted.accept_licence or agree(listed)):
        return None
    return _listed(means, wanted, listed)


def model_of(listed: Listed) -> Installed:
    """Return a model of the table as it would be installed."""
    return Installed(
        name=listed.name,
        role=listed.role,
        format=listed.format,
        folder=Path(),
        model_id="",
        dimensions=listed.dimensions,
        context=listed.context,
        source=listed.source,
        revision=listed.revision,
        licence=listed.licence,
        parts=listed.parts,
    )


def _listed(means: Means, wanted: Wanted, listed: Listed) -> Pulled:
    with means.store.staging(listed.name) as stage:
        before = _before(means.store, listed.name)
        model = _as_before(model_of(listed), before)
        if before and _same(before, model) and not _differences(means, before):
            return Pulled("present", before, 0)
        if wanted.folder:
            source: Source = means.folder(wanted.folder)
        else:
            source = _Nowhere() if means.offline else means.hub(wanted)
        return _gathered(means, wanted, model, _Bringing(stage, source, before))


def _from_elsewhere(means: Means, wanted: Wanted) -> Pulled:
    """Bring a model that the table does not have."""
    here = _before(means.store, wanted.name)
    if not wanted.folder and here:
        again = f"Bring it again with `smos models pull {here.name} --from DIR`; it came from {here.source}."
        raise NotFoundError(f"The model {here.name} is not in the table.", again)
    if not wanted.folder:
        raise _unlisted(wanted.name, [item.name for item in means.table])
    folder = means.folder(wanted.folder)
    model = _described(wanted, folder.describe(), here.role if here else "")
    with means.store.staging(wanted.name) as stage:
        before = _before(means.store, wanted.name)
        if before and before.role != model.role:
            # It may be in use; who removes it is told.
            raise UsageError(
                f"{wanted.name} is installed, and plays the role {before.role}, not {model.role}.",
                f"Give another name, or `smos models remove {wanted.name}` first.",
            )
        return _gathered(means, wanted, model, _Bringing(stage, folder, before))


def _unlisted(name: str, names: Sequence[str]) -> NotFoundError:
    from difflib import get_close_matches

    close = [one for one in names if name in one] or get_close_matches(name, names, n=1)
    guess = f"Did you mean {' or '.join(close)}? " if close else ""
    return NotFoundError(
        f"There is no model {name!r} in the table.",
        f"{guess}See them with `smos models list`; bring any other with --from DIR.",
    )


def _described(wanted: Wanted, found: Described, before: str) -> Installed:
    """Return what a folder holds; its role is the one that is wanted, that its files say, or that it had before."""
    role = wanted.role or found.role or before
    if not role:
        raise UsageError(
            f"The files of {wanted.name} don't say what the model is for.", f"Add --role: {', '.join(ROLES)}."
        )
    if role not in PLAYED_BY[found.format]:
        can = " or ".join(PLAYED_BY[found.format])
        raise UsageError(f"A model of the format {found.format} can't play the role {role}.", f"It can play {can}.")
    for part in found.parts:
        check_path(part.path)
    return Installed(
        name=wanted.name,
        role=role,
        format=found.format,
        folder=Path(),
        model_id="",
        dimensions=found.dimensions if role == "embedder" else 0,
        context=found.context,
        source=wanted.folder,
        parts=found.parts,
    )


class _Bringing(NamedTuple):
    stage: Stage
    source: Source
    before: Installed | None


def _gathered(means: Means, wanted: Wanted, model: Installed, bringing: _Bringing) -> Pulled:
    """Bring what is not here yet, then install all of it."""
    stage, source, before = bringing
    found = {part.path: stage.whole(part) for part in model.parts}
    missing = [part for part in model.parts if found[part.path] is None]
    try:
        if lacking := source.lacks(missing):
            raise _lacking(model.name, wanted, lacking)
        stage.require(sum(max(0, part.size - stage.begun(part)) for part in missing))
        brought = _brought(missing, stage, source, _Told(means.progress, f"pulling {model.name}", model.parts, missing))
    except OfflineError as error:
        still = [part for part in missing if stage.whole(part) is None]
        raise OfflineError(error.message, _how(means, wanted, still, stage)) from error
    came = {part.path: part for part in brought}
    parts = tuple(found[part.path] or came[part.path] for part in model.parts)
    unpinned = tuple(part.path for part in missing if not part.sha256)
    done = stage.commit(model._replace(parts=parts))
    outcome = "installed" if before is None else "present" if _same(before, done) else "replaced"
    return Pulled(outcome, done, sum(part.size for part in brought), unpinned if model.revision else ())


class _Told:
    """Adds up what came of each file into one progress."""

    def __init__(self, progress: Progress, stage: str, parts: Sequence[Part], missing: Sequence[Part]) -> None:
        self._progress, self._stage = progress, stage
        known = all(part.size for part in parts)
        self._total = sum(part.size for part in parts) if known else 0
        absent = {part.path for part in missing}
        self._base = sum(part.size for part in parts if part.path not in absent)

    def so_far(self, count: int) -> None:
        self._progress(self._stage, self._base + count, self._total)

    def whole(self, part: Part) -> None:
        self._base += part.size
        self.so_far(0)


def _brought(missing: Sequence[Part], stage: Stage, source: Source, told: _Told) -> list[Part]:
    done: list[Part] = []
    # The small ones first: what is wrong with a source shows early.
    for part in sorted(missing, key=lambda part: part.size or math.inf):
        done.append(source.bring(part, stage, told.so_far))
        told.whole(done[-1])
    return done


class _Nowhere:
    """The source of who may ask no server."""

    def lacks(self, parts: Sequence[Part]) -> Sequence[Part]:
        if parts:
            raise OfflineError("Nothing is pulled offline.", "")
        return []

    def bring(self, part: Part, stage: Stage, told: Callable[[int], None]) -> Part:  # noqa: ARG002 - the port's
        raise OfflineError("Nothing is pulled offline.", "")


def _before(store: Store, name: str) -> Installed | None:
    """Return what is installed; what is there and is none is replaced."""
    try:
        return store.find(name)
    except ModelError:
        return None


def _as_before(model: Installed, before: Installed | None) -> Installed:
    """Hold files that the table does not pin to what they were when they first came, if from the same revision."""
    if before is None or (before.source, before.revision) != (model.source, model.revision):
        return model
    known = {part.path: part for part in before.parts}
    return model._replace(
        parts=tuple(
            part if part.sha256 or part.path not in known else known[part.path]._replace(address=part.address)
            for part in model.parts
        )
    )


def _same(one: Installed, other: Installed) -> bool:
    """Say whether two models are made of the same files, by their digests."""
    return {part.path: part.sha256 for part in one.parts} == {part.path: part.sha256 for part in other.parts}


def _lacking(name: str, wanted: Wanted, lacking: Sequence[Part]) -> NotFoundError:
    names = ", ".join(part.path for part in lacking)
    return NotFoundError(f"{wanted.folder} does not have all files of {name}.", f"Add to it, then try again: {names}.")


def _how(means: Means, wanted: Wanted, missing: Sequence[Part], stage: Stage) -> str:
    """Tell what is missing, from where it would come, and how else it can be brought."""
    lines = [
        f"{part.path}  {_bytes(part.size - stage.begun(part)) if part.size else 'size unknown'}"
        f"  {means.address(wanted, part)}"
        for part in missing
    ]
    size = sum(max(0, part.size - stage.begun(part)) for part in missing)
    files = "1 file is" if len(lines) == 1 else f"{len(lines)} files are"
    head = f"{files} missing, {_bytes(size)}. Bring what is listed here in a folder, and run"
    return "\n      ".join((f"{head} `smos models pull {wanted.name} --from DIR`:", *lines))


def _bytes(count: int) -> str:
    return f"{count:,} bytes"


def _differences(means: Means, model: Installed) -> Sequence[Problem]:
    stage = f"checking {model.name}"
    return means.store.differences(model, lambda read: means.progress(stage, read, model.size))
