"""Runs one command line: what a command raises becomes a sentence on stderr and an exit code."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import typer
from typer._click.exceptions import ClickException

from smos_cli.cli.app import application
from smos_cli.cli.shell import Shell
from smos_cli.errors import SmosError, UsageError

INTERRUPTED = 130
"""What a shell calls a program that Ctrl-C ended."""


def run_command(shell: Shell, arguments: list[str]) -> int:
    """Parse and run; return the exit code. What is not a ``SmosError`` is a bug and goes on up."""
    try:
        _check_text(arguments)
        _check_persona(arguments)
        code = int(application(shell)(arguments, prog_name="smos", standalone_mode=False) or 0)
    except SystemExit as error:
        # The library's answer, in any mode, to a reader that has gone.
        raise BrokenPipeError from error
    except SmosError as error:
        shell.output.error(error)
        return error.exit_code
    except ClickException as error:
        return _usage(shell, error)
    except typer.Abort as error:
        # The library takes an EOFError, which is a bug here, for the end of an answer at a prompt of its own.
        raise error.__cause__ or error from None
    finally:
        shell.output.settle()
    if code == INTERRUPTED:
        shell.output.note("Stopped.")
    return code


def _check_text(arguments: list[str]) -> None:
    for word in arguments:
        data = word.encode("utf-8", "surrogateescape")
        shown = data.decode("utf-8", "backslashreplace")
        if shown.encode() != data:
            raise UsageError(f"The argument '{shown}' is not UTF-8.", "Give it in UTF-8.")


def _check_persona(arguments: list[str]) -> None:
    """An empty name is a variable that was not set, not the default persona: what follows may be meant for another."""
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    named = [*pairwise(ours), *(tuple(word.split("=", 1)) for word in ours if "=" in word)]
    if any(option in ("-p", "--persona") and not name for option, name in named):
        raise UsageError("The persona's name is empty.", "Give a name, or leave the option out.")


def _usage(shell: Shell, error: Any) -> int:
    context = getattr(error, "ctx", None)
    if context and type(error).__name__ == "NoArgsIsHelpError":
        shell.output.line(context.get_help())
        return 2
    command = context.command_path if context else "smos"
    shell.output.error(UsageError(error.format_message(), f"See `{command} --help`."))
    return UsageError.exit_code
