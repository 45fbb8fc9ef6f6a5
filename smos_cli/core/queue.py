"""The queue of conversations that wait to be learnt from: the port over it, and the shapes that cross.

Owns what a job is, what is known of the turns that were learnt, and how long a failed job waits. What is lost of it is
no memory: every conversation that has turns not learnt yet is found again by looking through those that are held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

PENDING, LEASED, WAITING, DEAD = STATES = ("pending", "leased", "waiting", "dead")
"""What a job can be: to be taken by anybody, in work, to be tried again later, given up."""
MOST_ATTEMPTS = 8
"""Failures after which a job is given up: some 15 hours of waiting, longer than a server is off overnight."""
_FIRST_WAIT_MS, _LONGEST_WAIT_MS = 30_000, 6 * 3_600_000

Plan = Mapping[str, Sequence[str]]
"""The turns that are about to be marked as learnt, each with the ids of the memories that are about to be written."""


class Task(NamedTuple):
    """What is to be read by whom. There is one job a task at most."""

    persona: str
    episode: str
    """its id; its path where it has none"""
    extractor: str
    """its ``model_id``"""


class Job(NamedTuple):
    """A task on its way."""

    number: int
    """which no other job gets"""
    task: Task
    state: str
    attempts: int = 0
    """how often it failed"""
    due: int = 0
    """ms since 1970 from which on it is to be tried"""
    reason: str = ""
    """why it failed the last time"""
    kept: str = ""
    """what was kept aside then, such as an answer that was no JSON"""
    plan: Plan | None = None
    """what a worker that died was about to write, if it came so far"""
    asked: int = 1
    """how often it was put in"""


class Learnt(NamedTuple):
    """The turns of a conversation that were learnt."""

    turns: frozenset[str] = frozenset()
    again: bool = False
    """it is read once more: what the vault shows of earlier readings does not count"""


class Worker(Protocol):
    """Whoever does jobs, one or several at a time. Raises what ``State`` raises."""

    def lease(self, number: int) -> Job | None:
        """Take a job for oneself; None when it is gone, given up, or in the hands of a worker that lives."""

    def hold(self, job: Job, plan: Plan | None = None) -> bool:
        """Keep a job for longer, and note what is about to be written; False when it is somebody else's by now."""

    def done(self, job: Job, turns: Iterable[str], etag: str = "") -> None:
        """Mark turns as learnt. With the etag of the file of which they were all that was left, the job ends.

        If it was put in again meanwhile, it goes back to the others instead.
        """

    def fail(self, job: Job, reason: str, kept: str = "") -> Job:
        """Give a job back to be tried later, or give it up; return it as it is then."""

    def learnt(self, task: Task) -> Learnt:
        """Return what was learnt of a conversation."""


class State(Protocol):
    """What is kept of learning, for all processes. ``StorageError``, and ``IndexBusyError`` when others keep it.

    What can't be read is put aside, and it begins anew.
    """

    @property
    def warnings(self) -> Sequence[str]:
        """What is to be told of it."""

    def enqueue(self, tasks: Sequence[Task]) -> None:
        """Put tasks in. One that is in already is only due at once; one that was given up or dropped begins anew."""

    def jobs(self, persona: str) -> Sequence[Job]:
        """Return the jobs of a persona, oldest first."""

    def retry(self, numbers: Collection[int]) -> None:
        """Make jobs due at once, with as many attempts as a new one."""

    def drop(self, numbers: Collection[int]) -> None:
        """Take jobs out, also of a search for what is not learnt yet; put in again, they are back."""

    def working(self) -> AbstractContextManager[Worker]:
        """Return a worker; jobs it still has when the block ends are anybody's."""

    def settled(self, persona: str, extractor: str) -> Mapping[str, str]:
        """Return the etag of each conversation's file of which nothing was left; empty of one that was dropped."""

    def unlearn(self, tasks: Sequence[Task]) -> None:
        """Forget that anything was learnt of some conversations."""

    def wipe(self, persona: str) -> None:
        """Take away what was kept aside: it may hold words of what was forgotten."""


def wait_ms(attempts: int, chance: float) -> int:
    """Return how long a job waits after so many failures; ``chance`` (0 to 1) keeps many from coming at once."""
    longest = min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS * 4 ** (attempts - 1))
    return int(longest * (0.5 + chance / 2))


def packed(turns: Iterable[str]) -> str:
    """Return turns as a short text: ``1-998 1000``; a name that is no plain number stands behind ``=``."""
    numbers = sorted(int(turn[1:]) for turn in turns if _is_plain(turn))
    others = sorted(f"={turn}" for turn in turns if not _is_plain(turn))
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join([*(f"{first}-{last}" if last > first else str(first) for first, last in runs), *others])


def unpacked(text: str) -> frozenset[str]:
    """Return the turns in such a text."""
    found: set[str] = set()
    for part in text.split():
        if part.startswith("="):
            found.add(part[1:])
        else:
            first, _, last = part.partition("-")
            found.update(f"t{number}" for number in range(int(first), int(last or first) + 1))
    return frozenset(found)


def _is_plain(turn: str) -> bool:
    digits = turn[1:]
    return turn[:1] == "t" and digits.isascii() and digits.isdigit() and str(int(digits)) == digits
