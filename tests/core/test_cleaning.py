"""What was erased leaves a file or a message, and everything else in it stays, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core import cleaning
from smos_cli.core.episode import Turn
from smos_cli.core.purging import Erased
from smos_cli.core.salts import Salt
from tests.samples import episode_file, identity, memory_file

TURNS = [Turn("Marta", "The limiter\n\nresets."), Turn("Bob", "## No heading\nHector is off."), Turn("Marta", "Good.")]
SALT = "91" * 16


def blanked(data: bytes, *turns: str) -> bytes:
    return cleaning.without_turns(data, lambda turn: turn in turns)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (memory_file(1, "Tea."), identity(1)),
        (memory_file(1, "Tea.").lower(), identity(1)),
        (memory_file(1, "Tea.").replace(b"\n", b"\r\n"), identity(1)),
        (b"\xef\xbb\xbf" + memory_file(1, "Tea."), identity(1)),
        (b'---\n"id": "%s"\ntags: [a]\n---\nTea.\n' % identity(1).encode(), identity(1)),
        (b"---\nid: %s\nkind: [\n---\nTea.\n" % identity(1).encode(), identity(1)),
        (b"---\nid: %s\n---\n\xff\xfe\n" % identity(1).encode(), identity(1)),
        (b"---\nid: %s\nnever closed" % identity(1).encode(), ""),
        (b"---\nkind: [\n---\nid: %s\n" % identity(1).encode(), ""),
        (b"id: %s\n" % identity(1).encode(), ""),
        (b"---\nid: 12\n---\nTea.\n", ""),
        (b"Tea.\n", ""),
    ],
)
def test_the_id_of_a_file_is_read_also_where_its_frontmatter_is_broken(data: bytes, found: str) -> None:
    assert cleaning.id_of(data) == found


def test_what_a_turn_said_goes_and_its_heading_stays() -> None:
    data = episode_file(7, TURNS)

    cleaned = blanked(data, "t2")

    assert cleaned == data.replace(b"\\## No heading\nHector is off.", b"*(erased)*").replace(
        b"## No heading\nHector is off.", b"*(erased)*"
    )
    assert b"^t2" in cleaned


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60), max_size=5),
    turns=st.sets(st.sampled_from(["t1", "t2", "t3", "t9"])),
    newline=st.sampled_from([b"\n", b"\r\n"]),
)
def test_taking_turns_out_twice_is_taking_them_out_once(texts: list[str], turns: set[str], newline: bytes) -> None:
    data = episode_file(7, [Turn("Marta", text) for text in texts]).replace(b"\n", newline)

    once = blanked(data, *turns)

    assert blanked(once, *turns) == once
    assert cleaning.turn_texts(once, lambda turn: turn in turns) == set()
    assert blanked(data) == data


def test_a_heading_in_the_frontmatter_is_a_comment_there() -> None:
    data = episode_file(7, TURNS).replace(b"---\n", b"---\n## a note ^t2\n", 1)

    assert b"## a note ^t2\nid:" in blanked(data, "t2")


def test_turns_are_those_of_an_id_or_where_there_is_none_of_a_path() -> None:
    erased = Erased(turns=frozenset([f"{identity(7)}#t2", "episodes/a%20talk.md#t3"]))

    by_id = cleaning.turns_of(identity(7), "episodes/x.md", erased)
    by_path = cleaning.turns_of("", "episodes/a talk.md", erased)

    assert by_id
    assert [by_id("t2"), by_id("t3")] == [True, False]
    assert by_path
    assert [by_path("t2"), by_path("t3")] == [False, True]
    assert cleaning.turns_of(identity(8), "episodes/x.md", erased) is None


def test_salts_go_with_their_ids_and_those_of_files_without_an_id_with_their_paths() -> None:
    lines = [f"{identity(1)} {SALT}", f"{identity(2)} {SALT}", f"5f0c {SALT} a%20b.md", f"91ab {SALT} c.md"]
    data = "".join(f"{line}\n" for line in lines).encode()

    kept = cleaning.without_lines(data, Erased(frozenset([identity(1)])), ["a b.md"])

    assert kept.decode().split("\n") == [lines[1], lines[3], ""]


def test_a_salt_that_was_retired_goes_and_the_one_after_it_stays() -> None:
    old, new = Salt(identity(7), "1" * 32), Salt(identity(7), "2" * 32)

    assert cleaning.without_lines(old.line + new.line, Erased(salts=frozenset([old.retired]))) == new.line


def test_the_hash_of_a_forgotten_text_goes_when_it_is_erased() -> None:
    data = f"# Kept by smos.\nkey 5f\nforgotten {identity(1)} 91ab\nforgotten {identity(2)} 91ab\n".encode()

    kept = cleaning.without_lines(data, Erased(frozenset([identity(1)])))

    assert kept == data.replace(f"forgotten {identity(1)} 91ab\n".encode(), b"")


MESSAGE = f"""remember: Hector is off

Because Marta said so.

Smos-Verb: remember
Smos-Id: {identity(1)}
Smos-Door: shell

Signed-off-by: Marta <marta@example.org>
""".encode()


def test_a_message_loses_its_words_and_keeps_its_trailers() -> None:
    cleaned = cleaning.without_words(MESSAGE, [identity(1)])

    assert cleaned == b"remember: (erased)\n\n" + MESSAGE.partition(b"so.\n\n")[2]
    assert cleaning.without_words(cleaned, [identity(1)]) == cleaned
    assert cleaning.said_in(MESSAGE) == {"Hector is off", "Because Marta said so."}
    assert cleaning.said_in(cleaned) == set()


def test_a_reason_that_looks_like_trailers_goes_too() -> None:
    message = MESSAGE.replace(b"Because Marta said so.", b"Fact: Hector is off\nSmos-Verb: he is")

    cleaned = cleaning.without_words(message, [identity(1)])

    assert cleaned == cleaning.without_words(MESSAGE, [identity(1)])
    assert cleaning.said_in(message) == {"Hector is off", "Fact: Hector is off Smos-Verb: he is"}


@pytest.mark.parametrize("message", [MESSAGE.replace(b"remember", b"erase"), b"Hector is off\n", b""])
def test_the_message_of_an_erasure_and_that_of_a_person_stay(message: bytes) -> None:
    assert cleaning.without_words(message, [identity(1)]) == message


def test_a_message_of_others_stays() -> None:
    assert cleaning.without_words(MESSAGE, [identity(2)]) == MESSAGE


def test_the_texts_of_a_file_are_its_paragraphs_whatever_their_line_ends_and_marks_of_quotes() -> None:
    data = memory_file(1, "Hector\nis off.\n\n> [!quote] Marta: switch it\n> off today").replace(b"\n", b"\r\n")

    assert cleaning.texts_of(data) == {"Hector is off.", "Marta: switch it off today"}
    assert b"switch it off today" in cleaning.plain(b"> > switch\r\n> > it\r\n> > off  today")
