"""``python -m tests.bench.onnx MODEL_DIR``: how many texts of 30 tokens an ONNX embedder does in a second.

Beside it the same windows by bare ``session.run``, one at a time on as many threads and in batches of 32 by the
library's own threads, so that a busy machine does not blur what the adapter costs. The best of several rounds counts.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from smos_cli.adapters.onnx.embedder import OnnxEmbedder

TOKENS, BATCH = 30, 32
_WORDS = (
    "the",
    "cache",
    "of",
    "a",
    "train",
    "was",
    "slow",
    "on",
    "monday",
    "so",
    "we",
    "moved",
    "it",
    "near",
    "the",
    "river",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; what a text says is nonsense, which costs as much as sense."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.onnx", description=main.__doc__)
    parser.add_argument("model_dir", type=Path, metavar="MODEL_DIR")
    parser.add_argument("--texts", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    measured = rates(options.model_dir, options.texts, options.rounds)
    for name, rate in measured.items():
        print(f"{name:40} {rate:7.0f} texts/s  {rate / measured['adapter']:5.2f}")
    return 0


def rates(model_dir: Path, count: int, rounds: int) -> dict[str, float]:
    """Return texts a second of the adapter, of single runs on threads, and of batches; the rounds take turns."""
    texts = [" ".join(random.Random(number).choices(_WORDS, k=TOKENS - 2)) for number in range(count)]
    embedder = OnnxEmbedder(model_dir, "bench@1")
    threads = len(os.sched_getaffinity(0))
    alone, together = session(embedder, 1), session(embedder, threads)
    runs: dict[str, Callable[[], object]] = {
        "adapter": lambda: embedder.embed(texts),
        f"session.run, {threads} threads of one": lambda: _by_threads(alone, count, threads),
        f"session.run, batches of {BATCH}": lambda: [
            together.run(None, fed(together, BATCH)) for _ in range(count // BATCH)
        ],
    }
    best = dict.fromkeys(runs, 0.0)
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            best[name] = max(best[name], count / (time.perf_counter() - start))
    return best


def session(embedder: OnnxEmbedder, threads: int) -> Any:
    """Return a bare session of the embedder's graph."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(embedder._files.graph()), options)


def fed(bare: Any, batch: int) -> dict[str, Any]:
    """Return a batch of windows of the bench's length for what a graph asks."""
    values = {"input_ids": np.full((batch, TOKENS), 2_000), "attention_mask": np.ones((batch, TOKENS))}
    return {one.name: values.get(one.name, np.zeros((batch, TOKENS))).astype(np.int64) for one in bare.get_inputs()}


def _by_threads(bare: Any, count: int, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: bare.run(None, fed(bare, 1)), range(count)))


if __name__ == "__main__":
    raise SystemExit(main())
