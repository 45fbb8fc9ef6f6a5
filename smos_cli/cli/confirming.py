"""Asking before something is done that ``--yes`` does without."""

from __future__ import annotations

import typer

from smos_cli.cli.output import Output
from smos_cli.errors import UsageError


def confirm(out: Output, question: str, *, yes: bool) -> None:
    """Go on only after a yes; ``Exit`` with 1 after a no, ``UsageError`` when nobody can be asked."""
    if yes:
        return
    if not out.can_ask:
        raise UsageError(f"{question} Nobody can be asked here.", "Add --yes to do it.")
    if not out.ask(question):
        raise typer.Exit(1)
