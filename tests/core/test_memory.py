"""A memory's fields: what they may be, and that a file gives back what was written."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smos_cli.core import ulid
from smos_cli.core.markdown import Value, compose, parse
from smos_cli.core.memory import Memory, content_hash, from_fields, slug, statement, to_fields
from smos_cli.errors import FormatError

ID = "01KB8F3K2M7Q0ZT4V9X2C5N6PD"

lines = st.text(st.characters(codec="utf-8")).map(str.strip)
targets = st.text(st.characters(codec="utf-8", exclude_characters="[]|"), min_size=1).map(str.strip).filter(bool)
days = st.dates().map(lambda day: f"{day:%Y-%m-%d}".rjust(10, "0"))
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
dates = st.one_of(st.just(""), st.just("2026"), st.just("2026-11"), days, moments)
tags = st.lists(st.from_regex(r"[^\s,\[\]#\"'`]{1,64}", fullmatch=True), max_size=4).map(tuple)
bodies = st.text(st.characters(codec="utf-8", exclude_characters="\0\r")).map(lambda text: text.strip("\n"))
memories = st.builds(
    Memory,
    id=st.builds(ulid.make, st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10)),
    body=bodies,
    kind=st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True),
    status=st.sampled_from(["accepted", "pending", "archived"]),
    confidence=st.floats(0, 1),
    created=dates,
    updated=dates,
    valid_from=dates,
    valid_to=dates,
    tags=tags,
    pinned=st.booleans(),
    via=lines,
    session=st.one_of(st.just(""), targets),
    speaker=lines,
    model=lines,
    project=lines,
    ref=lines,
    file=lines,
    sources=st.lists(targets, max_size=3, unique=True).map(tuple),
    supersedes=st.lists(targets, max_size=2).map(tuple),
    conflicts=st.lists(targets, max_size=2).map(tuple),
    aliases=st.lists(lines.filter(bool), max_size=3).map(tuple),
)


@given(memories)
@example(Memory(ID, "x", confidence=0.123456789012345, created="2026"))
@example(Memory(ID, "x", speaker="\0\x85\ufeff\u2028.", aliases=("- a: b", "'", '"', "#", "null", "~")))
@example(Memory(ID, "---\n---", tags=("null", "-", "?", ":", "{", "&a", "*a", "!x", "%", "@", "|", ">")))
def test_a_file_gives_back_the_memory_that_was_written(memory: Memory) -> None:
    document = parse(compose(to_fields(memory), memory.body + "\n"))

    read = from_fields(document.fields, document.body)

    expected = memory.created or ulid.created(memory.id)
    assert read == Memory(**{**{name: getattr(memory, name) for name in Memory.__slots__}, "created": expected})


def test_defaults_are_left_out() -> None:
    assert to_fields(Memory(ID, "x", created=ulid.created(ID))) == {"id": ID}
    assert to_fields(Memory(ID, "x")) == {"id": ID}


def test_a_file_without_frontmatter_is_a_memory_without_an_id() -> None:
    memory = from_fields({}, "\nThe TTL is 10 s.\n")

    assert memory == Memory("", "The TTL is 10 s.")
    assert memory.created == ""


def test_an_id_is_upper_case_and_gives_the_time_it_was_made() -> None:
    memory = from_fields({"id": ID.lower()}, "x")

    assert (memory.id, memory.created) == (ID, "2025-11-29T18:48:18Z")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"tags": "a, b ,,c"}, {"tags": ("a", "b", "c")}),
        ({"tags": "#a"}, {"tags": ("a",)}),
        ({"tags": ["#a", " b "]}, {"tags": ("a", "b")}),
        ({"tags": ["a", "", "b"]}, {"tags": ("a", "b")}),
        ({"tags": ""}, {"tags": ()}),
        ({"kind": " Decision "}, {"kind": "decision"}),
        ({"confidence": "1e-3"}, {"confidence": 0.001}),
        ({"confidence": "0"}, {"confidence": 0.0}),
        ({"pinned": "Yes"}, {"pinned": True}),
        ({"pinned": "false"}, {"pinned": False}),
        ({"session": "[[talk-x2c5n6pd#^t12]]"}, {"session": "talk-x2c5n6pd#^t12"}),
        ({"session": "[[talk|the talk]]"}, {"session": "talk"}),
        ({"session": "talk"}, {"session": "talk"}),
        ({"supersedes": "[[a]]"}, {"supersedes": ("a",)}),
        ({"conflicts": [[["a"]], "[[b]]", ""]}, {"conflicts": ("a", "b")}),
        ({"aliases": "TTL, the cache's"}, {"aliases": ("TTL, the cache's",)}),
        ({"valid_from": "2026-1-8"}, {"valid_from": "2026-01-08"}),
        ({"unknown": {"a": ["b"]}}, {}),
    ],
)
def test_people_write_values_in_many_ways(given_: dict[str, Value], expected: dict[str, Any]) -> None:
    memory = from_fields(given_, "x")

    assert {key: getattr(memory, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "42"),
        ("id", ["a"]),
        ("kind", "two words"),
        ("kind", "9lives"),
        ("kind", "x" * 33),
        ("status", "Accepted"),
        ("status", "conflicted"),
        ("tags", {"a": "b"}),
        ("tags", "a b"),
        ("tags", ["x" * 65]),
        ("tags", [["a", "b"]]),
        ("confidence", "high"),
        ("confidence", "1.1"),
        ("confidence", "-0.1"),
        ("confidence", "nan"),
        ("confidence", "inf"),
        ("created", "soon"),
        ("valid_to", "2026-02-30"),
        ("pinned", "1"),
        ("speaker", ["a"]),
        ("session", {"a": "b"}),
        ("aliases", [{"a": "b"}]),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_its_key_and_a_remedy(key: str, value: Value) -> None:
    with pytest.raises(FormatError) as caught:
        from_fields({key: value}, "x")

    assert key.rstrip("s") in caught.value.message
    assert caught.value.remedy


class TestStatement:
    def test_it_is_the_first_paragraph(self) -> None:
        assert statement("\n\nOne\ntwo\n\nThree") == "One\ntwo"

    def test_a_line_of_spaces_ends_a_paragraph(self) -> None:
        assert statement("One\n \t\nTwo") == "One"

    def test_of_nothing_it_is_nothing(self) -> None:
        assert statement(" \n\n ") == ""


class TestContentHash:
    @pytest.mark.parametrize("same", ["a\r\ncafé", " a\ncafé\n\n", "a\ncafe\u0301"])
    def test_line_ends_outer_space_and_the_form_of_accents_do_not_matter(self, same: str) -> None:
        assert content_hash(same) == content_hash("a\ncafé")

    @pytest.mark.parametrize("other", ["a café", "A\ncafé", "a\ncafe", "a\n\ncafé", ""])
    def test_everything_else_does(self, other: str) -> None:
        assert content_hash(other) != content_hash("a\ncafé")

    def test_a_text_that_is_no_utf8_has_one_too(self) -> None:
        assert len(content_hash("\ud800")) == 32


class TestSlug:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("The cache TTL is 10 seconds.", "the-cache-ttl-is-10-seconds"),
            ("Ünder Straße, naïve café", "under-straße-naive-cafe"),
            ("İstanbul", "istanbul"),
            ("../../etc/passwd", "etc-passwd"),
            ("snake_case and kebab-case", "snake-case-and-kebab-case"),
            ("   ", ""),
            ("😀 !!!", ""),
            ("x" * 100, "x" * 48),
            ("キャッシュの有効期限", "キャッシュの有効期限"),
            ("word " * 30, "word-word-word-word-word-word-word-word-word"),
        ],
    )
    def test_a_statement_becomes_words(self, text: str, expected: str) -> None:
        assert slug(text) == expected

    def test_a_long_text_without_spaces_still_names_its_file(self) -> None:
        assert len(slug("缓存的有效期" * 20).encode()) == 120

    @given(st.text())
    @example("𠀀" * 60)
    @example("ﬃ" * 60)
    @example("ͅ" * 3 + "Ⅷ" * 48)
    @example("\u0130" * 60)
    def test_any_text_makes_a_name_that_every_system_takes(self, text: str) -> None:
        name = slug(text)

        assert all(part.isalnum() for part in name.split("-")) or not name
        assert len(name) <= 48
        assert len(name.encode("utf-8", "surrogatepass")) <= 120
        assert len(unicodedata.normalize("NFD", name).encode("utf-8", "surrogatepass")) <= 240
