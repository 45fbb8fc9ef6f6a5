"""The table of recommended models, ``catalogue.toml``, which says itself what stands in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smos_cli.core.catalogue import Listed, Part, check_model_name, check_path

_FILE = Path(__file__).with_name("catalogue.toml")


def table(file: Path = _FILE) -> Sequence[Listed]:
    """Return the models of the table, in its order."""
    with file.open("rb") as opened:
        return [_listed(name, entry) for name, entry in tomllib.load(opened).items()]


def _listed(name: str, entry: Mapping[str, Any]) -> Listed:
    parts = tuple(_part(entry, file) for file in entry["files"])
    return Listed(
        name=check_model_name(name),
        role=entry["role"],
        format=entry["format"],
        about=entry["about"],
        source=entry["source"],
        revision=entry["revision"],
        licence=entry["licence"],
        commercial=entry["commercial"],
        context=entry["context"],
        languages=entry["languages"],
        dimensions=entry.get("dimensions", 0),
        size=entry.get("about_bytes", 0) or sum(part.size for part in parts),
        parts=parts,
    )


def _part(entry: Mapping[str, Any], file: Mapping[str, Any]) -> Part:
    path = check_path(file["path"])
    source, revision = file.get("source", entry["source"]), file.get("revision", entry["revision"])
    return Part(path, file.get("bytes", 0), file["sha256"], f"{source}/resolve/{revision}/{file.get('from', path)}")
