"""The vault's history without what was erased: looked through, rewritten, and swept. The ``Purge`` port.

Owns the order: new objects first, then every branch and tag at once, then what is left over, so that a kill leaves
the old history or the new one and the same call ends the work. Refuses a repository that smos did not make, or whose
objects others share.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import LIMIT, Objects, foreign
from smos_cli.adapters.git.pack import Pack
from smos_cli.adapters.git.refusal import refusal, stashed
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.rewrite import Commit, Rewriter, commits_of
from smos_cli.adapters.git.sweep import sweep
from smos_cli.adapters.git.traces import DEAD, LINES, Traces, holds, trace
from smos_cli.adapters.git.wire import hidden
from smos_cli.adapters.locks import held
from smos_cli.core import cleaning
from smos_cli.core.ports import Progress
from smos_cli.core.purging import Erased, Rewritten, Survey
from smos_cli.errors import StorageError

_TURN_WAIT = 30.0


class GitPurge:
    """The ``Purge`` port over git."""

    def __init__(self, vault: Path, progress: Progress, binary: str = "git") -> None:
        self._vault = vault
        self._repository = Repository(vault, binary)
        self._folder = self._repository.folder
        self._progress = progress
        self._binary = binary

    def refusal(self) -> tuple[str, str] | None:
        return refusal(self._vault, self._binary)

    def survey(self, erased: Erased) -> Survey:
        if not self._repository.is_used():
            return Survey()
        git = self._repository.git()
        with Objects(git) as objects, Objects(git) as others:
            traces = trace(git, objects, erased, self._progress)
            survey = _of_commits(traces, commits_of(git, others))
            texts, bodies = _what_was_said(traces, objects)
        return survey._replace(texts=survey.texts | texts, bodies=bodies, remotes=self._remotes(git))

    def holds(self, erased: Erased, revisions: Sequence[str] = ()) -> bool:
        if not self._repository.is_used() or not (erased.ids or erased.turns):
            return False
        git, asked = self._repository.git(), tuple(revisions) or ("--all",)
        with Objects(git) as objects, Objects(git) as others:
            if holds(git, objects, erased, asked):
                return True
            commits = commits_of(git, others, asked)
            return any(cleaning.without_words(one.message, erased.ids) != one.message for one in commits)

    def rewrite(self, erased: Erased) -> Rewritten:
        if not self._repository.is_used():
            return Rewritten()
        if refused := self.refusal():
            raise StorageError(*refused)
        try:
            with held(self._folder / "smos.lock", _TURN_WAIT):
                return self._rewrite(erased)
        except OSError as error:
            raise StorageError(
                f"The history can't be rewritten: {error.strerror or error}.",
                "Look at the disk and its space; branches are as they were.",
            ) from error

    def _rewrite(self, erased: Erased) -> Rewritten:
        git = self._repository.git()
        with Objects(git) as objects:
            traces = trace(git, objects, erased, self._progress)
            rewritten = self._move(git, objects, traces)
        self._progress("Deleting old objects", 0, 0)
        return rewritten._replace(kept=sweep(git, self._folder))

    def _move(self, git: Git, objects: Objects, traces: Traces) -> Rewritten:
        """Make the new objects, and let every ref name them."""
        refs = _refs(git)
        if "refs/stash" in refs:
            raise StorageError(*stashed(self._vault))
        length = len(next(iter(refs.values()), b"")) or 40
        total = int(_run(git, "rev-list", "--count", "--all") or b"0")
        with Pack(git, self._folder, length) as pack, Objects(git) as others:
            rewriter = Rewriter(objects, traces, pack, length)
            rewriter.commits(commits_of(git, others), total, self._progress)
            moves = {name: (old, new) for name, old in refs.items() if (new := rewriter.tag(old)) != old}
            pack.store()
        _mend_index(git, traces, rewriter)
        _run(git, "-c", "core.logAllRefUpdates=false", "update-ref", "--stdin", "-z", stdin=b"".join(_updates(moves)))
        _move_notes(git, refs, rewriter)
        tips = {name: (old.decode(), new.decode()) for name, (old, new) in moves.items()}
        of = {old.decode(): new.decode() for old, new in rewriter.of.items()}
        return Rewritten(len(of), tips, of, _tip(git))

    def _remotes(self, git: Git) -> tuple[tuple[str, str], ...]:
        names = _run(git, "remote").decode("utf-8", "replace").split("\n")
        urls = (_run(git, "remote", "get-url", "--", name) if name else b"" for name in names)
        return tuple(
            (name, hidden(url.decode("utf-8", "replace").strip()))
            for name, url in zip(names, urls, strict=True)
            if name
        )


def _of_commits(traces: Traces, commits: Iterable[Commit]) -> Survey:
    """Count commits, and those that a rewrite would change."""
    changed: set[bytes] = set()
    total = holding = signed = 0
    texts: set[str] = set()
    for commit in commits:
        total += 1
        words = cleaning.without_words(commit.message, traces.judge.erased.ids) != commit.message
        if words:
            texts |= cleaning.said_in(commit.message)
        holding += words or commit.name in traces.telling
        if words or commit.name in traces.touching or not changed.isdisjoint(commit.parents):
            changed.add(commit.name)
            signed += commit.signed
    dead = (path for path, some in traces.verdicts.items() if any(one.kind == DEAD for one in some.values()))
    paths = set(map(os.fsdecode, dead))
    texts |= {cleaning.stem(path) for path in paths}
    versions = {blob for some in traces.verdicts.values() for blob, one in some.items() if one.kind != LINES}
    return Survey(
        paths=tuple(sorted(paths)),
        versions=len(versions | {blob for blob, one in traces.content.items() if one.kind != LINES}),
        holding=holding,
        rewritten=len(changed),
        commits=total,
        signed=signed,
        texts=frozenset(texts),
    )


def _what_was_said(traces: Traces, objects: Objects) -> tuple[set[str], dict[str, tuple[str, bytes]]]:
    """Return the texts that have to go, and one version of each memory that was found."""
    texts: set[str] = set()
    bodies: dict[str, tuple[str, bytes]] = {}
    placed = [(os.fsdecode(path), blob, one) for path, some in traces.verdicts.items() for blob, one in some.items()]
    known = {blob for _, blob, _ in placed}
    placed += [("", blob, verdict) for blob, verdict in traces.content.items() if blob not in known]
    for path, blob, verdict in placed:
        if verdict.kind == LINES:
            continue
        data = objects.read(blob).data
        texts |= traces.judge.texts(path, data, verdict)
        if verdict.kind == DEAD and (identity := cleaning.id_of(data)):
            bodies.setdefault(identity, (path, data))
    return texts, bodies


def _refs(git: Git) -> dict[str, bytes]:
    """Return what each ref names; those that name another ref are left out."""
    lines = _run(git, "for-each-ref", "--format=%(objectname) %(symref) %(refname)").splitlines()
    rows = (line.split(b" ", 2) for line in lines)
    return {os.fsdecode(name): target for target, symbolic, name in rows if not symbolic}


def _tip(git: Git) -> str:
    """Return the commit that is checked out; empty where the branch has none yet."""
    with suppress(StorageError):
        return git.run("rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    return ""


def _updates(moves: dict[str, tuple[bytes, bytes]]) -> Iterator[bytes]:
    for name, (old, new) in moves.items():
        word = b"update" if new else b"delete"
        yield b"%s %s\0" % (word, os.fsencode(name)) + (b"%s\0" % new if new else b"") + b"%s\0" % old


def _mend_index(git: Git, traces: Traces, rewriter: Rewriter) -> None:
    """Let the user's index name no blob that goes, and leave all else that is staged."""
    lines = []
    for entry in _run(git, "ls-files", "--stage", "-z").split(b"\0")[:-1]:
        facts, _, path = entry.partition(b"\t")
        mode, blob, stage = facts.split()
        verdict = traces.verdicts.get(path, {}).get(blob) or traces.content.get(blob)
        if verdict is None or not mode.startswith(b"100"):
            continue
        new = b"" if verdict.kind == DEAD else rewriter.blobs.get((blob, os.fsdecode(path)), b"")
        if new:
            lines.append(b"%s %s %s\t%s\0" % (mode, new, stage, path))
        else:
            lines.append(b"0 %s\t%s\0" % (b"0" * len(blob), path))
    if lines:
        _run(git, "update-index", "-z", "--index-info", stdin=b"".join(lines))


def _move_notes(git: Git, refs: Iterable[str], rewriter: Rewriter) -> None:
    """Let the notes on commits be on the new ones."""
    pairs = b"".join(b"%s %s\n" % pair for pair in rewriter.of.items())
    for name in refs:
        if pairs and name.startswith("refs/notes/"):
            _run(git, "notes", f"--ref={name}", "copy", "--stdin", "--force", stdin=pairs)
            old = b"".join(commit + b"\n" for commit in rewriter.of)
            _run(git, "notes", f"--ref={name}", "remove", "--stdin", "--ignore-missing", stdin=old)


def _run(git: Git, *words: str, stdin: bytes = b"") -> bytes:
    try:
        return git.run(*words, stdin=stdin, limit=LIMIT, extra={"GIT_NO_REPLACE_OBJECTS": "1"})
    except StorageError as error:
        raise foreign(error) from error
