"""What ``erase`` and ``audit check`` say: what will happen, what was done, and the certificate."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smos_cli.cli import contract
from smos_cli.cli.output import Output, json_line, one_line
from smos_cli.errors import StorageError, UsageError

if TYPE_CHECKING:
    from smos_cli.core.certificate import Checked
    from smos_cli.core.erasable import Plan
    from smos_cli.core.erase import Erasure
    from smos_cli.core.purging import Survey

_SHOWN = 20


def tell_plan(out: Output, plan: Plan, *, keep_history: bool) -> None:
    """Say what would be erased, before anybody is asked."""
    for line in _plan_lines(plan, keep_history=keep_history):
        out.note(f"  {line}")


def print_erasure(out: Output, plan: Plan, done: Erasure) -> None:
    """Print what was erased, and the certificate."""
    out.warn(done.warnings)
    ids = [memory.id or memory.path for memory in done.memories]
    if out.json:
        history = _history(plan.survey, done)
        out.data({"schema": contract.SCHEMA, "erased": ids, "history": history, "certificate": done.certificate})
    elif out.on_terminal:
        for memory in done.memories:
            out.line(f"Erased: {memory.text or memory.id}")
    else:
        for identity in ids:
            out.row(["erased", identity])
    if done.certificate:
        for line in _certificate_lines(done.certificate):
            out.note(line)
    if done.searched.left:
        raise StorageError(
            f"Something of it is still in {', '.join(done.searched.left[:_SHOWN])}.",
            "Run the same command again; what is gone stays gone.",
        )


def check_place(file: Path) -> None:
    """Refuse a file for a certificate that can't be written, before anything is erased; ``UsageError``."""
    if os.path.lexists(file):
        raise UsageError(f"{file} is there already.", "Give another file for the certificate.")
    if not os.access(file.parent, os.W_OK | os.X_OK) or not file.parent.is_dir():
        raise UsageError(
            f"The certificate can't be written to {file}.", "Give a file in a folder that you may write to."
        )


def save(file: Path, certificate: Mapping[str, Any] | None) -> None:
    """Write a certificate to a file that is not there yet; ``StorageError``."""
    if certificate is None:
        raise StorageError("There is no certificate to be saved.", "See the warnings.")
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(json_line(certificate) + "\n")
    except OSError as error:
        raise StorageError(
            f"The certificate can't be written to {file}: {error.strerror}.",
            f"It is erased all the same; keep this line, it is the certificate: {json_line(certificate)}",
        ) from error


def print_checked(out: Output, result: Checked) -> None:
    """Print what is right or wrong with a certificate."""
    fields = result.fields
    if out.json:
        valid = not result.problems
        out.data({"schema": contract.SCHEMA, "valid": valid, "problems": list(result.problems), "certificate": fields})
        return
    for problem in result.problems:
        out.line(f"problem: {problem}")
    if not result.problems:
        out.line("The certificate is genuine, and what it says is so.")
    for line in _certificate_lines(fields):
        out.note(line)


def _plan_lines(plan: Plan, *, keep_history: bool) -> Iterator[str]:
    for item in plan.targets[:_SHOWN]:
        yield f"{item.memory.id or item.memory.path}  {one_line(item.memory.text[:100])}"
        yield f"  in {one_line(item.path)}" if item.path else "  in no file any more"
    if len(plan.targets) > _SHOWN:
        yield f"... and {len(plan.targets) - _SHOWN} more"
    for turn in sorted(plan.erased.turns):
        yield f"what was said in {turn} is taken out of the conversation"
    survey = plan.survey
    if keep_history or not survey.rewritten:
        return
    yield (
        f"history: {_count(survey.versions, 'version')} in {_count(survey.holding, 'commit')};"
        f" the hashes of {survey.rewritten:,} of {_count(survey.commits, 'commit')} will change"
        + (f", and {_count(survey.signed, 'signature')} will be lost" if survey.signed else "")
    )
    for name, address in survey.remotes:
        yield (
            f"remote {name} ({address}): still has it; `smos sync {name}` replaces its history, and its host may keep"
            " old objects until it collects garbage: ask it to"
        )
    if survey.remotes:
        yield "other clones rewrite theirs when they sync"
    yield "backups, and copies made by hand, are not reached"


def _certificate_lines(fields: Mapping[str, Any]) -> Iterator[str]:
    yield f"Certificate {fields['hash'][:16]}: {', '.join(fields['ids'])} erased on {fields['time']}."
    yield (
        f"  {fields['commits_rewritten']:,} commits rewritten; {fields['texts_searched']:,} texts looked for in"
        f" {fields['objects_searched']:,} objects and {fields['files_searched']:,} files;"
        f" gone from {', '.join(fields['verified'])}."
    )
    if fields["also_in"]:
        more = len(fields["also_in"]) - _SHOWN
        yield f"  The same words also stand in {', '.join(fields['also_in'][:_SHOWN])}" + (
            f" and {more} more places." if more > 0 else "."
        )


def _history(survey: Survey, done: Erasure) -> dict[str, Any]:
    return {
        "paths": list(survey.paths),
        "versions": survey.versions,
        "commits": survey.holding,
        "rewritten": done.rewritten.commits,
        "signatures_lost": survey.signed if done.rewritten.commits else 0,
        "remotes": [{"name": name, "url": address} for name, address in survey.remotes],
    }


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
