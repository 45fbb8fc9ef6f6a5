"""Files that git left with conflict markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.markdown import parse
from smos_cli.core.mending import Mended, Torn, has_markers, mend, split
from smos_cli.core.merging import Side
from tests.core.bob import Bob
from tests.fake_past import NoPast
from tests.samples import memory_file

PATH = "memories/ttl.md"
BASE = memory_file(1, "The cache TTL is 60 seconds.\n\nIt was agreed in May.")
TEN, THIRTY = BASE.replace(b"60", b"10"), BASE.replace(b"60", b"30")
TORN = BASE.replace(
    b"The cache TTL is 60 seconds.\n",
    b"<<<<<<< HEAD\nThe cache TTL is 10 seconds.\n=======\nThe cache TTL is 30 seconds.\n>>>>>>> other\n",
)
SHOWN = b"So looks a conflict:\n\n```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n```\n"


class Recording(NoPast):
    """A history that is kept, and not asked for anything."""

    recording = True


def unknown(_path: str, _data: bytes) -> None:
    """No history."""


def mended(bob: Bob) -> Mended:
    return mend(bob.ports, unknown)


def test_a_torn_memory_becomes_two_that_contradict_each_other() -> None:
    bob = Bob({PATH: TORN})
    result = mended(bob)
    assert result.paths == (PATH,)
    assert not result.warnings
    assert {bob.vault.files[PATH]} < {TEN, THIRTY}
    assert b"conflicts:" in bob.vault.files[result.copies[0]]
    both = [hit for hit in bob.recall("cache TTL seconds").hits if hit.found.conflicts_with]
    assert {hit.found.passage.text for hit in both} == {parse(data).body.strip() for data in (TEN, THIRTY)}
    assert bob.history.changes[-1].verb == "mend"


def test_markers_that_show_the_base_tell_what_each_side_changed() -> None:
    torn = TORN.replace(b"=======", b"||||||| base\nThe cache TTL is 60 seconds.\n=======")
    assert split(torn) == (BASE, TEN, THIRTY)
    assert split(TORN) == (None, TEN, THIRTY)


def test_what_the_history_knows_is_taken_rather_than_the_markers() -> None:
    bob = Bob({PATH: TORN})
    torn = Torn(BASE, Side({PATH: TEN}, 1), Side({PATH: BASE.replace(b"May", b"June")}, 2))
    assert mend(bob.ports, lambda _path, _data: torn) == Mended((PATH,))
    assert bob.vault.files[PATH] == TEN.replace(b"May", b"June")


def test_a_side_that_has_markers_itself_is_left_to_a_person() -> None:
    bob = Bob({PATH: TORN})
    result = mend(bob.ports, lambda _path, _data: Torn(BASE, Side({PATH: TORN}), Side({PATH: BASE})))
    assert result == Mended(warnings=(f"{PATH} has conflict markers that can't be mended: settle it in an editor.",))
    assert bob.vault.files[PATH] == TORN


def test_a_text_that_shows_markers_in_a_fenced_block_stays_as_it_is() -> None:
    bob = Bob({PATH: SHOWN})
    assert mended(bob) == Mended()
    assert bob.vault.files[PATH] == SHOWN
    assert has_markers(SHOWN)


def test_a_fenced_block_that_a_merge_tore_is_mended_where_the_history_says_so() -> None:
    bob = Bob({PATH: SHOWN})
    torn = Torn(BASE, Side({PATH: TEN}), Side({PATH: BASE}))
    assert mend(bob.ports, lambda _path, _data: torn).paths == (PATH,)


@pytest.mark.parametrize(
    "text",
    [
        b"<<<<<<<\na\n=======\nb\n>>>>>>>\n",
        b"<<<<<<< HEAD\na\nb\n>>>>>>> other\n",
        b">>>>>>> other\na\n=======\nb\n<<<<<<< HEAD\n",
        b"<<<<<<< HEAD\na\n=======\nb\n",
        b" <<<<<<< HEAD\na\n=======\nb\n >>>>>>> other\n",
        b"\xff<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    ],
)
def test_what_is_no_whole_set_of_markers_is_text(text: bytes) -> None:
    assert split(text) is None


def test_a_line_of_seven_equal_signs_in_the_other_half_is_text() -> None:
    assert split(b"<<<<<<< a\nx\n=======\nTitle\n=======\n>>>>>>> b\n") == (None, b"x\n", b"Title\n=======\n")


def test_a_torn_note_and_torn_tombstones_are_mended_too() -> None:
    torn = b"one\n<<<<<<< a\ntwo\n=======\nthree\n>>>>>>> b\n"
    bob = Bob({"notes/list.md": torn, ".tombstones": torn.replace(b"t", b"erased t")}, past=Recording())
    bob.recall("one")  # an index knows nothing of a torn note
    assert set(mended(bob).paths) == {"notes/list.md", ".tombstones"}
    assert sorted(bob.file(".tombstones").split("\n")) == ["", "erased three", "erased two", "one"]


def test_a_torn_note_in_a_folder_whose_history_is_not_ours_is_left_alone() -> None:
    assert mended(Bob({"notes/list.md": b"<<<<<<< a\ntwo\n=======\nthree\n>>>>>>> b\n"})) == Mended()


def test_mending_again_does_nothing() -> None:
    bob = Bob({PATH: TORN})
    mended(bob)
    before = dict(bob.vault.files)
    assert mended(bob) == Mended()
    assert bob.vault.files == before


def test_a_file_without_markers_is_not_written_and_nothing_is_recorded() -> None:
    bob = Bob({PATH: BASE})
    assert mended(bob) == Mended()
    assert not bob.history.changes


@given(*[st.lists(st.sampled_from(["a", "=======", "", "|||||||", "> b"]), min_size=1).map("\n".join)] * 3)
def test_both_sides_of_a_set_of_markers_are_found(before: str, ours: str, theirs: str) -> None:
    ours = ours.replace("=======", "~").replace("|||||||", "~")
    text = f"{before}\n<<<<<<< a\n{ours}\n=======\n{theirs}\n>>>>>>> b\n"
    assert split(text.encode()) == (None, f"{before}\n{ours}\n".encode(), f"{before}\n{theirs}\n".encode())
