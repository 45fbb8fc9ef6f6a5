"""``smos sync`` and ``smos join``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, Reason
from smos_cli.cli.output import Output, short
from smos_cli.cli.progress import Progress
from smos_cli.cli.shell import Shell
from smos_cli.core.joining import Joined, join
from smos_cli.core.sync import Synced

sync_app, join_app = verb_app(), verb_app()
APPS = {"sync": sync_app, "join": join_app}


@sync_app.command("sync")
def sync_(
    context: typer.Context,
    remote: Annotated[str, typer.Argument(metavar="[REMOTE]", help="A remote's name, its URL or a path.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Erase what others erased, however much it is.")] = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring a vault and its copy elsewhere to the same state.

    Commits what is not committed, fetches, merges, and pushes. Without REMOTE: origin. A URL becomes origin where
    there is none yet. What both sides changed so that only one version can stay is kept twice, and told. A memory
    that was forgotten elsewhere goes to the .trash here, and one that was erased elsewhere is erased here too; more
    than twenty of these at once want --yes. No password is ever asked for.
    """
    shell: Shell = context.obj
    synced = shell.toolkit(persona, reason=reason).sync(remote, most=sys.maxsize if yes else None)
    _print(shell.output, synced)
    if synced.offline or synced.uncommitted:
        raise typer.Exit(1)


@join_app.command("join")
def join_(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the vault's repository is: a URL or a path.")],
    persona: Annotated[
        str, typer.Option("--persona", "-p", metavar="NAME", help="The persona's name; else the URL's last part.")
    ] = "",
    json: Json = False,
) -> None:
    """Make a persona of a vault that is elsewhere, to sync with it."""
    shell: Shell = context.obj
    cloning = shell.wiring.cloning(Progress(shell.output))
    _print_joined(shell.output, join(shell.wiring.home(), cloning, url, persona or shell.persona))


def _print(out: Output, synced: Synced) -> None:
    out.warn(synced.warnings)
    if synced.rewritten and not out.json:
        out.note("The history here was rewritten without what was erased.")
    if synced.offline and not out.json:
        out.note(f"smos: {synced.offline}")
        out.note("      Everything is saved and committed here; sync again later.")
    if out.json:
        out.data({"schema": contract.SCHEMA, **contract.synced(synced)})
    elif out.on_terminal:
        _print_words(out, synced)
    else:
        _print_rows(out, synced)
    if any(conflict.path for conflict in synced.conflicts) and not out.json:
        out.note("Both versions are kept: make one of them right, then forget the other, or delete it if it is a note.")


def _print_rows(out: Output, synced: Synced) -> None:
    if not synced.offline:
        counts = (("sent", synced.sent), ("received", synced.received), ("merged", synced.merged))
        out.row([synced.remote, *(f"{name} {count}" for name, count in counts)])
    for conflict in synced.conflicts:
        out.row(["conflict", conflict.identity, conflict.path])
    for identity in synced.put_away:
        out.row(["put away", identity])
    for identity in synced.erased:
        out.row(["erased", identity])


def _print_words(out: Output, synced: Synced) -> None:
    if not synced.offline:
        said = [f"{count} {word}" for count, word in ((synced.sent, "sent"), (synced.received, "received")) if count]
        out.line(f"{synced.remote}: {', '.join(said) + ' (commits)' if said else 'nothing new'}")
    for conflict in synced.conflicts:
        out.line(f"Both changed {short(conflict.identity)}; the other version is {conflict.path or 'in the trash'}")
    for identity in synced.put_away:
        out.line(f"Put into the trash: {short(identity)}")
    for identity in synced.erased:
        out.line(f"Erased, as elsewhere: {short(identity)}")


def _print_joined(out: Output, joined: Joined) -> None:
    if out.json:
        fields = {"remote": joined.remote, "commits": joined.commits}
        out.data({"schema": contract.SCHEMA, **contract.persona(joined.persona), **fields})
    elif out.on_terminal:
        out.line(f"{joined.persona.name} lives in {joined.persona.path}, and syncs with {joined.remote}")
    else:
        out.line(f"{joined.persona.name}\t{joined.persona.path}")
