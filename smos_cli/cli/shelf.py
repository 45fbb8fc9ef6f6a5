"""How models look: in a table, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smos_cli.cli.contract import SCHEMA
from smos_cli.cli.output import Output, sized
from smos_cli.core.benching import Benched, Figures
from smos_cli.core.catalogue import HUB, Installed, Listed
from smos_cli.core.playing import Used
from smos_cli.core.pulling import Pulled
from smos_cli.core.shelf import Listing, Shown, Verified


def print_listing(out: Output, listing: Listing) -> None:
    """Print every model: what it is, and whether it is here and in use."""
    out.warn(f"models/{problem.where}: {problem.reason}" for problem in listing.problems)
    if out.json:
        found = [_object(item) for item in listing.models]
        roles = {role: player or None for role, player in listing.players.items()}
        out.data({"schema": SCHEMA, "models": found, "roles": roles})
        return
    rows = [_row(item) for item in listing.models]
    out.table(["", "name", "role", "size", "licence", "languages", "context"], rows)
    if out.on_terminal:
        out.note("* in use, + installed. More of one: `smos models info NAME`.")
        played = [f"{role}: {player}" for role, player in listing.players.items() if "/" in player]
        if played:
            out.note(f"Played by a server: {', '.join(played)}.")


def print_info(out: Output, item: Shown) -> None:
    """Print all that is known of one model."""
    if out.json:
        out.data({"schema": SCHEMA, **_object(item), "files": _files(item)})
        return
    value = _object(item)
    for key in (
        "name",
        "role",
        "format",
        "about",
        "licence",
        "languages",
        "context",
        "dimensions",
        "source",
        "revision",
    ):
        if value[key]:
            _line(out, key, str(value[key]))
    _line(out, "size", _size(value["bytes"]))
    if not item.model_is_free:
        _line(out, "terms", "not for commercial use")
    if item.installed:
        _line(out, "installed", str(item.installed.folder))
        _line(out, "model id", item.installed.model_id)
    _line(out, "in use", ", ".join(item.roles) or "no")
    for file in _files(item):
        _print_file(out, file)


def print_pulled(out: Output, pulled: Pulled, shown: Shown) -> None:
    """Print what pulling came to."""
    if out.json:
        told = {"outcome": pulled.outcome, "brought": pulled.brought, "unpinned": list(pulled.unpinned)}
        out.data({"schema": SCHEMA, **told, **_object(shown), "files": _files(shown)})
    elif out.on_terminal:
        said = "is here already, and right" if pulled.outcome == "present" else f"is {pulled.outcome}"
        out.line(f"{shown.name} {said}: {sized(pulled.model.size)} in {pulled.model.folder}")
        if not shown.roles:
            out.note(f"Have it play its role with `smos models use {shown.name}`.")
    else:
        out.row([pulled.outcome, shown.name, str(pulled.model.folder)])
    if pulled.unpinned and not out.json:
        out.note(f"Not pinned, held from now on to what came: {', '.join(pulled.unpinned)}.")


def print_used(out: Output, used: Used, *, waited: bool) -> None:
    """Print who plays a role now, and what follows."""
    if out.json:
        told = {"value": used.value, "before": used.before, "embedding": list(used.personas)}
        out.data({"schema": SCHEMA, "role": used.role, **told})
        return
    out.note(f"The {used.role} is {used.value or 'the embedded default'} now.")
    if used.personas and not waited:
        names = ", ".join(used.personas)
        out.note(f"New vectors are made in the background for {names}; recall answers from the old ones until then.")


def print_removed(out: Output, name: str, roles: tuple[str, ...]) -> None:
    """Print what was removed."""
    if out.json:
        out.data({"schema": SCHEMA, "removed": name, "roles": list(roles)})
        return
    said = f"; {' and '.join(roles)} are the embedded default again" if roles[1:] else ""
    said = f"; the {roles[0]} is the embedded default again" if len(roles) == 1 else said
    out.note(f"Removed {name}{said}.")


def print_verified(out: Output, verified: Verified) -> None:
    """Print what checking came to."""
    if out.json:
        differences = [{"where": one.where, "reason": one.reason} for one in verified.differences]
        counts: dict[str, Any] = {"models": list(verified.models), "files": verified.files, "bytes": verified.size}
        out.data({"schema": SCHEMA, **counts, "differences": differences})
        return
    for one in verified.differences:
        out.row([one.where, one.reason])
    if not verified.differences:
        models = "1 model" if len(verified.models) == 1 else f"{len(verified.models)} models"
        out.note(f"All as it came: {models}, {verified.files} files, {sized(verified.size)}.")


def note_benched(out: Output, one: Benched) -> None:
    """Say on a terminal that a model is measured: the next takes a while."""
    if out.on_terminal and not out.json:
        out.note(f"{one.role}: {one.name}")


def print_benched(out: Output, found: Sequence[Benched]) -> None:
    """Print what measuring models came to."""
    if out.json:
        nothing = dict.fromkeys(Figures._fields)
        models = [
            {"name": one.name, "role": one.role, **(one.figures._asdict() if one.figures else nothing)} for one in found
        ]
        problems = [{"where": one.name, "reason": one.problem} for one in found if one.problem]
        out.data({"schema": SCHEMA, "models": models, "problems": problems})
        return
    out.warn(f"{one.name}: {one.problem}" for one in found if one.problem)
    columns = ["role", "name", "loads in ms", "texts/s", "memory", "asked", "R@10", "MRR@10", "accuracy"]
    rows = [[one.role, one.name, *_measured(one.figures)] for one in found if one.figures]
    columns += ["contradictions P", "R"]
    # A pipe has every field in its place, a terminal no room for empty ones.
    kept = [at for at in range(len(columns)) if not out.on_terminal or any(row[at] for row in rows)]
    out.table([columns[at] for at in kept], [[row[at] for at in kept] for row in rows])


def _measured(figures: Figures) -> list[str]:
    shares = (
        figures.recall_at_10,
        figures.mrr_at_10,
        figures.accuracy,
        figures.contradiction_precision,
        figures.contradiction_recall,
    )
    asked = "" if figures.asked is None else str(figures.asked)
    speed = [f"{figures.load_ms:.0f}", f"{figures.per_second:.0f}", sized(figures.peak_bytes), asked]
    return speed + ["" if share is None else f"{share:.3f}" for share in shares]


def _object(item: Shown) -> dict[str, Any]:
    model, listed = item.model, item.listed
    return {
        "name": item.name,
        "role": model.role,
        "format": model.format,
        "about": listed.about if listed else "",
        "bytes": model.size,
        "licence": model.licence or None,
        "commercial": listed.commercial if listed else None,
        "context": model.context or None,
        "languages": listed.languages if listed else "",
        "dimensions": model.dimensions or None,
        "source": model.source or None,
        "revision": model.revision or None,
        "pinned": bool(listed and listed.pinned),
        "listed": listed is not None,
        "installed": item.installed is not None,
        "model_id": item.installed.model_id if item.installed else None,
        "folder": str(item.installed.folder) if item.installed else None,
        "roles": list(item.roles),
    }


def _files(item: Shown) -> list[dict[str, Any]]:
    addresses = {part.path: part.address for part in item.listed.parts} if item.listed else {}
    return [
        {
            "path": part.path,
            "bytes": part.size or None,
            "sha256": part.sha256 or None,
            "url": f"{HUB}/{address}" if (address := addresses.get(part.path)) else None,
        }
        for part in item.model.parts
    ]


def _print_file(out: Output, file: dict[str, Any]) -> None:
    cells = [file["path"], _size(file["bytes"]), file["sha256"] or "not pinned", file["url"] or ""]
    if not out.on_terminal:
        out.row(["file", *cells])
        return
    _line(out, "file", "  ".join(cells[:2]))
    for cell in filter(None, cells[2:]):
        _line(out, "", cell)


def _row(item: Shown) -> list[str]:
    model: Installed | Listed = item.model
    mark = "*" if item.roles else "+" if item.installed else ""
    licence = model.licence if item.model_is_free else f"{model.licence} (not commercial)"
    languages = item.listed.languages if item.listed else ""
    return [mark, item.name, model.role, _size(model.size), licence, languages, str(model.context or "")]


def _size(count: int | None) -> str:
    return sized(count) if count else "unknown"


def _line(out: Output, key: str, value: str) -> None:
    if out.on_terminal:
        out.line(f"{key:<10}  {value}")
    else:
        out.row([key, value])
