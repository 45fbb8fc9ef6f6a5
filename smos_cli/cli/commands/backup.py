"""``smos backup``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.confirming import confirm
from smos_cli.cli.options import Json, PersonaName, Yes
from smos_cli.cli.output import Output, sized
from smos_cli.cli.progress import Progress
from smos_cli.cli.shell import Shell
from smos_cli.config import expanded
from smos_cli.core import backup as backing
from smos_cli.core import restoring
from smos_cli.core.backup import Created, Wanted
from smos_cli.core.restoring import Choice, Goal, Restored

app = verb_app()
APPS = {"backup": app}

_File = Annotated[str, typer.Argument(metavar="FILE", help="The backup, such as smos.tar.gz.")]


@app.callback(help="Keep everything in one file, and bring it back.")
def backup() -> None:
    """Hold the commands together."""


@app.command()
def create(
    context: typer.Context,
    file: _File,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Write a backup: every vault with its history, the settings and the state.

    Neither the index, which is made again, nor the key that signs is in it. What was erased since stays in a backup.
    """
    shell: Shell = context.obj
    wanted = Wanted(str(expanded(file).absolute()), persona or shell.persona)
    copies, progress = shell.wiring.copies(), Progress(shell.output)
    created = backing.create(copies, lambda name: shell.toolkit(name).at_rest(), wanted, progress)
    _print_created(shell.output, created)
    if created.failed:
        raise typer.Exit(1)


@app.command()
def restore(
    context: typer.Context,
    file: _File,
    persona: PersonaName = "",
    name: Annotated[str, typer.Option("--as", metavar="NAME", help="Give the persona another name.")] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Bring back what is in a backup, over nothing that is there.

    All of it is checked first. A home without settings gets everything, another one the personas that it lacks.
    """
    shell: Shell = context.obj
    house, progress = shell.wiring.restoring(), Progress(shell.output)
    choice = Choice(persona or shell.persona, name)
    found = house.open(str(expanded(file)), progress)
    _confirm(shell.output, restoring.plan(house, found, choice), yes=yes)
    _print_restored(shell.output, found.manifest.made, restoring.restore(house, found, choice, progress))


def _confirm(out: Output, goals: list[Goal], *, yes: bool) -> None:
    """Ask before anything is written out of home: the backup says where, and may be somebody else's."""
    outside = [goal for goal in goals if goal.adopted]
    if yes or not outside:
        return
    for goal in outside:
        out.note(f"  {goal.name}: {goal.path}")
    confirm(out, "Restore files to these folders?", yes=yes)


def _print_created(out: Output, made: Created) -> None:
    problems = (*made.skipped, *made.failed)
    out.warn(made.warnings)
    out.warn(f"{problem.where}: {problem.reason}" for problem in problems)
    manifest = made.manifest
    names = [part.name for part in manifest.parts]
    if out.json:
        out.data(
            {
                "schema": contract.SCHEMA,
                "file": made.file,
                "bytes": made.size,
                "made": manifest.made,
                "personas": names,
                "files": len(manifest.members),
                "skipped": len(made.skipped),
                "failed": len(made.failed),
                "problems": [{"where": problem.where, "reason": problem.reason} for problem in problems],
            }
        )
    elif out.on_terminal:
        out.line(f"Backed up {', '.join(names)}: {len(manifest.members)} files, {sized(made.size)}.")
    else:
        out.row(["backed up", made.file, *names])


def _print_restored(out: Output, made: str, done: Restored) -> None:
    out.warn(done.warnings)
    if out.json:
        personas = [contract.persona(item) for item in done.personas]
        out.data({"schema": contract.SCHEMA, "made": made, "personas": personas})
    for item in () if out.json else done.personas:
        if out.on_terminal:
            out.line(f"{item.name} is back in {item.path}, as of {made}.")
        else:
            out.row(["restored", item.name, item.path])
