"""``smos status`` and ``doctor``."""

from __future__ import annotations

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName
from smos_cli.cli.shell import Shell

status_app, doctor_app = verb_app(), verb_app()
APPS = {"status": status_app, "doctor": doctor_app}


@status_app.command()
def status(
    context: typer.Context,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Say what there is, where it is, and how fresh the index is."""
    shell: Shell = context.obj
    result = shell.toolkit(persona).status()
    config = shell.wiring.config
    places = {"home": str(config.home), "vault": str(config.persona(result.persona).path)}
    out = shell.output
    if out.json:
        out.data(contract.status(result, places))
        return
    rows = [["persona", result.persona], *([name, path] for name, path in places.items())]
    if result.counts:
        rows += [[name, str(count)] for name, count in result.counts._asdict().items()]
    rows += [[f"index {name}", str(value)] for name, value in result.index.items()]
    rows.append(
        [
            "index was",
            "up to date"
            if result.fresh
            else "held by another process"
            if not result.counts
            else "behind, and has caught up",
        ]
    )
    out.table(["", ""], rows)


@doctor_app.command()
def doctor(
    context: typer.Context,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Find what is wrong here, with a remedy for each.

    Exits with 0 when there is nothing wrong.
    """
    shell: Shell = context.obj
    found = shell.toolkit(persona).doctor()
    out = shell.output
    if out.json:
        out.data({"schema": contract.SCHEMA, "findings": [contract.finding(item) for item in found]})
    else:
        for item in found:
            out.line(f"{item.level}: {item.where}: {item.what} {item.remedy}")
        if not found:
            out.line("Nothing is wrong.")
    raise typer.Exit(1 if any(item.level == "problem" for item in found) else 0)
