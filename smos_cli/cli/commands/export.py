"""``smos export``."""

from __future__ import annotations

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, Kinds, PersonaName, Tags
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.selection import Selection

app = verb_app()
APPS = {"export": app}


@app.command()
def export(
    context: typer.Context,
    kind: Kinds = [],
    tag: Tags = [],
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Write every memory as a line of JSON, oldest first.

    Importing the lines elsewhere gives the same memories with the same ids.
    """
    shell: Shell = context.obj
    chosen: Selection = selection(kinds=kind, tags=tag, everything=True)
    for line in shell.toolkit(persona).export(chosen):
        shell.output.data(line)
