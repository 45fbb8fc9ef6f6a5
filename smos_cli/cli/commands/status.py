"""``smos status`` and ``doctor``."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from smos_cli.cli import contract
from smos_cli.cli.app import verb_app
from smos_cli.cli.options import Json, PersonaName, Yes
from smos_cli.cli.output import Output, sized
from smos_cli.cli.shell import Shell
from smos_cli.core.choice import Choice
from smos_cli.core.doctor import Twins
from smos_cli.core.finding import Finding
from smos_cli.core.reembedding import Embedded
from smos_cli.errors import NotFoundError, SmosError, StoppedError, UsageError

if TYPE_CHECKING:
    from smos_cli.core.repair import Repaired
    from smos_cli.core.toolkit import Toolkit

status_app, doctor_app = verb_app(), verb_app()
APPS = {"status": status_app, "doctor": doctor_app}

_LABELS = {
    "path": "index",
    "bytes": "index size",
    "vector_path": "vectors",
    "vector_bytes": "vectors size",
    "graph_bytes": "graph size",
    "duckdb": "DuckDB",
}


@status_app.command()
def status(
    context: typer.Context,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Say what there is, where it is, and how fresh the index is."""
    shell: Shell = context.obj
    result = shell.toolkit(persona).status()
    config = shell.wiring.config
    places = {"home": str(config.home), "vault": str(config.persona(result.persona).path)}
    out = shell.output
    if out.json:
        out.data(contract.status(result, places))
        return
    rows = [["persona", result.persona], *([name, path] for name, path in places.items())]
    if result.counts:
        rows += [[name, str(count)] for name, count in result.counts._asdict().items()]
    for name, value in result.index.items():
        label = _LABELS.get(name, name)
        rows.append([label, sized(int(value)) if label.endswith("size") else str(value)])
    rows.append(["search", _search(result.choice)])
    if result.embedded and result.embedded.due:
        rows.append(["embedding", _embedding(result.embedded)])
    caught_up = "up to date" if result.fresh else "behind, and has caught up"
    rows.append(["index was", caught_up if result.counts else "held by another process"])
    if waiting := ", ".join(f"{count} {state}" for state, count in (result.queue or {}).items() if count):
        rows.append(["to learn from", waiting])
    out.table(["", ""], rows)


def _embedding(made: Embedded) -> str:
    """Return how far the vectors of the wanted model are, and what is to be done about it."""
    if made.failed:
        state = f"failed: {made.failed} `smos index` tries again"
    elif made.at_work:
        state = "being made"
    else:
        state = "`smos index` makes the rest" if made.done else "`smos index` makes them"
    return f"{made.wanted}, {made.done:,} of {made.total:,} passages, {state}"


def _search(choice: Choice | None) -> str:
    """Return how the nearest vectors are found, with what was measured."""
    if choice is None:
        return "exact"
    measured = [(choice.exact_ms, "exact"), (choice.hnsw_ms, "hnsw")]
    figures = [f"{name} {took:.3g} ms" for took, name in measured if took]
    return f"{choice.method} ({', '.join([*figures, f'{choice.rows:,} rows'])})"


@doctor_app.command()
def doctor(
    context: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what can be, and say what was done.")] = False,
    yes: Yes = False,
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Find what is wrong here, with a remedy for each.

    Exits with 0 when there is nothing wrong. With --repair: what was done comes first, then what is left. Of files
    that have one id it asks which keeps it; with --yes that is the one that was changed longest ago.
    """
    shell: Shell = context.obj
    out = shell.output
    if yes and not repair:
        raise UsageError("--yes answers what --repair asks.", "Add --repair.")
    wrong = shell.wiring.survey()
    found = [Finding("problem", "config.toml", error.message, error.remedy) for error in wrong]
    repaired: list[Repaired] = []
    # Without a readable configuration there may be no persona to look at, and that is the reason.
    with suppress(NotFoundError) if wrong else nullcontext():
        toolkit = shell.toolkit(persona)
        if repair:
            repaired = _repaired(out, toolkit, yes=yes)
        found += toolkit.doctor()
    if out.json:
        done = {"repaired": [item._asdict() for item in repaired]} if repair else {}
        out.data({"schema": contract.SCHEMA, "findings": [contract.finding(item) for item in found], **done})
    else:
        for item in found:
            out.line(f"{item.level}: {item.where}: {item.what} {item.remedy}")
        if not found:
            out.line("Nothing is wrong.")
    raise typer.Exit(1 if any(item.level == "problem" for item in found) else 0)


def _repaired(out: Output, toolkit: Toolkit, *, yes: bool) -> list[Repaired]:
    """Repair, and say so; where that can't be done now, the findings are still to be told."""
    try:
        done, warnings = toolkit.repair(lambda twins: _keeper(out, twins, yes=yes))
    except StoppedError:
        raise
    except SmosError as error:
        out.warn([f"Nothing was repaired: {error.message} {error.remedy}".rstrip()])
        return []
    out.warn(warnings)
    if not out.json:
        for item in done:
            out.line(f"repaired: {item.what} {item.done}")
    return list(done)


def _keeper(out: Output, twins: Twins, *, yes: bool) -> str | None:
    """Ask which of some files keeps the id they all have; the first is the one that was changed longest ago."""
    if yes:
        return twins.paths[0]
    asked = (path for path in twins.paths if out.ask(f"{' and '.join(twins.paths)} have one id. Does {path} keep it?"))
    return next(asked, None) if out.can_ask else None
