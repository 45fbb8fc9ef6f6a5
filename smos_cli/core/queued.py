"""The queue as a person sees it: what waits, what failed and why; tried again, or taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from smos_cli.core.finding import Finding
from smos_cli.core.queue import DEAD, STATES, WAITING, Job, State
from smos_cli.errors import NotFoundError, SmosError, StorageError, UsageError


class Queued:
    """The queue of one persona."""

    def __init__(self, state: State, persona: str) -> None:
        self._state = state
        self._persona = persona

    @property
    def warnings(self) -> Sequence[str]:
        """What is to be told of it."""
        return self._state.warnings

    def jobs(self) -> Sequence[Job]:
        """Return what is in it, oldest first."""
        return self._state.jobs(self._persona)

    def retry(self, numbers: Sequence[str]) -> list[Job]:
        """Make jobs due at once, by default all that failed; return them as they were."""
        jobs = self.jobs()
        chosen = _chosen(jobs, numbers) if numbers else [job for job in jobs if job.state in (DEAD, WAITING)]
        self._state.retry([job.number for job in chosen])
        return chosen

    def drop(self, numbers: Sequence[str]) -> list[Job]:
        """Take jobs out; return them as they were."""
        chosen = _chosen(self.jobs(), numbers)
        self._state.drop([job.number for job in chosen])
        return chosen

    def counts(self) -> Mapping[str, int] | None:
        """Return how many jobs are in each state; None where they can't be read."""
        try:
            found = Counter(job.state for job in self.jobs())
        except SmosError:
            return None
        return {state: found[state] for state in STATES}

    def findings(self) -> list[Finding]:
        """Return what is wrong with it."""
        try:
            found = _given_up(self.jobs())
        except SmosError as error:
            return [Finding("problem", "queue", error.message, error.remedy)]
        return found + [Finding("note", "queue", warning, "") for warning in self.warnings]

    def wipe(self) -> None:
        """Take away what was kept aside, and may hold words of what is forgotten.

        What can't be opened is no reason to keep the rest: no door shows what is in it.
        """
        with suppress(StorageError):
            self._state.wipe(self._persona)


def _given_up(jobs: Sequence[Job]) -> list[Finding]:
    """Return the jobs that were given up, those of one reason together."""
    reasons = Counter(job.reason or "the reason went with what was forgotten." for job in jobs if job.state == DEAD)
    return [
        Finding(
            "problem",
            "queue",
            f"{count} conversation{'' if count == 1 else 's'} could not be learnt from: {reason}",
            "See `smos queue list`; `smos queue retry` tries again, `smos queue drop` takes them out.",
        )
        for reason, count in sorted(reasons.items())
    ]


def _chosen(jobs: Sequence[Job], numbers: Sequence[str]) -> list[Job]:
    by_number = {str(job.number): job for job in jobs}
    for number in numbers:
        if not (number.isascii() and number.isdigit()):
            raise UsageError(f"{number!r} is not a number.", "Give one that `smos queue list` shows.")
        if number.lstrip("0") not in by_number:
            raise NotFoundError(f"There is no job {number} in the queue.", "See them with `smos queue list`.")
    return [by_number[key] for key in dict.fromkeys(number.lstrip("0") for number in numbers)]
