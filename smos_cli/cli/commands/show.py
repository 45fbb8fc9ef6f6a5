"""``smos show``."""

from __future__ import annotations

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, Key, PersonaName
from smos_cli.cli.shell import Shell

app = verb_app()
APPS = {"show": app}


@app.command()
def show(
    context: typer.Context,
    key: Key,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Print one memory, episode or note as its file has it."""
    shell: Shell = context.obj
    shown = shell.toolkit(persona).show(key)
    out = shell.output
    if shown.problem:
        out.warn([shown.problem])
    if out.json:
        out.data({"schema": contract.SCHEMA, **contract.memory(shown.memory), "body": shown.memory.body})
        return
    if out.on_terminal:
        out.note(shown.memory.path)
    out.line(shown.source.replace("\r\n", "\n").rstrip("\n"))
