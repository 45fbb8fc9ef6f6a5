"""``smos learn``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.learned import print_learned
from smos_cli.cli.options import Json, PersonaName, Reason, checked_given
from smos_cli.cli.shell import Shell
from smos_cli.core.learning import Wanted

app = verb_app()
APPS = {"learn": app}


@app.command()
def learn(
    context: typer.Context,
    conversations: Annotated[
        list[str], typer.Argument(metavar="[EPISODE|FILE]...", help="Conversations here, or files of some.")
    ] = [],
    again: Annotated[bool, typer.Option("--again", help="Also from turns that were learnt before.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Store nothing; print what would be stored of the conversations that are here."),
    ] = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Make memories of conversations.

    By default of every conversation that has turns not learnt yet. A file is imported first. What an assistant or a
    tool said waits for review; what is known already is noted as said again, and what was forgotten stays out.
    """
    shell: Shell = context.obj
    keys = tuple(checked_given(word, "conversation") for word in conversations)
    toolkit = shell.toolkit(persona, create=bool(keys) and not dry_run, reason=reason)
    result = toolkit.learn(Wanted(keys, again=again, dry_run=dry_run))
    shell.output.warn(result.warnings)
    raise typer.Exit(print_learned(shell.output, result))
