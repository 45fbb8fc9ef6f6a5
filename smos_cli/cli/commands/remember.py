"""``smos remember``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, Reason
from smos_cli.cli.output import one_line, short
from smos_cli.cli.shell import Shell
from smos_cli.core.remember import LONGEST, NewMemory
from smos_cli.errors import UsageError

app = verb_app()
APPS = {"remember": app}


@app.command()
def remember(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What to remember; - reads standard input.")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="fact, preference, decision, procedure ...")] = "fact",
    tag: Annotated[list[str], typer.Option("--tag", "-t", metavar="TAG", help="May be repeated.")] = [],
    confidence: Annotated[float, typer.Option(metavar="0..1", help="How sure it is.")] = 1.0,
    valid_from: Annotated[str, typer.Option(metavar="DATE", help="From when it holds.")] = "",
    valid_to: Annotated[str, typer.Option(metavar="DATE", help="Until when it holds.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where it comes from: a file, an address.")] = "",
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Store a memory.

    Several arguments are one text, joined by spaces. The file is on disk when the command returns. The same text
    is stored once: a repeat is answered with the id that is already there.
    """
    shell: Shell = context.obj
    new = NewMemory(_text(text), kind, tuple(tag), confidence, valid_from, valid_to, source)
    result = shell.toolkit(persona, create=True, reason=reason).remember(new)
    out = shell.output
    out.warn(result.warnings)
    if out.json:
        out.data(contract.remembered(result))
    elif out.on_terminal:
        word = "Remembered" if result.outcome == "stored" else "Known already"
        out.line(f"{word}: {one_line(result.memory.text)}")
        out.line(f"  {short(result.memory.id)}  {result.memory.path}")
    else:
        out.row([result.outcome, result.memory.id, result.memory.path])


def _text(words: list[str]) -> str:
    if words != ["-"]:
        return " ".join(words)
    data = sys.stdin.buffer.read(LONGEST * 4 + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"The text is not UTF-8 (byte {error.start}).", "Give it in UTF-8.") from error
