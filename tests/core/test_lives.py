"""A memory is followed through its whole life, and found by whatever names it, also when it is gone."""

from __future__ import annotations

import pytest

from smos_cli.core.changes import Change
from smos_cli.core.lives import known
from smos_cli.core.ulid import suffix
from smos_cli.errors import AmbiguousError, NotFoundError
from tests.core.told import ToldBob
from tests.samples import identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."
PATH = f"memories/2025/11/ttl-{suffix(identity(1))}.md"


@pytest.fixture
def bob() -> ToldBob:
    return ToldBob({PATH: memory_file(1, TTL), "memories/tea.md": memory_file(2, TEA)})


def move(bob: ToldBob, before: str, now: str) -> None:
    """Move a file and commit that, as a person would."""
    bob.vault.move(before, now)
    bob.past.save(text="Moved by hand\n", moved={before: now})


class TestALife:
    def test_it_has_the_commits_that_concern_the_memory_and_no_others(self, bob: ToldBob) -> None:
        bob.edit(identity(1), "The cache TTL is 20 seconds.")
        bob.edit(identity(2), "Tea is at five.")

        assert bob.log(identity(1)) == ["edit", "init"]

    def test_it_goes_on_through_renames_edits_forgetting_and_restoring(self, bob: ToldBob) -> None:
        move(bob, PATH, "memories/cache.md")
        bob.edit(identity(1), "The cache TTL is 20 seconds.")
        bob.forget(identity(1))
        bob.restore(identity(1))
        move(bob, "memories/cache.md", "memories/2026/cache.md")

        assert bob.log(identity(1)) == ["Moved by hand", "restore", "forget", "edit", "Moved by hand", "init"]

    def test_a_move_in_two_commits_is_recognised_by_what_the_file_holds(self, bob: ToldBob) -> None:
        bob.vault.move("memories/tea.md", "memories/drinks.md")
        bob.past.save("memories/tea.md", text="Gone by hand\n")
        bob.past.save("memories/drinks.md", text="Back by hand\n")

        assert bob.log(identity(2)) == ["Back by hand", "Gone by hand", "init"]

    def test_a_path_that_was_anothers_before_brings_no_life_of_another(self, bob: ToldBob) -> None:
        bob.forget(identity(2))
        bob.vault.write("memories/tea.md", memory_file(3, "Tea is at six."))
        bob.past.save_all("New by hand\n")

        assert bob.log(identity(3)) == ["New by hand"]
        assert bob.log(identity(2)) == ["forget", "init"]

    def test_a_memory_of_a_large_import_is_found_by_its_file_name(self, bob: ToldBob) -> None:
        path = f"memories/2025/12/many-{suffix(identity(5))}.md"
        bob.vault.write(path, memory_file(5, "One of many."))
        ids = tuple(identity(number) for number in range(5, 300))
        bob.past.commit(Change("import", "import: 295 memories", ids, "shell", "bob", written=(path,)))

        assert bob.log(identity(5)) == ["import"]

    def test_a_note_has_a_life_by_its_path(self, bob: ToldBob) -> None:
        bob.vault.write("notes/plan.md", b"One.\n")
        bob.past.save_all("A plan\n")
        move(bob, "notes/plan.md", "notes/old/plan.md")

        assert bob.log("notes/old/plan.md") == ["Moved by hand", "A plan"]

    def test_all_of_the_vault_is_the_log_without_a_key(self, bob: ToldBob) -> None:
        bob.edit(identity(2), "Tea is at five.")

        assert bob.log() == ["edit", "init"]


class TestFindingIt:
    def test_in_the_vault_by_the_end_of_its_id(self, bob: ToldBob) -> None:
        found = known(bob.ports, suffix(identity(1)))

        assert (found.identity, found.path, found.there) == (identity(1), PATH, True)

    def test_in_the_trash(self, bob: ToldBob) -> None:
        bob.forget(identity(1))

        found = known(bob.ports, identity(1)[-6:])
        assert (found.identity, found.path, found.there) == (identity(1), PATH, False)

    @pytest.mark.parametrize("key", [identity(2), identity(2)[-5:], identity(2).lower(), "tea", "tea.md"])
    def test_in_the_history_alone(self, key: str, bob: ToldBob) -> None:
        bob.forget(identity(2))
        bob.vault.delete(".trash/memories/tea.md")

        found = known(bob.ports, key)
        assert (found.identity, found.there) == (identity(2), False)
        assert bob.log(key) == ["forget", "init"]

    def test_in_the_history_by_an_id_that_no_record_and_no_name_has(self, bob: ToldBob) -> None:
        bob.vault.delete("memories/tea.md")
        bob.past.save_all()

        assert known(bob.ports, identity(2)).path == "memories/tea.md"
        assert known(bob.ports, identity(2)[:20]).path == "memories/tea.md"

    def test_what_could_be_two_is_not_guessed(self, bob: ToldBob) -> None:
        bob.vault.write("memories/a/tea.md", memory_file(3, "Tea is at six."))
        bob.past.save_all()
        bob.vault.delete("memories/a/tea.md")
        bob.vault.delete("memories/tea.md")
        bob.past.save_all()

        with pytest.raises(AmbiguousError):
            known(bob.ports, "tea")

    def test_what_never_was_is_not_found(self, bob: ToldBob) -> None:
        with pytest.raises(NotFoundError):
            known(bob.ports, "zzzz")
