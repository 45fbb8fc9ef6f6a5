"""What must hold for every file: read or refused, and changed nowhere but where it was meant."""

from __future__ import annotations

import contextlib

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from smos_cli.core import flat, frontmatter
from smos_cli.core.markdown import Value, compose, edit, parse
from smos_cli.errors import FormatError

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
BOM = b"\xef\xbb\xbf"

many = settings(max_examples=300, deadline=None)

AWKWARD = [
    *"-?:,[]{}#&*!|>'\"%@`~=<\\ .a1é\t\n\u2028\x85\u200d\ufeff\0😀", ": ", " #", ":a", "- ", "? ",
    "null", "yes", "1.10", "2026-11-18", "[[x]]", "---", "...",
]  # fmt: skip
"""What makes a value hard to write."""
PIECES = [
    *"-?:,[]{}#&*!|>'\"%@`~ aé\n\t\r\\\x85\u2028\ufeff", ": ", " #", "- ", "? ", "b: ", "c:\n", "  ",
    "\n  ", "\n- ", "\n  - ", "[a, b]", '"a"', "'b'", "\nk: ", "\nl: [", " # c", "null", "''", '""',
    "|\n  x\n", ">-\n", "&n ", "*n", "!t ", "\r\n", "...", "---", "{a: b}", "\n# c\n", "\n\n",
]  # fmt: skip
"""What decides how YAML reads a line."""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
awkward = texts | st.lists(st.sampled_from(AWKWARD), max_size=6).map("".join)
values = st.recursive(
    awkward,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(awkward, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["id", "tags", "kind", "valid_from", "x-y", "é", "null", "a b", "7", "", "<<"])
body_lines = st.lists(st.sampled_from(["---", "a", "", "# b", "é", "\x0c", "---\na: b\n---"]))
bodies = (texts | body_lines.map("\n".join)).map(lambda text: text.replace("\0", ""))
fronts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
lines = st.builds(
    "{}:{}{}{}".format,
    st.sampled_from(["k", "l", "m-n", "o", "é", "a.b", "-", '"q"', "y"]),
    st.sampled_from([" ", "", "  "]),
    fronts.map(lambda text: text.replace("\n", "").replace("\r", "")) | st.sampled_from(["x", '"x"', "[]"]),
    st.sampled_from(["", " # c", "#c", "\n- a", "\n  - a\n  - 'b' # c", "\n  d: e", " "]),
)
flat_like = st.lists(lines, max_size=4).map("\n".join)


@many
@given(front=fronts | flat_like, loader=st.sampled_from(LOADERS))
def test_the_flat_reader_answers_what_the_yaml_parser_answers(front: str, loader: object) -> None:
    front = front.replace("\r\n", "\n").replace("\r", "\n")
    found = flat.read(front)
    if found is not None:
        assert list(found.items()) == list(frontmatter.read(front, loader)[0].items())


@many
@given(text=awkward)
def test_the_flat_reader_answers_what_the_yaml_parser_answers_for_one_value(text: str) -> None:
    for front in (
        f"k: {text}",
        f"k: [{text}]",
        f"k: [a, {text} ]",
        f"k:\n  - {text}",
        f"k: '{text}'",
        f'k: "{text}"',
    ):
        found = flat.read(front)
        if found is not None:
            assert found == frontmatter.read(front, yaml.SafeLoader)[0]


@many
@given(
    data=st.one_of(st.binary(), fronts.map(lambda front: f"---\n{front}\n---\nbody".encode())),
    key=names,
    value=awkward,
)
def test_any_bytes_are_read_or_refused(data: bytes, key: str, value: str) -> None:
    with contextlib.suppress(FormatError):
        parse(data)
    with contextlib.suppress(FormatError):
        edit(data, {key: value})


@many
@given(fields=st.dictionaries(names | awkward, values, max_size=5), body=bodies)
def test_what_is_composed_reads_the_same(fields: dict[str, Value], body: str) -> None:
    found = parse(compose(fields, body))
    assert list(found.fields.items()) == list(fields.items())
    assert found.body == body.replace("\r\n", "\n").replace("\r", "\n")


@many
@given(value=values)
def test_what_is_composed_reads_the_same_with_the_parser_in_python(value: Value) -> None:
    front = flat.lines({"k": value}, "\n")
    assert frontmatter.read(front, yaml.SafeLoader)[0] == {"k": value}
    assert flat.read(front) in (None, {"k": value})


# Each is a key's lines: what stands before the value, the value, what stays after it.
STYLES = [
    ("{}: ", "plain", ""),
    ("{}:   ", "1.10", "   # a comment"),
    ("{} : ", "'it''s'", "  "),
    ("{}: ", '"a\\tb # c"', " # d"),
    ('"{}": ', "[a, b]", " #"),
    ("{}: ", "[a,\n  'b' , # in\n  c]", " # after"),
    ("{}: ", "{{a: [b], c: {{}}}}", ""),
    ("{}: ", "a plain one\n  over lines\n\n  and more", ""),
    ("{}: ", '"quoted\n  over lines"', " # c"),
    ("{}: ", "!!str 7", ""),
    ("{}: ", "&{}anchor x", ""),
]
LITERALS = ["|\n  a\n   b\n", ">-\n  a\n\n  # not a comment\n", "|2-\n    a\n  b\n", "|+\n  a\n"]
BLOCKS = [
    "\n- a\n- b # c\n",
    "\n  # c\n  - a\n\n  -   'b'\n",
    "\n  a: b\n  c:\n    - d\n",
    "\n  - - a\n    - b\n  - c: d\n",
]
FILLERS = ["", "# a comment\n", "\n", "\n# x: y\n\n", "unknown: é 😀 \u3042\n", "# \ufeff\n"]


@st.composite
def files(draw: st.DrawFn) -> tuple[list[tuple[str, str, str, str]], str, bytes, str, str]:
    """A file in pieces: per key its name, what is before the value, the value, and what stays."""
    keys = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True))
    margin = draw(st.sampled_from(["", "", " "]))
    made = []
    for key in keys:
        before, value, after = draw(st.sampled_from(STYLES))
        made.append((key, margin + before.format(key), value.format(key), f"{after}\n"))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    body = draw(st.sampled_from(["", "x", "a\n\nb\n", "\n\n", "---\n"]))
    fence = draw(st.sampled_from(["---\n", "---  \n", "---" if not body else "---\n"]))
    return made, newline, draw(st.sampled_from([b"", BOM])), draw(st.sampled_from(FILLERS)), fence + body


def _join(pieces: list[str], newline: str, lead: bytes) -> bytes:
    return lead + "".join(pieces).replace("\n", newline).encode()


@many
@given(file=files(), place=st.integers(0, 3), value=values)
def test_editing_one_key_changes_no_other_byte(file: tuple, place: int, value: Value) -> None:
    made, newline, lead, filler, rest = file
    place %= len(made)
    filler = "" if made[0][1].startswith(" ") and "unknown" in filler else filler
    head = "---\n" + "".join("".join(part[1:]) for part in made[:place]) + filler + made[place][1]
    tail = (
        made[place][3] + filler.replace("unknown", "other") + "".join("".join(p[1:]) for p in made[place + 1 :]) + rest
    )
    data = _join([head, made[place][2], tail], newline, lead)
    key = made[place][0]
    result = edit(data, {key: value})
    if parse(data).fields[key] == value:
        assert result == data
    assert result.startswith(_join([head], newline, lead))
    assert result.endswith(_join([tail], newline, b""))
    assert parse(result).fields[key] == value
    assert edit(result, {key: value}) == result


@many
@given(
    block=st.sampled_from(LITERALS + BLOCKS),
    comment=st.sampled_from(["", " # a comment"]),
    filler=st.sampled_from(FILLERS),
    newline=st.sampled_from(["\n", "\r\n"]),
    value=st.none() | values,
)
def test_replacing_a_block_leaves_the_lines_around_it(
    block: str, comment: str, filler: str, newline: str, value: Value | None
) -> None:
    first, _, below = block.partition("\n")
    head = f"---\nx: 1\n{filler}k:{' ' if first else ''}{first}"
    tail = f"{filler.replace('unknown', 'other')}z: 'y'\n---\nbody"
    data = _join([head, comment, "\n", below, tail], newline, b"")
    try:
        result = edit(data, {"k": value})
    except FormatError:
        # Once the key is gone, the comment would be read as a part of what is above it, or a blank line.
        assert value is None or "|+" in block
        return
    kept = _join([head.removesuffix(f"{' ' if first else ''}{first}")], newline, b"")
    assert result.startswith(kept if value is not None else _join([f"---\nx: 1\n{filler}"], newline, b""))
    assert result.endswith(_join([tail], newline, b""))
    assert value is None or parse(data).fields["k"] == value or comment.encode() in result
    assert parse(result).fields.get("k") == value


@many
@given(file=files(), place=st.integers(0, 3), value=values)
def test_removing_or_adding_a_key_leaves_every_other_line_alone(file: tuple, place: int, value: Value) -> None:
    made, newline, lead, _, rest = file
    place %= len(made)
    rows = ["".join(part[1:]) for part in made]
    data = _join(["---\n", *rows, rest], newline, lead)
    without = _join(["---\n", *rows[:place], *rows[place + 1 :], rest], newline, lead)
    margin = " " if made[0][1].startswith(" ") else ""
    line = _join([margin, flat.lines({"new": value}, "\n")], newline, b"")
    assert edit(data, {made[place][0]: None}) == without
    assert edit(data, {"new": value}) == _join(["---\n", *rows], newline, lead) + line + _join([rest], newline, b"")
    assert edit(edit(data, {"new": value}), {"new": None}) == data


@many
@given(
    front=fronts | flat_like,
    newline=st.sampled_from(["\n", "\r\n"]),
    value=st.none() | values,
    data=st.data(),
)
def test_whatever_is_edited_the_other_keys_keep_their_bytes(
    front: str, newline: str, value: Value | None, data: st.DataObject
) -> None:
    front = "first: 1\n" + front.replace("\r", "").replace("\n", newline) + newline
    try:
        entries = frontmatter.read(front, yaml.SafeLoader)[1]
        key = data.draw(st.sampled_from(sorted(entries)))
        result = edit(f"---\n{front}---\nbody".encode(), {key: value})
    except FormatError:
        return
    before = front[: entries[key].key_start].rpartition("\n")[0]
    starts = [entry.key_start for entry in entries.values() if entry.key_start > entries[key].start]
    after = front[min(starts) :] if starts else ""
    assert result.startswith(f"---\n{before}".encode())
    assert result.endswith(f"{after}---\nbody".encode())


@many
@given(file=files(), old=bodies, new=bodies)
def test_a_new_body_leaves_the_frontmatter_and_the_shared_lines_alone(file: tuple, old: str, new: str) -> None:
    made, newline, lead, filler, _ = file
    filler = "" if made[0][1].startswith(" ") else filler
    head = _join(["---\n", *("".join(part[1:]) for part in made), filler, "---\n"], newline, lead)
    data = head + old.encode()
    result = edit(data, {}, new)
    assert result.startswith(head)
    assert parse(result).body == new.replace("\r\n", "\n").replace("\r", "\n")
    assert edit(data, {}, parse(data).body) == data
    assert edit(result, {}, new) == result


@many
@given(data=st.builds(lambda lead, text: lead + text.encode(), st.sampled_from([b"", BOM]), bodies), value=values)
def test_a_file_without_frontmatter_gets_one_above_its_bytes(data: bytes, value: Value) -> None:
    try:
        plain = not parse(data).has_frontmatter
    except FormatError:
        return
    if plain:
        result = edit(data, {"k": value})
        lead = BOM if data.startswith(BOM) else b""
        assert result.startswith(lead + b"---")
        assert result.endswith(data.removeprefix(BOM))
        assert parse(result).body == parse(data).body
        assert edit(data, {}) == data
