"""``model.json``: what an installed model is, in its folder.

One JSON object: ``format`` 1 of this file, ``name``, ``role``, ``kind`` (onnx or gguf), ``dimensions``, ``context``,
``source``, ``revision``, ``licence``, and ``files``, each path with its ``bytes`` and ``sha256``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from smos_cli.core.catalogue import MANIFEST, PLAYED_BY, Installed, Part, check_path
from smos_cli.errors import ModelError

_FORMAT = 1
_LARGEST = 1_000_000
_DIGITS = 12


def model_id(name: str, parts: Iterable[Part]) -> str:
    """Return what a model's results are known by: its name, and 12 hex digits of a digest of its files' digests."""
    lines = "".join(f"{part.sha256}  {part.path}\n" for part in sorted(parts))
    return f"{name}@{sha256(lines.encode()).hexdigest()[:_DIGITS]}"


def written(model: Installed) -> bytes:
    """Return a model's manifest."""
    value = {
        "format": _FORMAT,
        "name": model.name,
        "role": model.role,
        "kind": model.format,
        "dimensions": model.dimensions,
        "context": model.context,
        "source": model.source,
        "revision": model.revision,
        "licence": model.licence,
        "files": {part.path: {"bytes": part.size, "sha256": part.sha256} for part in sorted(model.parts)},
    }
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def read(folder: Path) -> Installed:
    """Return the model in a folder; ``OSError``, ``ModelError`` when its manifest is none."""
    with (folder / MANIFEST).open("rb") as file:
        data = file.read(_LARGEST + 1)
    try:
        value: Any = json.loads(data)
        if value["format"] != _FORMAT or len(data) > _LARGEST:
            raise ValueError
        parts = tuple(_part(path, entry) for path, entry in value["files"].items())
        model = Installed(
            name=value["name"],
            role=value["role"],
            format=value["kind"],
            folder=folder,
            model_id=model_id(value["name"], parts),
            dimensions=value["dimensions"],
            context=value["context"],
            source=value["source"],
            revision=value["revision"],
            licence=value["licence"],
            parts=parts,
        )
        if not _holds(model):
            raise ValueError
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ModelError) as error:
        raise broken(folder.name) from error
    return model


def broken(name: str) -> ModelError:
    """Return that what lies in a model's folder is no model."""
    return ModelError(
        f"The model {name} is damaged: its {MANIFEST} can't be read.",
        f"Pull it again with `smos models pull {name}`, or remove it with `smos models remove {name}`.",
    )


def _part(path: str, entry: Any) -> Part:
    size, digest = entry["bytes"], entry["sha256"]
    if not (isinstance(size, int) and size >= 0 and isinstance(digest, str) and len(bytes.fromhex(digest)) == 32):
        raise ValueError
    return Part(check_path(path), size, digest)


def _holds(model: Installed) -> bool:
    """Say whether a manifest's values are what they can be."""
    texts = (model.source, model.revision, model.licence)
    counts = (model.dimensions, model.context)
    return (
        model.name == model.folder.name
        and model.role in PLAYED_BY.get(model.format, ())
        and all(isinstance(text, str) for text in texts)
        and all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts)
        and bool(model.parts)
    )
