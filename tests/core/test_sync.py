"""Sync over fakes: the order of its steps, and what it does when others are faster, away or wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smos_cli.core.cleaning import id_of
from smos_cli.core.forget import forget, to_forget
from smos_cli.core.ports import Blob, Ports
from smos_cli.core.remember import NewMemory, remember
from smos_cli.core.sync import Synced, sync
from smos_cli.errors import RemoteError, StaleError
from tests.fake_past import NoPast
from tests.fake_remote import FakePurge, FakeRepository, Server, met
from tests.fakes import FakeMachine, FakeVault, counting_entropy, fake_ports

CARD = {"PERSONA.md": b"---\nformat: 1\n---\nBob.\n"}


class Recording(NoPast):
    """A past of a vault whose changes are committed."""

    recording = True


class Clone:
    """One vault with its history, that syncs with a server."""

    def __init__(self, server: Server, number: int) -> None:
        self.vault = FakeVault(dict(server.commits[server.tip].files) if server.tip else CARD)
        self.repository = FakeRepository(server, self.vault, server.tip)
        self.purge = FakePurge(self.repository)
        random = counting_entropy()
        for _ in range(number * 1000):
            random(1)
        self.ports: Ports = fake_ports(
            self.vault,
            history=self.repository,
            past=Recording(),
            machine=FakeMachine(number),
            entropy=random,
        )

    def sync(self, most: int = 20) -> Synced:
        return sync(self.ports, met(self.repository), self.purge, most=most)

    def remember(self, text: str) -> str:
        return remember(self.ports, NewMemory(text=text)).memory.path

    def texts(self) -> set[bytes]:
        return {data.split(b"---\n")[-1] for path, data in self.vault.files.items() if path.startswith("memories/")}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def ann(server: Server) -> Clone:
    clone = Clone(server, 1)
    clone.sync()
    return clone


@pytest.fixture
def ben(server: Server, ann: Clone) -> Clone:
    return Clone(server, 2)


def test_the_first_sync_sends_all_there_is(server: Server, ann: Clone) -> None:
    assert server.tip == ann.repository.tip
    assert server.commits[server.tip].files.items() >= CARD.items()


def test_what_one_sends_the_other_gets(ann: Clone, ben: Clone) -> None:
    ann.remember("Tea is green.")
    assert ann.sync().sent == 2
    done = ben.sync()
    assert (done.sent, done.received) == (0, 2)
    assert ben.texts() == {b"Tea is green.\n"}


def test_a_sync_without_news_makes_no_commit_and_no_push(server: Server, ann: Clone, ben: Clone) -> None:
    ben.sync()
    tip, pushes = server.tip, server.pushes
    assert (ann.sync().sent, ben.sync().sent) == (0, 0)
    assert (server.tip, server.pushes) == (tip, pushes)


def test_what_is_sent_is_signed(ann: Clone) -> None:
    ann.remember("Tea is green.")
    ann.sync()
    marks = ann.ports.machine.marks()
    assert marks.head == marks.checkpoint is not None


def test_both_lines_end_in_one_merge_with_equal_files(ann: Clone, ben: Clone) -> None:
    ann.remember("Tea is green.")
    ben.remember("Coffee is black.")
    ann.sync()
    ben.sync()
    ann.sync()
    assert ann.texts() == ben.texts() == {b"Tea is green.\n", b"Coffee is black.\n"}
    assert ann.repository.tip == ben.repository.tip


def test_a_merge_of_two_versions_is_told_in_the_audit_line_as_the_end_of_both(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    ann.vault.write(path, ann.vault.files[path].replace(b"green", b"white"))
    ben.vault.write(path, ben.vault.files[path].replace(b"green", b"black"))
    ann.sync()
    done = ben.sync()
    assert done.merged == 1
    assert len(done.conflicts) == 1
    change = next(change for change in ben.repository.changes if "Merge" in change.subject)
    assert change.verb == "sync"
    assert set(change.ids) == {done.conflicts[0].identity, done.conflicts[0].copy}


def test_what_was_forgotten_there_is_in_the_trash_here(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    forget(ann.ports, to_forget(ann.ports, [path], None))
    ann.sync()
    done = ben.sync()
    assert len(done.put_away) == 1
    assert path not in ben.vault.files
    assert f".trash/{path}" in ben.vault.files


def test_a_note_that_is_gone_there_goes_here_without_the_trash(ann: Clone, ben: Clone) -> None:
    ann.vault.write("notes/plan.md", b"# Plan\n")
    ann.sync()
    ben.sync()
    ann.vault.delete("notes/plan.md")
    ann.sync()
    ben.sync()
    assert not [path for path in ben.vault.files if "plan" in path]


def test_a_memory_that_was_moved_there_is_moved_here_and_in_no_trash(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    ann.vault.move(path, "memories/tea.md")
    ann.sync()
    assert ben.sync().put_away == ()
    assert [path for path in ben.vault.files if path.startswith(("memories/", ".trash/"))] == ["memories/tea.md"]


def test_what_was_restored_there_leaves_the_trash_here(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    data = ann.vault.files[path]
    ann.sync()
    ben.sync()
    ann.vault.delete(path)
    ann.sync()
    ben.sync()
    ann.vault.write(path, data)
    ann.sync()
    ben.sync()
    assert ben.vault.files[path] == data
    assert f".trash/{path}" not in ben.vault.files


def test_when_others_were_faster_it_begins_again(server: Server, ann: Clone, ben: Clone) -> None:
    ann.remember("Tea is green.")
    ben.remember("Coffee is black.")

    def others() -> None:
        server.before_push = lambda: None
        ben.sync()

    server.before_push = others
    done = ann.sync()
    assert done.received > 0
    assert ann.texts() == {b"Tea is green.\n", b"Coffee is black.\n"}
    assert server.tip == ann.repository.tip


def test_when_others_are_always_faster_it_gives_up(server: Server, ann: Clone) -> None:
    ann.remember("Tea is green.")
    server.before_push = lambda: setattr(server, "tip", server.commit(server.commits[server.tip].files, server.tip))
    with pytest.raises(RemoteError, match="5 times"):
        ann.sync()


def test_a_forget_that_was_cut_short_is_ended_by_the_merge(ann: Clone, ben: Clone) -> None:
    identity = id_of(ann.vault.files[ann.remember("Tea is green.")])
    ann.vault.write(".tombstones", f"key 5f0c\nforgotten {identity} 91ab\n".encode())
    ben.remember("The harbour is closed.")
    ben.sync()

    assert ann.sync().put_away == (identity,)

    assert ann.texts() == {b"The harbour is closed.\n"}
    assert any(path.startswith(".trash/") for path in ann.vault.files)


def test_offline_everything_is_committed(server: Server, ann: Clone) -> None:
    server.offline = True
    ann.vault.write("notes/plan.md", b"# Plan\n")
    assert ann.sync().offline == "origin can't be reached."
    assert "notes/plan.md" in server.commits[ann.repository.tip].files


def test_where_nothing_is_committed_nothing_is_synced(ann: Clone) -> None:
    with pytest.raises(RemoteError, match="Commits are off"):
        sync(fake_ports(ann.vault), met(ann.repository), ann.purge)


def test_a_link_is_taken_from_nobody(server: Server, ann: Clone, ben: Clone) -> None:
    ann.vault.write("notes/evil.md", b"/etc/passwd")
    ann.sync()
    ben.repository.refused["notes/evil.md"] = "a link"
    with pytest.raises(RemoteError, match=r"notes/evil\.md, which is a link"):
        ben.sync()
    assert "notes/evil.md" not in ben.vault.files
    assert server.tip == ann.repository.tip


def test_a_vault_of_a_newer_format_is_not_taken_in(ann: Clone, ben: Clone) -> None:
    ann.vault.write("PERSONA.md", b"---\nformat: 2\n---\nBob.\n")
    ann.sync()
    with pytest.raises(RemoteError, match="format 2"):
        ben.sync()
    assert ben.vault.files["PERSONA.md"] == CARD["PERSONA.md"]


def test_a_vault_of_which_the_card_was_deleted_is_not_taken_in(server: Server, ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    server.tip = server.commit({}, server.tip)
    with pytest.raises(RemoteError, match=r"no PERSONA\.md"):
        ben.sync()
    assert path in ben.vault.files


def test_histories_without_a_shared_commit_are_merged(server: Server, ann: Clone) -> None:
    ann.remember("Tea is green.")
    ann.sync()
    tip, server.tip = server.tip, ""
    cleo = Clone(server, 3)
    server.tip = tip
    cleo.remember("Cats are grey.")
    cleo.sync()
    ann.sync()
    assert ann.texts() == cleo.texts() == {b"Tea is green.\n", b"Cats are grey.\n"}


def test_a_history_that_is_no_vault_is_refused(server: Server, ann: Clone) -> None:
    server.tip = server.commit({"README": b"x"})
    with pytest.raises(RemoteError, match=r"no PERSONA\.md"):
        ann.sync()
    assert "README" not in ann.vault.files


def test_several_bases_are_merged_first(server: Server, ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    base = server.tip
    files = dict(server.commits[base].files)
    one = server.commit(files | {"notes/one.md": b"one\n"}, base)
    other = server.commit(files | {"notes/other.md": b"other\n"}, base)
    both = files | {"notes/one.md": b"one\n", "notes/other.md": b"other\n"}
    ann.repository.tip = server.commit(both | {path: files[path].replace(b"green", b"white")}, one, other)
    for name, data in server.commits[ann.repository.tip].files.items():
        ann.vault.write(name, data)
    server.tip = server.commit(both | {"notes/one.md": b"one\nmore\n"}, other, one)
    done = ann.sync()
    assert done.conflicts == ()
    assert ann.vault.files["notes/one.md"] == b"one\nmore\n"
    assert b"white" in ann.vault.files[path]


def test_a_file_that_an_editor_changes_meanwhile_is_committed_first(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    ann.vault.write(path, ann.vault.files[path] + b"\nIn the morning.\n")
    ann.sync()
    edited = ben.vault.files[path].replace(b"green", b"white")
    ben.repository.before_applying = lambda: ben.vault.write(path, edited)
    ben.sync()
    assert b"white" in ben.vault.files[path]
    assert b"In the morning" in ben.vault.files[path]


def test_a_file_that_can_not_be_committed_stops_it(ann: Clone, ben: Clone) -> None:
    path = ann.remember("Tea is green.")
    ann.sync()
    ben.sync()
    ann.vault.write(path, ann.vault.files[path] + b"\nIn the morning.\n")
    ann.sync()
    ben.vault.write(path, b"staged")
    ben.repository.blind = True
    with pytest.raises(StaleError, match="not as the last commit"):
        ben.sync()
    assert ben.vault.files[path] == b"staged"


class CaseBlindVault(FakeVault):
    """A vault on a disk that takes two names for one if they differ in capital letters alone."""

    def read(self, path: str) -> Blob:
        there = next((known for known in self.files if known.lower() == path.lower()), path)
        return super().read(there)


def test_two_names_that_are_one_on_this_disk_are_told(ann: Clone, ben: Clone) -> None:
    blind = CaseBlindVault(ben.vault.files)
    ben.repository.vault = blind
    ports = replace(ben.ports, vault=blind)
    blind.write("notes/plan.md", b"mine")
    ann.vault.write("notes/Plan.md", b"theirs")
    ann.sync()
    with pytest.raises(RemoteError, match=r"notes/Plan\.md is to come"):
        sync(ports, met(ben.repository), ben.purge)
    assert blind.files["notes/plan.md"] == b"mine"


@pytest.mark.parametrize("mine", [b"# Talk\n\nmine\n", None])
def test_a_conversation_that_is_local_here_is_merged_with_what_comes(
    ann: Clone, ben: Clone, mine: bytes | None
) -> None:
    ann.vault.write("episodes/talk.md", b"# Talk\n")
    ann.sync()
    ben.repository.local_episodes = True
    ben.sync()
    ann.vault.write("episodes/talk.md", b"# Talk\n\ntheirs\n")
    ann.sync()
    if mine is None:
        ben.vault.delete("episodes/talk.md")
    else:
        ben.vault.write("episodes/talk.md", mine)
    ben.sync()
    held = b"".join(data for path, data in ben.vault.files.items() if "talk" in path)
    assert b"theirs" in held
    assert b"mine" in held or mine is None
