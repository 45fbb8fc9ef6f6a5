"""Another copy of the vault's repository: fetching from it, pushing to it.

Owns what is asked of it and what its answers mean. Refuses to be two syncs at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from smos_cli.adapters.git.place import DEFAULT, Place, place_of
from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.revisions import GitRevisions
from smos_cli.adapters.git.wire import Answer, Wire, failure, hidden, told
from smos_cli.adapters.locks import held
from smos_cli.core.ports import Progress
from smos_cli.core.remote import Other
from smos_cli.errors import IndexBusyError, RemoteError

ONCE = "smos-sync"
"""The name under which the branch of a remote is kept that has no name of its own."""
_LOCK = "smos-sync.lock"
_MOVED_ON = (
    "fetch first",
    "non-fast-forward",
    "stale info",
    "failed to update ref",
    "cannot lock ref",
    "incorrect old",
)
_NO_BRANCH = "couldn't find remote ref"
_REFUSED = re.compile(r"^!.*\[(remote )?rejected\] \((.*)\)", re.MULTILINE)


@contextmanager
def meet(repository: Repository, where: str, patience: float, progress: Progress) -> Iterator[Other]:
    """Open the remote that a name, URL or path means, for one sync; ``IndexBusyError`` while another one runs."""
    place = place_of(repository, where)
    wire = Wire(repository.vault, "git", patience, progress)
    revisions = GitRevisions(repository)
    try:
        with held(repository.folder / _LOCK, 0.0):
            yield Other(GitRemote(wire, place, revisions), revisions)
            if revisions.tracking.startswith(f"refs/remotes/{ONCE}/"):
                wire.run("update-ref", "-d", revisions.tracking)
    except IndexBusyError as error:
        if _LOCK not in error.message:
            raise
        raise IndexBusyError(
            f"Another smos is syncing {repository.vault} now.", "Try again when it is done."
        ) from error


class GitRemote:
    """The ``Remote`` port over git."""

    def __init__(self, wire: Wire, place: Place, revisions: GitRevisions) -> None:
        self.name = place.name or hidden(place.url)
        self._wire = wire
        self._place = place
        self._revisions = revisions

    def fetch(self) -> str:
        branch = self._revisions.branch().name
        kept_as = self._place.name or (DEFAULT if self._place.is_first else ONCE)
        self._revisions.tracking = f"refs/remotes/{kept_as}/{branch}"
        words = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance", "--progress")
        wanted = f"+refs/heads/{branch}:{self._revisions.tracking}"
        answer = self._wire.talk("fetching", "fetch", *words, "--", self._where, wanted)
        if answer.code and _NO_BRANCH in answer.errors:
            self._check_empty(branch)
            self._wire.run("update-ref", "-d", self._revisions.tracking)
        elif answer.code:
            raise failure(answer.errors, self.name)
        else:
            self._keep()
        return self._revisions.fetched()

    def push(self, commit: str, *, expected: str | None = None) -> bool:
        branch = self._revisions.branch().name
        lease = [f"--force-with-lease=refs/heads/{branch}:{expected}"] if expected is not None else []
        words = ("--porcelain", "--progress", "--no-follow-tags", "--recurse-submodules=no", *lease)
        answer = self._wire.talk("sending", "push", *words, "--", self._where, f"{commit}:refs/heads/{branch}")
        if not answer.code:
            self._wire.run("update-ref", self._revisions.tracking, commit)
            # One that has nothing may be anything that answers, until it has taken something.
            self._keep()
            return True
        refused = _REFUSED.search(answer.output.decode("utf-8", "replace"))
        if not refused:
            raise failure(answer.errors, self.name)
        keeps_all = refused[1] and "non-fast-forward" in refused[2]
        if not keeps_all and any(reason in refused[2] for reason in _MOVED_ON):
            return False
        raise self._refusal(refused[2], answer)

    @property
    def _where(self) -> str:
        return self._place.name or self._place.url

    def _check_empty(self, branch: str) -> None:
        """Raise ``RemoteError`` when the remote has other branches: it is another vault, or none, or ours renamed."""
        answer = self._wire.talk("fetching", "ls-remote", "--heads", "--", self._where)
        if answer.code:
            raise failure(answer.errors, self.name)
        heads = [line.partition("refs/heads/")[2] for line in answer.output.decode("utf-8", "replace").splitlines()]
        if heads and branch not in heads:
            raise RemoteError(
                f"{self.name} has no branch {branch}, but {', '.join(heads[:5])}.",
                f"Rename yours with `git branch -m {heads[0]}`, or make it there: `git push {self._where} {branch}`.",
            )

    def _keep(self) -> None:
        if self._place.is_first:
            self._wire.run("config", f"remote.{DEFAULT}.url", self._place.url)
            self._wire.run("config", f"remote.{DEFAULT}.fetch", f"+refs/heads/*:refs/remotes/{DEFAULT}/*")
            self._place = Place(DEFAULT, self._place.url)

    def _refusal(self, reason: str, answer: Answer) -> RemoteError:
        if "currently checked out" in reason:
            return RemoteError(
                f"{self.name} is a repository in which somebody works, so git refuses to push there.",
                "Sync by a bare one: `git init --bare FOLDER`, then `smos sync FOLDER`.",
            )
        if "non-fast-forward" in reason:
            return RemoteError(
                f"{self.name} lets no history be replaced, and what was erased is in it.",
                "Allow it there for once: `git config receive.denyNonFastForwards false`, then sync again.",
            )
        said = [
            line.removeprefix("remote:").strip() for line in answer.errors.splitlines() if line.startswith("remote:")
        ]
        why = next(filter(None, said), "") or reason or told(answer.errors)
        return RemoteError(
            f"{self.name} refuses what is pushed: {why.rstrip('.')}.",
            "Everything is saved and merged here; see what its owner allows, then sync again.",
        )
