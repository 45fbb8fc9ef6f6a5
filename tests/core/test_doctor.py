"""What is wrong here, each with a remedy. It only looks."""

from __future__ import annotations

import unicodedata

import pytest

from smos_cli.core.doctor import doctor
from smos_cli.core.finding import Finding
from smos_cli.core.ports import Problem
from tests.core.bob import Bob, DamagedIndex, conversation
from tests.samples import identity, memory_file

GOOD = memory_file(1, "The TTL is 10 s.")


def examined(bob: Bob, *found: Finding) -> list[Finding]:
    return doctor(bob.ports, lambda: found)


def told(bob: Bob) -> list[tuple[str, str]]:
    return [(finding.level, finding.where) for finding in examined(bob)]


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    assert examined(Bob({"memories/a.md": GOOD, "notes/n.md": b"A note.\n", **conversation()})) == []


def test_a_file_that_breaks_the_format_is_named_with_the_reason_every_time() -> None:
    bob = Bob({"memories/a.md": GOOD, "memories/b.md": b"---\nstatus: odd\n---\nText\n"})

    for _ in range(2):
        (finding,) = examined(bob)
        assert (finding.level, finding.where) == ("problem", "memories/b.md")
        assert "The status 'odd' is unknown." in finding.what


def test_a_file_that_can_not_be_read_is_named_once() -> None:
    bob = Bob({"memories/a.md": GOOD})
    bob.vault.unreadable.add("memories/a.md")

    for _ in range(2):
        assert told(bob) == [("problem", "memories/a.md")]


def test_what_the_scan_passed_over_is_named() -> None:
    bob = Bob({"memories/a.md": GOOD})
    bob.vault.passed_over = [Problem("notes/", "the folder can't be read: Permission denied"), Problem("l", "a link")]

    assert told(bob) == [("problem", "l"), ("problem", "notes/")]


def test_files_with_one_id_are_one_finding_that_names_them_all() -> None:
    bob = Bob({"memories/a.md": GOOD, "memories/b.md": GOOD, "c.md": GOOD, "memories/d.md": memory_file(2, "Tea.")})

    (finding,) = examined(bob)

    assert (finding.level, finding.where) == ("problem", "c.md")
    assert finding.what == f"The id {identity(1)} is also in memories/a.md, memories/b.md."


def superseding(number: int, *older: int) -> bytes:
    links = "".join(f'  - "[[{identity(one)[-8:].lower()}]]"\n' for one in older)
    text = f"---\nid: {identity(number)}\nsupersedes:\n{links}---\nVersion {number}.\n"
    return text.encode() if older else memory_file(number, f"Version {number}.")


def test_memories_that_supersede_each_other_in_a_circle_are_one_finding() -> None:
    bob = Bob(
        {
            "memories/a.md": superseding(1, 3),
            "memories/b.md": superseding(2, 1),
            "memories/c.md": superseding(3, 2),
            "memories/older.md": superseding(4),
            "memories/old.md": superseding(5, 4),
            "memories/new.md": superseding(6, 5, 4),
            "memories/before.md": superseding(7),
            "memories/leads-to-it.md": superseding(8, 7, 1),
        }
    )

    (finding,) = examined(bob)

    assert (finding.level, finding.where) == ("problem", "memories/a.md")
    assert "memories/b.md, memories/c.md supersede each other" in finding.what


def test_a_memory_without_an_id_is_worth_a_note() -> None:
    assert told(Bob({"memories/tea.md": b"Tea is at four.\n", "notes/tea.md": b"A note.\n"})) == [
        ("note", "memories/tea.md")
    ]


@pytest.mark.parametrize("other", ["notes/CAFÉ.md", unicodedata.normalize("NFD", "notes/Café.md"), "NOTES/Café.md"])
def test_names_that_are_one_file_elsewhere_are_worth_a_note(other: str) -> None:
    (finding,) = examined(Bob({"notes/Café.md": b"One.\n", other: b"Two.\n"}))

    assert finding.level == "note"
    assert {finding.where, *finding.what.split(" ")} >= {"notes/Café.md", other}


@pytest.mark.parametrize("trouble", ["busy", "damaged", "gone", "no card"])
def test_a_vault_or_index_that_can_not_be_opened_is_a_problem_with_its_remedy(trouble: str) -> None:
    bob = Bob({"memories/a.md": GOOD}, index=DamagedIndex() if trouble == "damaged" else None)
    if trouble != "damaged":
        bob.recall("TTL")
    bob.index.busy = trouble == "busy"
    bob.vault.there = trouble != "gone"
    if trouble == "no card":
        bob.vault.delete("PERSONA.md")

    (finding,) = examined(bob)

    assert (finding.level, finding.where) == ("problem", "vault")
    assert finding.what
    assert finding.remedy


def test_what_is_found_on_the_machine_is_told_too_problems_first() -> None:
    bob = Bob({"memories/b.md": b"No id.\n", "memories/c.md": b""})
    git, disk = Finding("note", "git", "It is not there.", ""), Finding("problem", "/", "It is full.", "")

    assert [finding.where for finding in examined(bob, git, disk)] == ["/", "memories/c.md", "git", "memories/b.md"]


def test_it_only_looks() -> None:
    bob = Bob({"memories/tea.md": b"No id.\n", "memories/b.md": b""})
    before = dict(bob.vault.files)

    examined(bob)

    assert bob.vault.files == before
    assert bob.history.changes == []


def test_what_was_forgotten_and_is_here_again_is_a_problem() -> None:
    bob = Bob(
        {"memories/a.md": GOOD, "memories/b.md": memory_file(2, "Tea."), "memories/c.md": memory_file(3, "Milk.")}
    )
    before = dict(bob.vault.files)
    bob.forget(identity(1), identity(2))
    bob.erase(identity(3))
    bob.vault.write("memories/a.md", before["memories/a.md"])
    bob.vault.write("memories/copy.md", memory_file(9, "Tea."))
    bob.vault.write("memories/c.md", memory_file(3, "Milk, or what it says now."))
    bob.vault.write("notes/tea.md", b"Tea.\n")

    assert told(bob) == [("problem", f"memories/{name}.md") for name in ("a", "c", "copy")]
    bob.restore("memories/copy.md")
    bob.restore(identity(1), identity(3))
    assert told(bob) == []
