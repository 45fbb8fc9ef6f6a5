"""What can be put right is, in an order that lets it be recorded, and each of it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import pytest

from smos_cli.core.doctor import Twins, doctor
from smos_cli.core.history import Outside
from smos_cli.core.repair import Keeper, Mend, Repaired, repair
from smos_cli.core.scanning import ScannedSession
from smos_cli.errors import IndexBusyError
from tests.core.bob import Bob, DamagedIndex
from tests.samples import identity, memory_file

TEA = memory_file(1, "Tea is at four.")
COPY = TEA.replace(b"four", b"five")


def nothing() -> Mend:
    return list


def unknown(_path: str, _data: bytes) -> None:
    return None


def leave(_twins: Twins) -> None:
    return None


def first(twins: Twins) -> str:
    return twins.paths[0]


def repaired(bob: Bob, keeper: Keeper = leave) -> list[Repaired]:
    done, warnings = repair(bob.ports, nothing, keeper, unknown)
    assert warnings == ()
    return [one for one in done if not one.what.startswith("The index was behind")]


def test_where_nothing_is_wrong_nothing_is_done() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.recall("tea")

    assert repair(bob.ports, nothing, first, unknown) == ([], ())
    assert bob.history.changes == []


def test_an_index_that_is_behind_is_brought_up_to_date() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.recall("tea")
    bob.vault.write("memories/b.md", memory_file(2, "Milk is in the fridge."))

    ((what, _),), _ = repair(bob.ports, nothing, leave, unknown)

    assert what == "The index was behind by 1 file."


class Unusable(DamagedIndex):
    """An index that can't be opened until it is made anew."""

    made = False

    @contextmanager
    def session(self, *, write: bool = False, wait: float | None = None) -> Iterator[ScannedSession]:
        with super().session(write=write, wait=wait) if not self.made else self._good() as session:
            yield session

    @contextmanager
    def rebuild(self) -> Iterator[ScannedSession]:
        with super().rebuild() as session:
            yield session
        self.made = True

    @contextmanager
    def _good(self) -> Iterator[ScannedSession]:
        yield self._session


def test_an_index_that_can_not_be_opened_is_made_anew() -> None:
    bob = Bob({"memories/a.md": TEA}, index=Unusable())

    (done,) = repaired(bob)

    assert done == Repaired("The index could not be used: The index can't be read.", "Made anew from the files.")
    assert bob.answers("tea") == ["Tea is at four."]


def test_an_index_that_another_process_holds_is_left_to_it() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.index.busy = True

    assert repair(bob.ports, nothing, first, unknown) == ([], ())


def test_what_was_saved_and_not_committed_is_recorded() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.history.changed_outside = [Outside("memories/a.md", "", sha256(TEA).hexdigest())]

    assert repaired(bob) == [Repaired("1 file was not in the history.", "Recorded.")]
    assert "memories/a.md" in bob.history.changes[0].written


def test_the_machines_side_is_mended_under_the_lock_before_anything_is_recorded() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.history.changed_outside = [Outside("memories/a.md", "", sha256(TEA).hexdigest())]
    bob.history.broken = True
    seen = []

    def look() -> Mend:
        with bob.vault.lock():
            seen.append("looked before the lock was taken")
        return mend

    def mend() -> Iterator[Repaired]:
        with pytest.raises(IndexBusyError), bob.vault.lock():
            pass
        bob.history.broken = False
        yield Repaired("A lock was left over.", "Deleted.")

    done, warnings = repair(bob.ports, look, leave, unknown)

    assert seen
    assert [one.what for one in done][:2] == ["A lock was left over.", "1 file was not in the history."]
    assert warnings == ()


def test_a_file_that_git_merged_alone_is_merged_anew() -> None:
    torn = TEA.replace(b"Tea is at four.", b"<<<<<<< ours\nTea is at five.\n=======\nTea is at six.\n>>>>>>> theirs")
    bob = Bob({"memories/a.md": torn})

    assert repaired(bob)[0] == Repaired("memories/a.md had conflict markers.", "Merged anew.")
    assert b"<<<<" not in bob.vault.files["memories/a.md"]


def test_a_copy_gets_an_id_of_its_own_and_nothing_else_of_it_changes() -> None:
    bob = Bob({"memories/b.md": TEA})
    bob.vault.write("memories/a.md", COPY)

    (done,) = repaired(bob, first)

    assert done.what == f"memories/a.md had the id {identity(1)}, as memories/b.md has."
    new = done.done.removeprefix("It has the id ").removesuffix(" now.")
    assert bob.vault.files["memories/a.md"] == COPY.replace(identity(1).encode(), new.encode())
    assert bob.vault.files["memories/b.md"] == TEA
    (change,) = bob.history.changes
    assert (change.verb, change.ids) == ("repair", (new,))
    assert doctor(bob.ports, lambda: ()) == []


def test_who_is_asked_says_which_file_keeps_it() -> None:
    bob = Bob({"memories/b.md": TEA, "memories/c.md": COPY})
    bob.vault.write("memories/a.md", TEA)
    asked = []

    def keeper(twins: Twins) -> str:
        asked.append(twins)
        return "memories/c.md"

    assert len(repaired(bob, keeper)) == 2
    assert asked == [Twins(identity(1), ("memories/b.md", "memories/c.md", "memories/a.md"))]
    assert bob.vault.files["memories/c.md"] == COPY


def test_where_nobody_says_they_stay_as_they_are() -> None:
    bob = Bob({"memories/a.md": TEA, "memories/b.md": COPY})
    before = dict(bob.vault.files)

    assert repaired(bob) == []
    assert bob.vault.files == before


def test_a_copy_that_can_not_be_written_is_a_warning() -> None:
    bob = Bob({"memories/a.md": TEA, "memories/b.md": COPY})
    bob.recall("tea")
    bob.vault.full = True

    done, (warning,) = repair(bob.ports, nothing, first, unknown)

    assert done == []
    assert warning.startswith(f"memories/b.md still has the id {identity(1)}: ")


def test_what_was_done_before_an_error_is_said() -> None:
    bob = Bob({"memories/a.md": TEA})
    bob.vault.there = False

    done, warnings = repair(bob.ports, lambda: lambda: [Repaired("A lock was left over.", "Deleted.")], first, unknown)

    assert done == [Repaired("A lock was left over.", "Deleted.")]
    assert warnings[0].startswith("The rest was left as it is: ")
