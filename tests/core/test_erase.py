"""What is erased is gone from the vault, its trash and the index; only its id is kept, so that it stays away."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from smos_cli.core.audit import Entry, read_salts, write
from smos_cli.core.changes import Touched
from smos_cli.core.erasable import Plan
from smos_cli.core.erasable import to_erase as planned
from smos_cli.core.erase import HISTORY_REMAINS, INDEX_REMAINS, Erasure, Tools
from smos_cli.core.erase import erase as do
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.purging import Erased, Rewritten
from smos_cli.errors import IndexBusyError, NotFoundError, StaleError, StorageError, UsageError
from tests.core.bob import EPISODE, EPISODE_PATH, Bob, conversation
from tests.fake_purge import FakePurge, FakeRemains
from tests.samples import episode_file, identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


@pytest.fixture
def bob() -> Bob:
    return Bob({"memories/ttl.md": memory_file(1, TTL), "memories/tea.md": memory_file(2, TEA)})


def to_erase(bob: Bob, *keys: str, purge: FakePurge | None = None) -> Plan:
    return planned(bob.ports, purge or FakePurge(), keys)


def erase(bob: Bob, plan: Plan, purge: FakePurge | None = None, *, keep_history: bool = False) -> Erasure:
    history = purge or FakePurge()
    return do(bob.ports, Tools(history, FakeRemains(bob.vault, history)), plan, keep_history=keep_history)


def erased(bob: Bob, *keys: str, purge: FakePurge | None = None, keep_history: bool = False) -> Erasure:
    return erase(bob, to_erase(bob, *keys, purge=purge), purge, keep_history=keep_history)


def test_no_file_of_the_vault_holds_it(bob: Bob) -> None:
    erased(bob, identity(1))

    assert not any(b"TTL" in data for data in bob.vault.files.values())
    assert bob.texts() == [TEA]


def test_it_is_erased_from_the_trash_too(bob: Bob) -> None:
    bob.forget(identity(1))

    erased(bob, identity(1))

    assert not any(b"TTL" in data for data in bob.vault.files.values())
    with pytest.raises(NotFoundError):
        bob.restore(identity(1))


def test_the_index_is_made_anew(bob: Bob) -> None:
    bob.recall("TTL")

    erased(bob, identity(1))

    with bob.index.session() as session:
        assert [stored.stamp.path for stored in session.stored()] == ["PERSONA.md", "memories/tea.md"]


@pytest.mark.parametrize("forgotten_before", [False, True])
def test_only_its_id_is_kept_and_keeps_it_away(bob: Bob, forgotten_before: bool) -> None:
    if forgotten_before:
        bob.forget(identity(1))

    erased(bob, identity(1))

    assert bob.file(".tombstones").splitlines()[2:] == [f"erased {identity(1)}"]
    assert bob.import_({"id": identity(1), "text": TTL}).skipped == 1


@pytest.mark.parametrize(("reason", "kept"), [(f"It said: {TTL} No more.", ""), ("Marta asked.", "Marta asked.")])
def test_a_reason_that_repeats_it_is_not_kept(bob: Bob, reason: str, kept: str) -> None:
    bob.ports = replace(bob.ports, reason=reason)

    done = erased(bob, identity(1))

    assert bob.history.changes[-1].why == kept
    assert any("reason" in warning for warning in done.warnings) is not bool(kept)


def test_the_others_that_were_forgotten_stay_forgotten(bob: Bob) -> None:
    bob.forget(identity(1), identity(2))

    erased(bob, identity(1))

    assert bob.import_({"text": TEA}).skipped == 1


def test_the_record_does_not_repeat_what_was_erased(bob: Bob) -> None:
    erased(bob, identity(1))

    (change,) = bob.history.changes
    assert (change.verb, change.ids, change.removed) == ("erase", (identity(1),), ("memories/ttl.md",))
    assert "TTL" not in change.subject


def test_where_the_history_is_kept_it_says_that_it_still_has_it(bob: Bob) -> None:
    done = erased(bob, identity(1), keep_history=True)

    assert done.warnings == (HISTORY_REMAINS,)
    assert done.certificate is None


def test_a_history_that_fails_is_a_warning_and_it_stays_erased(bob: Bob) -> None:
    bob.history.broken = True

    assert len(erased(bob, identity(1)).warnings) == 1
    assert bob.texts() == [TEA]


def test_the_turn_it_was_said_in_is_taken_out_of_the_conversation() -> None:
    bob = Bob({**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")})
    before = bob.file(EPISODE_PATH)

    done = erased(bob, identity(3))

    assert "Hector is switched off." not in bob.answers("Hector")
    assert bob.file(EPISODE_PATH) == before.replace("Hector is switched off.", "*(erased)*")
    assert f"masked {identity(7)}#t3 erased" in bob.file(".tombstones")
    assert done.certificate
    assert done.certificate["turns"] == [f"{identity(7)}#t3"]


def test_a_turn_that_was_masked_stays_so() -> None:
    bob = Bob({**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")})
    bob.forget(identity(3))

    erased(bob, identity(3))

    assert "Hector is switched off." not in bob.answers("Hector")


def test_one_without_an_id_is_erased_by_its_path() -> None:
    bob = Bob({"memories/tea.md": b"Tea is at four.\n"})

    erased(bob, "memories/tea.md")

    assert bob.texts() == []


def test_many_are_erased_at_once_from_vault_and_trash(bob: Bob) -> None:
    bob.forget(identity(2))

    done = erased(bob, identity(1), identity(2))

    assert [memory.text for memory in done.memories] == [TTL, TEA]
    assert bob.paths() == []
    assert bob.paths(".trash/") == []


def test_what_is_nowhere_is_not_found_and_nothing_is_erased(bob: Bob) -> None:
    with pytest.raises(NotFoundError):
        to_erase(bob, identity(1), "nothing")

    assert bob.texts() == [TEA, TTL]


def test_a_restore_of_another_memory_does_not_bring_back_the_turn_it_was_said_in() -> None:
    said = {f"memories/{number}.md": memory_file(number, f"{number}.", session=f"{EPISODE}#^t3") for number in (3, 4)}
    bob = Bob({**conversation(), **said})
    bob.forget(identity(3), identity(4))
    erased(bob, identity(3))

    bob.restore(identity(4))

    assert "Hector is switched off." not in bob.answers("Hector")


def test_while_the_index_is_held_nothing_is_erased(bob: Bob) -> None:
    shown = to_erase(bob, identity(1))
    before = dict(bob.vault.files)
    bob.index.busy = True

    with pytest.raises(IndexBusyError):
        erase(bob, shown)

    assert bob.vault.files == before


def test_what_another_process_indexed_before_the_file_went_is_dropped_too(bob: Bob) -> None:
    shown = to_erase(bob, identity(1))
    remove = bob.vault.remove

    def meanwhile(path: str) -> None:
        bob.recall("TTL")
        remove(path)

    bob.vault.remove = meanwhile  # type: ignore[method-assign]
    dropped: list[int] = []
    drop = bob.index.drop
    bob.index.drop = lambda: dropped.append(len(dropped)) or drop()  # type: ignore[method-assign]

    erase(bob, shown)

    assert len(dropped) == 2


def test_an_index_that_is_held_once_the_file_has_gone_is_a_warning(bob: Bob) -> None:
    shown = to_erase(bob, identity(1))
    remove = bob.vault.remove

    def meanwhile(path: str) -> None:
        remove(path)
        bob.index.busy = True

    bob.vault.remove = meanwhile  # type: ignore[method-assign]

    assert erase(bob, shown).warnings == (INDEX_REMAINS,)
    assert "memories/ttl.md" not in bob.vault.files


def test_a_whole_id_names_every_file_that_has_it(bob: Bob) -> None:
    bob.forget(identity(1))
    bob.vault.write("memories/ttl.md", memory_file(1, TTL))
    bob.vault.write("memories/broken.md", memory_file(1, TTL).replace(b"---\n", b"---\nkind: [\n", 1))

    done = erased(bob, identity(1))

    assert [memory.id for memory in done.memories] == [identity(1)]
    assert not any(b"TTL" in data for data in bob.vault.files.values())


def test_what_is_named_twice_is_erased_once(bob: Bob) -> None:
    done = erased(bob, identity(1), "ttl", identity(1)[-8:], identity(2))

    assert [memory.id for memory in done.memories] == [identity(1), identity(2)]
    assert bob.texts() == []


def test_a_file_that_changed_since_it_was_shown_stays_and_so_do_the_others(bob: Bob) -> None:
    shown = to_erase(bob, identity(1), identity(2))
    bob.vault.write("memories/tea.md", memory_file(2, "Tea is at five."))

    with pytest.raises(StaleError):
        erase(bob, shown)

    assert bob.texts() == ["Tea is at five.", TTL]


def test_one_that_is_gone_already_is_erased(bob: Bob) -> None:
    shown = to_erase(bob, identity(1), identity(2))
    bob.vault.delete("memories/ttl.md")

    erase(bob, shown)

    assert bob.texts() == []
    assert f"erased {identity(1)}" in bob.file(".tombstones")


def test_a_whole_conversation_can_be_erased_but_not_one_turn_of_it() -> None:
    bob = Bob(conversation())
    bob.forget(identity(7))

    with pytest.raises(UsageError):
        to_erase(bob, f"{identity(7)}#t3")
    erased(bob, identity(7))

    assert bob.paths(".trash/") == []


def test_it_is_taken_out_of_a_conversation_in_the_trash_too() -> None:
    bob = Bob({**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")})
    bob.forget(identity(7))

    erased(bob, identity(3))

    assert "Hector" not in bob.file(f".trash/{EPISODE_PATH}")


def test_a_versioned_conversation_is_told_of_by_a_line_of_its_own() -> None:
    files = {**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")}
    bob = Bob(files, episodes="versioned")

    erased(bob, identity(3))

    (change,) = bob.history.changes
    assert EPISODE_PATH in change.written
    lines = [data for path, data in bob.vault.files.items() if path.endswith(".jsonl")]
    assert b'"verb":"redact"' in lines[0]


def test_the_lines_of_a_conversation_are_no_help_in_guessing_what_was_said() -> None:
    files = {**conversation(), "memories/a.md": memory_file(3, "The server is gone.", session=f"{EPISODE}#^t3")}
    bob = Bob(files, episodes="versioned")
    before = bob.vault.files[EPISODE_PATH]
    with bob.ports.vault.lock():
        write(bob.ports, Entry("import", [Touched(identity(7), EPISODE_PATH, "", sha256(before).hexdigest())]))
    old = read_salts(bob.ports.vault).of(identity(7))

    erased(bob, identity(3))

    (new,) = read_salts(bob.ports.vault).all_of(identity(7))
    lines = b"".join(data for path, data in bob.vault.files.items() if path.endswith(".jsonl"))
    assert old
    assert new != old
    assert old.mac(sha256(before).hexdigest()).encode() in lines
    assert new.mac(sha256(before).hexdigest()).encode() not in lines
    assert new.mac(sha256(bob.vault.files[EPISODE_PATH]).hexdigest()).encode() in lines
    assert f"retired {old.retired}\n".encode() in bob.vault.files[TOMBSTONES]


def test_the_salt_of_what_once_lay_there_without_an_id_goes_with_it(bob: Bob) -> None:
    with bob.ports.vault.lock():
        write(bob.ports, Entry("outside", [Touched("", "memories/was.md", "", "ab" * 32)]))
    purge = FakePurge(**{"memories/was.md": memory_file(1, TTL)})

    erased(bob, identity(1), purge=purge)

    assert not read_salts(bob.ports.vault).token("memories/was.md")
    assert b"was.md" not in b"".join(bob.vault.files.values())


def test_every_file_of_its_id_goes(bob: Bob) -> None:
    bob.vault.write("memories/copy.md", memory_file(1, TTL))
    bob.vault.write("notes/of-mine.md", memory_file(1, TTL))
    bob.vault.write(".trash/memories/old.md", memory_file(1, "An older one."))
    bob.vault.write("memories/broken.md", memory_file(1, TTL).replace(b"---\n", b"---\nkind: [\n", 1))

    erased(bob, "memories/ttl.md")

    assert [path for path, data in bob.vault.files.items() if b"TTL" in data or b"older" in data] == []


def test_the_history_is_rewritten_without_whatever_was_ever_erased(bob: Bob) -> None:
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL), "memories/tea.md": memory_file(2, TEA)})
    erased(bob, identity(2), keep_history=True)

    done = erased(bob, identity(1), purge=purge)

    assert purge.asked == [Erased(frozenset([identity(1), identity(2)]))]
    assert purge.files == {}
    assert done.certificate
    assert done.certificate["commits_rewritten"] == 2
    assert done.certificate["ids"] == [identity(1)]


def test_where_the_history_can_not_be_rewritten_nothing_is_changed(bob: Bob) -> None:
    purge = FakePurge()
    purge.refused = ("It is not ours.", "Do it yourself.")
    before = dict(bob.vault.files)

    with pytest.raises(StorageError, match="It is not ours"):
        erased(bob, identity(1), purge=purge)

    assert bob.vault.files == before
    assert erased(bob, identity(1), purge=purge, keep_history=True).warnings == (HISTORY_REMAINS,)


def test_what_only_commits_hold_can_be_erased_by_its_whole_id(bob: Bob) -> None:
    purge = FakePurge(**{"memories/old.md": memory_file(5, "Long gone.")})

    done = erased(bob, identity(5), purge=purge)

    assert [memory.text for memory in done.memories] == ["Long gone."]
    assert purge.files == {}
    assert f"erased {identity(5)}" in bob.file(".tombstones")


def test_what_was_forgotten_and_has_left_the_trash_is_found_by_the_end_of_its_id(bob: Bob) -> None:
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL)})
    bob.forget(identity(1))
    bob.vault.delete(".trash/memories/ttl.md")

    assert erased(bob, identity(1)[-8:], purge=purge).memories[0].text == TTL


def test_an_erasure_that_was_killed_is_ended_by_the_same_command(bob: Bob) -> None:
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL)})
    purge.broken = True
    with pytest.raises(StorageError, match="files are erased"):
        erased(bob, identity(1), purge=purge)
    purge.broken = False

    done = erased(bob, identity(1), purge=purge)

    assert done.certificate
    assert purge.files == {}
    with pytest.raises(NotFoundError):
        to_erase(bob, identity(1), purge=purge)


def test_one_without_an_id_is_not_erased_where_a_history_is_kept() -> None:
    bob = Bob({"memories/tea.md": b"Tea is at four.\n"})

    with pytest.raises(UsageError, match="has no id"):
        to_erase(bob, "memories/tea.md", purge=FakePurge(**{"memories/tea.md": b"Tea is at four.\n"}))


def test_what_is_looked_for_is_what_its_files_and_its_turn_said() -> None:
    said = episode_file(7, [])
    bob = Bob(
        {**conversation(), "memories/gone.md": memory_file(3, "It is gone.\n\nFor good.", session=f"{EPISODE}#^t3")}
    )
    purge = FakePurge(**{"memories/gone.md": memory_file(3, "It was there."), EPISODE_PATH: said})
    remains = FakeRemains(bob.vault, purge)

    do(bob.ports, Tools(purge, remains), to_erase(bob, identity(3), purge=purge))

    assert set(remains.texts) == {"It is gone.", "For good.", "gone", "It was there.", "Hector is switched off."}


def test_where_the_same_words_stand_in_something_else_the_certificate_says_so(bob: Bob) -> None:
    bob.vault.write("notes/a.md", b"I think that\n\n> The cache TTL is\n> 10 seconds.\n")

    done = erased(bob, identity(1))

    assert done.certificate
    assert done.certificate["also_in"] == ["notes/a.md"]


def test_nothing_is_certified_while_something_is_left(bob: Bob) -> None:
    purge = FakePurge(**{"memories/ttl.md": memory_file(1, TTL)})
    purge.rewrite = lambda _erased: Rewritten()  # type: ignore[method-assign]

    done = erased(bob, identity(1), purge=purge)

    assert done.searched.left == ("history: memories/ttl.md",)
    assert done.certificate is None


def test_the_salts_of_what_is_erased_go(bob: Bob) -> None:
    kept, gone = bob.remember("Builds take four minutes.").memory.id, bob.remember("Hector is old.").memory.id

    erased(bob, gone)

    salts = b"".join(data for path, data in bob.vault.files.items() if path.endswith(".salts"))
    assert kept.encode() in salts
    assert gone.encode() not in salts
