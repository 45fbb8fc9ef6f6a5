"""``smos forget``, ``restore`` and ``erase``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Before, Json, Keys, PersonaName, Reason, Yes
from smos_cli.cli.output import Output, one_line, short
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.forget import Forgot
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Problem
from smos_cli.errors import UsageError

forget_app, restore_app, erase_app = verb_app(), verb_app(), verb_app()
APPS = {"forget": forget_app, "restore": restore_app, "erase": erase_app}

_SHOWN = 20


@forget_app.command()
def forget(
    context: typer.Context,
    ids: Annotated[
        list[str], typer.Argument(metavar="[ID...]", help="Ids, their beginnings or ends, file names.")
    ] = [],
    kind: Annotated[list[str], typer.Option("--kind", metavar="KIND", help="All of this kind.")] = [],
    tag: Annotated[list[str], typer.Option("--tag", "-t", metavar="TAG", help="All with this tag.")] = [],
    before: Before = "",
    yes: Yes = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Put memories out of reach; they can be restored.

    They go to the vault's .trash, no door returns them, and they are not imported or learnt again by accident. A
    filter shows what it would take and asks, or wants --yes.
    """
    shell: Shell = context.obj
    chosen = selection(kinds=kind, tags=tag, before=before, everything=True) if kind or tag or before else None
    if bool(ids) == (chosen is not None):
        raise UsageError(
            "Ids and a filter exclude each other." if ids else "There is nothing to forget.",
            "Give ids, or --tag, --kind or --before.",
        )
    toolkit = shell.toolkit(persona, reason=reason)
    targets = toolkit.to_forget(ids, chosen)
    if chosen is not None and targets:
        _confirm(shell.output, [target.memory for target in targets], "Forget", yes=yes)
    _print(shell.output, toolkit.forget(targets), "forgotten")


@restore_app.command()
def restore(
    context: typer.Context,
    ids: Annotated[
        list[str], typer.Argument(metavar="[ID...]", help="Ids, their beginnings or ends, file names.")
    ] = [],
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring forgotten memories back to where they were.

    Without ids: list what is in the trash, newest first.
    """
    shell: Shell = context.obj
    toolkit = shell.toolkit(persona, reason=reason)
    if ids:
        _print(shell.output, toolkit.restore(ids), "restored")
    else:
        _print_trash(shell.output, *toolkit.trash())


@erase_app.command()
def erase(
    context: typer.Context,
    ids: Keys,
    yes: Yes = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Delete memories for good, from the vault or its trash.

    The file and everything in the index goes. Commits made before still hold the text.
    """
    shell: Shell = context.obj
    toolkit = shell.toolkit(persona, reason=reason)
    targets = toolkit.to_erase(ids)
    _confirm(shell.output, [target.memory for target in targets], "Erase for good", yes=yes)
    _print(shell.output, toolkit.erase(targets), "erased")


def _confirm(out: Output, memories: Sequence[Memory], verb: str, *, yes: bool) -> None:
    if yes:
        return
    if out.can_ask or not out.json:
        for memory in memories[:_SHOWN]:
            out.note(f"  {memory.id or memory.path}  {memory.text[:100]}")
        if len(memories) > _SHOWN:
            out.note(f"  ... and {len(memories) - _SHOWN} more")
    what = "1 memory" if len(memories) == 1 else f"{len(memories)} memories"
    if not out.can_ask:
        raise UsageError(f"{verb} {what}? Nobody can be asked here.", "Add --yes to do it.")
    if not out.ask(f"{verb} {what}?"):
        raise typer.Exit(1)


def _print(out: Output, result: Forgot, word: str) -> None:
    out.warn(result.warnings)
    if not result.memories and not out.json:
        out.note("Nothing matches.")
    ids = [memory.id or memory.path for memory in result.memories]
    if out.json:
        out.data({"schema": contract.SCHEMA, word: ids})
    elif out.on_terminal:
        for memory in result.memories:
            out.line(f"{word.capitalize()}: {memory.text}")
    else:
        for identity in ids:
            out.row([word, identity])


def _print_trash(out: Output, memories: Sequence[Memory], problems: Sequence[Problem]) -> None:
    out.warn(f"{problem.where}: {problem.reason}" for problem in problems)
    if out.json:
        out.data({"schema": contract.SCHEMA, "trash": [contract.memory(memory) for memory in memories]})
    elif memories:
        name = short if out.on_terminal else str
        rows = [
            [name(memory.id or memory.path), memory.created[:10], one_line(memory.text)[:400]] for memory in memories
        ]
        (out.lines if out.on_terminal else out.table)(["id", "when", "text"], rows)
    else:
        out.note("The trash is empty.")
