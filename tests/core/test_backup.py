"""What goes into a backup, in which order, and what is said of what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from smos_cli.core.backup import Archive, Created, Listed, Wanted, at_rest, create
from smos_cli.core.manifest import CONFIG, STATE, Member, manifest_of
from smos_cli.core.personas import PersonaInfo
from smos_cli.core.ports import Problem, Scan, no_progress
from smos_cli.errors import IndexBusyError, NotFoundError, StorageError
from tests.core.bob import Bob

SHA = "0" * 64


class FakeArchive:
    """The ``Archive`` port over a dict."""

    scratch = "/scratch"

    def __init__(self, unreadable: Sequence[str]) -> None:
        self.members: dict[str, Member] = {}
        self.sources: dict[str, str] = {}
        self.manifest = b""
        self._unreadable = unreadable

    def add(self, name: str, data: bytes) -> None:
        self.members[name] = Member(len(data), SHA)

    def take(self, name: str, source: str, mode: int = 0o644) -> str:
        if source in self._unreadable:
            return "it can't be read"
        self.members[name] = Member(1, SHA)
        self.sources[name] = source
        return ""

    def finish(self, manifest: bytes) -> int:
        self.manifest = manifest
        return 1000


class FakeCopies:
    """The ``Copies`` port: two vaults, of which one has a history."""

    version = "1.0"

    def __init__(self) -> None:
        self.vaults = {"bob": ["PERSONA.md", "memories/ttl.md"], "ann": ["PERSONA.md"]}
        self.skipped = [Problem("photo", "it is a link")]
        self.unreadable: list[str] = []
        self.damaged = False
        self.archive_made: FakeArchive | None = None
        self.held: list[str] = []

    def now(self) -> str:
        return "2026-11-20T12:00:00Z"

    def personas(self) -> Mapping[str, PersonaInfo]:
        return {name: PersonaInfo(name, f"/vaults/{name}", False, (), name == "bob", True) for name in self.vaults}

    @contextmanager
    def archive(self, file: str) -> Iterator[FakeArchive]:
        self.archive_made = FakeArchive(self.unreadable)
        yield self.archive_made

    def config(self, names: Sequence[str]) -> bytes:
        return " ".join(names).encode()

    def files(self, persona: PersonaInfo, scan: Scan) -> Listed:
        assert self.held == [persona.name]
        return Listed(self.vaults[persona.name], self.skipped if persona.name == "bob" else ())

    def history(self, persona: PersonaInfo, archive: Archive, name: str) -> str:
        assert self.held == [persona.name]
        if self.damaged:
            raise StorageError("The history can't be backed up.")
        if persona.name != "bob":
            return ""
        archive.add(name, b"commits")
        return "refs/heads/main"

    def beside(self, archive: Archive, names: Sequence[str], *, whole: bool) -> None:
        if whole:
            archive.add(STATE, b"state")

    def still(self) -> Callable[..., object]:
        @contextmanager
        def hold(name: str) -> Iterator[tuple[object, tuple[str, ...]]]:
            self.held.append(name)
            yield None, (f"{name} is not signed",)
            self.held.remove(name)

        return hold


@pytest.fixture
def copies() -> FakeCopies:
    return FakeCopies()


def created(copies: FakeCopies, persona: str = "") -> Created:
    return create(copies, copies.still(), Wanted("/b.tar.gz", persona), no_progress)


def test_the_settings_come_first_then_each_vault_while_it_is_held(copies: FakeCopies) -> None:
    done = created(copies)

    assert list(done.manifest.members) == [
        CONFIG,
        "personas/ann/files/PERSONA.md",
        "personas/bob/files/PERSONA.md",
        "personas/bob/files/memories/ttl.md",
        "personas/bob/history.bundle",
        STATE,
    ]
    assert (done.size, done.manifest.made, done.manifest.version) == (1000, "2026-11-20T12:00:00Z", "1.0")
    assert [(part.name, part.head) for part in done.manifest.parts] == [("ann", ""), ("bob", "refs/heads/main")]
    assert copies.archive_made is not None
    assert manifest_of(copies.archive_made.manifest) == done.manifest


def test_one_persona_is_backed_up_without_what_is_everybodys(copies: FakeCopies) -> None:
    done = created(copies, "ann")

    assert list(done.manifest.members) == [CONFIG, "personas/ann/files/PERSONA.md"]
    assert done.warnings == ("ann is not signed",)


def test_what_is_left_out_is_told(copies: FakeCopies) -> None:
    copies.unreadable.append("/vaults/bob/memories/ttl.md")

    done = created(copies)

    assert done.skipped == (Problem("photo", "it is a link"),)
    assert done.failed == (Problem("memories/ttl.md", "it can't be read"),)
    assert done.warnings == ("ann is not signed", "bob is not signed")


def test_a_history_that_is_damaged_does_not_keep_the_files_out(copies: FakeCopies) -> None:
    copies.damaged = True

    done = created(copies, "bob")

    assert done.failed == (Problem(".git", "The history can't be backed up."),)
    assert done.manifest.parts[0].head == ""
    assert len(done.manifest.members) == 3


def test_an_unknown_persona_and_an_empty_home_are_not_found(copies: FakeCopies) -> None:
    with pytest.raises(NotFoundError, match="'eve'"):
        created(copies, "eve")
    copies.vaults.clear()
    with pytest.raises(NotFoundError, match="no persona here"):
        created(copies)


class TestAtRest:
    def test_nobody_else_writes_meanwhile(self) -> None:
        bob = Bob()

        with at_rest(bob.ports), pytest.raises(IndexBusyError):
            bob.remember("Tea is at four.")

    def test_the_chain_is_signed_and_committed(self) -> None:
        bob = Bob()
        bob.remember("Tea is at four.")

        with at_rest(bob.ports) as (scan, warnings):
            assert [stamp.path for stamp in scan.stamps()] == [*bob.paths("PERSONA"), *bob.paths("memories/")]

        change = bob.history.changes[-1]
        assert (change.verb, change.subject, warnings) == ("backup", "backup: everything up to now", ())
        assert any(path.startswith("audit/") and path.endswith(".jsonl") for path in change.written)

    def test_a_vault_without_a_chain_needs_no_signature(self) -> None:
        bob = Bob()

        with at_rest(bob.ports) as (_, warnings):
            assert (warnings, bob.history.changes) == ((), [])

    def test_a_full_disk_is_a_warning_and_the_copy_goes_on(self) -> None:
        bob = Bob()
        bob.remember("Tea is at four.")
        bob.vault.full = True

        with at_rest(bob.ports) as (_, warnings):
            assert ["not signed" in warning for warning in warnings] == [True]
