"""Erasures that travel: whose history is rewritten, when, and what of it is left in the vault."""

from __future__ import annotations

import pytest

from smos_cli.core.cleaning import id_of
from smos_cli.core.purging import erased_of
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import IndexBusyError, RemoteError, StorageError
from tests.core.test_sync import Clone
from tests.fake_remote import Server

KEY = "key 5f0c\n"


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
    ann.remember("Tea is green.")
    ann.sync()
    return Clone(server, 2)


def erase(clone: Clone) -> str:
    """Do what an erasure does to the vault's files and its history; return the id."""
    path = next(path for path in clone.vault.files if path.startswith("memories/"))
    identity = id_of(clone.vault.files[path])
    clone.vault.delete(path)
    clone.vault.write(".tombstones", f"{KEY}erased {identity}\n".encode())
    return identity


def every_id(server: Server, tip: str) -> set[str]:
    return {id_of(data) for name in server.led_to(tip) for data in server.commits[name].files.values()}


def test_what_was_erased_there_leaves_the_history_the_vault_and_the_trash_here(
    server: Server, ann: Clone, ben: Clone
) -> None:
    ben.sync()
    path = next(path for path in ben.vault.files if path.startswith("memories/"))
    ben.vault.write(f".trash/{path}", ben.vault.files[path].replace(b"green", b"white"))
    identity = erase(ann)
    ann.sync()
    done = ben.sync()
    assert done.rewritten
    assert identity not in every_id(server, ben.repository.tip)
    assert identity not in {id_of(data) for data in ben.vault.files.values()}


def test_an_index_that_another_process_holds_is_told_of(
    ann: Clone, ben: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben.sync()
    erase(ann)
    ann.sync()

    def held() -> None:
        raise IndexBusyError("Another process holds the index.", "Try again.")

    monkeypatch.setattr(ben.ports.index, "drop", held)
    (warning,) = ben.sync().warnings
    assert "smos index --rebuild" in warning


def test_a_rewrite_is_told_of_where_conversations_are_committed_then(server: Server, ann: Clone, ben: Clone) -> None:
    ann.vault.write("episodes/talk.md", b"# Talk\n")
    ann.sync()
    ben.repository.local_episodes = True
    ben.sync()
    erase(ann)
    ann.vault.write("episodes/talk.md", b"# Talk\n\ntheirs\n")
    ann.sync()
    ann.purge.rewrite(erased_of(read_forgotten(ann.vault)))
    server.tip = ann.repository.tip
    ben.vault.write("episodes/talk.md", b"# Talk\n\nmine\n")
    assert ben.sync().rewritten


def test_so_much_that_it_may_be_a_mistake_is_erased_only_if_it_is_allowed(ann: Clone, ben: Clone) -> None:
    ben.sync()
    identity = erase(ann)
    ann.sync()
    before = dict(ben.vault.files)

    with pytest.raises(RemoteError, match="1 memories that are here were erased for good"):
        ben.sync(most=0)

    assert ben.vault.files == before
    assert ben.sync(most=1).erased == (identity,)


def test_what_comes_with_what_was_erased_here_is_rewritten_and_replaced_there(
    server: Server, ann: Clone, ben: Clone
) -> None:
    old = server.tip
    ben.sync()
    identity = erase(ann)
    ann.sync()
    ann.purge.rewrite(erased_of(read_forgotten(ann.vault)))
    server.tip = old
    assert ann.sync().rewritten
    assert identity not in every_id(server, server.tip)
    assert server.tip == ann.repository.tip


def test_without_an_erasure_nothing_is_rewritten(ann: Clone, ben: Clone) -> None:
    ann.remember("Coffee is black.")
    ben.remember("Water is clear.")
    assert not any(clone.sync().rewritten for clone in (ann, ben, ann))
    assert (ann.purge.rewrites, ben.purge.rewrites) == (0, 0)


def test_where_history_can_not_be_rewritten_nothing_is_touched(ann: Clone, ben: Clone) -> None:
    ben.sync()
    erase(ann)
    ann.sync()
    files = dict(ben.vault.files)
    ben.purge.refused = ("Others share these objects.", "Clone it whole.")
    with pytest.raises(StorageError, match="Others share"):
        ben.sync()
    assert ben.vault.files == files
