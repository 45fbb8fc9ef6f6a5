"""The ``smos`` command: verbs from a table, each loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

import smos_cli
from smos_cli.cli.verbs import HIDDEN, VERBS
from smos_cli.errors import UsageError

if TYPE_CHECKING:
    from smos_cli.cli.shell import Shell


class Verbs(TyperGroup):
    """A group that knows its commands by name and loads a command's module only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is the library's
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is the library's
        if cmd_name not in VERBS and cmd_name not in HIDDEN:
            raise _unknown(cmd_name)
        return load(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the signature is the library's
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


def _unknown(word: str) -> UsageError:
    from difflib import get_close_matches

    close = get_close_matches(word, VERBS, n=1)
    return UsageError(
        f"There is no command {word!r}.", f"Did you mean {close[0]}?" if close else "See them with `smos --help`."
    )


def load(verb: str) -> Any:
    """Return the command of a verb."""
    module = import_module(f"smos_cli.cli.commands.{HIDDEN.get(verb) or VERBS[verb][0]}")
    apps: dict[str, typer.Typer] = module.APPS
    command = get_command(apps[verb])
    command.name = verb
    return command


def application(shell: Shell) -> Any:
    """Return the root command over one process's shell."""
    app = typer.Typer(
        cls=Verbs,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "obj": shell},
        no_args_is_help=True,
    )

    @app.callback(help="A memory for people who work with AI agents, in plain Markdown files they own.")
    def root(
        persona: Annotated[
            str,
            typer.Option("--persona", "-p", metavar="NAME", help="Whose memory; else SMOS_PERSONA, else the default."),
        ] = "",
        version: Annotated[  # noqa: ARG001 - its callback does it, before a command is missed
            bool,
            typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
        ] = False,
    ) -> None:
        shell.persona = persona

    return get_command(app)


def _print_version(context: typer.Context, asked: bool) -> None:
    if asked:
        context.obj.output.line(f"smos {smos_cli.__version__}")
        raise typer.Exit


class Subverbs(TyperGroup):
    """The commands of a verb that has several, each with its first sentence in full."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        lines = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, " ".join(line.split("\n\n")[0].split())) for name, line in lines])


def verb_app() -> typer.Typer:
    """Return an empty app for one verb's command."""
    return typer.Typer(
        cls=Subverbs,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        no_args_is_help=False,
    )
