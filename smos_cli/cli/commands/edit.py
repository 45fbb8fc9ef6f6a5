"""``smos edit`` and ``pin``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import IfMatch, Json, Key, PersonaName, Reason
from smos_cli.cli.output import Output
from smos_cli.cli.shell import Shell
from smos_cli.core.edit import Edit, Edited

edit_app, pin_app = verb_app(), verb_app()
APPS = {"edit": edit_app, "pin": pin_app}


@edit_app.command()
def edit(
    context: typer.Context,
    key: Key,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="A new statement; what follows it stays.")] = None,
    tag: Annotated[list[str], typer.Option("--tag", "-t", metavar="TAG", help="Add a tag.")] = [],
    untag: Annotated[list[str], typer.Option("--untag", metavar="TAG", help="Take a tag away.")] = [],
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Another kind.")] = None,
    if_match: IfMatch = None,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Change a memory: in $EDITOR, or by options.

    Only the bytes that have to change do. A memory without an id gets one.
    """
    shell: Shell = context.obj
    toolkit = shell.toolkit(persona, reason=reason)
    change = Edit(text, tuple(tag), tuple(untag), kind, if_match)
    result = toolkit.edit_by_hand(key, if_match) if change.by_hand else toolkit.edit(key, change)
    _print(shell.output, result, "edited")


@pin_app.command()
def pin(
    context: typer.Context,
    key: Key,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
    if_match: IfMatch = None,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Offer a memory in every conversation, or no longer.

    A pinned memory is offered whatever is asked.
    """
    shell: Shell = context.obj
    result = shell.toolkit(persona, reason=reason).pin(key, on=not off, etag=if_match)
    _print(shell.output, result, "unpinned" if off else "pinned")


def _print(out: Output, result: Edited, word: str) -> None:
    out.warn(result.warnings)
    outcome = word if result.changed else "unchanged"
    if out.json:
        out.data({"schema": contract.SCHEMA, "outcome": outcome, "memory": contract.memory(result.memory)})
    elif out.on_terminal:
        out.line(f"{outcome.capitalize()}: {result.memory.text}")
    else:
        out.row([outcome, result.memory.id, result.memory.path])
