"""``smos list`` and ``tags``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import After, All, Before, Json, Kinds, PersonaName, Statuses, Tags
from smos_cli.cli.output import one_line
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.errors import UsageError

list_app, tags_app = verb_app(), verb_app()
APPS = {"list": list_app, "tags": tags_app}


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
    """List memories, newest first."""
    shell: Shell = context.obj
    if limit < 0:
        raise UsageError(f"The limit {limit} is below zero.", "Give a number from 0 up.")
    chosen = selection(kinds=kind, tags=tag, statuses=status, after=after, before=before, everything=everything)
    found = shell.toolkit(persona).list(replace(chosen, limit=limit, memories_only=True))
    out = shell.output
    if out.json:
        out.data({"schema": contract.SCHEMA, "memories": [contract.memory(memory) for memory in found]})
        return
    rows = [
        [memory.id or memory.path, memory.created[:10], memory.kind, one_line(memory.text)[:400]] for memory in found
    ]
    out.table(["id", "when", "kind", "text"], rows)
    if out.on_terminal and not rows:
        out.note("No memories.")


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
    else:
        shell.output.table(["tag", "count"], [[tag, str(count)] for tag, count in found.items()])
