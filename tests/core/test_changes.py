"""What the history says of a change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.changes import MOST_IDS, SUBJECT_LENGTH, Change, record

ID = "01KB8F3K2M7Q0ZT4V9X2C5N6PD"


def test_a_record_is_a_subject_a_paragraph_and_trailers() -> None:
    change = Change("remember", "remember: The cache TTL is 10 seconds", (ID,), "chat", "bob", why="Marta said so.")

    assert record(change) == (
        "remember: The cache TTL is 10 seconds\n"
        "\n"
        "Marta said so.\n"
        "\n"
        "Smos-Verb: remember\n"
        f"Smos-Id: {ID}\n"
        "Smos-Door: chat\n"
        "Smos-Actor: bob\n"
    )


def test_without_a_why_there_is_no_paragraph() -> None:
    assert record(Change("forget", "forget: x", (), "shell", "bob")).count("\n\n") == 1


def test_a_long_subject_is_cut() -> None:
    subject = record(Change("edit", "edit: " + "word " * 100, (), "shell", "bob")).splitlines()[0]

    assert len(subject) <= SUBJECT_LENGTH
    assert subject.endswith("word…")


def test_of_very_many_ids_only_the_number_is_told() -> None:
    text = record(Change("import", "import: notes.jsonl", (ID,) * (MOST_IDS + 1), "import", "bob"))

    assert "Smos-Id" not in text
    assert f"Smos-Count: {MOST_IDS + 1}\n" in text


@given(subject=st.text(), why=st.text(), actor=st.text())
def test_no_text_can_add_a_trailer_or_end_the_subject(subject: str, why: str, actor: str) -> None:
    head, *_, trailers = record(Change("edit", subject, (ID,), "shell", actor, why=why)).split("\n\n")

    assert "\n" not in head
    keys = [line.partition(":")[0] for line in trailers.splitlines()]
    assert keys in (
        ["Smos-Verb", "Smos-Id", "Smos-Door"],
        ["Smos-Verb", "Smos-Id", "Smos-Door", "Smos-Actor"],
    )
