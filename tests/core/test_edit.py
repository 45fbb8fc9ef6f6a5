"""One memory changes, and no byte of its file beyond what was meant."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from hashlib import sha256

import pytest

from smos_cli.core.drafts import Draft
from smos_cli.core.edit import Edit, Edited, edit_by_hand, edit_memory, pin
from smos_cli.core.listing import show
from smos_cli.errors import FormatError, IndexBusyError, NotFoundError, SmosError, StaleError, StorageError, UsageError
from tests.core.bob import EPISODE_PATH, Bob, apart, conversation
from tests.fakes import FakeVault
from tests.samples import identity

PATH = "memories/ttl.md"
FILE = f"""---
# Marta asked for this one
id: {identity(1)}
tags:   [cache,  api]   # two
confidence: 0.80
mood: 'good'
---
The cache TTL is
10 seconds.

> [!quote] Marta: let's go with 10s


""".encode()


@pytest.fixture
def bob() -> Bob:
    return Bob({PATH: FILE})


def edited(bob: Bob, key: str = identity(1), **change: object) -> Edited:
    return edit_memory(bob.ports, key, Edit(**change))


class TestByOptions:
    def test_a_new_statement_keeps_the_detail_and_every_other_byte(self, bob: Bob) -> None:
        done = edited(bob, text="The cache TTL is 60 seconds.")

        expected = FILE.replace(b"The cache TTL is\n10 seconds.", b"The cache TTL is 60 seconds.")
        assert bob.vault.files[PATH] == expected.replace(b"'good'\n", b"'good'\nupdated: 2025-11-18T12:00:00Z\n")
        assert done.memory.text == "The cache TTL is 60 seconds."

    def test_a_tag_changes_its_line_alone(self, bob: Bob) -> None:
        edited(bob, tags=("#ttl",), untags=("api",))

        before, after = FILE.splitlines(), bob.vault.files[PATH].splitlines()
        assert [line for line in before if line not in after] == [b"tags:   [cache,  api]   # two"]
        assert edited(bob).memory.tags == ("cache", "ttl")

    def test_the_last_tag_takes_its_key_along(self, bob: Bob) -> None:
        edited(bob, untags=("cache", "api"))

        assert "tags" not in bob.file(PATH)

    def test_a_kind_is_set(self, bob: Bob) -> None:
        assert edited(bob, kind="Decision").memory.kind == "decision"

    @pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
    def test_windows_line_ends_and_a_byte_order_mark_stay(self, lead: bytes) -> None:
        windows = lead + FILE.replace(b"\n", b"\r\n")
        bob = Bob({PATH: windows})

        edited(bob, text="The cache TTL is 60 seconds.\nReally.")

        after = bob.vault.files[PATH]
        assert after.startswith(lead + b"---\r\n# Marta")
        assert after.count(b"\n") == after.count(b"\r\n")
        assert b"60 seconds.\r\nReally.\r\n\r\n> [!quote]" in after

    def test_it_is_recalled_as_it_is_now(self, bob: Bob) -> None:
        bob.recall("cache")

        edited(bob, text="Tea is at four.")

        assert bob.answers("tea") == ["Tea is at four.\n\n> [!quote] Marta: let's go with 10s"]

    @pytest.mark.parametrize(
        "change",
        [{}, {"text": "The cache TTL is\n10 seconds."}, {"tags": ("cache",)}, {"untags": ("tea",)}, {"kind": "fact"}],
        ids=str,
    )
    def test_what_is_so_already_changes_nothing(self, bob: Bob, change: dict[str, object]) -> None:
        done = edited(bob, **change)

        assert (done.changed, bob.vault.files[PATH], bob.history.changes) == (False, FILE, [])

    @pytest.mark.parametrize(
        "change", [{"text": " \n"}, {"tags": ("two words",)}, {"untags": ("",)}, {"kind": "two words"}], ids=str
    )
    def test_what_can_not_be_is_a_usage_error_and_changes_nothing(self, bob: Bob, change: dict[str, object]) -> None:
        with pytest.raises(UsageError):
            edited(bob, **change)

        assert bob.vault.files[PATH] == FILE

    def test_one_without_an_id_gets_one_of_the_files_time(self) -> None:
        bob = Bob({"memories/tea.md": b"Tea is at four.\n"})

        memory = edited(bob, "memories/tea.md", tags=("tea",)).memory

        assert memory.created == "2025-11-18T12:00:02Z"
        assert bob.file("memories/tea.md").startswith(f"---\nid: {memory.id}\ntags: [tea]\n")

    def test_it_is_one_change_in_the_history(self, bob: Bob) -> None:
        edited(bob, text="Tea is at four.")

        (change,) = bob.history.changes
        assert (change.verb, change.subject, apart(change.written)) == ("edit", "edit: Tea is at four.", (PATH,))

    def test_a_history_that_fails_is_a_warning_and_the_edit_stays(self, bob: Bob) -> None:
        bob.history.broken = True

        assert len(edited(bob, kind="decision").warnings) == 1
        assert "kind: decision" in bob.file(PATH)

    def test_a_full_disk_leaves_the_file_as_it_was(self, bob: Bob) -> None:
        bob.vault.full = True

        with pytest.raises(StorageError):
            edited(bob, kind="decision")

        assert bob.vault.files[PATH] == FILE

    def test_who_holds_the_vault_is_waited_for(self, bob: Bob) -> None:
        with bob.vault.lock(), pytest.raises(IndexBusyError):
            edited(bob, kind="decision")


class TestWhatCanBeEdited:
    def test_a_note_or_a_conversation_is_not_ours_to_edit(self) -> None:
        bob = Bob({**conversation(), "notes/tea.md": b"Tea.\n"})

        for key in ("notes/tea.md", EPISODE_PATH):
            with pytest.raises(UsageError):
                edited(bob, key, text="Mine.")

    def test_a_memory_of_the_kind_note_is(self) -> None:
        bob = Bob({PATH: b"---\nkind: note\n---\nTea is at four.\n"})

        assert edited(bob, PATH, text="Tea is at five.").memory.text == "Tea is at five."

    def test_what_is_not_there_is_not_found(self, bob: Bob) -> None:
        with pytest.raises(NotFoundError):
            edited(bob, "nothing", text="Mine.")


class TestPinning:
    def test_on_and_off_leave_the_file_as_it_was(self, bob: Bob) -> None:
        assert pin(bob.ports, identity(1), on=True).memory.pinned
        assert b"pinned: true" in bob.vault.files[PATH]

        assert not pin(bob.ports, identity(1), on=False).memory.pinned
        assert bob.vault.files[PATH] == FILE

    @pytest.mark.parametrize("on", [True, False])
    def test_what_is_so_already_changes_nothing(self, bob: Bob, on: bool) -> None:
        if on:
            pin(bob.ports, identity(1), on=True)
        before, changes = bob.vault.files[PATH], len(bob.history.changes)

        assert not pin(bob.ports, identity(1), on=on).changed
        assert (bob.vault.files[PATH], len(bob.history.changes)) == (before, changes)

    def test_each_is_a_change_in_the_history(self, bob: Bob) -> None:
        pin(bob.ports, identity(1), on=True)
        pin(bob.ports, identity(1), on=False)

        assert [change.verb for change in bob.history.changes] == ["pin", "unpin"]


class FakeDraft:
    """The ``Draft`` port: what a person made of a file."""

    path = "/tmp/draft/ttl.md"

    def __init__(self, saved: bytes) -> None:
        self._saved = saved
        self.there = True

    def data(self) -> bytes:
        return self._saved

    def discard(self) -> None:
        self.there = False


class TestByHand:
    def by_hand(self, bob: Bob, saved: bytes, meanwhile: Callable[[], object] = lambda: None) -> Edited:
        self.draft = FakeDraft(saved)

        def editor(name: str, data: bytes) -> Draft:
            assert (name, data) == ("ttl.md", FILE)
            meanwhile()
            return self.draft

        return edit_by_hand(bob.ports, identity(1), editor)

    def test_what_was_saved_is_the_file_and_the_draft_goes(self, bob: Bob) -> None:
        saved = FILE.replace(b"10 seconds", b"60 seconds")

        done = self.by_hand(bob, saved)

        assert bob.vault.files[PATH] == saved
        assert (done.changed, done.memory.text) == (True, "The cache TTL is\n60 seconds.")
        assert [change.verb for change in bob.history.changes] == ["edit"]
        assert not self.draft.there

    def test_nothing_saved_is_nothing_changed(self, bob: Bob) -> None:
        assert not self.by_hand(bob, FILE).changed
        assert bob.history.changes == []
        assert not self.draft.there

    @pytest.mark.parametrize("saved", [b"---\nid: [\n---\nText\n", b"\xff\xfe", b"---\nid: mine\n---\nText\n", b""])
    def test_what_can_not_be_read_is_kept_as_a_draft_and_the_file_stays(self, bob: Bob, saved: bytes) -> None:
        with pytest.raises(FormatError) as caught:
            self.by_hand(bob, saved)

        assert self.draft.path in caught.value.remedy
        assert self.draft.there
        assert bob.vault.files[PATH] == FILE

    def test_a_file_that_changed_meanwhile_is_not_written_over(self, bob: Bob) -> None:
        other = FILE.replace(b"10 seconds", b"20 seconds")

        with pytest.raises(StaleError) as caught:
            self.by_hand(bob, FILE + b"more\n", lambda: bob.vault.write(PATH, other))

        assert self.draft.path in caught.value.remedy
        assert bob.vault.files[PATH] == other

    @pytest.mark.parametrize("trouble", ["full", "gone", "held"])
    def test_whatever_goes_wrong_it_is_told_where_the_draft_is(self, bob: Bob, trouble: str) -> None:
        def meanwhile() -> None:
            bob.vault.full = trouble == "full"
            if trouble == "gone":
                bob.vault.delete(PATH)
            if trouble == "held":
                stack.enter_context(bob.vault.lock())

        with ExitStack() as stack, pytest.raises(SmosError) as caught:
            self.by_hand(bob, FILE + b"more\n", meanwhile)

        assert self.draft.path in caught.value.remedy
        assert self.draft.there


class TestStale:
    """An edit of a file that was read, and that somebody changed since."""

    READ = sha256(FILE).hexdigest()
    THEIRS = FILE.replace(b"10 seconds", b"20 seconds")

    def kept(self, name: str, data: bytes) -> Draft:
        self.draft = FakeDraft(data)
        return self.draft

    def test_the_etag_that_show_gave_lets_an_edit_in(self, bob: Bob) -> None:
        etag = show(bob.ports, identity(1)).etag

        assert etag == self.READ
        assert edited(bob, text="The cache TTL is 60 seconds.", etag=etag).changed

    def test_another_one_is_refused_and_both_texts_are_kept(self, bob: Bob) -> None:
        bob.vault.write(PATH, self.THEIRS)

        with pytest.raises(StaleError) as caught:
            edit_memory(bob.ports, identity(1), Edit("Mine.", etag=self.READ), self.kept)

        assert bob.vault.files[PATH] == self.THEIRS
        assert self.draft.data() == b"Mine.\n"
        assert self.draft.there
        assert self.draft.path in caught.value.remedy

    def test_a_change_of_the_last_moment_is_refused_so_too(self, bob: Bob) -> None:
        class Hurried(FakeVault):
            def lock(self) -> AbstractContextManager[None]:
                self.write(PATH, TestStale.THEIRS)
                return super().lock()

        vault = Hurried({PATH: FILE})

        with pytest.raises(StaleError) as caught:
            edit_memory(replace(bob.ports, vault=vault), identity(1), Edit("Mine."), self.kept)

        assert vault.files[PATH] == self.THEIRS
        assert self.draft.path in caught.value.remedy

    def test_what_can_be_said_again_needs_no_draft(self, bob: Bob) -> None:
        with pytest.raises(StaleError) as caught:
            edit_memory(bob.ports, identity(1), Edit(tags=("tea",), etag="0" * 64), self.kept)

        assert not hasattr(self, "draft")
        assert "repeat" in caught.value.remedy

    def test_a_draft_that_can_not_be_kept_is_no_other_error(self, bob: Bob) -> None:
        def full(name: str, data: bytes) -> Draft:
            raise StorageError("No space left on device.")

        with pytest.raises(StaleError):
            edit_memory(bob.ports, identity(1), Edit("Mine.", etag="0" * 64), full)

    @pytest.mark.parametrize("etag", ["", "0" * 64, READ.upper()])
    def test_what_is_no_etag_of_the_file_is_refused_everywhere(self, bob: Bob, etag: str) -> None:
        with pytest.raises(StaleError):
            edited(bob, kind="decision", etag=etag)
        with pytest.raises(StaleError):
            pin(bob.ports, identity(1), on=True, etag=etag)
        with pytest.raises(StaleError):
            edit_by_hand(bob.ports, identity(1), self.kept, etag)

        assert bob.vault.files[PATH] == FILE
        assert not hasattr(self, "draft")

    def test_pinning_takes_the_etag_of_the_file(self, bob: Bob) -> None:
        assert pin(bob.ports, identity(1), on=True, etag=self.READ).memory.pinned


def test_an_empty_text_is_refused_in_words_of_the_edit(bob: Bob) -> None:
    with pytest.raises(UsageError, match="The new text is empty") as refused:
        edit_memory(bob.ports, identity(1), Edit(" \n"))
    assert "smos forget" in refused.value.remedy
    assert bob.vault.read(PATH).data == FILE


def test_a_file_that_breaks_the_format_is_mended_by_hand_and_refused_otherwise() -> None:
    broken = b"---\nstatus: odd\n---\nText\n"
    bob = Bob({PATH: broken})
    draft = FakeDraft(broken.replace(b"odd", b"pending"))

    with pytest.raises(FormatError) as caught:
        edit_memory(bob.ports, "ttl", Edit(kind="decision"))
    assert "The status 'odd' is unknown." in caught.value.message
    with pytest.raises(FormatError):
        pin(bob.ports, "ttl", on=True)
    assert edit_by_hand(bob.ports, "ttl", lambda _name, _data: draft).memory.status == "pending"
    assert bob.vault.files[PATH] == draft.data()


@pytest.mark.parametrize("path", ["notes/broken.md", EPISODE_PATH, "PERSONA.md"])
def test_a_broken_file_that_is_no_memory_is_not_ours_to_edit(path: str) -> None:
    bob = Bob({path: b"---\nid: [\n---\n\xff"})

    with pytest.raises(UsageError):
        edit_by_hand(bob.ports, path, lambda _name, data: FakeDraft(data))
