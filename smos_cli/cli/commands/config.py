"""``smos config list|get|set|path``."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json
from smos_cli.cli.shell import Shell
from smos_cli.config import Setting, expanded
from smos_cli.config.changing import checked_change
from smos_cli.config.settings import described
from smos_cli.core.personas import check_apart
from smos_cli.errors import NotFoundError

app = verb_app()
APPS = {"config": app}

_KeyName = Annotated[str, typer.Argument(metavar="KEY", help="A setting such as vault.autocommit.")]


@app.callback(help="List, get and set the settings.")
def config() -> None:
    """Hold the commands together."""


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List every setting, its value and where it comes from."""
    shell: Shell = context.obj
    out = shell.output
    out.warn(f"{error.message} {error.remedy}" for error in shell.wiring.survey())
    settings = list(shell.wiring.config.settings.values())
    if out.json:
        out.data({"schema": contract.SCHEMA, "settings": [_object(setting) for setting in settings]})
    elif out.on_terminal:
        for item in settings:
            source = "" if item.source == "default" else f" (from {Path(item.source).name})"
            out.line(f"{item.key} = {_text(item.value)}")
            for line in wrap(described(item.key) + source, max(20, out.width - 4)):
                out.line(f"    {line}")
    else:
        for item in settings:
            out.row([item.key, _text(item.value), item.source, described(item.key)])


@app.command()
def get(context: typer.Context, key: _KeyName, json: Json = False) -> None:
    """Print the value of one setting."""
    shell: Shell = context.obj
    setting = shell.wiring.config.settings.get(key)
    if setting is None:
        raise NotFoundError(f"There is no setting {key!r}.", "See them with `smos config list`.")
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, **_object(setting)})
    else:
        shell.output.line(_text(setting.value))


@app.command("set", context_settings={"ignore_unknown_options": True})
def set_(
    context: typer.Context,
    key: _KeyName,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value; a list has commas between.")],
    json: Json = False,
) -> None:
    """Write one setting to config.toml; comments and other lines stay."""
    shell: Shell = context.obj
    config = shell.wiring.config
    checked = checked_change(config, key, value)
    home = shell.wiring.home()
    with home.lock():
        if key.endswith(".path") and checked:
            check_apart(home, key.split(".")[1], str(config.home / expanded(checked)))
        home.write({key: checked})
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, "key": key, "value": checked})
    else:
        shell.output.note(f"{key} is {_text(checked) or 'empty'} now.")


@app.command()
def path(context: typer.Context, json: Json = False) -> None:
    """Print where config.toml is."""
    shell: Shell = context.obj
    place = str(shell.wiring.home().config_file)
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, "path": place})
    else:
        shell.output.line(place)


def _object(setting: Setting) -> dict[str, Any]:
    return {
        "key": setting.key,
        "value": setting.value,
        "source": setting.source,
        "overrode": setting.overrode or None,
    }


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
