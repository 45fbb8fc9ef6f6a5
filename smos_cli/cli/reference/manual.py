"""The manual page of ``smos``, man/smos.1: the prose around what the commands and settings say of themselves."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from smos_cli.cli.reference import prose
from smos_cli.cli.reference.surface import Command, Option
from smos_cli.config.servers import SERVER_SETTINGS
from smos_cli.config.settings import PERSONA_SETTINGS, SETTINGS


def manual(root: Command) -> str:
    """Return the page."""
    commands = root.walk()[1:]
    common = _common(commands)
    return (
        prose.BEFORE
        + _common_options(root, common)
        + ".SH COMMANDS\n"
        + "".join(_command(command, common) for command in commands)
        + prose.AFTER_COMMANDS
        + prose.BEFORE_SETTINGS
        + _settings()
        + prose.AFTER_SETTINGS
    )


def roff(text: str) -> str:
    """Return a text as roff shows it: a line a sentence, `code` in bold, options with real hyphens."""
    text = text.replace("\\", "\\e").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    text = re.sub(r"(?<!\w)-\S*", lambda match: match[0].replace("-", "\\-"), text)
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z{])", " ".join(text.split()))
    return "\n".join(f"\\&{line}" if line[:1] == "." else line for line in sentences)


def _common(commands: list[Command]) -> list[Option]:
    """Return the options that most commands have, letter for letter."""
    counted = Counter(option for command in commands for option in command.options)
    return [option for option, count in counted.items() if count * 2 > len(commands)]


def _common_options(root: Command, common: list[Option]) -> str:
    before = "".join(_option(option) for option in root.options if option not in common)
    return (
        f".SH OPTIONS\nBefore the command:\n{before}"
        f".PP\nMost commands have these; each says which:\n{''.join(_option(option) for option in common)}"
    )


def _command(command: Command, common: list[Option]) -> str:
    own = [option for option in command.options if option not in common]
    shared = ", ".join(_names(option) for option in command.options if option in common)
    paragraphs = "\n.PP\n".join(roff(paragraph) for paragraph in command.help.split("\n\n"))
    arguments = "".join(f".TP\n\\fI{argument.metavar}\\fR\n{roff(argument.help)}\n" for argument in command.arguments)
    return (
        f'.SS "{command.name}"\n{_usage(command)}\n.PP\n{paragraphs}\n'
        f"{arguments}{''.join(_option(option) for option in own)}"
        f".PP\nAlso {shared}.\n"
    )


def _usage(command: Command) -> str:
    parts = [f"\\fBsmos {command.name}\\fR", "[\\fIOPTION\\fR]..."]
    if command.commands:
        parts.append("\\fICOMMAND\\fR")
    for argument in command.arguments:
        shown = f"\\fI{argument.metavar}\\fR" + ("..." if argument.repeats else "")
        parts.append(shown if argument.required else f"[{shown}]")
    return " ".join(parts)


def _option(option: Option) -> str:
    default = f"\nDefault: {roff(option.default)}." if option.default else ""
    value = f" \\fI{option.metavar}\\fR" if option.metavar else ""
    return f".TP\n{_names(option)}{value}\n{roff(option.help)}{default}\n"


def _names(option: Option) -> str:
    return ", ".join("\\fB" + name.replace("-", "\\-") + "\\fR" for name in option.names)


def _settings() -> str:
    own = {f"personas.NAME.{key}": setting for key, setting in PERSONA_SETTINGS.items()}
    own |= {f"servers.NAME.{key}": setting for key, setting in SERVER_SETTINGS.items()}
    return "".join(
        f".TP\n\\fB{key}\\fR{_default(default)}\n{roff(_sentence(what))}\n"
        for key, (default, what) in (SETTINGS | own).items()
    )


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return f" (default {str(value).lower()})"
    if isinstance(value, float):
        return f" (default {value:g})"
    return f" (default {value})" if value else ""


def _sentence(what: str) -> str:
    """Return a description as a sentence; one that begins with a value it explains keeps that value as it is."""
    return f"{what if what.split()[0].endswith(':') else what[0].upper() + what[1:]}."
