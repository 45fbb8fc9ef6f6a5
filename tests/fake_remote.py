"""Histories in memory that are synced: ``FakeRepository`` is the ``Revisions`` port, and ``FakeRemote`` the ``Remote``.

``commit`` and ``commit_merge`` make a ``FakeRepository`` the ``History`` of a fake vault, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha1, sha256
from typing import NamedTuple

from smos_cli.core.changes import Change
from smos_cli.core.cleaning import id_of
from smos_cli.core.history import Outside
from smos_cli.core.purging import Erased, Rewritten, Survey
from smos_cli.core.remote import Branch, Difference, Other, blob_name
from smos_cli.errors import OfflineError
from tests.fakes import FakeHistory, FakeVault

_LIKE = "0" * 40


class Snapshot(NamedTuple):
    """A commit: its files, where it came from, when it was made."""

    files: Mapping[str, bytes]
    parents: tuple[str, ...]
    seconds: int


class Server:
    """All commits there are, and where the remote's branch is."""

    def __init__(self) -> None:
        self.commits: dict[str, Snapshot] = {}
        self.tip = ""
        self.offline = False
        self.pushes = 0
        self.before_push: Callable[[], None] = lambda: None
        """what somebody else does just before"""

    def commit(self, files: Mapping[str, bytes], *parents: str, seconds: int = 0) -> str:
        snapshot = Snapshot(dict(files), parents, seconds or 1000 + len(self.commits))
        name = sha1(repr((sorted(files.items()), parents, snapshot.seconds)).encode()).hexdigest()
        self.commits[name] = snapshot
        return name

    def led_to(self, commit: str) -> set[str]:
        found: set[str] = set()
        left = [commit] if commit else []
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left += self.commits[name].parents
        return found


class FakeRepository(FakeHistory):
    """One clone's history, with its files."""

    def __init__(self, server: Server, vault: FakeVault, tip: str = "") -> None:
        super().__init__()
        self.server = server
        self.vault = vault
        self.tip = tip
        self.tracking = ""
        self.refused: dict[str, str] = {}
        """why a path can't be taken, as a link can't"""
        self.local_episodes = False
        """conversations are seen only where somebody sent them"""
        self.blind = False
        """nothing that others changed is seen, as what the user staged is not"""
        self.before_applying: Callable[[], None] = lambda: None
        """what an editor does just before files are changed"""

    def outside(self) -> Sequence[Outside]:
        if self.blind:
            return ()
        committed = self.server.commits[self.tip].files if self.tip else {}
        there = self._versioned()
        paths = sorted(path for path in {*committed, *there} if committed.get(path) != there.get(path))
        if self.local_episodes:
            paths = [path for path in paths if not path.startswith("episodes/")]
        return [Outside(path, _digest(committed.get(path)), _digest(there.get(path))) for path in paths]

    def commit(self, change: Change) -> str | None:
        return self._commit(change) if super().commit(change) else None

    def commit_merge(self, change: Change, other: str) -> str:
        super().commit_merge(change, other)
        return self._commit(change, other)

    def branch(self) -> Branch:
        return Branch("main", self.tip)

    def fetched(self) -> str:
        return self.tracking

    def bases(self, one: str, other: str) -> Sequence[str]:
        shared = self.server.led_to(one) & self.server.led_to(other)
        return [
            name for name in sorted(shared) if not any(name in self.server.led_to(more) for more in shared - {name})
        ]

    def count(self, commit: str, without: str = "") -> int:
        return len(self.server.led_to(commit) - self.server.led_to(without))

    def seconds(self, commit: str) -> int:
        return self.server.commits[commit].seconds

    def differences(self, one: str, other: str) -> Sequence[Difference]:
        edit, self.before_applying = self.before_applying, lambda: None
        edit()
        before = self.server.commits[one].files if one else {}
        after = self.server.commits[other].files
        paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        return [
            Difference(path, _name(before.get(path)), _name(after.get(path)), self.refused.get(path, ""))
            for path in paths
        ]

    def file(self, commit: str, path: str) -> bytes:
        return self.server.commits[commit].files.get(path, b"")

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        known = {_name(data): data for one in self.server.commits.values() for data in one.files.values()}
        return {name: known[name] for name in names}

    def forward(self, branch: Branch, commit: str) -> None:
        assert branch.tip == self.tip
        self.tip = commit

    def _commit(self, change: Change, *others: str) -> str:
        files = dict(self.server.commits[self.tip].files) if self.tip else {}
        for path in change.removed:
            files.pop(path, None)
        files.update({path: self.vault.files[path] for path in change.written})
        parents = (self.tip,) * bool(self.tip) + others
        self.tip = self.server.commit(files, *parents)
        return self.tip

    def _versioned(self) -> dict[str, bytes]:
        return {path: data for path, data in self.vault.files.items() if not path.startswith(".trash/")}


class FakeRemote:
    """The ``Remote`` port over a server."""

    name = "origin"

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository
        self._server = repository.server

    def fetch(self) -> str:
        if self._server.offline:
            raise OfflineError("origin can't be reached.", "Later.")
        self._repository.tracking = self._server.tip
        return self._server.tip

    def push(self, commit: str, *, expected: str | None = None) -> bool:
        self._server.before_push()
        self._server.pushes += 1
        forward = self._server.tip in (*self._server.led_to(commit), "")
        if not (forward if expected is None else self._server.tip == expected):
            return False
        self._server.tip = self._repository.tracking = commit
        return True


class FakePurge:
    """The ``Purge`` port over a fake repository: whole files go, by the id that stands in them."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository
        self.refused: tuple[str, str] | None = None
        self.rewrites = 0

    def refusal(self) -> tuple[str, str] | None:
        return self.refused

    def survey(self, erased: Erased) -> Survey:
        raise AssertionError(erased)

    def holds(self, erased: Erased, revisions: Sequence[str] = ()) -> bool:
        server, repository = self._repository.server, self._repository
        wanted = [name for name in revisions if not name.startswith("^")] or [repository.tip, repository.tracking]
        left_out = [name[1:] for name in revisions if name.startswith("^")]
        found = {name for one in wanted for name in server.led_to(one)}
        found -= {name for one in left_out for name in server.led_to(one)}
        return any(id_of(data) in erased.ids for name in found for data in server.commits[name].files.values())

    def rewrite(self, erased: Erased) -> Rewritten:
        self.rewrites += 1
        repository = self._repository
        repository.tip, repository.tracking = (
            self._without(tip, erased) if tip else "" for tip in (repository.tip, repository.tracking)
        )
        return Rewritten(1)

    def _without(self, commit: str, erased: Erased) -> str:
        old = self._repository.server.commits[commit]
        files = {path: data for path, data in old.files.items() if id_of(data) not in erased.ids}
        parents = tuple(self._without(parent, erased) for parent in old.parents)
        if (files, parents) == (dict(old.files), old.parents):
            return commit
        return self._repository.server.commit(files, *parents, seconds=old.seconds)


@contextmanager
def met(repository: FakeRepository) -> Iterator[Other]:
    yield Other(FakeRemote(repository), repository)


def _digest(data: bytes | None) -> str:
    return "" if data is None else sha256(data).hexdigest()


def _name(data: bytes | None) -> str:
    return "" if data is None else blob_name(data, _LIKE)
