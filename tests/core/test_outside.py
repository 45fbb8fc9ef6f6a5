"""What others changed gets its own line and commit before the next change."""

from __future__ import annotations

from typing import Any

import pytest

from smos_cli.core.history import Outside
from smos_cli.core.outside import changing, settle
from smos_cli.core.verify import verify
from tests.core.bob import EPISODE_PATH, Bob, apart, conversation
from tests.core.kept import kept
from tests.core.test_audit import lines, mac
from tests.samples import identity, memory_file

PATH = "memories/2025/11/ttl.md"
ONE = identity(1)
TTL = memory_file(1, "The TTL is 10 s.")


def verbs(bob: Bob) -> list[str]:
    return [line["verb"] for line in lines(bob)]


def changes(bob: Bob) -> list[Any]:
    past: Any = bob.ports.past
    return list(past.changes)


def findings(bob: Bob) -> list[Any]:
    return list(verify(bob.ports).findings)


@pytest.fixture
def bob() -> Bob:
    made = kept()
    past: Any = made.ports.past
    past.save_all()
    made.vault.create({})
    return made


def remembered(bob: Bob, text: str = "The TTL is 10 s.") -> tuple[str, str]:
    memory = bob.remember(text).memory
    return memory.id, memory.path


class TestAnEdit:
    def test_it_has_its_own_line_and_commit_before_the_next_change(self, bob: Bob) -> None:
        one, path = remembered(bob)
        before = bob.file(path)
        bob.vault.write(path, before.replace("10 s", "60 s").encode())

        bob.remember("Tea is at four.")

        assert verbs(bob) == ["remember", "outside", "remember"]
        assert lines(bob)[1]["bodies"] == [[one, mac(bob, one, before), mac(bob, one, bob.file(path))]]
        assert lines(bob)[1]["door"] == "outside"
        change = changes(bob)[1]
        assert (change.verb, change.subject, change.ids) == ("outside", "outside: The TTL is 60 s.", (one,))
        assert apart(change.written) == (path,)
        assert findings(bob) == []

    def test_of_several_their_number_is_told(self, bob: Bob) -> None:
        paths = [remembered(bob, text)[1] for text in ("Tea.", "Coffee.", "Milk.")]
        for path in paths[:2]:
            bob.vault.write(path, bob.vault.files[path] + b"\nMore.\n")
        bob.vault.delete(paths[2])

        assert settle(bob.ports) == ()

        assert changes(bob)[-1].subject == "outside: 3 files changed outside smos"
        assert apart(changes(bob)[-1].removed) == (paths[2],)
        assert findings(bob) == []

    def test_without_one_nothing_is_written(self, bob: Bob) -> None:
        remembered(bob)
        before = dict(bob.vault.files)

        assert settle(bob.ports) == ()

        assert bob.vault.files == before
        assert len(changes(bob)) == 1

    def test_a_move_needs_no_line(self, bob: Bob) -> None:
        _, path = remembered(bob)
        bob.vault.move(path, "memories/renamed.md")

        settle(bob.ports)

        assert verbs(bob) == ["remember"]
        assert apart(changes(bob)[-1].written) == ("memories/renamed.md",)
        assert findings(bob) == []

    def test_a_move_with_an_edit_is_one_body(self, bob: Bob) -> None:
        one, path = remembered(bob)
        before = bob.file(path)
        bob.vault.delete(path)
        bob.vault.write("memories/renamed.md", before.encode() + b"\nMore.\n")

        settle(bob.ports)

        (body,) = lines(bob)[1]["bodies"]
        assert body == [one, mac(bob, one, before), mac(bob, one, bob.file("memories/renamed.md"))]
        assert findings(bob) == []

    def test_a_deletion_is_told_of_the_id_that_the_file_had(self, bob: Bob) -> None:
        one, path = remembered(bob)
        before = bob.file(path)
        bob.vault.delete(path)

        settle(bob.ports)

        assert lines(bob)[1]["bodies"] == [[one, mac(bob, one, before), ""]]
        assert findings(bob) == []

    def test_it_is_so_for_a_file_of_any_name(self, bob: Bob) -> None:
        one, path = remembered(bob)
        bob.vault.move(path, "memories/renamed.md")
        settle(bob.ports)
        before = bob.file("memories/renamed.md")
        bob.vault.delete("memories/renamed.md")

        settle(bob.ports)

        assert lines(bob)[-1]["bodies"] == [[one, mac(bob, one, before), ""]]

    def test_a_copy_is_a_second_file_of_the_id(self, bob: Bob) -> None:
        one, path = remembered(bob)
        bob.vault.write("memories/copy.md", bob.vault.files[path] + b"\nMore.\n")

        settle(bob.ports)

        assert lines(bob)[1]["bodies"] == [[one, "", mac(bob, one, bob.file("memories/copy.md"))]]
        assert findings(bob) == []

    def test_a_file_that_got_another_id_leaves_the_one_it_had(self, bob: Bob) -> None:
        one, path = remembered(bob)
        bob.vault.write(path, memory_file(7, "Another."))

        settle(bob.ports)

        assert [(body[0], body[2] == "") for body in lines(bob)[1]["bodies"]] == [(one, True), (identity(7), False)]
        assert findings(bob) == []

    def test_a_file_that_broke_keeps_its_id(self, bob: Bob) -> None:
        one, path = remembered(bob)
        bob.vault.write(path, b"---\nid: [\n---\nBroken.\n")

        settle(bob.ports)

        (body,) = lines(bob)[1]["bodies"]
        assert body[0] == one

    def test_a_broken_file_that_came_is_told_by_the_id_in_it(self, bob: Bob) -> None:
        bob.vault.write("memories/empty.md", f"---\nid: {ONE}\n---\n".encode())

        bob.remember("Tea is at four.")

        assert [body[0] for body in lines(bob)[0]["bodies"]] == [ONE]
        assert findings(bob) == []

    def test_a_memory_that_no_line_named_enters_with_it(self) -> None:
        bob = kept({PATH: TTL})
        past: Any = bob.ports.past
        past.save_all()
        bob.vault.write(PATH, TTL + b"\nMore.\n")

        settle(bob.ports)

        enters, changes_ = lines(bob)[0]["bodies"]
        assert (enters[:2], changes_[:2]) == ([ONE, ""], [ONE, enters[2]])
        assert findings(bob) == []


class TestOtherFiles:
    def test_a_note_has_a_line_by_a_token(self, bob: Bob) -> None:
        bob.vault.write("notes/garden.md", b"Roses.\n")
        settle(bob.ports)
        bob.vault.write("notes/garden.md", b"Tulips.\n")
        settle(bob.ports)
        bob.vault.delete("notes/garden.md")
        settle(bob.ports)

        assert len({body[0] for line in lines(bob) for body in line["bodies"]}) == 1
        assert lines(bob)[-1]["bodies"][0][2] == ""
        assert findings(bob) == []

    @pytest.mark.parametrize("path", [".smosignore", "notes/picture.png", ".obsidian/a.md"])
    def test_what_is_no_text_of_ours_is_only_committed(self, bob: Bob, path: str) -> None:
        bob.vault.write(path, b"x\n")

        settle(bob.ports)

        assert changes(bob)[-1].written == (path,)
        assert bob.vault.names("audit") == []

    def test_a_conversation_that_stays_here_has_none(self) -> None:
        bob = Bob(conversation())
        bob.history.changed_outside = [Outside(EPISODE_PATH, "", "1" * 64)]

        settle(bob.ports)

        assert bob.vault.names("audit") == []

    def test_one_that_is_versioned_has_one(self) -> None:
        bob = kept(conversation(), episodes="versioned")

        settle(bob.ports)

        assert identity(7) in [body[0] for body in lines(bob)[0]["bodies"]]


class TestAfterAKill:
    def test_what_has_its_line_is_only_committed(self, bob: Bob) -> None:
        history: Any = bob.history
        history.off = True
        _, path = remembered(bob)
        history.off = False

        settle(bob.ports)

        assert verbs(bob) == ["remember"]
        assert path in changes(bob)[-1].written
        assert changes(bob)[-1].subject == "outside: what was saved before, and not committed"
        assert findings(bob) == []

    def test_what_was_edited_after_its_line_goes_on_from_there(self, bob: Bob) -> None:
        history: Any = bob.history
        history.off = True
        one, path = remembered(bob)
        before = bob.file(path)
        bob.vault.write(path, before.encode() + b"\nMore.\n")
        history.off = False

        settle(bob.ports)

        assert lines(bob)[1]["bodies"] == [[one, mac(bob, one, before), mac(bob, one, bob.file(path))]]
        (note,) = findings(bob)
        assert note.what == "1 body of those that lines name can't be found in the history."

    def test_a_file_without_its_line_is_an_outside_edit(self, bob: Bob) -> None:
        bob.vault.create({PATH: TTL})

        bob.remember("Tea is at four.")

        assert verbs(bob) == ["outside", "remember"]
        assert findings(bob) == []


class TestFailures:
    def test_a_full_disk_is_a_warning_and_the_next_change_tells(self, bob: Bob) -> None:
        _, path = remembered(bob)
        bob.vault.write(path, bob.vault.files[path] + b"\nMore.\n")
        bob.vault.full = True

        (warning,) = settle(bob.ports)

        assert warning.startswith("What changed outside smos is not recorded: No space left")
        bob.vault.full = False
        assert settle(bob.ports) == ()
        assert verbs(bob) == ["remember", "outside"]

    def test_a_history_that_fails_is_a_warning(self, bob: Bob) -> None:
        past: Any = bob.ports.past
        past.broken = True
        bob.vault.write("notes/a.md", b"Roses.\n")

        with changing(bob.ports) as warnings:
            assert warnings == ("The change is saved, but not in the history: git failed. The files are saved.",)

    def test_a_line_that_can_not_be_written_does_not_undo_the_change(self, bob: Bob) -> None:
        bob.remember("Tea is at four.")
        bob.vault.unreadable.update(path for path in bob.vault.files if path.endswith(".jsonl"))

        done = bob.remember("Coffee is at nine.")

        assert done.outcome == "stored"
        assert done.warnings[0].startswith("The change is saved, but not recorded yet: ")
        bob.vault.unreadable.clear()
        bob.remember("Milk is at ten.")
        assert verbs(bob) == ["remember", "outside", "remember"]
        assert findings(bob) == []

    def test_a_key_that_can_not_be_read_keeps_nothing_from_the_history(self, bob: Bob) -> None:
        bob.machine.broken = True

        done = bob.remember("Tea is at four.")

        assert done.warnings[0].startswith("The change is saved, but not in the audit chain: The key can't be read.")
        assert changes(bob)[-1].written == (done.memory.path,)
