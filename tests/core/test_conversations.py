"""A conversation is the same whatever file it comes in, grows by what is new, and is never taken for another."""

from __future__ import annotations

from typing import Any

import pytest

from smos_cli.core import conversations
from smos_cli.core.importing import Imported
from tests.core.bob import Bob

ONE, TWO, THREE, FOUR = "The limiter resets.", "Hector is off.", "Long live Ajax.", "Good night."


def talk(*texts: str, refs: str = "", session: str = "s1") -> list[dict[str, Any]]:
    """Return the turns of a conversation; ``refs`` has a letter for the id of each."""
    return [
        {"session": session, "speaker": "Marta", "text": text, **({"id": refs[place]} if refs else {})}
        for place, text in enumerate(texts)
    ]


def counts(report: Imported) -> tuple[int, int, int]:
    """Return stored, duplicates, and what was neither."""
    assert report.seen == report.stored + report.duplicates + report.skipped + report.failed
    return report.stored, report.duplicates, report.skipped + report.failed


@pytest.fixture
def bob() -> Bob:
    return Bob()


REFS = pytest.mark.parametrize("refs", ["", "abcd"], ids=["without ids", "with ids"])


@REFS
def test_the_same_transcript_of_another_name_stores_nothing(bob: Bob, refs: str) -> None:
    bob.import_(*talk(ONE, TWO, refs=refs))

    assert counts(bob.import_(*talk(ONE, TWO, refs=refs), name="copy.jsonl")) == (0, 2, 0)
    assert counts(bob.import_(*talk(ONE, TWO, THREE, refs=refs), name="copy.jsonl")) == (1, 2, 0)
    assert len(bob.paths("episodes/")) == 1


@REFS
def test_another_conversation_that_only_begins_like_it_is_another(bob: Bob, refs: str) -> None:
    bob.import_(*talk(ONE, TWO, refs=refs))

    assert counts(bob.import_(*talk(ONE, THREE, refs=refs), name="other.jsonl")) == (2, 0, 0)
    assert counts(bob.import_(*talk(ONE, THREE, refs=refs), name="other.jsonl")) == (0, 2, 0)
    assert len(bob.paths("episodes/")) == 2


def test_so_it_is_in_a_file_of_the_same_name_elsewhere(bob: Bob) -> None:
    bob.import_(*talk(ONE, TWO))

    assert counts(bob.import_(*talk(ONE, THREE, FOUR))) == (3, 0, 0)


@REFS
@pytest.mark.parametrize("deleted", [TWO, THREE])
def test_a_turn_that_a_person_deleted_does_not_double_another_and_stays_away(bob: Bob, refs: str, deleted: str) -> None:
    bob.import_(*talk(ONE, TWO, THREE, FOUR, refs=refs))
    (path,) = bob.paths("episodes/")
    head, _, tail = bob.file(path).partition(deleted)
    left = head[: head.rindex("## ")] + tail.lstrip("\n")
    bob.vault.write(path, left.encode())

    assert counts(bob.import_(*talk(ONE, TWO, THREE, FOUR, refs=refs))) == (0, 4, 0)
    assert counts(bob.import_(*talk(ONE, TWO, THREE, FOUR, "More.", refs=refs and "abcde"))) == (1, 4, 0)
    assert bob.file(path) == f"{left}\n## Marta {'<!-- ref: e --> ' if refs else ''}^t5\n\nMore.\n"


def test_a_turn_that_came_in_between_is_added_once(bob: Bob) -> None:
    bob.import_(*talk(ONE, THREE, refs="ac"))

    assert counts(bob.import_(*talk(ONE, TWO, THREE, refs="abc"))) == (1, 2, 0)
    assert counts(bob.import_(*talk(ONE, TWO, THREE, refs="abc"))) == (0, 3, 0)
    assert bob.file(bob.paths("episodes/")[0]).count(TWO) == 1


def test_turns_that_share_an_id_are_all_there(bob: Bob) -> None:
    bob.import_(*talk(ONE, TWO, refs="aa"))

    assert counts(bob.import_(*talk(ONE, TWO, THREE, refs="aaa"))) == (1, 2, 0)


def test_what_can_not_be_compared_now_fails_and_costs_only_itself(bob: Bob) -> None:
    bob.import_(*talk(ONE, TWO))
    bob.recall("Hector")
    bob.vault.unreadable.add(bob.paths("episodes/")[0])

    done = bob.import_(*talk(ONE, TWO), {"text": "Tea is at four."})

    assert (done.failed, done.stored) == (2, 1)


@REFS
def test_what_is_too_long_for_a_file_goes_on_in_another(bob: Bob, refs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "LARGEST", 200)
    bob.import_(*talk(ONE, TWO, ONE, refs=refs[:3]))
    texts = (ONE, TWO, ONE, FOUR)

    assert counts(bob.import_(*talk(*texts, refs=refs))) == (1, 3, 0)
    assert counts(bob.import_(*talk(*texts, refs=refs), name="copy.jsonl")) == (0, 4, 0)
    assert [bob.file(path).count("## Marta") for path in bob.paths("episodes/")] == [2, 2]
