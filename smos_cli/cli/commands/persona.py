"""``smos init`` and ``smos persona``."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.confirming import confirm
from smos_cli.cli.options import Json, Yes
from smos_cli.cli.output import Output
from smos_cli.cli.shell import Shell
from smos_cli.config import expanded
from smos_cli.config.settings import DEFAULT_PERSONA
from smos_cli.core import personas
from smos_cli.core.personas import Added, NewPersona, PersonaInfo, Removed
from smos_cli.errors import UsageError

init_app, app = verb_app(), verb_app()
APPS = {"init": init_app, "persona": app}

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The persona's name.")]


@init_app.command()
def init(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The first persona's name.")] = "",
    json: Json = False,
) -> None:
    """Make a home with a first persona; safe to run again."""
    shell: Shell = context.obj
    chosen = name or shell.persona or shell.wiring.config["default_persona"] or DEFAULT_PERSONA
    _print_added(shell.output, personas.init(shell.wiring.home(), chosen))


@app.callback(help="Add, list, show, choose and remove personas.")
def persona() -> None:
    """Hold the commands together."""


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the personas; the default one has a star."""
    shell: Shell = context.obj
    found = list(shell.wiring.home().personas().values())
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, "personas": [contract.persona(item) for item in found]})
        return
    if not found:
        shell.output.note("There is no persona here yet. Make one with `smos init`, or just `smos remember`.")
    rows = [["*" if item.is_default else "", item.name, item.path, "" if item.there else "missing"] for item in found]
    shell.output.table(["", "name", "vault", ""], rows)


@app.command()
def add(
    context: typer.Context,
    name: _Name,
    path: Annotated[
        str, typer.Option(metavar="DIR", help="Adopt this folder of notes; none of its files is changed.")
    ] = "",
    git: Annotated[bool, typer.Option("--git", help="Make the adopted folder a git repository.")] = False,
    allow: Annotated[
        list[str],
        typer.Option("--allow", metavar="FOLDER", help="Let models see this folder; may be repeated."),
    ] = [],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Add a persona, with a vault of its own or over an existing folder of notes."""
    shell: Shell = context.obj
    home = shell.wiring.home()
    place = str(expanded(path).absolute()) if path else ""
    if git and not path:
        raise UsageError("--git goes with --path.", "A vault of its own always gets a repository.")
    folders = home.folders(place) if place else []
    if unknown := [folder for folder in allow if folder.strip("/") not in folders]:
        raise UsageError(
            f"There is no folder {unknown[0]!r} in {place}.", f"There are: {', '.join(folders) or 'none'}."
        )
    if place and not allow and not yes:
        allow = _ask_folders(shell.output, folders)
    new = NewPersona(name, place, git, tuple(folder.strip("/") for folder in allow))
    _print_added(shell.output, personas.add(home, new))


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The persona's name; else the default one.")] = "",
    json: Json = False,
) -> None:
    """Print one persona's settings."""
    shell: Shell = context.obj
    _print(shell.output, personas.get(shell.wiring.home(), name or shell.persona))


@app.command()
def use(context: typer.Context, name: _Name, json: Json = False) -> None:
    """Make a persona the default one."""
    shell: Shell = context.obj
    _print(shell.output, personas.use(shell.wiring.home(), name))


@app.command()
def remove(
    context: typer.Context,
    name: _Name,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take a persona out of the configuration; its folder and files stay where they are.

    Its index, which can be made again from them, is deleted.
    """
    shell: Shell = context.obj
    home = shell.wiring.home()
    known = personas.get(home, name)
    confirm(shell.output, f"Its files in {known.path} stay. Remove the persona {name}?", yes=yes)
    _print_removed(shell.output, personas.remove(home, name))


def _ask_folders(out: Output, folders: list[str]) -> list[str]:
    if not folders or not out.can_ask:
        return []
    out.note(f"Folders: {', '.join(folders)}")
    answer = out.ask_text("Which of them may a model see? (names separated by commas; none by default)")
    chosen = [name.strip() for name in answer.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in folders]:
        raise UsageError(f"There is no folder {unknown[0]!r}.", f"There are: {', '.join(folders)}.")
    return chosen


def _print_added(out: Output, added: Added) -> None:
    out.warn(added.warnings)
    if added.persona.adopted and added.made:
        out.note(f"New memories go to {added.persona.path}/smos/memories.")
    if out.json:
        out.data({"schema": contract.SCHEMA, **contract.persona(added.persona), "made": list(added.made)})
    else:
        out.line(
            f"{added.persona.name}\t{added.persona.path}"
            if not out.on_terminal
            else f"{added.persona.name} lives in {added.persona.path}"
        )


def _print_removed(out: Output, removed: Removed) -> None:
    name, path = removed.persona.name, removed.persona.path
    out.note(f"The files of {name} are still in {path}." + (" Its index is deleted." if removed.had_index else ""))
    if removed.successor:
        out.note(f"The default persona is {removed.successor} now.")
    if out.json:
        out.data({"schema": contract.SCHEMA, **contract.persona(removed.persona)})
    elif out.on_terminal:
        out.line(f"Removed: {name}")
    else:
        out.row(["removed", name])


def _print(out: Output, item: PersonaInfo) -> None:
    if out.json:
        out.data({"schema": contract.SCHEMA, **contract.persona(item)})
    else:
        out.table(["", ""], [[key, _text(value)] for key, value in contract.persona(item).items()])


def _text(value: str | bool | list[str]) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else value
