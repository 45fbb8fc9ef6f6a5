"""What was learnt, as ``learn`` and ``import`` print it: each new memory, and the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from smos_cli.cli import contract
from smos_cli.cli.output import Output, one_line, short
from smos_cli.cli.reports import counted, print_problems
from smos_cli.core.memory import Memory
from smos_cli.core.refresh import Report

if TYPE_CHECKING:
    from smos_cli.core.statements import Learned

_COUNTS = ("seen", "stored", "duplicates", "skipped", "failed")
_WIDE = 60
"""Columns of a terminal from which on there is room for more than the text."""


def print_learned(out: Output, result: Learned) -> int:
    """Print what was learnt; return the exit code, 1 if anything failed."""
    if out.json:
        out.data({**contract.report(result), **extra(result)})
    else:
        tell_learned(out, result)
    return 1 if result.failed else 0


def extra(result: Learned | None) -> dict[str, Any]:
    """Return what JSON has of it beside the counts."""
    memories = result.memories if result else ()
    return {"turns": result.turns if result else 0, "candidates": [contract.memory(memory) for memory in memories]}


def beside(result: Learned | None) -> dict[str, Any]:
    """Return what JSON has of it beside an import's own counts; None: nothing was learnt from."""
    counts = contract.report(result or Report())
    return {"learnt": {name: counts[name] for name in (*_COUNTS, "problems")}, **extra(result)}


def tell_learned(out: Output, result: Learned) -> None:
    """Print the new memories, what was left out and why, and the counts."""
    print_candidates(out, result.memories)
    print_problems(out, result)
    out.line(f"{result.turns} turn{'' if result.turns == 1 else 's'} read: {counted(result)}")


def print_candidates(out: Output, memories: Sequence[Memory]) -> None:
    """Print a line a memory."""
    rows = [[memory.id, memory.status, memory.kind, memory.valid_from, one_line(memory.text)] for memory in memories]
    if not out.on_terminal:
        for row in rows:
            out.row(row)
    elif rows:
        titles = ["id", "status", "kind", "text"] if out.width >= _WIDE else ["id", "text"]
        shown = [[short(row[0]), row[1], row[2], row[4]] for row in rows]
        out.lines(titles, [row if out.width >= _WIDE else [row[0], row[3]] for row in shown])
