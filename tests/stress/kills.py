"""``python -m tests.stress.kills``: commands are killed at random moments, and nothing that was acknowledged is lost.

``kill -9`` hits a real command with all that it has started, at any moment or while git runs, or smos without the git
that it has started, or that git alone. One home lives through all of it. What failed is told with the seed and the
number: the same ``--seed`` does the same deeds in the same order.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.children import ROOT
from tests.bench.homes import environment, throw_away
from tests.stress.deeds import Deed, Life, begin, deeds
from tests.stress.killing import Kill, any_kill, run_and_kill
from tests.stress.sound import State, check_at_once, check_at_rest, check_index, smos, state_of


@dataclass(slots=True)
class Outcome:
    """What came of a run."""

    killed: Counter[str] = field(default_factory=Counter)
    """commands that were killed, by verb"""
    git_killed: Counter[str] = field(default_factory=Counter)
    """those of which only git was"""
    too_late: Counter[str] = field(default_factory=Counter)
    """those that had ended by then"""
    acknowledged: int = 0
    half_done: int = 0
    """killed ones of which something was there"""


class NotHeldError(AssertionError):
    """What did not hold, and after which kill."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=300, metavar="N", help="how many commands are killed")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which deeds, and when")
    parser.add_argument("--verb", action="append", metavar="VERB", help="only these (default: all)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the home is copied when something fails")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        outcome = run(options.count, options.seed, verbs=options.verb, keep=options.keep, tell=True)
    except NotHeldError as error:
        print(error, file=sys.stderr)
        return 1
    for name in ("killed", "git_killed", "too_late"):
        counts = getattr(outcome, name)
        print(f"{name}: {sum(counts.values())}", *(f"{verb} {count}" for verb, count in sorted(counts.items())))
    print(f"{outcome.acknowledged} acknowledged, {outcome.half_done} killed when something was written")
    print(f"all of it held, in {time.monotonic() - started:.0f} s")
    return 0


def run(
    count: int, seed: int, *, verbs: Sequence[str] | None = None, keep: Path | None = None, tell: bool = False
) -> Outcome:
    """Kill that many commands in one home; ``NotHeldError`` when something does not hold."""
    outcome, chance = Outcome(), Random(seed)
    with throw_away() as folder:
        environ = environment(folder) | {"PYTHONPATH": str(ROOT)}
        life = begin(folder, environ)
        took: dict[str, float] = {}
        number, doing = 0, "the beginning"
        try:
            for deed in deeds(life, chance, verbs):
                if sum(outcome.killed.values()) + sum(outcome.git_killed.values()) >= count:
                    break
                number, doing = number + 1, f"{deed.verb} {' '.join(deed.words)}"
                if deed.verb not in took:
                    took[deed.verb] = _whole(life, deed)
                    continue
                kill = any_kill(chance, took[deed.verb])
                doing += f", {kill}, of {took[deed.verb]:.3f} s"
                _killed(life, deed, kill, outcome)
                if tell and number % 20 == 0:
                    print(f"{number}: {doing[:100]}", flush=True)
            life.meet()
        except (AssertionError, subprocess.SubprocessError, OSError) as error:
            if keep:
                shutil.copytree(folder, keep, symlinks=True, dirs_exist_ok=True)
            raise NotHeldError(f"seed {seed}, deed {number}: {doing}\n{error}") from error
    return outcome


def _whole(life: Life, deed: Deed) -> float:
    """Do a deed to its end, to learn how many seconds it takes."""
    begin = time.monotonic()
    done = smos(life.environ, *deed.words, stdin=deed.stdin)
    took = time.monotonic() - begin
    assert done.returncode == 0, f"{deed.words}: {done.stderr}"
    now = state_of(life.vault)
    judge(life.state, now, deed, acknowledged=True)
    life.go_on(now, deed)
    life.last = ""
    return took


def _killed(life: Life, deed: Deed, kill: Kill, outcome: Outcome) -> None:
    ended = run_and_kill(life.environ, deed.words, deed.stdin, kill)
    acknowledged = _is_acknowledged(ended.code, ended.said)
    counts = outcome.git_killed if ended.hit == "git" else outcome.killed if ended.hit else outcome.too_late
    counts[deed.verb] += 1
    check_at_once(life.environ)
    now = state_of(life.vault)
    judge(life.state, now, deed, acknowledged=acknowledged)
    outcome.acknowledged += acknowledged
    outcome.half_done += not acknowledged and now != life.state
    life.go_on(now, deed)
    _afterwards(life)


def _afterwards(life: Life) -> None:
    """The next command works, and after it everything holds."""
    text = life.text("After a kill, fact")
    done = smos(life.environ, "remember", "--json", text)
    assert (done.returncode, done.stderr) == (0, ""), f"the next command: {done.returncode} {done.stdout}{done.stderr}"
    now = state_of(life.vault)
    deed = Deed("remember", (), texts=frozenset([text]))
    judge(life.state, now, deed, acknowledged=True)
    life.go_on(now, deed)
    life.last = json.loads(done.stdout)["memory"]["id"]
    check_at_rest(life.environ)
    check_index(life.environ)


def judge(before: State, now: State, deed: Deed, *, acknowledged: bool) -> None:
    """Check that each memory is what it was, or what the deed makes of it; the latter if it was acknowledged."""
    for identity in {*before, *now, *deed.changes}:
        was, found = before.get(identity), now.get(identity)
        if identity in deed.changes:
            wanted = deed.changes[identity]
            allowed = (wanted,) if acknowledged else (was, wanted)
            assert found in allowed, f"{identity} was {was}, should be one of {allowed}, and is {found}"
        elif identity in deed.others:
            assert found in (was, deed.others[identity]), f"{identity} came as {found}"
            assert not acknowledged or found, f"{identity} did not come"
        elif was:
            assert found == was, f"{identity} was {was}, and is {found}"
        else:
            assert found and found.text in deed.texts, f"{identity} came from nowhere: {found}"
    made = Counter(held.text for identity, held in now.items() if identity not in before and held.text in deed.texts)
    assert all(count == 1 for count in made.values()), f"stored twice: {made}"
    assert not acknowledged or set(made) == deed.texts, f"acknowledged, but not there: {deed.texts - set(made)}"


def _is_acknowledged(code: int, said: str) -> bool:
    """Say whether whoever ran the command was told that it is done."""
    try:
        return code == 0 or bool(json.loads(said))
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
