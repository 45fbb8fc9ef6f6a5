"""Learn: the conversations that are held become memories, each turn once.

Owns what is to be read. It goes through the queue: no process does the job of another, and whoever comes after one that
died finds out from its plan, and from the vault, how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smos_cli.core.held import Held, look
from smos_cli.core.importing import Source, import_source
from smos_cli.core.layout import role_of
from smos_cli.core.lessons import Lessons
from smos_cli.core.models import Extractor
from smos_cli.core.ports import Ports, Problem
from smos_cli.core.queue import DEAD, WAITING, Job, Learnt, State, Task
from smos_cli.core.refresh import fresh
from smos_cli.core.resolve import resolve
from smos_cli.core.said import place_of
from smos_cli.core.statements import Learned
from smos_cli.core.studying import Reader, Study
from smos_cli.core.ulid import created, make
from smos_cli.errors import NotFoundError, StoppedError, UsageError

__all__ = ["Learned", "Tools", "Wanted", "learn"]


class Tools(NamedTuple):
    """What learning needs beside the ports."""

    state: State
    extractor: Extractor
    source: Callable[[str], Source]
    """opens what a key names that is no conversation here"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be learnt from: by default what has turns not learnt yet, but for what failed and is not due."""

    keys: tuple[str, ...] = ()
    """conversations by id, name or path, or files of some, which are imported"""
    places: tuple[str, ...] | None = None
    """conversations by what the queue calls them; None: all"""
    again: bool = False
    """also turns that were learnt"""
    dry_run: bool = False
    """nothing is stored, or marked as learnt"""


def learn(ports: Ports, tools: Tools, wanted: Wanted) -> Learned:
    """Learn from conversations. One that fails is told of, stays in the queue, and does not stop the others.

    ``StoppedError`` when it is interrupted: what was read by then is learnt, and the rest stays in the queue.
    """
    report = Learned()
    places = _named(ports, tools, wanted, report) if wanted.keys else wanted.places
    held = look(ports, tools.extractor.model_id)
    if places is None:
        places = sorted(held.paths) if wanted.again else _unlearnt(ports, tools, held, report)
    if wanted.dry_run:
        _try_out(Reader(ports, tools.extractor, held, report), tools, places, wanted)
        return report
    tasks = [Task(ports.persona, place, tools.extractor.model_id) for place in places]
    if wanted.again:
        tools.state.unlearn(tasks)
    tools.state.enqueue(tasks)
    try:
        _work(ports, tools, tasks, held, report)
    except KeyboardInterrupt as stop:
        raise StoppedError(
            f"Stopped after {report.turns:,} turns; {report.stored:,} memories were stored.",
            "What was not read waits in the queue; `smos learn` goes on from there.",
        ) from stop
    finally:
        report.warnings += tuple(tools.state.warnings)
    return report


def _named(ports: Ports, tools: Tools, wanted: Wanted, report: Learned) -> list[str]:
    """Return the conversations that are named; those in files are brought in."""
    places: list[str] = []
    files: list[Source] = []
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        for key in wanted.keys:
            try:
                found = resolve(session, key)
            except NotFoundError as error:
                files.append(_file(tools, key, error))
                continue
            if role_of(found.path, ports.vault.base) != "episode":
                raise UsageError(f"{found.path} is not a conversation.", "Give one of `smos list --kind episode`.")
            places.append(place_of(found))
    if files and wanted.dry_run:
        raise UsageError(
            f"{files[0].name} is not in the vault, and --dry-run brings nothing in.",
            "`smos import --no-learn` it first.",
        )
    for source in files:
        imported = import_source(ports, source)
        report.take(imported)
        places += imported.episodes
    return list(dict.fromkeys(places))


def _file(tools: Tools, key: str, unknown: NotFoundError) -> Source:
    """Return the file that a key names which is no conversation here; what it is not is told first."""
    try:
        return tools.source(key)
    except NotFoundError:
        raise NotFoundError(f"There is no conversation and no file {key!r}.", unknown.remedy) from unknown


def _unlearnt(ports: Ports, tools: Tools, held: Held, report: Learned) -> list[str]:
    """Return the conversations that have turns not learnt yet; of those that failed and are not due, only tell."""
    model = tools.extractor.model_id
    settled = tools.state.settled(ports.persona, model)
    failed = {
        job.task.episode: job
        for job in tools.state.jobs(ports.persona)
        if job.state in (DEAD, WAITING) and job.task.extractor == model and job.task.episode in held.paths
    }
    for place, job in failed.items():
        state = "it was given up" if job.state == DEAD else f"it failed, and waits until {created(make(job.due, b''))}"
        reason = f"{state}; `smos queue retry {job.number}` lets it be tried at once"
        report.problems.append(Problem(held.paths[place], reason))
    return [
        place
        for place in sorted(held.paths)
        if settled.get(place, "?") not in ("", held.digests[place]) and place not in failed
    ]


def _try_out(reader: Reader, tools: Tools, places: Sequence[str], wanted: Wanted) -> None:
    with tools.state.working() as worker:

        def learnt(place: str) -> Learnt:
            return Learnt(again=True) if wanted.again else worker.learnt(reader.task(place))

        reader.try_out(places, learnt)


def _work(ports: Ports, tools: Tools, tasks: Sequence[Task], held: Held, report: Learned) -> None:
    mine = set(tasks)
    with tools.state.working() as worker:
        lessons = Lessons(ports, worker, tools.extractor.model_id, report)
        study = Study(Reader(ports, tools.extractor, held, report), lessons, worker, report)
        seen: set[tuple[int, int]] = set()
        try:
            while jobs := [
                job for job in tools.state.jobs(ports.persona) if job.task in mine and _put_in(job) not in seen
            ]:
                seen.update(map(_put_in, jobs))
                study.take_all(jobs)
                # Then again: what others put in meanwhile, and found in work, is left to us.
                lessons.write()
        finally:
            # What was read before an interrupt, or a bug, is not read twice.
            lessons.write()


def _put_in(job: Job) -> tuple[int, int]:
    """Return what tells a job from the same one put in again."""
    return job.number, job.asked
