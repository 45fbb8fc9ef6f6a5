"""``python -m tests.stress.lease``: one process recalls without a pause while shells remember and recall beside it.

Nothing may fail, nothing that was remembered may be missing, and who wants the index waits for no more than the
question that is being answered. All are real processes on one throw-away home.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smos_cli.adapters.locks import held
from smos_cli.core.answering import Query
from smos_cli.core.ports import no_progress
from smos_cli.core.selection import Selection
from smos_cli.wiring import Wiring
from tests.bench.durations import percentile
from tests.bench.homes import environment, throw_away

ROOT = Path(__file__).parents[2]
SMOS = (sys.executable, "-m", "smos_cli")
LOOP = (sys.executable, "-m", "tests.stress.lease", "--loop")
WORDS = ("cache", "limiter", "deploy", "index", "queue", "token", "backup", "router", "invoice", "garden")


@dataclass(slots=True)
class Outcome:
    """What came of a run; times in ms."""

    waits: list[float] = field(default_factory=list)
    """of one process that wants the index for itself, beside the loop alone"""
    warm: list[float] = field(default_factory=list)
    """of the loop's questions, each opened for itself"""
    remembers: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    """why recalls, of shells or of the loop, gave up waiting and read the files"""
    failures: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """texts that were acknowledged and are not found afterwards"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if anything failed, was degraded or is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.lease", description=__doc__)
    parser.add_argument("--shells", type=int, default=8, metavar="N", help="how many at once")
    parser.add_argument("--rounds", type=int, default=50, metavar="N", help="commands of each shell")
    parser.add_argument("--memories", type=int, default=2000, metavar="N", help="how many are there at first")
    parser.add_argument("--wait", type=float, default=5.0, metavar="SECONDS", help="how long a recall waits")
    parser.add_argument("--loop", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.loop:
        return loop()
    outcome = run(options.shells, options.rounds, options.memories, wait=options.wait)
    for name in ("waits", "warm", "remembers", "recalls"):
        values = getattr(outcome, name)
        shares = ", ".join(f"p{share * 100:.0f} {percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))
        print(f"{name:>10}: {len(values)} times, ms: {shares}, longest {max(values):.1f}")
    print(f"{len(outcome.degraded)} degraded, {len(outcome.failures)} failed, {len(outcome.missing)} missing")
    print(*outcome.degraded[:10], *outcome.failures[:10], sep="\n")
    return 1 if outcome.degraded or outcome.failures or outcome.missing else 0


def run(shells: int, rounds: int, memories: int, *, wait: float) -> Outcome:
    """Fill a home, start the loop, then that many shells with that many commands each.

    ``wait`` is how many seconds a recall waits for the index before it reads the files.
    """
    outcome = Outcome()
    with throw_away() as folder:
        environ = environment(folder) | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        lines = folder / "facts.jsonl"
        lines.write_text("".join(json.dumps({"text": _fact(number)}) + "\n" for number in range(memories)))
        _smos(environ, "import", str(lines))
        _smos(environ, "config", "set", "index.wait_seconds", str(wait))
        _smos(environ, "index")
        with warm_loop(environ, outcome):
            outcome.waits = list(_waits(Path(environ["SMOS_HOME"], "index"), 10 if memories < 1000 else 100))
            with ThreadPoolExecutor(shells) as pool:
                told = list(pool.map(lambda shell: _shell(environ, shell, rounds, outcome), range(shells)))
        texts = [text for of_one in told for text in of_one]
        outcome.missing = _missing(environ, texts)
    return outcome


def loop() -> int:
    """Ask until a line comes on standard input, as a door does that serves; print what it took."""
    toolkit = Wiring(os.environ).toolkit("", no_progress, long_lived=True)
    took: list[float] = []
    degraded: list[str] = []
    os.set_blocking(sys.stdin.fileno(), False)
    while not sys.stdin.buffer.read(1):
        begin = time.perf_counter()
        with toolkit.recalling() as ask:
            answer = ask(Query(_fact(len(took)), Selection()))
        took.append((time.perf_counter() - begin) * 1000)
        degraded += [f"the loop: {answer.degraded}"] if answer.degraded else []
        if not answer.hits:
            raise SystemExit(f"nothing was found after {len(took)} questions")
        if len(took) == 3:
            print("warm", flush=True)
    print(json.dumps({"took": took, "degraded": degraded}))
    return 0


@contextmanager
def warm_loop(environ: Mapping[str, str], outcome: Outcome) -> Iterator[None]:
    process = subprocess.Popen(LOOP, env=environ, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdin and process.stdout
        try:
            assert process.stdout.readline() == "warm\n"
            yield
            out, _ = process.communicate("\n", timeout=60)
        finally:
            process.kill()
    if process.returncode:
        outcome.failures.append(f"the loop ended with {process.returncode}")
        return
    done = json.loads(out)
    outcome.warm = done["took"]
    outcome.degraded += done["degraded"]


def _waits(index: Path, times: int) -> Iterator[float]:
    """Take the index as a writer does and give it back, again and again; yield how long it took to get."""
    for _ in range(times):
        begin = time.perf_counter()
        with held(index / "bob.turn", 30), held(index / "bob.lock", 30):
            took = (time.perf_counter() - begin) * 1000
        yield took
        time.sleep(0.05)


def _shell(environ: Mapping[str, str], shell: int, rounds: int, outcome: Outcome) -> list[str]:
    """Remember and recall in turn; return what was acknowledged."""
    told: list[str] = []
    for number in range(rounds):
        text = f"Ticket {shell * 1000 + number} is about the {WORDS[(shell + number) % len(WORDS)]}."
        remembers = number % 2 == 0
        words = ("remember", "--json", text) if remembers else ("recall", "--json", told[-1] if told else text)
        begin = time.perf_counter()
        done = _smos(environ, *words, check=False)
        (outcome.remembers if remembers else outcome.recalls).append((time.perf_counter() - begin) * 1000)
        if done.returncode:
            outcome.failures.append(f"{words} ended with {done.returncode}: {done.stderr}")
            continue
        answer = json.loads(done.stdout)
        if remembers:
            told.append(text)
        else:
            outcome.degraded += [done.stderr] if answer["degraded"] else []
            if told and told[-1] not in [hit["text"] for hit in answer["hits"]]:
                outcome.missing.append(told[-1])
    return told


def _missing(environ: Mapping[str, str], texts: Sequence[str]) -> list[str]:
    """Return what is not listed, or is not the first that its own words find."""
    listed = {memory["text"] for memory in json.loads(_smos(environ, "list", "--json").stdout)["memories"]}
    queries = "".join(json.dumps({"id": text, "query": text}) + "\n" for text in texts)
    found = _smos(environ, "recall", "--batch", "-", "-k", "1", "--json", stdin=queries).stdout.splitlines()
    first = {answer["id"]: [hit["text"] for hit in answer["hits"]] for answer in map(json.loads, found)}
    return [text for text in texts if text not in listed or first.get(text) != [text]]


def _smos(environ: Mapping[str, str], *words: str, stdin: str = "", check: bool = True) -> Any:
    return subprocess.run(
        [*SMOS, *words], env=environ, cwd=ROOT, input=stdin, capture_output=True, text=True, check=check, timeout=120
    )


def _fact(number: int) -> str:
    first, second = WORDS[number % 10], WORDS[number // 10 % 10]
    return f"Fact {number}: the {first} of unit {number % 97} waits for the {second} since build {number * 7}."


if __name__ == "__main__":
    sys.exit(main())
