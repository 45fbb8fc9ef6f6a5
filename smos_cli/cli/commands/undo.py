"""``smos undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, Reason, checked_given
from smos_cli.cli.shell import Shell
from smos_cli.core.versions import SHORT

app = verb_app()
APPS = {"undo": app}


@app.command()
def undo(
    context: typer.Context,
    commit: Annotated[
        str | None, typer.Argument(metavar="[COMMIT]", help="What is undone, as `smos log` names it; else the last.")
    ] = None,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Take back what the last command did, or a certain one.

    It is a change of its own, on top of what came since; repeated, it goes back further. An undo can be undone, by
    its commit. What leaves the vault is in its trash. Where the same place was changed since, nothing is done.
    """
    shell: Shell = context.obj
    result = shell.toolkit(persona, reason=reason).undo(checked_given(commit, "commit"))
    out = shell.output
    out.warn(result.warnings)
    if out.json:
        out.data(contract.undone(result))
    elif out.on_terminal:
        out.line(f"Undone: {result.told.subject}")
    else:
        out.row(["undone", result.commit.name[:SHORT], result.told.subject])
