"""``smos index``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName
from smos_cli.cli.reports import print_report
from smos_cli.cli.shell import Shell
from smos_cli.core.toolkit import Toolkit
from smos_cli.errors import SmosError, StoppedError, UsageError

app = verb_app()
APPS = {"index": app}


@app.command()
def index(
    context: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the index anew from the files.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Then go on, and follow the files as they change.")] = False,
    adopt: Annotated[bool, typer.Option("--adopt", help="Give an id to memories that have none.")] = False,
    embed: Annotated[bool, typer.Option("--embed", help="Only make the vectors that are missing.")] = False,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring the index up to date with the files.

    Every recall does this by itself. Fails if a file can't be read, and names it. A file that a merge by git alone
    left with conflict markers is merged anew. After a change of the embedder it makes the vectors anew, beside those
    in use, and goes on where it was stopped; --embed does only that. With --watch it runs until Ctrl-C; while it does,
    a recall need not look at every file.
    """
    shell: Shell = context.obj
    if embed and (rebuild or watch or adopt):
        raise UsageError("--embed stands alone.", "Leave the other options out.")
    toolkit = shell.toolkit(persona)
    if embed:
        _embed(shell, toolkit)
        return
    extra: dict[str, list[str]] = {}
    if mended := _mend(shell, toolkit):
        extra["mended"] = mended
    if adopt:
        memories, warnings = toolkit.adopt()
        shell.output.warn(warnings)
        extra["adopted"] = [memory.id for memory in memories]
        for memory in memories:
            shell.output.note(f"{memory.path} has the id {memory.id} now.")
    if watch:
        _watch(shell, toolkit, rebuild=rebuild)
        return
    result, trouble = toolkit.refresh(rebuild=rebuild)
    shell.output.warn([trouble] if trouble else [])
    raise typer.Exit(print_report(shell.output, result, extra))


def _embed(shell: Shell, toolkit: Toolkit) -> None:
    """Make the vectors that are missing, and say whose they are now."""
    out = shell.output
    made = toolkit.reembed()
    if out.json:
        out.data({"schema": contract.SCHEMA, "embedding": contract.embedding(made)})
    else:
        out.note(f"{made.total:,} passages have vectors of {made.used}.")


def _mend(shell: Shell, toolkit: Toolkit) -> list[str]:
    """Mend what can be, and say so; return the paths. A vault that can't be mended now is indexed as it is."""
    try:
        mended = toolkit.mend()
    except StoppedError:
        raise
    except SmosError:
        return []  # it is held, or not there: the refresh says so where it matters
    shell.output.warn(mended.warnings)
    for path in mended.paths:
        shell.output.note(f"{path} had conflict markers, and is merged now.")
    for path in mended.copies:
        shell.output.note(f"{path} is what the other side had of it.")
    return list(mended.paths)


def _watch(shell: Shell, toolkit: Toolkit, *, rebuild: bool) -> None:
    """Print what each refresh did, one line each, until it is told to end."""
    import signal

    with toolkit.watching() as watching:
        signal.signal(signal.SIGTERM, lambda _number, _frame: watching.end())
        if rebuild:
            print_report(shell.output, toolkit.refresh(rebuild=True)[0], {})
        for outcome in watching:
            if isinstance(outcome, SmosError):
                shell.output.error(outcome)
            else:
                print_report(shell.output, outcome, {})
            shell.output.flush()
