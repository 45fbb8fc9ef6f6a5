"""``smos audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName
from smos_cli.cli.output import Output
from smos_cli.cli.shell import Shell
from smos_cli.core.verify import Counts, Verified
from smos_cli.errors import NotFoundError

app = verb_app()
APPS = {"audit": app}


@app.callback(help="Check the record of what was changed, by whom and when.")
def audit() -> None:
    """Hold the commands together."""


@app.command()
def verify(
    context: typer.Context,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Check every line against the others, the key, the files and the history; say where it breaks first.

    An edit outside smos is reported and is nothing wrong. Exits with 0 when there is nothing wrong.
    """
    shell: Shell = context.obj
    result = shell.toolkit(persona).verify()
    _print(shell.output, result)
    raise typer.Exit(1 if any(item.level == "problem" for item in result.findings) else 0)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `smos erase --certificate` wrote.")],
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Check the certificate of an erasure: its signature, its line in the chain, and that nothing is back.

    Exits with 0 when all of it holds.
    """
    from smos_cli.cli.erasing import print_checked

    shell: Shell = context.obj
    try:
        data = file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file} can't be read: {error.strerror}.", "Give the file of a certificate.") from error
    result = shell.toolkit(persona).check_certificate(data)
    print_checked(shell.output, result)
    raise typer.Exit(1 if result.problems else 0)


def _print(out: Output, result: Verified) -> None:
    if out.json:
        out.data(contract.verified(result))
        return
    for item in result.findings:
        out.line(f"{item.level}: {item.where}: {item.what} {item.remedy}".rstrip())
    if not any(item.level == "problem" for item in result.findings):
        out.line("Nothing is wrong.")
    out.note(f"Checked {_told(result.counts)}.")


def _told(counts: Counts) -> str:
    return ", ".join(
        f"{count:,} {name if count == 1 else many}"
        for count, name, many in (
            (counts.chains, "chain", "chains"),
            (counts.lines, "line", "lines"),
            (counts.bodies, "body", "bodies"),
            (counts.checkpoints, "checkpoint", "checkpoints"),
            (counts.erased, "erased id", "erased ids"),
        )
    )
