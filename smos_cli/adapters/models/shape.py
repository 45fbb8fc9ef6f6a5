"""What a model's files say of the model: its format, and the role that it can play.

A look at names, JSON and headers, without any library: that it loads is found out when it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smos_cli.adapters.models.gguf import header
from smos_cli.core.catalogue import Described, Part
from smos_cli.errors import ModelError, UsageError

_LARGEST = 100_000_000
"""Bytes of a JSON file: tokenizers of many languages take 17 MB."""
_LABELS_OF_A_JUDGE = ("entail", "contradict")


def described(folder: Path, paths: Sequence[str]) -> Described:
    """Return what files of a folder say of themselves; ``ModelError``, and ``UsageError`` when they are two models."""
    if gguf := [path for path in paths if path.endswith(".gguf")]:
        return _gguf(folder, gguf, paths)
    graphs = [path for path in paths if path.endswith(".onnx")]
    if not graphs:
        raise ModelError("There is no model in the folder.", "It needs one file that ends in .onnx or .gguf.")
    if len(graphs) > 1:
        raise UsageError(
            f"There are several models in the folder: {', '.join(graphs)}.", "Leave one, such as the one for this CPU."
        )
    return _onnx(folder, paths)


def check(folder: Path, form: str, paths: Sequence[str]) -> None:
    """See that files make a model of a format; ``ModelError``, ``OSError``."""
    found = described(folder, paths)
    if found.format != form:
        raise ModelError(f"The files make a model of the format {found.format}, not {form}.", "Look at the files.")
    for path in paths:
        if not (folder / path).stat().st_size:
            raise ModelError(f"{path} is empty.", "Get the file again.")
        if path.endswith(".json"):
            parsed(folder, path)


def parsed(folder: Path, path: str) -> Mapping[str, Any]:
    """Return a JSON file's object, empty when it is a list; ``ModelError`` when it is no JSON."""
    if (folder / path).stat().st_size > _LARGEST:
        raise ModelError(f"{path} is too large for what it is.", "Look at the file.")
    try:
        value = json.loads((folder / path).read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is no JSON.", "Get the file again.") from error
    return value if isinstance(value, dict) else {}


def _gguf(folder: Path, found: Sequence[str], paths: Sequence[str]) -> Described:
    if len(found) > 1:
        raise UsageError(
            f"There are several models in the folder: {', '.join(found)}.", "Leave one; parts of one have to be joined."
        )
    head = header(folder / found[0])
    role = "embedder" if head.pools else "extractor"
    return Described("gguf", role, head.dimensions, head.context, _parts(folder, paths))


def _onnx(folder: Path, paths: Sequence[str]) -> Described:
    if "tokenizer.json" not in paths:
        raise ModelError("There is no tokenizer.json beside the model.", "Put the model's tokenizer.json there.")
    if "model" not in parsed(folder, "tokenizer.json"):
        raise ModelError("tokenizer.json is no tokenizer.", "Get the file again.")
    config = _config(folder, "config.json", paths)
    pooling = _config(folder, "1_Pooling/config.json", paths)
    return Described(
        "onnx",
        _role(config, is_pooled=bool(pooling) or "modules.json" in paths),
        _count(pooling.get("word_embedding_dimension")) or _count(config.get("hidden_size")),
        _count(config.get("max_position_embeddings")),
        _parts(folder, paths),
    )


def _parts(folder: Path, paths: Sequence[str]) -> tuple[Part, ...]:
    return tuple(Part(path, (folder / path).stat().st_size) for path in paths)


def _config(folder: Path, path: str, paths: Sequence[str]) -> Mapping[str, Any]:
    return parsed(folder, path) if path in paths else {}


def _role(config: Mapping[str, Any], *, is_pooled: bool) -> str:
    """Return what a model is for, by its architecture and its labels; empty when they don't tell."""
    architectures = config.get("architectures")
    classifies = isinstance(architectures, list) and any("SequenceClassification" in str(one) for one in architectures)
    if not classifies:
        return "embedder" if is_pooled else ""
    labels = config.get("id2label")
    names = [str(name).lower() for name in labels.values()] if isinstance(labels, dict) else []
    if any(name.startswith(_LABELS_OF_A_JUDGE) for name in names):
        return "judge"
    return "reranker" if len(names) <= 1 else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
