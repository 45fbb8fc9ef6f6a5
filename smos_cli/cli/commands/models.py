"""``smos models``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import shelf
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json
from smos_cli.cli.output import Output
from smos_cli.cli.shell import Shell
from smos_cli.cli.transferring import Transfer
from smos_cli.config import expanded
from smos_cli.core.catalogue import Listed
from smos_cli.core.models import ROLES
from smos_cli.core.pulling import Wanted
from smos_cli.core.shelf import Models
from smos_cli.errors import UsageError

app = verb_app()
APPS = {"models": app}

_Name = Annotated[str, typer.Argument(metavar="MODEL", help="A model's name, as `models list` has it.")]
_Role = Annotated[str, typer.Option(metavar="ROLE", help="embedder, reranker, judge or extractor.")]


@app.callback(help="List, pull, choose and check the models that play a role.")
def models() -> None:
    """Hold the commands together."""


@app.command("list")
def list_(context: typer.Context, role: _Role = "", json: Json = False) -> None:
    """List the models that are recommended, and those that are here; a star is in use, a plus is installed.

    Nothing of this is needed: every role has an embedded default, which `models use default` chooses.
    """
    if role and role not in ROLES:
        raise UsageError(f"{role!r} is not a role.", f"The roles are {', '.join(ROLES)}.")
    shell: Shell = context.obj
    shelf.print_listing(shell.output, _models(shell).list(role))


@app.command()
def info(context: typer.Context, name: _Name, json: Json = False) -> None:
    """Print all that is known of a model: licence, source, files and their hashes."""
    shell: Shell = context.obj
    shelf.print_info(shell.output, _models(shell).info(name))


@app.command()
def pull(
    context: typer.Context,
    name: _Name,
    folder: Annotated[str, typer.Option("--from", metavar="DIR", help="Take the files from this folder.")] = "",
    role: _Role = "",
    mirror: Annotated[str, typer.Option(metavar="URL", help="Ask this host instead of the models' own.")] = "",
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept a licence that forbids commercial use.")
    ] = False,
    accept_unpinned: Annotated[
        bool, typer.Option("--accept-unpinned", help="Take files that nobody vouches for.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring a model here; cut off at any point, the next try goes on from there.

    Every file is checked before any of it counts. With --from any model can be brought, also one that is not listed:
    an ONNX graph with its tokenizer.json, or a GGUF file. A mirror's URL can be set as models.mirror; models.offline or
    SMOS_OFFLINE=1 keeps smos from asking any host.
    """
    shell: Shell = context.obj
    place = str(expanded(folder).absolute()) if folder else ""
    wanted = Wanted(name, role, place, accept_licence, accept_unpinned, mirror)
    found = _models(shell)
    pulled = found.pull(wanted, lambda listed: _agree(shell.output, listed))
    if pulled is None:
        raise typer.Exit(1)
    shelf.print_pulled(shell.output, pulled, found.info(name))


@app.command()
def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="An installed model, SERVER/MODEL, or default.")],
    role: _Role = "",
    wait: Annotated[bool, typer.Option("--wait", help="Make new vectors now, not in the background.")] = False,
    json: Json = False,
) -> None:
    """Have a model play its role from now on.

    An installed model is tried first; a server is not asked before it is needed. A new embedder gives every persona new
    vectors, in the background; until they are there recall answers from the old ones.
    """
    shell: Shell = context.obj
    shelf.print_used(shell.output, _models(shell).use(name, role, wait=wait), waited=wait)


@app.command()
def remove(
    context: typer.Context,
    name: _Name,
    force: Annotated[bool, typer.Option("--force", help="Also in use; its role gets the embedded default.")] = False,
    json: Json = False,
) -> None:
    """Delete a model, or what was begun of one."""
    shell: Shell = context.obj
    shelf.print_removed(shell.output, name, _models(shell).remove(name, force=force))


@app.command()
def verify(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[MODEL]", help="A model's name; else all of them.")] = "",
    json: Json = False,
) -> None:
    """Read all files of the installed models, and compare them with what came."""
    shell: Shell = context.obj
    verified = _models(shell).verify(name)
    shelf.print_verified(shell.output, verified)
    if verified.differences:
        raise typer.Exit(1)


@app.command()
def bench(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="[MODEL]...", help="Installed models, or default; else all of them.")
    ] = [],
    data: Annotated[str, typer.Option(metavar="DIR", help="Also measure how well they do on this data.")] = "",
    json: Json = False,
) -> None:
    """Measure how fast and how large the embedded and the installed models are on this machine.

    Texts have about 30 tokens. With --data also how well they do: memories.jsonl beside queries.jsonl,
    NAME.transcript.jsonl beside NAME.queries.jsonl, and pairs with premise, hypothesis and label, in any folder of DIR.
    """
    shell: Shell = context.obj
    found = []
    for one in shell.wiring.benched(names, expanded(data).absolute() if data else None):
        shelf.note_benched(shell.output, one)
        found.append(one)
    shelf.print_benched(shell.output, found)
    if any(one.problem for one in found):
        raise typer.Exit(1)


def _models(shell: Shell) -> Models:
    return shell.wiring.models(Transfer(shell.output))


def _agree(out: Output, listed: Listed) -> bool:
    """Ask whether the terms of a model are accepted; ``UsageError`` when nobody can be asked."""
    question = f"{listed.name} may not be used commercially ({listed.licence}). Accept that?"
    if not out.can_ask:
        raise UsageError(f"{question} Nobody can be asked here.", "Add --accept-licence if you do.")
    return out.ask(question)
