"""``smos recall``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.grouping import by_file
from smos_cli.cli.options import After, All, AsOf, Before, Json, Kinds, PersonaName, Statuses, Tags
from smos_cli.cli.output import Output, json_line, one_line, short, visible
from smos_cli.cli.selecting import selection
from smos_cli.cli.shell import Shell
from smos_cli.cli.spending import checked_budget, tell_block, tell_hits
from smos_cli.cli.why import line as why_line
from smos_cli.cli.why import print_runners_up
from smos_cli.cli.why import shown as why_shown
from smos_cli.core.answering import DEFAULT_LIMIT, Hit, Query
from smos_cli.core.recall import Recalled
from smos_cli.core.selection import has_begun, has_ended
from smos_cli.errors import UsageError

if TYPE_CHECKING:
    from smos_cli.cli.batch import Asked
    from smos_cli.core.block import Blocked
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
    as_of: AsOf = "",
    everything: All = False,
    budget: Annotated[
        int | None, typer.Option(metavar="TOKENS", help="Whole hits of at most so many tokens together.")
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="block: what a model is given, standing memories first."),
    ] = "",
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
    chosen = selection(
        kinds=kind, tags=tag, statuses=status, after=after, before=before, as_of=as_of, everything=everything
    )
    question = " ".join(query)
    _check(question, batch, limit)
    _check_format(form)
    spent = checked_budget(budget)
    toolkit = shell.toolkit(persona)
    asked = Query(question, chosen, limit, spent, today=chosen.as_of or toolkit.now(), why=why)
    if batch:
        _answer_batch(shell.output, batch, asked, partial(_lines, toolkit, block=bool(form), why=why))
    elif form:
        with toolkit.blocks() as make:
            made = make(asked)
        _show_block(shell.output, made, toolkit.persona, why=why)
    else:
        with toolkit.recalling() as ask:
            result = ask(asked)
        _show(shell.output, result, toolkit.persona, asked.today, why=why)


def _check(question: str, batch: str, limit: int) -> None:
    if bool(question.strip()) == bool(batch):
        raise UsageError(
            "A query and --batch exclude each other." if batch else "There is no query.",
            'Ask something: smos recall "what is the cache TTL".',
        )
    if limit < 0:
        raise UsageError(f"The limit {limit} is below zero.", "Give a number from 0 up.")


def _check_format(form: str) -> None:
    if form not in ("", "block"):
        raise UsageError(f"The format {form!r} is unknown.", "Use block; --json is an option of its own.")


def _show(out: Output, result: Recalled, persona: str, today: str, *, why: bool) -> None:
    _tell(out, result)
    tell_hits(out, result)
    if out.json:
        out.data(contract.recalled(result, persona, why=why))
    elif out.on_terminal:
        _print(out, result, today, why=why)
    else:
        for hit in result.hits:
            scores = [f"{hit.score:.3f}", why_line(hit)] if why else []
            superseded = ["superseded"] if hit.found.superseded_by else []
            out.row([hit.id, *scores, hit.found.passage.text, *superseded, *_marks(hit, today)])


def _show_block(out: Output, made: Blocked, persona: str, *, why: bool) -> None:
    _tell(out, made.recalled)
    tell_block(out, made.block)
    if out.json:
        out.data(contract.blocked(made, persona, why=why))
    elif made.block.text:
        out.line(made.block.text, raw=True)


def _answer_batch(
    out: Output, path: str, like: Query, answering: Callable[[list[Asked]], AbstractContextManager[Iterator[str]]]
) -> None:
    """Answer every line; exit with 1 if one was no query. The index is not held while the lines are waited for."""
    from smos_cli.cli.batch import read_questions

    questions, failed = read_questions(out, path, like)
    with answering(questions) as lines:
        for line in lines:
            out.line(line, raw=True)
    if failed:
        raise typer.Exit(1)


def _lines(toolkit: Toolkit, asked: list[Asked], *, block: bool, why: bool) -> AbstractContextManager[Iterator[str]]:
    """Open memory for many questions; yield each one's answer as a line of JSON, with its block if one is wanted."""
    queries = [one.query for one in asked]
    persona = toolkit.persona
    if block:
        return toolkit.block_many(
            queries, lambda n, made: json_line(contract.blocked(made, persona, why=why, identity=asked[n].id))
        )
    return toolkit.recall_many(
        queries, lambda n, found: json_line(contract.recalled(found, persona, why=why, identity=asked[n].id))
    )


def _tell(out: Output, result: Recalled) -> None:
    if result.degraded:
        out.note(f"warning: {result.degraded} This answer comes from the files alone.")
    for warning in result.warnings:
        out.note(f"warning: {warning}")
    if result.report and result.report.failed:
        what = "1 file" if result.report.failed == 1 else f"{result.report.failed} files"
        out.note(f"warning: {what} could not be read; see `smos doctor`.")


def _print(out: Output, result: Recalled, today: str, *, why: bool) -> None:
    if not result.hits:
        if not result.over_budget:
            out.note("Nothing found.")
        return
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style="dim")
    grid.add_column(overflow="fold")
    numbers = count(1)
    for path, hits in by_file(result.hits).items():
        inset = (0, 0, 0, 2 if len(hits) > 1 else 0)
        if len(hits) > 1:
            grid.add_row("", Text(visible(path), "bold"))
        for hit in hits:
            grid.add_row(f"{next(numbers)}.", Padding(Text(visible(_beginning(hit.found.passage.text))), inset))
            grid.add_row("", Padding(Text(_facts(hit, today), "dim"), inset))
            if why:
                grid.add_row("", Padding(why_shown(hit, out.width - inset[3]), inset))
    out.console().print(grid)
    if why:
        print_runners_up(out, result.runners_up, len(result.hits))


def _beginning(text: str) -> str:
    """Return a passage's first paragraph, with the heading above it; an ellipsis when there is more."""
    whole = text.strip()
    paragraphs = [part.strip() for part in whole.split("\n\n") if part.strip()]
    shown = "\n".join(paragraphs[: 2 if whole.startswith("#") else 1])[:_LONGEST]
    return shown if one_line(shown) == one_line(whole) else f"{shown} ..."


def _facts(hit: Hit, today: str) -> str:
    found = hit.found
    parts = [
        short(hit.id),
        found.memory.kind,
        (found.passage.time or found.memory.created)[:10],
        found.passage.speaker,
        found.passage.heading,
    ]
    parts += [f"#{tag}" for tag in found.memory.tags]
    parts += [f"conflicts with {short(one)}" for one in found.conflicts_with]
    parts += [f"superseded by {short(one)}" for one in found.superseded_by]
    return "  ".join(one_line(part) for part in [*parts, *_marks(hit, today)] if part)


def _marks(hit: Hit, today: str) -> list[str]:
    """Return what speaks against a hit on the day that is asked for."""
    memory = hit.found.memory
    marks = ["no longer valid"] if has_ended(memory.valid_to, today) else []
    marks += [] if has_begun(memory.valid_from, today) else ["not yet valid"]
    return [*marks, "weak"] if hit.weak else marks
