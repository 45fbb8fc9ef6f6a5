"""One file merged three ways, and its bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.markdown import compose, edit, parse
from smos_cli.core.merging import merge_text
from smos_cli.core.merging.cuts import lines, paragraphs
from smos_cli.core.merging.documents import Versions, Written, merge_document, merge_lines

BASE = b"""---
id: 01KB8F3K2M7Q0ZT4V9X2C5N6PD   # mine
version: 1.10
tags: [a]
---
The cache TTL is 60 seconds.

It was agreed in May.
"""


def merge(base: bytes | None, early: bytes, late: bytes) -> Written:
    written = merge_document(Versions(base, early, late), paragraphs)
    assert written
    return written


def test_a_tag_here_and_a_paragraph_there_are_both_in_the_result_and_no_other_byte_changes() -> None:
    early, late = BASE.replace(b"[a]", b"[a, b]"), BASE.replace(b"in May", b"in June")
    assert merge(BASE, early, late) == Written(early.replace(b"in May", b"in June"))
    assert merge(BASE, late, early) == Written(early.replace(b"in May", b"in June"))


def test_crlf_and_a_byte_order_mark_stay() -> None:
    base = b"\xef\xbb\xbf" + BASE.replace(b"\n", b"\r\n")
    early, late = base.replace(b"[a]", b"[a, b]"), base.replace(b"in May", b"in June")
    assert merge(base, early, late) == Written(early.replace(b"in May", b"in June"))


def test_keys_that_both_added_are_both_there_with_their_comments() -> None:
    early = BASE.replace(b"tags: [a]", b"tags: [a]\nproject: x # early")
    late = BASE.replace(b"tags: [a]", b"tags: [a]\nspeaker: y # late")
    written = merge(BASE, early, late)
    assert parse(written.data).fields == {**parse(early).fields, "speaker": "y"}
    assert b"# mine" in written.data
    assert b"# early" in written.data
    assert b"# late" in written.data
    assert not written.clashes


def test_tags_that_both_added_are_all_there() -> None:
    written = merge(BASE, BASE.replace(b"[a]", b"[a, b]"), BASE.replace(b"[a]", b"[c, a]"))
    assert written == Written(BASE.replace(b"[a]", b"[c, a, b]"))


def test_a_comment_that_would_be_lost_is_a_clash() -> None:
    early = BASE.replace(b"tags: [a]", b"tags: [a, b] # said Marta")
    assert merge(BASE, early, BASE.replace(b"tags: [a]", b"tags: [a, c] # said Bob")).clashes == ("comments",)


def test_the_same_statement_changed_differently_is_a_clash_and_the_rest_is_merged() -> None:
    early = BASE.replace(b"60 s", b"30 s").replace(b"[a]", b"[a, b]")
    late = BASE.replace(b"60 s", b"10 s").replace(b"in May", b"in June")
    written = merge(BASE, early, late)
    assert written.clashes == ("body",)
    assert written.data == late.replace(b"[a]", b"[a, b]")


def test_without_a_base_two_files_are_joined_where_one_has_all_of_the_other() -> None:
    late = BASE.replace(b"[a]", b"[b]") + b"\nMore.\n"
    assert merge(None, BASE, late) == Written(late.replace(b"[b]", b"[b, a]"))
    assert merge(None, BASE, BASE.replace(b"60", b"10")).clashes == ("body",)


def test_a_file_that_cannot_be_read_is_not_merged() -> None:
    assert merge_document(Versions(BASE, BASE.replace(b"a]", b"a"), BASE + b"\nMore.\n"), paragraphs) is None


def test_a_merge_that_would_make_conflict_markers_is_declined() -> None:
    base = b"a\n\nb\n\nc\n"
    early, late = b"<<<<<<< a\n\nb\n\n>>>>>>> c\n", b"a\n\n=======\n\nc\n"
    assert merge_document(Versions(base, early, late), lines) is None


def test_lines_of_a_text_that_is_no_markdown_merge_too() -> None:
    assert merge_lines(Versions(b"a\nb\n", b"x\nb\n", b"a\ny\n")) == Written(b"x\ny\n")
    assert merge_lines(Versions(b"a\n", b"a\n\xff", b"b\n")) is None


def test_merge_text_has_both_changes_or_says_that_they_clash() -> None:
    tagged, edited = BASE.replace(b"[a]", b"[a, b]"), BASE.replace(b"in May", b"in June")
    assert merge_text(BASE, tagged, edited) == tagged.replace(b"in May", b"in June")
    assert merge_text(BASE, edited, BASE.replace(b"in May", b"in July")) is None
    assert merge_text(BASE, edited, BASE) == edited
    assert merge_text(b"\xff", b"\xff\xfe", b"\xfd") is None
    assert merge_text(b"---\na: [\nb\n", b"---\na: [\nc\n", b"---\na: ]\nb\n") == b"---\na: ]\nc\n"


TAGS = st.lists(st.sampled_from(["a", "b", "c d", "x: y", "#e"]), unique=True, max_size=3)
FRONTS = st.fixed_dictionaries(
    {}, optional={"tags": TAGS, "mine": TAGS, "kind": st.sampled_from(["fact", "1.10", "'"])}
)
BODIES = st.lists(st.sampled_from(["one", "two\nlines", "```\nx\n\ny\n```", "---", "# t"]), max_size=4).map("\n\n".join)
SHAPES = st.sampled_from(["flow", "block", "crlf"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw a file as somebody, or some program, writes it."""
    fields, body, shape = draw(FRONTS), draw(BODIES), draw(SHAPES)
    data = compose({"id": "01KB8F3K2M7Q0ZT4V9X2C5N6PD", **fields}, f"{body}\n")
    if shape == "block" and (tags := fields.get("tags")):
        lines = "".join(f'  - "{tag}"\n' for tag in tags)
        data = edit(data, {"tags": None}).replace(b"\n---\n", f"\ntags: # mine\n{lines}---\n".encode(), 1)
    return data.replace(b"\n", b"\r\n") if shape == "crlf" else data


@given(files(), files(), files())
def test_a_merge_reads_as_what_each_side_alone_changed(base: bytes, early: bytes, late: bytes) -> None:
    for cut in (paragraphs, lines):
        written = merge_document(Versions(base, early, late), cut)
        assert written
        old, ours, theirs, both = (parse(data).fields for data in (base, early, late, written.data))
        for key in {*old, *ours, *theirs}:
            if ours.get(key) == old.get(key):
                assert both.get(key) == theirs.get(key)
            elif theirs.get(key) == old.get(key):
                assert both.get(key) == ours.get(key)
        assert merge_document(Versions(base, early, base), cut) == Written(early)
        assert merge_document(Versions(base, base, late), cut) == Written(late)
