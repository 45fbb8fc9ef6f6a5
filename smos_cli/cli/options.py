"""Options that several verbs share, each spelled once."""

from __future__ import annotations

from typing import Annotated

import typer

from smos_cli.errors import UsageError

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PersonaName = Annotated[str, typer.Option("--persona", "-p", metavar="NAME", help="Whose memory is meant.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the history.")]
IfMatch = Annotated[
    str | None,
    typer.Option("--if-match", metavar="ETAG", help="Only if the file is still as `show --json` gave it."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
Kinds = Annotated[list[str], typer.Option("--kind", metavar="KIND", help="Only this kind; may be repeated.")]
Tags = Annotated[list[str], typer.Option("--tag", "-t", metavar="TAG", help="Only with this tag; may be repeated.")]
Statuses = Annotated[
    list[str],
    typer.Option("--status", metavar="STATUS", help="accepted, pending or archived; may be repeated."),
]
After = Annotated[str, typer.Option("--after", metavar="DATE", help="Only what was said or made since this date.")]
Before = Annotated[str, typer.Option("--before", metavar="DATE", help="Only what was said or made before this date.")]
At = Annotated[
    str | None, typer.Option("--at", metavar="COMMIT|DATE", help="As it was in a commit, or at the end of a day.")
]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Answer as things stood at this date.")]
All = Annotated[bool, typer.Option("--all", help="Also pending, archived and superseded ones.")]
Keys = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, their beginnings or ends, or file names.")]
Key = Annotated[str, typer.Argument(metavar="ID", help="An id, its beginning or end, or a file name.")]


def checked_given(word: str | None, what: str) -> str:
    """Return a word, empty when it was left out; an empty one is a variable that was not set: ``UsageError``."""
    if word is not None and not word.strip():
        raise UsageError(f"The {what} is empty.", "Give one, or leave it out.")
    return word or ""
