"""``smos merge-driver``: what git calls; not for people, so not in the help."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.shell import Shell
from smos_cli.errors import SmosError, StaleError

app = verb_app()
APPS = {"merge-driver": app}

_File = Annotated[str, typer.Argument()]


@app.command()
def merge_driver(context: typer.Context, base: _File, ours: _File, theirs: _File, path: _File) -> None:
    """Merge a file for git: what both sides made of the base goes into ours. Exits with 5 where it can't be done."""
    shell: Shell = context.obj
    try:
        for line in shell.wiring.merge_file(base, ours, theirs, path):
            shell.output.note(line)
    except SmosError as error:
        # By this code git's shell knows that both texts are in the file.
        shell.output.error(error)
        raise typer.Exit(StaleError.exit_code) from error
