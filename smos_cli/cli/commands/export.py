"""``smos export``."""

from __future__ import annotations

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, Kinds, PersonaName, Tags
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.ports import Counts
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

    Importing the lines elsewhere gives the same memories with the same ids. Conversations and notes are not in it.
    """
    shell: Shell = context.obj
    chosen: Selection = selection(kinds=kind, tags=tag, everything=True)
    toolkit = shell.toolkit(persona)
    for line in toolkit.export(chosen):
        shell.output.data(line)
    if not kind and not tag and (left_out := _left_out(toolkit.status().counts)):
        shell.output.note(f"{left_out} not in it; copy the vault for those.")


def _left_out(counts: Counts | None) -> str:
    if counts is None:
        return ""
    amounts = {"conversation": counts.episodes, "note": counts.notes, "file that can't be read": counts.problems}
    found = [_amount(number, name) for name, number in amounts.items() if number]
    return f"{' and '.join(found)} {'is' if sum(amounts.values()) == 1 else 'are'}" if found else ""


def _amount(number: int, name: str) -> str:
    noun, _, rest = name.partition(" ")
    return f"{number} {noun}{'' if number == 1 else 's'} {rest}".rstrip()
