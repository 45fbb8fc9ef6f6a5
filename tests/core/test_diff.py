"""Differences: of the files from the last commit, of a memory, of a commit."""

from __future__ import annotations

import pytest

from smos_cli.core.diff import Compared, diff
from smos_cli.core.forgotten import mask
from smos_cli.core.ulid import suffix
from smos_cli.errors import AmbiguousError, NotFoundError, StorageError
from tests.core.bob import EPISODE_PATH, Bob, conversation
from tests.core.told import ToldBob
from tests.samples import identity, memory_file

TEA, SIX = "Tea is at four.", "Tea is at six."
TEA_PATH = "memories/tea.md"


@pytest.fixture
def bob() -> ToldBob:
    return ToldBob({TEA_PATH: memory_file(2, TEA)})


def of(bob: Bob, key: str = "") -> list[tuple[str, str]]:
    return [(file.status, file.path) for file in diff(bob.ports, key).files]


def signs(found: Compared) -> list[str]:
    """Return the lines that came or went."""
    lines = [line for file in found.files for line in file.diff.splitlines() if line[:1] in "+-"]
    return [line for line in lines if not line.startswith(("+++", "---"))]


class TestOutside:
    def test_new_changed_and_removed_files_are_shown(self, bob: ToldBob) -> None:
        bob.vault.write("notes/new.md", b"New.\n")
        bob.vault.write(TEA_PATH, memory_file(2, SIX))
        bob.vault.delete("PERSONA.md")

        found = diff(bob.ports)

        assert of(bob) == [("removed", "PERSONA.md"), ("changed", TEA_PATH), ("added", "notes/new.md")]
        assert signs(found) == ["-Bob.", f"-{TEA}", f"+{SIX}", "+New."]
        assert (found.before, found.after) == (bob.last(), "")

    def test_nothing_is_no_error(self, bob: ToldBob) -> None:
        assert of(bob) == []

    def test_a_line_without_an_end_is_told(self, bob: ToldBob) -> None:
        bob.vault.write("notes/new.md", b"New.")

        assert diff(bob.ports).files[0].diff.endswith("+New.\n\\ No newline at end of file\n")

    def test_bytes_that_are_no_text_are_not_shown(self, bob: ToldBob) -> None:
        bob.vault.write("notes/new.bin", b"\x00\x01")

        assert diff(bob.ports).files[0].diff.endswith("The bytes differ.\n")

    def test_a_file_that_is_not_read_says_why(self, bob: ToldBob) -> None:
        bob.vault.write(TEA_PATH, memory_file(2, SIX))
        bob.vault.unreadable.add(TEA_PATH)

        assert "could not be read" in diff(bob.ports).files[0].diff


class TestAMemory:
    def test_it_is_what_was_last_done_to_it(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        edited = bob.last()
        bob.remember("Something else.")

        found = diff(bob.ports, identity(2))

        assert (found.before, found.after) == (bob.last(2), edited)
        assert {f"-{TEA}", f"+{SIX}"} <= set(signs(found))
        assert [file.identity for file in found.files] == [identity(2)]

    def test_what_is_not_committed_comes_first(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.vault.write(TEA_PATH, bob.vault.files[TEA_PATH].replace(b"six", b"eight"))

        assert signs(diff(bob.ports, identity(2))) == [f"-{SIX}", "+Tea is at eight."]

    def test_one_that_was_moved_by_hand_is_one_file(self) -> None:
        bob = ToldBob({f"memories/tea-{suffix(identity(2))}.md": memory_file(2, TEA)})
        bob.vault.move(f"memories/tea-{suffix(identity(2))}.md", f"notes/tea-{suffix(identity(2))}.md")

        (file,) = diff(bob.ports, identity(2)).files
        assert (file.status, file.diff) == ("moved", "")

    def test_one_that_was_deleted_by_hand(self, bob: ToldBob) -> None:
        bob.vault.delete(TEA_PATH)

        assert of(bob, "tea") == [("removed", TEA_PATH)]

    def test_one_that_was_forgotten(self, bob: ToldBob) -> None:
        bob.forget(identity(2))

        assert of(bob, identity(2)) == [("removed", TEA_PATH)]

    def test_one_that_was_erased_is_not_shown(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        bob.vault.write(".tombstones", f"erased {identity(2)}\n".encode())

        with pytest.raises(NotFoundError):
            diff(bob.ports, identity(2))


class TestACommit:
    def test_it_is_what_the_commit_changed_without_the_audit(self, bob: ToldBob) -> None:
        bob.edit(identity(2), SIX)
        bob.remember("Something else.")

        assert of(bob, "HEAD~1") == [("changed", TEA_PATH)]

    def test_a_move_is_one_file(self, bob: ToldBob) -> None:
        bob.vault.move(TEA_PATH, "memories/drinks.md")
        bob.past.save(moved={TEA_PATH: "memories/drinks.md"})

        (file,) = diff(bob.ports, bob.last()).files
        assert (file.status, file.was, file.path, file.diff) == ("moved", TEA_PATH, "memories/drinks.md", "")

    def test_a_masked_turn_is_not_shown(self) -> None:
        bob = ToldBob(conversation())
        bob.vault.write(".tombstones", f"masked {mask(identity(7), 't3')}\n".encode())
        bob.vault.write(".tombstones", f"masked {mask(EPISODE_PATH, 't3')}\n".encode())

        text = next(file.diff for file in diff(bob.ports, "HEAD").files if file.path == EPISODE_PATH)
        assert "Hector" not in text
        assert "The limiter" in text

    def test_what_names_neither_is_not_found(self, bob: ToldBob) -> None:
        with pytest.raises(NotFoundError):
            diff(bob.ports, "nothing")

    def test_what_names_both_is_not_guessed(self, bob: ToldBob) -> None:
        bob.vault.write(f"memories/{bob.last()[:8]}.md", memory_file(3, SIX))

        with pytest.raises(AmbiguousError):
            diff(bob.ports, bob.last()[:8])

    def test_without_a_history_it_says_so(self) -> None:
        with pytest.raises(StorageError):
            diff(Bob().ports)
