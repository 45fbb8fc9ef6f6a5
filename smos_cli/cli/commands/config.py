"""``smos config list|get|set|path``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json
from smos_cli.cli.shell import Shell
from smos_cli.config import SETTINGS, Setting, checked_value
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
    settings = list(shell.wiring.config.settings.values())
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, "settings": [_object(setting) for setting in settings]})
        return
    rows = [[item.key, _text(item.value), item.source, SETTINGS[item.key][1]] for item in settings]
    shell.output.table(["key", "value", "from", ""], rows)


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


@app.command("set")
def set_(
    context: typer.Context,
    key: _KeyName,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value.")],
    json: Json = False,
) -> None:
    """Write one setting to config.toml; comments and other lines stay."""
    shell: Shell = context.obj
    checked = checked_value(key, value.split(",") if key.endswith(".model_folders") else value)
    shell.wiring.home().set(key, checked)
    if shell.output.json:
        shell.output.data({"schema": contract.SCHEMA, "key": key, "value": checked})
    else:
        shell.output.note(f"{key} is {_text(checked)} now.")


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
    return str(value).lower() if isinstance(value, bool) else str(value)
