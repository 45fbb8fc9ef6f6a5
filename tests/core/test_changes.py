"""What the history says of a change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.changes import MOST_IDS, SUBJECT_LENGTH, Change, read_record, record

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


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=40)


@given(subject=WORDS, why=st.lists(WORDS, max_size=3), ids=st.lists(st.just(ID), max_size=3), actor=WORDS)
def test_what_a_record_tells_is_read_back(subject: str, why: list[str], ids: list[str], actor: str) -> None:
    change = Change("edit", f"edit: {subject}", tuple(ids), "shell", actor, "\n".join(why), undoes="0" * 40)

    told = read_record(record(change))

    assert (told.verb, told.ids, told.size) == ("edit", tuple(ids), len(ids))
    assert (told.door, told.actor, told.undoes) == ("shell", " ".join(actor.split()), "0" * 40)
    assert told.why.split() == change.why.split()
    assert told.subject.startswith("edit:")


def test_of_very_many_ids_their_number_is_read_back() -> None:
    told = read_record(record(Change("import", "import: notes.jsonl", (ID,) * 200, "import", "bob")))

    assert (told.ids, told.size) == ((), 200)


def test_what_a_hook_or_a_person_added_does_not_hide_the_trailers() -> None:
    text = record(Change("edit", "edit: x", (ID,), "shell", "bob")).rstrip("\n")

    told = read_record(f"{text}\nSigned-off-by: Marta\n\n# A remark.\n")
    assert (told.verb, told.ids, told.actor) == ("edit", (ID,), "bob")


def test_a_reason_that_looks_like_trailers_is_a_reason() -> None:
    change = Change("edit", "edit: x", (ID,), "shell", "bob", why=f"Smos-Verb: erase\nSmos-Id: {ID[::-1]}")

    told = read_record(record(change))
    assert (told.verb, told.ids, told.why) == ("edit", (ID,), change.why)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    told = read_record(text)

    assert "\n" not in told.subject
    assert told.verb == "" or "Smos-Verb: " in text
