"""Counts that add up, as every verb that takes in many files prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smos_cli.cli import contract
from smos_cli.cli.output import Output
from smos_cli.core.refresh import Report

_SHOWN = 50


def print_report(out: Output, report: Report, extra: Mapping[str, Any]) -> int:
    """Print what was seen, stored, skipped and failed; return the exit code, 1 if anything failed."""
    if out.json:
        out.data({**contract.report(report), **extra})
    else:
        print_problems(out, report)
        out.line(counted(report))
    return 1 if report.failed else 0


def print_problems(out: Output, report: Report) -> None:
    """Print what was left out and why, as many as a person may read."""
    for problem in report.problems[:_SHOWN]:
        out.note(f"{problem.where}: {problem.reason}")
    if len(report.problems) > _SHOWN:
        out.note(f"... and {len(report.problems) - _SHOWN} more; --json has all of them")


def counted(report: Report) -> str:
    """Return the counts as a person reads them."""
    counts = [
        f"{report.seen} seen",
        f"{report.stored} stored",
        f"{report.duplicates} duplicate{'' if report.duplicates == 1 else 's'}",
        f"{report.skipped} skipped",
        f"{report.failed} failed",
    ]
    return ", ".join(counts + ([f"{report.removed} removed"] if report.removed else []))
