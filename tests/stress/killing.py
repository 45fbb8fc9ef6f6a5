"""Running a command and killing it with ``kill -9``: all of its processes, all but git, or git alone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.bench.children import ROOT
from tests.stress.lease import SMOS

WAIT = 300.0
_PAUSE = 0.001


class Kill(NamedTuple):
    """When a command is killed, and what of it."""

    delay: float
    """s after its start or, where git is waited for, after git's"""
    awaits_git: bool
    what: str
    """``all``, ``smos`` (then git is on its own), or ``git``"""

    def __str__(self) -> str:
        return f"{self.what} killed {self.delay:.4f} s after {'git begins' if self.awaits_git else 'it begins'}"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    said: str
    hit: str
    """what was killed: ``all``, ``smos``, ``git``, or nothing, as it had ended"""


def any_kill(chance: Random, took: float) -> Kill:
    """Return a kill at any moment of a command that takes so many seconds, or at any moment from git's start on."""
    what = chance.choice(["all", "all", "smos", "git"])
    if what == "git" or chance.random() < 1 / 3:
        return Kill(chance.uniform(0, took / 2), awaits_git=True, what=what)
    return Kill(chance.uniform(0, took * 1.05), awaits_git=False, what=what)


def run_and_kill(environ: Mapping[str, str], words: Sequence[str], stdin: str, kill: Kill) -> Ended:
    """Run a command and kill it; return when all that was killed is dead."""
    pipe = subprocess.PIPE
    command = [*SMOS, *words]
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        if kill.awaits_git:
            _await_git(process)
        try:
            process.wait(kill.delay)
            hit: list[int] = []
        except subprocess.TimeoutExpired:
            hit = _kill(process, kill.what)
        said, _ = process.communicate(timeout=WAIT)
    deadline = time.monotonic() + WAIT
    while any(map(_runs, hit)):
        assert time.monotonic() < deadline, "a killed process is still there"
        time.sleep(_PAUSE)
    return Ended(process.returncode, said, kill.what if hit else "")


def _kill(process: subprocess.Popen[str], what: str) -> list[int]:
    """Kill a command or a part of it; return the processes that were hit."""
    if what == "git":
        return list(filter(_is_killed, _await_git(process)))
    below = list(_below(process.pid))
    if what == "smos":
        below = [child for child in below if not _stat(str(child))[0].startswith("git")]
    return list(filter(_is_killed, [process.pid, *below]))


def _await_git(process: subprocess.Popen[str]) -> Sequence[int]:
    """Wait until git runs; return its processes, none where the command ends before."""
    while process.poll() is None:
        if gits := list(_children(process.pid, "git")):
            return gits
        time.sleep(_PAUSE)
    return ()


def _is_killed(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _children(process: int, name: str = "") -> Iterator[int]:
    """Yield the child processes whose name begins so; nothing where the system does not tell."""
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            numbers = children.read_text().split()
        except OSError:
            continue
        yield from (int(number) for number in numbers if _stat(number)[0].startswith(name))


def _below(process: int) -> Iterator[int]:
    """Yield all that a process has started, and what that has started."""
    for child in _children(process):
        yield child
        yield from _below(child)


def _runs(process: int) -> bool:
    return _stat(str(process))[1] not in "ZX"


def _stat(process: str) -> tuple[str, str]:
    """Return a process's name and state; that of one that is gone is X."""
    try:
        name, _, rest = Path(f"/proc/{process}/stat").read_text().partition(" (")[2].rpartition(") ")
    except OSError:
        return "", "X"
    return name, rest[0]
