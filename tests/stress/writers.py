"""``python -m tests.stress.writers``: several processes remember at once while a reader keeps the index open.

Each memory has to be there once, with a line of its own in the one chain of this machine and a commit of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.bench.children import ROOT
from tests.bench.durations import percentile
from tests.bench.homes import environment, throw_away
from tests.stress import lease
from tests.stress.sound import check_at_rest, check_index, git, smos, state_of, vault_of


@dataclass(slots=True)
class Outcome:
    """What was found after all had written."""

    took: list[float] = field(default_factory=list)
    """ms of each ``remember``"""
    failures: list[str] = field(default_factory=list)
    memories: int = 0
    """of those that were acknowledged, how many are there, each once"""
    lines: int = 0
    """of the audit, for them"""
    chains: int = 0
    commits: int = 0
    """for them"""
    questions: int = 0
    """that the reader asked meanwhile"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if anything failed or is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.writers", description=__doc__)
    parser.add_argument("--writers", type=int, default=8, metavar="N", help="how many at once")
    parser.add_argument("--each", type=int, default=50, metavar="N", help="memories of each")
    options = parser.parse_args(arguments)
    begin = time.monotonic()
    outcome = run(options.writers, options.each)
    shares = ", ".join(f"p{share * 100:.0f} {percentile(outcome.took, share):.0f}" for share in (0.5, 0.95, 0.99))
    print(f"{len(outcome.took)} times, ms: {shares}, longest {max(outcome.took):.0f}")
    print(
        f"{outcome.memories} memories, {outcome.lines} audit lines in {outcome.chains} chain, {outcome.commits} commits"
    )
    print(f"{outcome.questions} questions meanwhile, in {time.monotonic() - begin:.0f} s")
    print(*outcome.failures[:10], sep="\n")
    whole = options.writers * options.each
    counts = {outcome.memories, outcome.lines, outcome.commits}
    return int(bool(outcome.failures) or outcome.chains != 1 or counts != {whole})


def run(writers: int, each: int) -> Outcome:
    """Let that many processes at once remember so much each; look at what is there then."""
    outcome, asked = Outcome(), lease.Outcome()
    with throw_away() as folder:
        environ = environment(folder) | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        smos(environ, "init")
        smos(environ, "remember", "Fact 0: the cache of unit 0 waits for the limiter since build 0.")
        smos(environ, "index")
        with lease.warm_loop(environ, asked), ThreadPoolExecutor(writers) as pool:
            told = list(pool.map(lambda writer: _write(environ, writer, each, outcome), range(writers)))
        outcome.failures += asked.failures
        outcome.questions = len(asked.warm)
        _look(environ, [identity for of_one in told for identity in of_one], outcome)
        check_at_rest(environ)
        check_index(environ)
    return outcome


def _write(environ: Mapping[str, str], writer: int, each: int, outcome: Outcome) -> list[str]:
    """Remember so many facts one after another; return the ids that were acknowledged."""
    told = []
    for number in range(each):
        begin = time.perf_counter()
        done = smos(
            environ, "remember", "--json", f"Writer {writer} says for the {number}. time what unit {number} does."
        )
        outcome.took.append((time.perf_counter() - begin) * 1000)
        if done.returncode or done.stderr:
            outcome.failures.append(f"{writer}/{number} ended with {done.returncode}: {done.stdout}{done.stderr}")
        else:
            told.append(json.loads(done.stdout)["memory"]["id"])
    return told


def _look(environ: Mapping[str, str], told: Sequence[str], outcome: Outcome) -> None:
    vault = vault_of(environ)
    there = state_of(vault)
    outcome.memories = len({*told} & {*there})
    texts = Counter(held.text for held in there.values())
    outcome.failures += [f"stored twice: {text}" for text, count in texts.items() if count > 1]
    outcome.chains = len(list(vault.glob("audit/*/key.pub")))
    lines = [line for file in vault.glob("audit/*/*.jsonl") for line in map(json.loads, file.read_bytes().splitlines())]
    said = Counter(_only_id(line) for line in lines if line["verb"] == "remember")
    outcome.lines = sum(said[identity] == 1 for identity in told)
    trailers = git(vault, "log", "--format=%(trailers:key=Smos-Id,valueonly)").split()
    commits = Counter(trailers)
    outcome.commits = sum(commits[identity] == 1 for identity in told)


def _only_id(line: Mapping[str, Any]) -> str:
    bodies = line["bodies"]
    return str(bodies[0][0]) if len(bodies) == 1 else ""


if __name__ == "__main__":
    sys.exit(main())
