"""``smos queue list``, ``retry`` and ``drop``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName
from smos_cli.cli.output import Output, one_line, short
from smos_cli.cli.shell import Shell
from smos_cli.core.queue import WAITING, Job
from smos_cli.core.ulid import created, make
from smos_cli.errors import UsageError

app = verb_app()
APPS = {"queue": app}

Numbers = Annotated[list[str], typer.Argument(metavar="[ID]...", help="Numbers that `smos queue list` shows.")]


@app.callback()
def queue() -> None:
    """Show what waits to be learnt from; retry or drop it.

    A conversation gets into it when it comes, and out of it when all its turns are learnt. One that fails is tried
    again later, each time after a longer while; in the end it is given up, and told of by `smos doctor`.
    """


@app.command("list")
def list_(context: typer.Context, persona: PersonaName = "", json: Json = False) -> None:
    """List what waits, with its state, why it failed, and when it is tried next.

    pending: by the next `smos learn`. leased: somebody is at it. waiting: it failed, and is tried later. dead: it was
    given up. A job is for the extractor it names, and rests while another is chosen.
    """
    shell: Shell = context.obj
    queued = shell.toolkit(persona).queue()
    jobs = queued.jobs()
    out = shell.output
    out.warn(queued.warnings)
    if out.json:
        out.data({"schema": contract.SCHEMA, "jobs": [contract.job(job) for job in jobs]})
    elif not jobs:
        out.note("Nothing waits to be learnt from.")
    else:
        _print(out, jobs)


@app.command()
def retry(context: typer.Context, ids: Numbers = [], persona: PersonaName = "", json: Json = False) -> None:
    """Try again when conversations are learnt next: those given, else all that failed."""
    shell: Shell = context.obj
    queued = shell.toolkit(persona).queue()
    _tell(shell.output, "retried", queued.retry(ids))


@app.command()
def drop(context: typer.Context, ids: Numbers = [], persona: PersonaName = "", json: Json = False) -> None:
    """Take out of the queue: the conversation stays, and is learnt from only when it is named."""
    shell: Shell = context.obj
    if not ids:
        raise UsageError("There is nothing to drop.", "Give numbers that `smos queue list` shows.")
    queued = shell.toolkit(persona).queue()
    _tell(shell.output, "dropped", queued.drop(ids))


def _tell(out: Output, word: str, jobs: Sequence[Job]) -> None:
    if out.json:
        out.data({"schema": contract.SCHEMA, word: [job.number for job in jobs]})
    elif out.on_terminal:
        out.line(f"{word.capitalize()}: {', '.join(str(job.number) for job in jobs) or 'nothing'}")
    else:
        for job in jobs:
            out.row([word, str(job.number), job.task.episode])


def _print(out: Output, jobs: Sequence[Job]) -> None:
    titles = ["id", "state", "conversation", "extractor", "failed", "next (UTC)", "reason"]
    rows = [
        [
            str(job.number),
            job.state,
            short(job.task.episode) if out.on_terminal else job.task.episode,
            job.task.extractor,
            str(job.attempts),
            _due(out, job) if job.state == WAITING else "",
            one_line(job.reason),
        ]
        for job in jobs
    ]
    out.table(titles, rows)


def _due(out: Output, job: Job) -> str:
    due = created(make(job.due, b""))
    return due[:19].replace("T", " ") if out.on_terminal else due
