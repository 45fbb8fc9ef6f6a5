"""A memory as it was: in a commit, or at the end of a day; to look at, or to have back."""

from __future__ import annotations

import pytest

from smos_cli.core.forget import restore
from smos_cli.core.listing import show
from smos_cli.core.ulid import suffix
from smos_cli.core.versions import commit_at
from smos_cli.errors import NotFoundError
from tests.core.bob import Bob
from tests.core.told import ToldBob
from tests.fakes import NOON
from tests.samples import identity, memory_file

TEA, SIX = "Tea is at four.", "Tea is at six."
TEA_PATH = "memories/tea.md"
DAY = 86_400


@pytest.fixture
def bob() -> ToldBob:
    """A persona whose tea was moved from four to six a day after its history began, at noon."""
    bob = ToldBob({TEA_PATH: memory_file(2, TEA)})
    bob.edit(identity(2), SIX)
    bob.past.made[-1] = bob.past.made[-1]._replace(seconds=NOON // 1000 + DAY)
    return bob


def shown(bob: Bob, at: str, key: str = identity(2)) -> str:
    return show(bob.ports, key, at).memory.text


class TestWhen:
    @pytest.mark.parametrize("at", ["HEAD~1", "2025-11-18", "2025-11-19T11:59:59Z", "2025-11-18T14:00+01:00"])
    def test_before_the_change(self, at: str, bob: ToldBob) -> None:
        assert shown(bob, at) == TEA

    @pytest.mark.parametrize("at", ["HEAD", "2025-11-19", "2025-11", "2025", "2025-11-19T12:00:00Z", "20251119"])
    def test_after_it(self, at: str, bob: ToldBob) -> None:
        assert shown(bob, at) == SIX

    def test_a_commit_is_named_by_its_beginning(self, bob: ToldBob) -> None:
        assert shown(bob, bob.last(1)[:10]) == TEA

    @pytest.mark.parametrize("at", ["2025-11-17", "1999", "--output=x", "-1", "nothing", "HEAD~9"])
    def test_what_was_not_is_not_found(self, at: str, bob: ToldBob) -> None:
        with pytest.raises(NotFoundError):
            commit_at(bob.ports, at)

    def test_it_was_not_there_yet(self, bob: ToldBob) -> None:
        made = bob.remember("A new thing.").memory.id

        with pytest.raises(NotFoundError):
            shown(bob, "HEAD~1", made)


class TestShowing:
    def test_it_is_found_where_it_was_then(self, bob: ToldBob) -> None:
        then = bob.last()
        bob.vault.move(TEA_PATH, "memories/drinks.md")
        bob.past.save(moved={TEA_PATH: "memories/drinks.md"})

        found = show(bob.ports, identity(2), then)
        assert (found.memory.path, found.memory.text, found.etag) == (TEA_PATH, SIX, "")

    def test_one_that_was_forgotten(self, bob: ToldBob) -> None:
        then = bob.last()
        bob.forget(identity(2))

        assert shown(bob, then) == SIX

    def test_a_file_that_was_broken_is_shown_as_it_was(self) -> None:
        path = f"memories/tea-{suffix(identity(2))}.md"
        bob = ToldBob({path: memory_file(2, TEA).replace(b"id:", b"id: [")})
        then = bob.last()
        bob.vault.write(path, memory_file(2, SIX))
        bob.past.save_all()

        found = show(bob.ports, identity(2), then)
        assert found.problem
        assert TEA in found.source

    def test_a_note(self, bob: ToldBob) -> None:
        bob.vault.write("notes/plan.md", b"One.\n")
        then = bob.past.save_all()
        bob.vault.write("notes/plan.md", b"Two.\n")

        assert show(bob.ports, "notes/plan.md", then).source == "One.\n"

    def test_what_was_erased_is_not_shown(self, bob: ToldBob) -> None:
        bob.vault.write(".tombstones", f"erased {identity(2)}\n".encode())

        with pytest.raises(NotFoundError):
            shown(bob, "HEAD")


class TestHavingItBack:
    def test_what_is_there_is_replaced_where_it_lies(self, bob: ToldBob) -> None:
        then = bob.last(1)
        bob.vault.move(TEA_PATH, "memories/drinks.md")

        restore(bob.ports, [identity(2)], then)

        assert bob.vault.files["memories/drinks.md"] == memory_file(2, TEA)
        assert bob.paths() == ["memories/drinks.md"]
        assert (bob.past.changes[-1].verb, bob.past.changes[-1].ids) == ("restore", (identity(2),))

    def test_what_was_forgotten_comes_back_as_it_was_then_and_is_not_kept_out(self, bob: ToldBob) -> None:
        then = bob.last(1)
        bob.forget(identity(2))

        restore(bob.ports, [identity(2)], then)

        assert bob.texts() == [TEA]
        assert bob.tombstones() == []
        assert bob.paths(".trash/") == []

    def test_a_copy_in_the_trash_that_the_history_lacks_stays(self, bob: ToldBob) -> None:
        then = bob.last(1)
        bob.forget(identity(2))
        bob.vault.write(f".trash/{TEA_PATH}", memory_file(2, "Changed there."))

        result = restore(bob.ports, [identity(2)], then)

        assert bob.paths(".trash/") == [f".trash/{TEA_PATH}"]
        assert len(result.warnings) == 1

    def test_without_a_commit_the_last_version_comes_from_the_history_when_the_trash_lacks_it(
        self, bob: ToldBob
    ) -> None:
        bob.forget(identity(2))
        bob.vault.delete(f".trash/{TEA_PATH}")

        bob.restore(identity(2))

        assert bob.texts() == [SIX]
        assert bob.tombstones() == []

    def test_what_it_is_already_changes_nothing(self, bob: ToldBob) -> None:
        before = len(bob.past.made)

        assert restore(bob.ports, [identity(2)], "HEAD").memories[0].text == SIX
        assert len(bob.past.made) == before

    def test_what_was_erased_does_not_come_back(self, bob: ToldBob) -> None:
        then = bob.last()
        bob.forget(identity(2))
        bob.vault.delete(f".trash/{TEA_PATH}")
        bob.vault.write(".tombstones", f"erased {identity(2)}\n".encode())

        for at in (then, ""):
            with pytest.raises(NotFoundError, match="erased"):
                restore(bob.ports, [identity(2)], at)

    def test_a_file_in_its_place_is_not_written_over(self, bob: ToldBob) -> None:
        then = bob.last()
        bob.forget(identity(2))
        bob.vault.write(TEA_PATH, memory_file(3, "Another."))

        restore(bob.ports, [identity(2)], then)

        assert bob.paths() == ["memories/tea.2.md", TEA_PATH]
        assert bob.texts() == ["Another.", SIX]
