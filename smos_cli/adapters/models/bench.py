"""Measures models: each in a process of its own, so that its memory is its own and one that dies takes nothing along.

``measure`` runs in that process, ``child`` starts it and reads what it prints.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from smos_cli.adapters.models import evaluating
from smos_cli.core.benching import Figures
from smos_cli.core.models import Said
from smos_cli.errors import ModelError, SmosError

_SECONDS = 1.0
_BATCH, _TURNS = 64, 8
_QUESTION = "When was the second server moved?"
_TIME = "2026-11-18T08:38:00Z"
_PROBLEM = "problem"


def child(words: Sequence[str], environ: Mapping[str, str]) -> Figures:
    """Run a process that prints what ``told`` returns; ``ModelError`` with its own reason when it fails."""
    # No module of the folder that the user happens to be in (-P); what a library prints may be in any encoding.
    done = subprocess.run(
        [sys.executable, "-P", *words], env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    try:
        said = dict(json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, TypeError, IndexError) as error:
        raise ModelError(
            f"The model's process ended with {done.returncode} and said nothing.", "Run `smos models verify`."
        ) from error
    if _PROBLEM in said:
        raise ModelError(said[_PROBLEM])
    return Figures(**said)


def told(make: Callable[[], Any], role: str, data: Path | None) -> str:
    """Return, in a line of JSON, what measuring a model came to or why it could not be measured."""
    try:
        found = measure(make, role, evaluating.read(data) if data else None)
    except SmosError as error:
        return json.dumps({_PROBLEM: f"{error.message} {error.remedy}".rstrip()})
    return json.dumps(found._asdict())


def measure(make: Callable[[], Any], role: str, data: evaluating.Data | None) -> Figures:
    """Measure the model that ``make`` returns, in this process; the peak is taken before any data."""
    begun = time.perf_counter()
    player = make()
    _answer(player, role, [_text(0)])
    load = time.perf_counter() - begun
    batch = _TURNS if role == "extractor" else _BATCH
    done, begun = 0, time.perf_counter()
    while (took := time.perf_counter() - begun) < _SECONDS:
        _answer(player, role, [_text(done + one) for one in range(batch)])
        done += batch
    peak = _peak()
    quality = evaluating.quality(player, role, data) if data else {}
    return Figures(load * 1000, done / took, peak, **quality)


def _answer(player: Any, role: str, texts: Sequence[str]) -> None:
    if role == "embedder":
        player.embed(texts)
    elif role == "reranker":
        player.scores(_QUESTION, texts)
    elif role == "judge":
        player.judge([(_text(1), text) for text in texts])
    else:
        turns = [Said(f"t{number}", "user", "Marta", _TIME, text) for number, text in enumerate(texts)]
        player.extract(turns, lambda _turn: True)


def _text(number: int) -> str:
    """Return a text of about 30 tokens, unlike the others."""
    return (
        f"On the morning of day {number} we moved server {number % 7} to the other room, "
        "since the old one was too warm and the fan had been loud."
    )


def _peak() -> int:
    """Return the most bytes that this process has had in memory; what started it does not count where that is told."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    except (OSError, StopIteration, ValueError):
        import resource  # which Windows lacks

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
