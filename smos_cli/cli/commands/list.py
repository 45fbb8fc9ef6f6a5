"""``smos list`` and ``tags``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import After, All, Before, Json, Kinds, PersonaName, Statuses, Tags
from smos_cli.cli.output import Output, one_line, short
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.ports import Counts
from smos_cli.errors import UsageError

MOST = 1_000_000_000
"""More than this can't be asked for."""

list_app, tags_app = verb_app(), verb_app()
APPS = {"list": list_app, "tags": tags_app}

_OTHERS = frozenset(("episode", "note"))
"""Kinds of what is no memory."""

_WIDE, _MEDIUM = 70, 40
"""Columns of a terminal from which on the kind, and the day, leave enough room for the text."""


@list_app.command("list")
def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", help="At most so many; 0 is all.")] = 0,
    kind: Kinds = [],
    tag: Tags = [],
    status: Statuses = [],
    after: After = "",
    before: Before = "",
    everything: All = False,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """List memories, newest first.

    Episodes and notes are listed if their kind is asked for.
    """
    shell: Shell = context.obj
    if not 0 <= limit <= MOST:
        raise UsageError(f"The limit {limit} is not one.", f"Give a number from 0 to {MOST:,}.")
    chosen = selection(kinds=kind, tags=tag, statuses=status, after=after, before=before, everything=everything)
    toolkit = shell.toolkit(persona)
    memories_only = _OTHERS.isdisjoint(chosen.kinds)
    found = toolkit.list(replace(chosen, limit=limit, memories_only=memories_only))
    out = shell.output
    if out.json:
        out.data({"schema": contract.SCHEMA, "memories": [contract.memory(memory) for memory in found]})
        return
    if not found:
        _tell_none(out, toolkit.status().counts if memories_only else None)
        return
    rows = [
        [memory.id or memory.path, memory.created[:10], memory.kind, one_line(memory.text)[:400]] for memory in found
    ]
    if out.on_terminal:
        _print(out, rows)
    else:
        out.table([], rows)


def _print(out: Output, rows: list[list[str]]) -> None:
    """Print a line a memory: as many of its cells as the terminal has room for."""
    titles = ["id", "when", "kind", "text"]
    kept = [0, 1, 2, 3] if out.width >= _WIDE else [0, 1, 3] if out.width >= _MEDIUM else [0, 3]
    shown = [[short(row[0]), *row[1:]] for row in rows]
    out.lines([titles[n] for n in kept], [[row[n] for n in kept] for row in shown])


def _tell_none(out: Output, counts: Counts | None) -> None:
    """Say that there are no memories, and what else there is, for who looks for it among them."""
    out.note("No memories." if counts else "Nothing matches.")
    for number, kind in ((counts.notes, "note"), (counts.episodes, "episode")) if counts else ():
        if number:
            are, ending = ("is", "") if number == 1 else ("are", "s")
            out.note(f"There {are} {number} {kind}{ending}: --kind {kind}.")


@tags_app.command()
def tags(
    context: typer.Context,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """List tags and how often each is used."""
    shell: Shell = context.obj
    found = shell.toolkit(persona).tags()
    if shell.output.json:
        rows = [{"tag": tag, "count": count} for tag, count in found.items()]
        shell.output.data({"schema": contract.SCHEMA, "tags": rows})
    elif not found:
        shell.output.note("No tags.")
    else:
        shell.output.table(["tag", "count"], [[tag, str(count)] for tag, count in found.items()])
