"""``smos log`` and ``smos diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, checked_given
from smos_cli.cli.output import Output, visible
from smos_cli.cli.shell import Shell
from smos_cli.core.diff import Compared, FileDiff
from smos_cli.core.lives import Step
from smos_cli.core.versions import SHORT
from smos_cli.errors import UsageError

log_app, diff_app = verb_app(), verb_app()
APPS = {"log": log_app, "diff": diff_app}

LIMIT = 20
"""Changes that are shown unless more are asked for: a screenful."""
_ROOMY = 70
"""Columns of a terminal from which there is room for the time of day and for who it was."""
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@log_app.command()
def log(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only what concerns this memory.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", help="At most so many; 0 for all of them.")
    ] = LIMIT,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Tell what was changed, when and by whom, newest first.

    A memory is followed through renames and moves, also those made by hand, and when it is forgotten or gone.
    """
    shell: Shell = context.obj
    if limit < 0:
        raise UsageError(f"The limit {limit} is less than nothing.", "Give a number of changes, or 0 for all.")
    found = shell.toolkit(persona).log(checked_given(key, "id"), limit=limit)
    out = shell.output
    if out.json:
        out.data({"schema": contract.SCHEMA, "changes": [contract.change(step) for step in found.changes]})
        return
    if out.on_terminal:
        _print_lines(out, found.changes)
    else:
        for step in found.changes:
            out.row([*_cells(step), *filter(None, [step.told.why])])
    if found.more:
        out.note("There are older ones; `--limit 0` gives all.")
    elif not found.changes:
        out.note("Nothing is recorded yet.")


@diff_app.command()
def diff(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[ID|COMMIT]", help="A memory, or a commit.")] = None,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Show what changed: since the last commit, in a memory, or by a commit.

    Of a memory it is what was last done to it. Files of the audit are left out.
    """
    shell: Shell = context.obj
    found = shell.toolkit(persona).diff(checked_given(key, "id or commit"))
    if shell.output.json:
        shell.output.data(contract.compared(found))
    elif found.files:
        _print_diff(shell.output, found)
    else:
        shell.output.note("There is no difference.")


def _cells(step: Step) -> list[str]:
    told, commit = step.told, step.commit
    return [commit.name[:SHORT], commit.time, told.verb, told.actor or commit.author, told.door, told.subject]


def _print_lines(out: Output, steps: tuple[Step, ...]) -> None:
    if not steps:
        return
    columns = ["commit", "when (UTC)", "who", "what"] if out.width >= _ROOMY else ["commit", "when", "what"]
    lines: list[list[str]] = []
    for step in steps:
        name, time, _, actor, door, subject = _cells(step)
        roomy = [name, time[:16].replace("T", " "), f"{actor} {door}".strip(), subject]
        lines.append(roomy if len(columns) == len(roomy) else [name, time[:10], subject])
        if step.told.why:
            lines.append([*[""] * (len(columns) - 1), f"because: {step.told.why}"])
    out.lines(columns, lines)


def _print_diff(out: Output, found: Compared) -> None:
    lines = [line for file in found.files for line in (_title(file), *file.diff.split("\n")[:-1])]
    if not out.on_terminal:
        for line in lines:
            out.line(line.removesuffix("\r"))
        return
    from rich.text import Text

    console = out.console()
    for line in lines:
        style = _STYLES.get(line[:1], "") or ("bold" if line[:1].isalpha() else "")
        console.print(Text(visible(line.removesuffix("\r")), style=style), soft_wrap=True)


def _title(file: FileDiff) -> str:
    title = f"{file.status} {file.was} -> {file.path}" if file.was else f"{file.status} {file.path}"
    return title.replace("\n", "\\n")
