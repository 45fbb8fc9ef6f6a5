"""``smos show``."""

from __future__ import annotations

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import At, Json, Key, PersonaName, checked_given
from smos_cli.cli.shell import Shell

app = verb_app()
APPS = {"show": app}


@app.command()
def show(
    context: typer.Context,
    key: Key,
    at: At = None,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Print one memory, episode or note as its file has it."""
    shell: Shell = context.obj
    shown = shell.toolkit(persona).show(key, checked_given(at, "commit or date"))
    out = shell.output
    if shown.problem:
        out.warn([shown.problem])
    if out.json:
        more = {"body": shown.memory.body, "etag": shown.etag or None}
        out.data({"schema": contract.SCHEMA, **contract.memory(shown.memory), **more})
        return
    if out.on_terminal:
        out.note(shown.memory.path)
    out.line(shown.source.replace("\r\n", "\n").rstrip("\n"))
