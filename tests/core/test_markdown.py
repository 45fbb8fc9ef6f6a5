"""Files as people, note apps and accidents write them: each is read, changed in one place, or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from smos_cli.core import frontmatter
from smos_cli.core.flat import MAX_BYTES, MAX_DEPTH
from smos_cli.core.markdown import Document, Value, compose, edit, parse
from smos_cli.errors import FormatError

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]

MEMORY = b"""\
---
id: 01KB8F3K2M7Q0ZT4V9X2C5N6PD        # ULID
tags: [cache, api]
confidence: 0.8
session: "[[2026-11-18-rate-limiter-bug-7tx2r9wq#^t12]]"
conflicts: ["[[cache-ttl-is-60-seconds-0k8f3k2m]]"]
---
The cache TTL is 10 seconds, not 60.
"""


def fields(front: str) -> dict[str, Value]:
    return parse(f"---\n{front}---\n".encode()).fields


def edited(front: str, **changes: Value | None) -> str:
    """The frontmatter after a change, of a file with that frontmatter and a body."""
    result = edit(f"---\n{front}---\nbody".encode(), changes).decode()
    assert result.startswith("---\n")
    assert result.endswith("---\nbody")
    return result.removeprefix("---\n").removesuffix("---\nbody")


def refusal(data: bytes | str) -> str:
    """The message with which a file is refused, by reading and by changing alike."""
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(FormatError) as caught:
        parse(data)
    with pytest.raises(FormatError):
        edit(data, {"id": "x"})
    assert caught.value.remedy
    assert caught.value.message.endswith(".")
    return caught.value.message


# Reading


def test_a_memory_is_read_in_file_order() -> None:
    document = parse(MEMORY)
    assert list(document.fields.items()) == [
        ("id", "01KB8F3K2M7Q0ZT4V9X2C5N6PD"),
        ("tags", ["cache", "api"]),
        ("confidence", "0.8"),
        ("session", "[[2026-11-18-rate-limiter-bug-7tx2r9wq#^t12]]"),
        ("conflicts", ["[[cache-ttl-is-60-seconds-0k8f3k2m]]"]),
    ]
    assert document.body == "The cache TTL is 10 seconds, not 60.\n"
    assert document.body_line == 8


def test_an_empty_file_has_no_fields_and_no_body() -> None:
    assert parse(b"") == Document({}, "", has_frontmatter=False, body_line=1)


def test_a_lone_byte_order_mark_is_an_empty_file() -> None:
    assert parse(b"\xef\xbb\xbf") == Document({}, "", has_frontmatter=False, body_line=1)


def test_a_file_without_frontmatter_is_all_body() -> None:
    assert parse(b"# Title\n\ntext") == Document({}, "# Title\n\ntext", has_frontmatter=False, body_line=1)


def test_a_thematic_break_that_nothing_closes_is_no_frontmatter() -> None:
    assert parse(b"---\nJust a line: above\n") == Document({}, "---\nJust a line: above\n", False, 1)


@pytest.mark.parametrize("data", [b"---", b"---\n", b"----\na: b\n----\n", b" ---\na: b\n---\n", b"--- a\n---\n"])
def test_what_is_not_quite_a_fence_is_body(data: bytes) -> None:
    assert not parse(data).has_frontmatter


def test_only_three_hyphens_close_a_frontmatter() -> None:
    assert parse(b"---\na: b\n...\n") == Document({}, "---\na: b\n...\n", has_frontmatter=False, body_line=1)


def test_a_fence_may_have_spaces_and_tabs_after_it() -> None:
    assert parse(b"--- \t\na: b\n---\t\nbody") == Document({"a": "b"}, "body", has_frontmatter=True, body_line=4)


def test_an_empty_frontmatter_and_one_of_comments_have_no_fields() -> None:
    assert parse(b"---\n---\nx") == Document({}, "x", has_frontmatter=True, body_line=3)
    assert parse(b"---\n# a: b\n\n---\nx") == Document({}, "x", has_frontmatter=True, body_line=5)


def test_a_frontmatter_at_the_end_of_the_file_has_an_empty_body() -> None:
    assert parse(b"---\na: b\n---") == Document({"a": "b"}, "", has_frontmatter=True, body_line=4)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_newline_reads_the_same(newline: str) -> None:
    data = "---\na: 'x'\nb:\n  - y\n---\n\nbody\n".replace("\n", newline).encode()
    assert parse(data) == Document({"a": "x", "b": ["y"]}, "\nbody\n", has_frontmatter=True, body_line=6)


def test_a_byte_order_mark_before_the_fence_is_passed_over() -> None:
    assert parse(b"\xef\xbb\xbf---\na: b\n---\nx").fields == {"a": "b"}


def test_scalars_are_texts_as_they_are_spelled() -> None:
    assert fields("a: 1.10\nb: yes\nc: 2026-11-18\nd: 0x1F\ne: 08:38\nf: 1_000\n") == {
        "a": "1.10", "b": "yes", "c": "2026-11-18", "d": "0x1F", "e": "08:38", "f": "1_000",
    }  # fmt: skip


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL", "# nothing", "null # nothing", "!!null"])
def test_null_is_the_empty_text(null: str) -> None:
    assert fields(f"a: {null}\n") == {"a": ""}
    assert fields(f"a: {null}\nb: [x]\n  \n") == {"a": "", "b": ["x"]}


def test_a_quoted_null_is_a_text_and_a_key_is_always_spelled_out() -> None:
    assert fields("a: 'null'\nb: \"~\"\nnull: x\n~: y\n") == {"a": "null", "b": "~", "null": "x", "~": "y"}


def test_every_style_of_scalar_is_read() -> None:
    front = "a: 'it''s'\nb: \"x\\ty\\u00e9\"\nc: |\n  one\n   two\n\nd: >-\n  one\n  two\n"
    front += "e: one\n  two\n\n  three\n"
    assert fields(front) == {
        "a": "it's",
        "b": "x\tyé",
        "c": "one\n two\n",
        "d": "one two",
        "e": "one two\nthree",
    }


def test_every_style_of_list_is_read() -> None:
    front = "a: [x, 'y, z',\n  [w] ]\nb:\n- x\n- y # c\nc:\n  - x: 1\n    y: 2\nd: []\ne: {f: g}\n"
    assert fields(front) == {
        "a": ["x", "y, z", ["w"]], "b": ["x", "y"], "c": [{"x": "1", "y": "2"}], "d": [], "e": {"f": "g"},
    }  # fmt: skip


def test_an_unquoted_wiki_link_is_a_list_in_a_list() -> None:
    assert fields("up: [[Home]]\n") == {"up": [["Home"]]}


def test_tags_construct_nothing() -> None:
    front = "a: !!python/object/apply:os.system ['exit 3']\nb: !!int '7'\nc: !mine {x: !!binary aGk=}\n"
    assert fields(front) == {"a": ["exit 3"], "b": "7", "c": {"x": "aGk="}}


def test_an_alias_of_a_scalar_is_read_as_that_scalar() -> None:
    assert fields("a: &x one\nb: *x\nc: [*x, &x two, *x]\n") == {
        "a": "one",
        "b": "one",
        "c": ["one", "two", "two"],
    }


def test_escapes_and_separators_of_unicode_survive() -> None:
    assert fields('a: "x\\u2028y\\Nz\\0"\n') == {"a": "x\u2028y\x85z\0"}
    assert parse("\x0c\u2028\x85\x1c".encode()).body == "\x0c\u2028\x85\x1c"


def test_reading_a_plain_memory_does_not_load_the_yaml_library() -> None:
    code = (
        "import sys; from smos_cli.core.markdown import compose, parse\n"
        f"data = {MEMORY!r}; found = parse(data); compose(found.fields, found.body)\n"
        "parse(b'---\\ntags:\\n  - a\\n  - \"b c\" # d\\nx: \\'[[y]]\\'\\n---\\n')\n"
        "sys.exit('yaml' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0


# Refusing


def test_bytes_that_are_not_utf8_are_refused_by_offset_and_line() -> None:
    assert refusal(b"---\na: b\n---\nna\xefve\n") == "The file is not UTF-8 at byte 15, on line 4."


def test_utf16_is_refused() -> None:
    assert "is not UTF-8 at byte 0" in refusal("a: b".encode("utf-16").replace(b"\0", b"\1"))
    assert "NUL byte" in refusal("a: b".encode("utf-16"))


def test_a_nul_byte_is_refused_by_line() -> None:
    assert refusal(b"one\r\ntwo\0\n") == "The file holds a NUL byte on line 2."


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", "---\nid: x\n", "---\nid: x\n---\n\n"])
def test_conflict_markers_are_refused_wherever_they_are(before: str, newline: str) -> None:
    data = f"{before}<<<<<<< HEAD\na: 1\n||||||| base\n=======\na: 2\n>>>>>>> theirs\n---\n".replace("\n", newline)
    assert refusal(data) == f"The file holds git's conflict markers from line {before.count(chr(10)) + 1}."


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD\n",
        "=======\n>>>>>>> b\n<<<<<<< a\n",
        "> <<<<<<< a\n=======\n>>>>>>> b\n",
        "Title\n=======\n",
    ],
)
def test_a_part_of_a_conflict_is_only_text(text: str) -> None:
    assert parse(text.encode()).body == text


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("a: b\nc: d: e\n", 3), ("x: y\na: 'b\n\n", 3), ("x: y\na: [b\n\n", 3), ("\ta: b\n", 2),
        ("a: b\n c: d\n", 3), ("a: @b\n", 2), ("a: b\nc\n", 3),
        ("%YAML 1.1\na: b\n", 3), ('a: "\\q"\n', 2), ("? a\nb\nc: d\n", 3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_broken_yaml_is_refused_by_line(front: str, line: int, newline: str) -> None:
    message = refusal(f"---\n{front}---\n".replace("\n", newline))
    assert message.startswith(f"The frontmatter is not valid YAML on line {line}: ")


def test_a_list_or_a_scalar_as_frontmatter_is_refused() -> None:
    assert refusal("---\n- a\n- b\n---\n") == "The frontmatter is a list, not keys with values."
    assert refusal("---\nJust a line.\n---\n") == "The frontmatter is a single value, not keys with values."


def test_duplicate_keys_are_refused_at_any_depth() -> None:
    assert refusal("---\na: 1\nb: 2\na: 3\n---\n") == "The frontmatter has the key 'a' again on line 4."
    assert refusal("---\na:\n  b: 1\n  'b': 2\n---\n") == "The frontmatter has the key 'b' again on line 4."
    assert refusal("---\na: [{b: 1, b: 2}]\n---\n") == "The frontmatter has the key 'b' again on line 2."


def test_a_key_that_is_no_scalar_is_refused() -> None:
    assert refusal("---\na: b\n? [c, d]\n: e\n---\n") == "A key of the frontmatter is a list or a mapping on line 3."
    assert "A key of the frontmatter" in refusal("---\n{a: b}: c\n---\n")


def test_a_second_yaml_document_is_refused() -> None:
    assert "second YAML document on line 3" in refusal("---\na: b\n--- c\n---\n")


def test_a_control_character_is_refused_by_line() -> None:
    assert refusal(b"---\na: b\nc: \x1b[31m\n---\n") == (
        "The frontmatter holds the control character U+001B on line 3."
    )


@pytest.mark.parametrize("escape", ["\\ud800", "\\UFFFFFFFF", "\\U00110000"])
@pytest.mark.parametrize("loader", LOADERS)
def test_an_escape_that_names_no_character_is_refused(escape: str, loader: object) -> None:
    with pytest.raises(FormatError, match="not valid YAML"):
        frontmatter.read(f'a: "{escape}"\n', loader)


def test_frontmatter_may_have_64_kilobytes_and_no_more() -> None:
    filling = "é" * ((MAX_BYTES - 4) // 2)
    assert parse(f"---\na: {filling}\n---\n".encode()).fields == {"a": filling}
    assert "larger than 65536 bytes" in refusal(f"---\na: {filling}\n#\n---\n")
    assert "larger than 65536 bytes" in refusal(f"---\na: {'x' * MAX_BYTES}\n---\n")


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("deep", ["[", "{", "{a: ", "[[], ", "- ", "? ", "- ? ", "[\n", "!t [", "&a ["])
def test_deep_nesting_is_refused_before_it_can_hurt(deep: str, loader: object) -> None:
    with pytest.raises(FormatError, match=r"nested deeper than 50 levels|is a list or a mapping"):
        frontmatter.read(f"a:\n  {deep * 30_000}", loader)


def test_deep_indentation_is_refused() -> None:
    front = "".join(f"{' ' * depth}a:\n" for depth in range(300))
    assert refusal(f"---\n{front}---\n") == "The frontmatter is nested deeper than 50 levels on line 52."


def test_fifty_levels_are_read_and_written_and_one_more_is_not() -> None:
    value: Value = "x"
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert parse(compose({"a": value}, "")).fields == {"a": value}
    with pytest.raises(FormatError, match="nested deeper"):
        compose({"a": [value]}, "")


def test_an_alias_of_a_collection_and_so_an_alias_bomb_is_refused() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert refusal(f"---\n{bomb}---\n") == "The alias *a0 on line 3 stands for a list or a mapping."
    assert "stands for a list" in refusal("---\nx: &b {y: z}\n<<: *b\n---\n")
    assert "stands for a list" in refusal("---\nx: &b [*b]\n---\n")


def test_aliases_of_a_long_scalar_are_refused_when_they_grow_too_large() -> None:
    front = f"a: &a {'x' * 30_000}\nb: [*a, *a]\n"
    assert len(fields(front)["b"]) == 2
    assert "aliases" in refusal(f"---\n{front}c: *a\n---\n")


def test_an_alias_without_an_anchor_is_refused() -> None:
    assert refusal("---\na: *b\n---\n") == "The alias *b on line 2 has no anchor."


# Changing


def test_a_change_touches_only_the_value() -> None:
    assert edit(MEMORY, {"confidence": "0.9", "id": "X"}) == MEMORY.replace(b"0.8", b"0.9").replace(
        b"01KB8F3K2M7Q0ZT4V9X2C5N6PD", b"X"
    )


def test_a_new_key_goes_below_the_last_one() -> None:
    assert edit(MEMORY, {"pinned": "true"}) == MEMORY.replace(b'm]]"]\n', b'm]]"]\npinned: true\n')


def test_a_removed_key_takes_its_lines_along() -> None:
    assert edited("a: 1\nb:\n  - x # y\n\n  # z\n  - w\n# about c\nc: 2\n", b=None) == "a: 1\n# about c\nc: 2\n"


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert edit(MEMORY, {"pinned": None}) == MEMORY
    assert edit(b"plain", {"pinned": None}) == b"plain"


def test_setting_a_key_to_what_it_is_keeps_how_it_is_written() -> None:
    front = "a: 'x'   # c\nb:\n- y\nc: |\n  z\nd: ~\n"
    assert edited(front, a="x", b=["y"], c="z\n", d="") == front


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("a:\nb: 1\n", "a: new\nb: 1\n"),
        ("a:   # c\n", "a: new   # c\n"),
        ("a: ~ # c\n", "a: new # c\n"),
        ("a: 'it''s' # c\n", "a: new # c\n"),
        ('"a" : "x\\"y" # c\n', '"a" : new # c\n'),
        ("a: one\n  two # c\n", "a: new # c\n"),
        ("a: [x,\n  # in\n  y] # c\n", "a: new # c\n"),
        ("a: |  # c\n  x\n\n\n# d\nb: 1\n", "a: new  # c\n\n\n# d\nb: 1\n"),
        ("a: >2\n    x\n  y\n # d\nb: 1\n", "a: new\n # d\nb: 1\n"),
        ("a: |+\n  x\n\n", "a: new\n\n"),
        ("a: |\n  x\n  # content\n # comment\nb: 1\n", "a: new\n # comment\nb: 1\n"),
        ("a: # c\n  # d\n  - x\n  - y\n  # e\n\nb: 1\n", "a: new # c\n  # d\n  # e\n\nb: 1\n"),
        ("a:\n  x: 1\n  y: |\n    z\n\n# e\nb: 1\n", "a: new\n\n# e\nb: 1\n"),
        ("a: !!str x # c\n", "a: new # c\n"),
        ("a: &x\n  - y\n# c\n", "a: new\n# c\n"),
        ("? a\n: x # c\n", "? a\n: new # c\n"),
        (" a: x\n b: 1\n", " a: new\n b: 1\n"),
        ("{a: x, b: 1}\n", "{a: new, b: 1}\n"),
        ("a: x\u3042😀 # é\nb: '\u2028'\n", "a: new # é\nb: '\u2028'\n"),
    ],
)
def test_every_style_of_value_is_replaced_in_its_place(front: str, expected: str) -> None:
    assert edited(front, a="new") == expected
    assert edited(expected, a="new") == expected


def test_a_byte_order_mark_does_not_shift_what_is_replaced() -> None:
    data = b"\xef\xbb\xbf---\r\na: 'x' # c\r\nb: |\r\n  y\r\n---\r\nbody"
    assert edit(data, {"a": "z", "b": "w", "c": "v"}) == (b"\xef\xbb\xbf---\r\na: z # c\r\nb: w\r\nc: v\r\n---\r\nbody")


def test_an_alias_is_replaced_where_it_stands_and_not_where_its_anchor_is() -> None:
    assert edited("a: &x one # c\nb: *x # d\n", b="two") == "a: &x one # c\nb: two # d\n"


def test_an_anchor_in_use_can_not_be_replaced_or_removed() -> None:
    data = b"---\na: &x one\nb: *x\n---\n"
    for value in ("two", None):
        with pytest.raises(FormatError):
            edit(data, {"a": value})


def test_an_anchor_that_is_defined_again_is_replaced_only_if_nothing_else_changes_by_it() -> None:
    assert edited("a: &x one\nb: &x two\nc: *x\n", a="new") == "a: new\nb: &x two\nc: *x\n"
    with pytest.raises(FormatError):
        edited("a: &x one\nb: &x two\nc: *x\n", b="new")


def test_a_list_with_one_item_a_line_keeps_its_form_and_the_lines_that_stay() -> None:
    front = "tags:   # t\n    - a   # first\n    # between\n    - 'b'\n\nx: 1\n"
    added = "tags:   # t\n    - a   # first\n    # between\n    - 'b'\n    - c\n\nx: 1\n"
    assert edited(front, tags=["a", "b", "c"]) == added
    assert edited(added, tags=["a", "b"]) == front
    assert edited(front, tags=["b"]) == front.replace("    - a   # first\n", "")
    assert edited(front, tags=["x: y", "b"]) == front.replace("- a ", '- "x: y" ')
    assert edited(front, tags=["z", "a", "b"]) == front.replace("    - a ", "    - z\n    - a ")


def test_a_list_that_can_not_keep_its_form_is_written_in_brackets() -> None:
    assert edited("a: # c\n- x\nb: 1\n", a=[]) == "a: [] # c\nb: 1\n"
    assert edited("a:\n  - x: 1\nb: 1\n", a=["x", "y"]) == "a: [x, y]\nb: 1\n"
    assert edited("a:\n  - x\nb: 1\n", a=[["x"], "y"]) == "a: [[x], y]\nb: 1\n"
    assert edited("a: x\n", a=["y", "[[z]]"]) == 'a: [y, "[[z]]"]\n'


def test_new_keys_follow_the_margin_of_the_old_ones() -> None:
    assert edited("  a: x\n", b="y") == "  a: x\n  b: y\n"


def test_a_frontmatter_of_comments_takes_a_key_below_them() -> None:
    assert edited("# nothing yet\n", a="x") == "# nothing yet\na: x\n"


@pytest.mark.parametrize("front", ["{a: x}\n", "a: x\n...\n", "--- {a: x}\n"])
def test_a_frontmatter_that_has_no_place_for_a_key_is_refused_and_not_rewritten(front: str) -> None:
    with pytest.raises(FormatError, match="can't be changed"):
        edited(front, b="y")


def test_a_change_that_would_make_a_comment_into_content_is_refused() -> None:
    with pytest.raises(FormatError, match="can't be changed"):
        edited("a: |\n  x\nb: 1\n  # comment\n", b=None)


def test_a_file_without_frontmatter_gets_one_in_its_own_newlines() -> None:
    assert edit(b"\xef\xbb\xbfone\r\ntwo", {"id": "x"}) == b"\xef\xbb\xbf---\r\nid: x\r\n---\r\none\r\ntwo"
    assert edit(b"", {"id": "x"}) == b"---\nid: x\n---\n"
    assert edit(b"---\nopen\n", {"id": "x"}) == b"---\nid: x\n---\n---\nopen\n"


def test_nothing_to_change_gives_the_same_bytes() -> None:
    data = b"\xef\xbb\xbf---  \r\na : [ x,y ]\r\n---\nmixed\r\nnewlines\rhere"
    assert edit(data, {}) == data
    assert edit(data, {"a": ["x", "y"]}, "mixed\nnewlines\nhere") == data


def test_a_new_body_keeps_the_frontmatter_and_the_newlines_of_the_lines_that_stay() -> None:
    data = b"---\r\na: 'x'\r\n---\r\nfirst\r\n\r\n> quote\nlast"
    assert edit(data, {}, "changed\nlines\n\n> quote\nlast") == (
        b"---\r\na: 'x'\r\n---\r\nchanged\r\nlines\r\n\r\n> quote\nlast"
    )


def test_a_body_can_be_added_after_a_fence_that_ends_the_file() -> None:
    assert edit(b"---\r\na: x\r\n---", {}, "body\n") == b"---\r\na: x\r\n---\r\nbody\r\n"


def test_a_carriage_return_is_never_joined_to_a_line_feed_of_another_line() -> None:
    assert parse(edit(b"a\rb\n\nc", {}, "a\n\n\nc")).body == "a\n\n\nc"


def test_a_body_that_can_not_be_told_from_frontmatter_is_refused() -> None:
    with pytest.raises(FormatError):
        edit(b"plain\n", {}, "---\na: b\n---\n")


@pytest.mark.parametrize("body", ["a\0b", "\ud800", "<<<<<<< a\n=======\n>>>>>>> b\n"])
def test_a_body_that_could_not_be_read_again_is_refused(body: str) -> None:
    with pytest.raises(FormatError):
        edit(MEMORY, {}, body)
    with pytest.raises(FormatError):
        compose({"id": "x"}, body)


# Writing


def test_a_new_file_is_written_as_the_format_shows_it() -> None:
    document = parse(MEMORY)
    assert compose(document.fields, document.body) == MEMORY.replace(b"        # ULID", b"")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10 seconds, not 60", "10 seconds, not 60"),
        ("2026-11-18T08:38:00Z", "2026-11-18T08:38:00Z"),
        ("-1", "-1"),
        ("it's", "it's"),
        ("", '""'),
        ("null", '"null"'),
        (" x", '" x"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a:", '"a:"'),
        ("- a", '"- a"'),
        ("[[a]]", '"[[a]]"'),
        ('"a" b', "'\"a\" b'"),
        ("C:\\a: 'b'", "\"C:\\\\a: 'b'\""),
        ("a\nb\t\x1b\u2028", '"a\\nb\\t\\x1b\\u2028"'),
        ("👩\u200d🚀", '"👩\u200d🚀"'),
        (["a b", "c,d", "e:f", "g"], '[a b, "c,d", "e:f", g]'),
        ({"a": ["b"], "c d": {}}, '{a: [b], "c d": {}}'),
    ],
)
def test_a_value_is_quoted_only_where_it_must_be(value: Value, expected: str) -> None:
    assert compose({"k": value}, "") == f"---\nk: {expected}\n---\n".encode()


def test_a_file_of_a_body_alone_has_no_frontmatter_unless_it_would_seem_to() -> None:
    assert compose({}, "text\r\nmore\r") == b"text\nmore\n"
    assert parse(compose({}, "---\na: b\n---\n")).body == "---\na: b\n---\n"
    assert parse(compose({}, "\ufeffx")).body == "\ufeffx"


def test_a_key_too_long_for_yaml_is_refused() -> None:
    with pytest.raises(FormatError):
        compose({"k" * 2000: "x"}, "")
