"""``smos recall``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import After, All, Before, Json, Kinds, PersonaName, Statuses, Tags
from smos_cli.cli.output import Output, one_line, short, visible
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.core.recall import DEFAULT_LIMIT, Hit, Query, Recalled
from smos_cli.errors import UsageError

if TYPE_CHECKING:
    from smos_cli.core.toolkit import Toolkit

app = verb_app()
APPS = {"recall": app}

_LONGEST = 600
"""Characters of a passage that a terminal shows: `smos show` has all of it."""


@app.command()
def recall(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What is asked, in any words.")] = [],
    limit: Annotated[int, typer.Option("-k", "--limit", metavar="N", help="How many hits at most.")] = DEFAULT_LIMIT,
    kind: Kinds = [],
    tag: Tags = [],
    status: Statuses = [],
    after: After = "",
    before: Before = "",
    everything: All = False,
    why: Annotated[bool, typer.Option("--why", help="Say what each hit's score is made of.")] = False,
    batch: Annotated[
        str,
        typer.Option(metavar="FILE", help="Read one query a line, from a file or -, and answer each in JSON."),
    ] = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Find what was remembered, best first.

    The files are looked at first, so that what was written a moment ago is found. Hits that are probably not an
    answer are marked weak.
    """
    shell: Shell = context.obj
    chosen = selection(kinds=kind, tags=tag, statuses=status, after=after, before=before, everything=everything)
    question = " ".join(query)
    _check(question, batch, limit)
    toolkit = shell.toolkit(persona)
    if batch:
        _answer_batch(shell.output, toolkit, batch, Query("", chosen, limit), why=why)
        return
    with toolkit.recalling() as ask:
        result = ask(Query(question, chosen, limit))
    _show(shell.output, result, toolkit.persona, why=why)


def _check(question: str, batch: str, limit: int) -> None:
    if bool(question.strip()) == bool(batch):
        raise UsageError(
            "A query and --batch exclude each other." if batch else "There is no query.",
            'Ask something: smos recall "what is the cache TTL".',
        )
    if limit < 0:
        raise UsageError(f"The limit {limit} is below zero.", "Give a number from 0 up.")


def _show(out: Output, result: Recalled, persona: str, *, why: bool) -> None:
    _tell(out, result)
    if out.json:
        out.data(contract.recalled(result, persona, why=why))
    elif out.on_terminal:
        _print(out, result, why=why)
    else:
        for hit in result.hits:
            scores = [f"{hit.score:.3f}", _parts(hit.why)] if why else []
            out.row([hit.id, *scores, hit.found.passage.text, *(["weak"] if hit.weak else [])])


def _answer_batch(out: Output, toolkit: Toolkit, path: str, like: Query, *, why: bool) -> None:
    """Answer every line; exit with 1 if one was no query. The index is not held while the lines are waited for."""
    from smos_cli.cli.batch import read_questions

    asked, failed = read_questions(out, path, like)
    with toolkit.recalling() as ask:
        for query, identity in asked:
            out.data(contract.recalled(ask(query), toolkit.persona, why=why, identity=identity))
    if failed:
        raise typer.Exit(1)


def _tell(out: Output, result: Recalled) -> None:
    if result.degraded:
        out.note(f"warning: {result.degraded} This answer comes from the files alone.")
    if result.report and result.report.failed:
        what = "1 file" if result.report.failed == 1 else f"{result.report.failed} files"
        out.note(f"warning: {what} could not be read; see `smos doctor`.")


def _print(out: Output, result: Recalled, *, why: bool) -> None:
    if not result.hits:
        out.note("Nothing found.")
        return
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim")
    grid.add_column(overflow="fold")
    for number, hit in enumerate(result.hits, start=1):
        grid.add_row(f"{number}.", Text(visible(_beginning(hit.found.passage.text))))
        grid.add_row("", Text(_facts(hit), "dim"))
        if why:
            grid.add_row("", Text(f"{hit.score:.3f} = {_parts(hit.why)}", "cyan"))
    out.console().print(grid)


def _beginning(text: str) -> str:
    """Return a passage's first paragraph, with the heading above it; an ellipsis when there is more."""
    whole = text.strip()
    paragraphs = [part.strip() for part in whole.split("\n\n") if part.strip()]
    shown = "\n".join(paragraphs[: 2 if whole.startswith("#") else 1])[:_LONGEST]
    return shown if one_line(shown) == one_line(whole) else f"{shown} ..."


def _facts(hit: Hit) -> str:
    found = hit.found
    parts = [
        short(hit.id),
        found.memory.kind,
        (found.passage.time or found.memory.created)[:10],
        found.passage.speaker,
    ]
    parts += [f"#{tag}" for tag in found.memory.tags]
    parts += [f"conflicts with {short(one)}" for one in found.conflicts_with]
    parts += [f"superseded by {short(one)}" for one in found.superseded_by]
    return "  ".join(one_line(part) for part in [*parts, "weak" if hit.weak else ""] if part)


def _parts(why: dict[str, float]) -> str:
    return " ".join(f"{name} {value:+.3f}" for name, value in why.items())
