"""``python -m tests.stress.teaching``: learning is killed at random moments, and no turn is lost or learnt twice.

``kill -9`` hits ``smos import`` of conversations or ``smos learn``, once or several times; then the same command runs
to its end, and the memories are those of a run that nobody killed. The same ``--seed`` kills at the same moments.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from smos_cli.core.memory import statement
from tests.bench.children import ROOT
from tests.bench.homes import environment, throw_away
from tests.stress.killing import Kill, run_and_kill
from tests.stress.sound import check_at_rest, smos, state_of, vault_of

_PLACES = ("Oslo", "Lisbon", "Lima", "Turin", "Accra", "Quito", "Hanoi", "Perth", "Malmo", "Cadiz", "Gdansk", "Bergen")
_TOOLS = ("Redis", "Postgres", "Kafka", "Nginx", "Ansible", "Grafana", "Terraform", "Celery", "Django", "Sphinx")
_MOST_KILLS = 3


class Outcome(NamedTuple):
    """What came of a run."""

    killed: int
    memories: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 1 if something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.teaching", description=__doc__)
    parser.add_argument("--count", type=int, default=60, metavar="N", help="how many homes learn")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which commands are killed, and when")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    outcome = run(options.count, options.seed)
    print(f"{outcome.killed} killed in {options.count} homes, {outcome.memories} memories each time")
    print(f"all of it held, in {time.monotonic() - started:.0f} s")
    return 0


def run(count: int, seed: int) -> Outcome:
    """Let that many homes learn with kills; ``AssertionError`` with the number of the one that did not hold."""
    chance = Random(seed)
    killed = 0
    with throw_away() as folder:
        lessons = _Lessons(folder)
        for number in range(count):
            verb = chance.choice(["import", "learn"])
            kills = [
                Kill(chance.uniform(0, lessons.took[verb] * 1.05), awaits_git=False, what="all")
                for _ in range(chance.randint(1, _MOST_KILLS))
            ]
            try:
                killed += lessons.killed(verb, kills)
            except AssertionError as error:
                raise AssertionError(
                    f"seed {seed}, home {number}, {verb}, {', '.join(map(str, kills))}: {error}"
                ) from error
    return Outcome(killed, len(lessons.texts))


class _Lessons:
    """Two homes to begin with, the conversations, and what comes of them when nobody is killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "talks.jsonl"
        self._file.write_text("\n".join(map(json.dumps, _turns())))
        self._environ = environment(folder) | {"PYTHONPATH": str(ROOT)}
        self._words = {"import": ("import", str(self._file)), "learn": ("learn",)}
        self._home = Path(self._environ["SMOS_HOME"])
        self.took: dict[str, float] = {}
        _done(self._environ, "init")
        self._keep("import")
        _done(self._environ, "import", "--no-learn", str(self._file))
        self._keep("learn")
        for verb, words in self._words.items():
            self._begin(verb)
            started = time.monotonic()
            _done(self._environ, *words)
            self.took[verb] = time.monotonic() - started
            self.texts = _texts(self._environ)
            assert self.texts, "there is nothing to lose"

    def killed(self, verb: str, kills: Sequence[Kill]) -> int:
        """Kill a command some times, then run it to its end; return how many kills came in time."""
        self._begin(verb)
        hits = sum(bool(run_and_kill(self._environ, self._words[verb], "", kill).hit) for kill in kills)
        _done(self._environ, *self._words[verb])
        assert _texts(self._environ) == self.texts
        again = json.loads(_done(self._environ, "learn", "--json"))
        assert (again["turns"], again["seen"]) == (0, 0), f"read again: {again}"
        assert json.loads(_done(self._environ, "queue", "list", "--json"))["jobs"] == []
        # What a killed git left over, the next change takes away.
        _done(self._environ, "remember", "Lunch is at noon")
        check_at_rest(self._environ)
        return hits

    def _keep(self, verb: str) -> None:
        shutil.copytree(self._home, self._folder / f"before-{verb}", symlinks=True)

    def _begin(self, verb: str) -> None:
        shutil.rmtree(self._home)
        shutil.copytree(self._folder / f"before-{verb}", self._home, symlinks=True)


def _turns() -> list[Mapping[str, str]]:
    """Return three conversations in which two people say what is worth keeping, and what is not."""
    found = []
    for talk in range(3):
        for number, place in enumerate(_PLACES):
            tool = _TOOLS[(talk + number) % len(_TOOLS)]
            said = f"My cousin number {talk}-{number} lives in {place}. We decided to use {tool} for service {number}."
            for speaker, text in (("Marta", said), ("assistant", "Good to know.")):
                minute = f"2026-11-{10 + talk:02}T08:{len(found) % 60:02}:00Z"
                found.append({"session": f"talk {talk}", "speaker": speaker, "time": minute, "text": text})
    return found


def _texts(environ: Mapping[str, str]) -> list[str]:
    return sorted(statement(held.text) for held in state_of(vault_of(environ)).values())


def _done(environ: Mapping[str, str], *words: str) -> str:
    """Run one command to its end; return what it printed."""
    done = smos(environ, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
