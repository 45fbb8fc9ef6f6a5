"""The commands as data: what each takes, as its own declaration says. Read once, for whoever describes them."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from smos_cli.cli.app import application, load
from smos_cli.cli.output import Output
from smos_cli.cli.shell import Shell
from smos_cli.cli.verbs import VERBS
from smos_cli.config.settings import SETTINGS
from smos_cli.core.memory import KINDS, STATUSES
from smos_cli.wiring import Wiring

WORDS = {"kinds": KINDS, "statuses": STATUSES, "settings": tuple(SETTINGS)}
"""The words of each source that is a fixed list; the other sources are personas, files and folders."""

_SOURCES = {
    "KIND": "kinds",
    "STATUS": "statuses",
    "KEY": "settings",
    "NAME": "personas",
    "FILE": "files",
    "EPISODE|FILE": "files",
    "PATH": "files",
    "DIR": "folders",
}
_NEW_NAMES = (("init",), ("persona", "add"))
"""Commands whose NAME is one that is not there yet."""


class Option(NamedTuple):
    """An option: its spellings, short ones first; ``metavar`` is empty for a flag."""

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    default: str = ""
    repeats: bool = False

    @property
    def source(self) -> str:
        """Where its values are proposed from, empty for nowhere."""
        return _SOURCES.get(self.metavar, "")


class Argument(NamedTuple):
    """A positional argument; ``metavar`` is without brackets and dots."""

    metavar: str
    help: str
    required: bool
    repeats: bool


class Command(NamedTuple):
    """A command by its words after ``smos``, none for ``smos`` itself; ``commands`` are those below it."""

    words: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple[Command, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def source(self) -> str:
        """Where values of its first argument are proposed from, empty for nowhere."""
        if not self.arguments or self.words in _NEW_NAMES:
            return ""
        return _SOURCES.get(self.arguments[0].metavar, "")

    def walk(self) -> list[Command]:
        """Return this command and all below it, in the order in which help lists them."""
        return [self, *(found for command in self.commands for found in command.walk())]


def surface() -> Command:
    """Return ``smos`` with every command below it."""
    shell = Shell(Wiring({}), Output(sys.stdout, sys.stderr))
    root = _command(application(shell), ())
    return root._replace(commands=tuple(_command(load(verb), (verb,)) for verb in VERBS))


def _command(command: Any, words: tuple[str, ...]) -> Command:
    below: dict[str, Any] = getattr(command, "commands", {})
    shown = [param for param in command.params if not param.hidden]
    options = [_option(param) for param in shown if param.param_type_name == "option"]
    return Command(
        words,
        command.help or "",
        (*options, Option(("-h", "--help"), "Show a command's help and exit.")),
        tuple(_argument(param) for param in shown if param.param_type_name == "argument"),
        tuple(_command(found, (*words, name)) for name, found in below.items()),
    )


def _option(param: Any) -> Option:
    names = sorted((*param.opts, *param.secondary_opts), key=lambda name: (name.startswith("--"), name))
    default = "" if param.is_flag or not param.default else f"{param.default}"
    return Option(tuple(names), param.help or "", param.metavar or "", default, bool(param.multiple))


def _argument(param: Any) -> Argument:
    name = (param.metavar or param.name.upper()).strip("[].")
    return Argument(name, param.help or "", param.required, param.nargs != 1)
