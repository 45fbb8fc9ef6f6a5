"""``smos forget``, ``restore`` and ``erase``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.confirming import confirm
from smos_cli.cli.options import At, Before, Json, Keys, PersonaName, Reason, Yes, checked_given
from smos_cli.cli.output import Output, one_line, short
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.forget import Forgot
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Problem
from smos_cli.errors import StorageError, UsageError

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
    at: At = None,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring forgotten memories back to where they were.

    With --at they become what they were then, also those that are there. Without ids: list what is in the trash,
    newest first.
    """
    shell: Shell = context.obj
    toolkit = shell.toolkit(persona, reason=reason)
    if at is not None and not ids:
        raise UsageError("It is not said what to restore.", "Give ids, or leave --at out to see the trash.")
    if ids:
        _print(shell.output, toolkit.restore(ids, checked_given(at, "commit or date")), "restored")
    else:
        _print_trash(shell.output, *toolkit.trash())


@erase_app.command()
def erase(
    context: typer.Context,
    ids: Keys,
    yes: Yes = False,
    keep_history: Annotated[
        bool, typer.Option("--keep-history", help="Leave it in commits that were made before.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Save the certificate in a new file.")
    ] = None,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Delete memories for good, from the history too.

    Their files go, also from the trash, and what was said in the turns they came from. The history is rewritten without
    them, and everything is searched for their words. It says first what will happen, and asks. At the end there is a
    certificate, which `smos audit check` takes.
    """
    from smos_cli.cli.erasing import check_place, print_erasure, save, tell_plan

    shell: Shell = context.obj
    toolkit = shell.toolkit(persona, reason=reason)
    if certificate:
        check_place(certificate)
    plan = toolkit.to_erase(ids)
    if plan.refused and not keep_history:
        raise StorageError(*plan.refused)
    if not yes and (shell.output.can_ask or not shell.output.json):
        tell_plan(shell.output, plan, keep_history=keep_history)
    _ask(shell.output, len(plan.memories), "Erase {} for good", yes=yes)
    try:
        done = toolkit.erase(plan, keep_history=keep_history)
    except KeyboardInterrupt:
        shell.output.note("The erasure may have begun: the same command ends it.")
        raise
    print_erasure(shell.output, plan, done)
    if certificate:
        save(certificate, done.certificate)


def _confirm(out: Output, memories: Sequence[Memory], verb: str, *, yes: bool) -> None:
    if yes:
        return
    if out.can_ask or not out.json:
        for memory in memories[:_SHOWN]:
            out.note(f"  {memory.id or memory.path}  {memory.text[:100]}")
        if len(memories) > _SHOWN:
            out.note(f"  ... and {len(memories) - _SHOWN} more")
    _ask(out, len(memories), f"{verb} {{}}", yes=yes)


def _ask(out: Output, count: int, what: str, *, yes: bool) -> None:
    confirm(out, f"{what.format('1 memory' if count == 1 else f'{count} memories')}?", yes=yes)


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
