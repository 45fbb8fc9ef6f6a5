"""Where in a history something of what was erased is: which blob at which path, and which commits.

Owns the finding of them, in the objects and in what each commit changed. What of a file has to go is core's to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from smos_cli.adapters.files import LARGEST
from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import Object, Objects, lines_of
from smos_cli.core import cleaning
from smos_cli.core.forgotten import mask
from smos_cli.core.ports import Progress
from smos_cli.core.purging import Erased

DEAD, TURNS, LINES = "dead", "turns", "lines"
_FILES = (b"100644", b"100755", b"100664")
_LOG = (
    # A root is a change from nothing, and a merge one from each of its parents, whatever the user's settings.
    *("-c", "log.showRoot=true", "-c", "log.diffMerges=separate"),
    *("log", "-z", "--raw", "-m", "--no-renames", "--no-abbrev", "--no-relative", "--no-color", "--no-ext-diff"),
    *("--no-show-signature", "--no-mailmap", "--no-notes", "-O/dev/null", "--ignore-submodules=none"),
    "--format=tformat:commit %H",
)
_EVERY = 1000
_AT_ONCE = 500


class Verdict(NamedTuple):
    """What becomes of a blob: it goes, or turns are taken out of it, or lines of ours about ids."""

    kind: str
    identity: str = ""
    """of the episode whose turns are erased"""


class Change(NamedTuple):
    """A file that a commit made or changed."""

    commit: bytes
    path: bytes
    blob: bytes


class Judge:
    """Says of a blob what becomes of it."""

    def __init__(self, erased: Erased) -> None:
        self.erased = erased
        self.places = frozenset(turn.partition("#")[0] for turn in erased.turns)
        """ids and paths of the episodes that have erased turns"""
        self._names = self.places | erased.ids
        self.dead_paths: set[str] = set()
        self.episodes: dict[str, str] = {}
        """where episodes with erased turns lay, and their ids"""

    def of(self, path: str, data: bytes) -> Verdict | None:
        """Judge a file."""
        verdict = self.by_content(data)
        if verdict and self.applies(path, verdict):
            return verdict
        return self.by_path(path, data) if self.cares_for(path) else None

    def by_content(self, data: bytes) -> Verdict | None:
        """Judge a blob by its id alone, and one that has lines of ours."""
        if not cleaning.may_concern(data, self._names):
            return None
        identity = cleaning.id_of(data)
        if identity in self.erased.ids:
            return Verdict(DEAD)
        if identity in self.places:
            return self._of_turns(data, identity, "")
        return Verdict(LINES) if not identity and cleaning.without_lines(data, self.erased) != data else None

    def applies(self, path: str, verdict: Verdict) -> bool:
        """Say whether what a blob holds means at a path what it seems to: somebody's notes may hold such lines."""
        return verdict.kind != LINES or cleaning.has_lines(path)

    def by_path(self, path: str, data: bytes) -> Verdict | None:
        """Judge a blob that has no id by what else lay at its path."""
        if cleaning.has_lines(path):
            return Verdict(LINES) if self.cleaned(path, data, Verdict(LINES)) != data else None
        if cleaning.id_of(data):
            return None
        if path in self.dead_paths:
            return Verdict(DEAD)
        return self._of_turns(data, self.episodes.get(path, ""), path)

    def cares_for(self, path: str) -> bool:
        """Say whether ``by_path`` may have something to say."""
        return (
            path in self.dead_paths
            or path in self.episodes
            or (cleaning.has_lines(path) and bool(self.dead_paths))
            or mask(path, "").removesuffix("#") in self.places
        )

    def cleaned(self, path: str, data: bytes, verdict: Verdict) -> bytes:
        """Return what is left of a blob that does not go as a whole."""
        if verdict.kind == LINES:
            return cleaning.without_lines(data, self.erased, self.dead_paths)
        gone = cleaning.turns_of(verdict.identity, path, self.erased)
        return cleaning.without_turns(data, gone) if gone else data

    def texts(self, path: str, data: bytes, verdict: Verdict) -> set[str]:
        """Return what a blob says of what was erased."""
        if verdict.kind == DEAD:
            return cleaning.texts_of(data)
        gone = cleaning.turns_of(verdict.identity, path, self.erased) if verdict.kind == TURNS else None
        return cleaning.turn_texts(data, gone) if gone else set()

    def _of_turns(self, data: bytes, identity: str, path: str) -> Verdict | None:
        verdict = Verdict(TURNS, identity)
        return verdict if self.cleaned(path, data, verdict) != data else None


class Traces:
    """What was found: ``verdicts`` by path and blob, ``touching`` the commits that brought any of it in."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.content: dict[bytes, Verdict] = {}
        """by the name of a blob, also of those that no commit has any more"""
        self.verdicts: dict[bytes, dict[bytes, Verdict]] = {}
        self.touching: set[bytes] = set()
        self.telling: set[bytes] = set()
        """those of them that brought in more than lines of ours about ids"""

    def add(self, change: Change, verdict: Verdict) -> None:
        """Take in a blob at a path."""
        self.verdicts.setdefault(change.path, {})[change.blob] = verdict
        self.touching.add(change.commit)
        if verdict.kind != LINES:
            self.telling.add(change.commit)


def trace(git: Git, objects: Objects, erased: Erased, progress: Progress) -> Traces:
    """Look through the whole repository."""
    judge = Judge(erased)
    traces = Traces(judge)
    for number, item in enumerate(_blobs(objects)):
        if number % _EVERY == 0:
            progress("Looking through the history", number, 0)
        if verdict := judge.by_content(item.data):
            traces.content[item.name] = verdict
    _place(git, traces)
    if judge.dead_paths or judge.episodes or judge.places:
        _place_by_path(git, objects, traces)
    return traces


def holds(git: Git, objects: Objects, erased: Erased, revisions: Sequence[str]) -> bool:
    """Say whether what some revisions brought in has something of it; commit messages are not looked at."""
    judge = Judge(erased)
    fresh = _first_of_each(changes(git, revisions))
    while some := list(islice(fresh, _AT_ONCE)):
        paths = {change.blob: os.fsdecode(change.path) for change in some}
        for item in objects.stream(paths):
            if judge.of(paths[item.name], item.data):
                return True
    return False


def changes(git: Git, revisions: Sequence[str] = ("--all",)) -> Iterator[Change]:
    """Yield every file that a commit has and one of its parents has not so; a merge has several."""
    fields = lines_of(git, *_LOG, *revisions, "--", end=b"\0")
    commit = b""
    for field in map(bytes.lstrip, fields):
        if field.startswith(b"commit "):
            commit = field.split()[1]
        elif field.startswith(b":"):
            _, mode, _, blob, _ = field.split()
            path = next(fields)
            if mode in _FILES:
                yield Change(commit, path, blob)


def _first_of_each(found: Iterable[Change]) -> Iterator[Change]:
    """Yield the first of the changes to each blob."""
    seen: set[bytes] = set()
    for change in found:
        if change.blob not in seen:
            seen.add(change.blob)
            yield change


def _blobs(objects: Objects) -> Iterator[Object]:
    """Yield every blob that can be a file of ours."""
    names = (item.name for item in objects.listed() if item.kind == b"blob" and item.size <= LARGEST)
    return objects.stream(names)


def _place(git: Git, traces: Traces) -> None:
    """Find where the blobs lay that were told by what they hold."""
    for change in changes(git):
        verdict, path = traces.content.get(change.blob), os.fsdecode(change.path)
        if verdict and traces.judge.applies(path, verdict):
            traces.add(change, verdict)
            if verdict.kind == DEAD:
                traces.judge.dead_paths.add(path)
            elif verdict.kind == TURNS:
                traces.judge.episodes[path] = verdict.identity


def _place_by_path(git: Git, objects: Objects, traces: Traces) -> None:
    """Judge the others at those paths."""
    judge = traces.judge
    judged: dict[tuple[bytes, bytes], Verdict | None] = {}
    for change in changes(git):
        path = os.fsdecode(change.path)
        known = traces.content.get(change.blob)
        if (known and known.kind != LINES) or not judge.cares_for(path):
            continue
        key = (change.path, change.blob)
        if key not in judged:
            judged[key] = judge.by_path(path, objects.read(change.blob).data)
        if verdict := judged[key]:
            traces.add(change, verdict)
