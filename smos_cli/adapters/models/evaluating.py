"""Data with known answers, and how a model does on it.

Reads a folder of JSON Lines: ``memories.jsonl`` beside ``queries.jsonl``, ``NAME.transcript.jsonl`` beside
``NAME.queries.jsonl``, and files of pairs with ``premise``, ``hypothesis`` and ``label``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from smos_cli.core import benching
from smos_cli.core.models import Embedder, Judge, Reranker
from smos_cli.errors import FormatError, NotFoundError

_READ_AGAIN = 20  # hits that a reranker gets
_MOST_RERANKED = 200  # questions


class Pool(NamedTuple):
    """Texts that are searched together, and what is asked of them: a question and the ids that answer it."""

    ids: list[str]
    texts: list[str]
    questions: list[tuple[str, list[str]]]


class Data(NamedTuple):
    """What a folder holds."""

    pools: list[Pool]
    pairs: list[tuple[str, str, str]]
    """premise, hypothesis, label"""


def read(folder: Path) -> Data:
    """Return the data of a folder and those below it; ``NotFoundError`` when there is none, ``FormatError``."""
    files = sorted(folder.rglob("*.jsonl"))
    queries = [path for path in files if path.name.endswith("queries.jsonl")]
    pools = [_pool(path) for path in queries]
    pairs = [pair for path in files if path not in queries for pair in _pairs(path)]
    if not pools and not pairs:
        raise NotFoundError(
            f"There is no data in {folder}.", "See `man smos` for the files that `smos models bench` reads."
        )
    return Data(pools, pairs)


def quality(player: Any, role: str, data: Data) -> Mapping[str, Any]:
    """Return how a model does on the data, by names of ``Figures``; nothing where none is for its role."""
    if role == "judge" and data.pairs:
        return _judging(player, data.pairs)
    if role == "embedder" and data.pools:
        return _finding([(pool.questions, _ranked(player, pool)) for pool in data.pools])
    if role == "reranker" and data.pools:
        return _finding(_reranked(player, data.pools))
    return {}


def _finding(asked: Sequence[tuple[Sequence[tuple[str, list[str]]], Sequence[Sequence[str]]]]) -> Mapping[str, Any]:
    ranked = [ids for _, found in asked for ids in found]
    return benching.found(ranked, [gold for questions, _ in asked for _, gold in questions])


def _judging(judge: Judge, pairs: Sequence[tuple[str, str, str]]) -> Mapping[str, Any]:
    judged = judge.judge([(premise, hypothesis) for premise, hypothesis, _ in pairs])
    return benching.judged(
        [one.forward for one in judged], [one.contradiction for one in judged], [label for _, _, label in pairs]
    )


def _ranked(embedder: Embedder, pool: Pool, depth: int = benching.DEPTH) -> list[list[str]]:
    """Return what each question finds by the dot product alone, best first."""
    rows = embedder.embed(pool.texts)
    found = []
    for question, _ in pool.questions:
        nearest = np.argsort(-(rows @ embedder.embed_query(question)), kind="stable")[:depth]
        found.append([pool.ids[place] for place in nearest])
    return found


def _reranked(reranker: Reranker, pools: Sequence[Pool]) -> list[tuple[list[tuple[str, list[str]]], list[list[str]]]]:
    """Return questions, evenly taken of all, with what the embedded vectors find and the model puts in order."""
    from smos_cli.adapters.static.embedder import StaticEmbedder

    every = max(1, -(-sum(len(pool.questions) for pool in pools) // _MOST_RERANKED))
    taken = [pool._replace(questions=pool.questions[::every]) for pool in pools]
    asked = []
    for pool in taken:
        texts = dict(zip(pool.ids, pool.texts, strict=True))
        ordered = []
        for (question, _), ids in zip(pool.questions, _ranked(StaticEmbedder(), pool, _READ_AGAIN), strict=True):
            scores = dict(zip(ids, reranker.scores(question, [texts[one] for one in ids]), strict=True))
            ordered.append(sorted(ids, key=scores.__getitem__, reverse=True))
        asked.append((pool.questions, ordered))
    return asked


def _pool(queries: Path) -> Pool:
    source = queries.with_name(
        "memories.jsonl" if queries.name == "queries.jsonl" else queries.name.replace(".queries.", ".transcript.")
    )
    try:
        lines = list(_lines(source))
        texts = [f"{one['speaker']}: {one['text']}" if "speaker" in one else str(one["text"]) for one in lines]
        asked = [(str(one["query"]), list(map(str, one["gold"]))) for one in _lines(queries) if one["gold"]]
        return Pool([str(one["id"]) for one in lines], texts, asked)
    except (LookupError, TypeError) as error:
        raise FormatError(f"{queries} or {source.name} lacks what it must have: {error}.", _FORMATS) from error


def _pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    for line in _lines(path):
        if not {"premise", "hypothesis", "label"} <= line.keys():
            return
        yield str(line["premise"]), str(line["hypothesis"]), str(line["label"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                value = json.loads(line)
                if not isinstance(value, dict):
                    raise FormatError(f"Line {number} of {path} is no JSON object.", _FORMATS)
                yield value
    except (OSError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} can't be read: {error}.", _FORMATS) from error


_FORMATS = "See `man smos` for the files that `smos models bench` reads."
