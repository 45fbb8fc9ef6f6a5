"""``smos import``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, Reason
from smos_cli.cli.reports import print_report
from smos_cli.cli.shell import Shell

app = verb_app()
APPS = {"import": app}


@app.command("import")
def import_(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A .jsonl file, Markdown, or -.")],
    no_learn: Annotated[
        bool, typer.Option("--no-learn", help="Keep conversations as they are; learn nothing from them.")
    ] = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring in memories, transcripts or notes.

    A line {"text", "id", "created", "kind", "tags"} is a memory; lines {"session", "id", "speaker" or "role",
    "time", "text"} are the turns of conversations, one episode a session. Markdown is a file or a folder: one with
    an id of ours is a memory or an episode, another is copied as a note, and another vault's own files are passed
    over. What is there already, or was forgotten, is not stored again.
    """
    shell: Shell = context.obj
    result = shell.toolkit(persona, create=True, reason=reason).import_(path)
    shell.output.warn(result.warnings)
    raise typer.Exit(print_report(shell.output, result, {}))
