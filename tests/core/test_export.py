"""Every memory as an object that, imported elsewhere, gives the same memory with the same id."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smos_cli.core.export import export
from smos_cli.core.markdown import compose
from smos_cli.core.memory import LISTS, SCALARS, Memory, to_fields
from smos_cli.core.selection import Selection
from smos_cli.errors import FormatError
from tests.core.bob import EPISODE, Bob, conversation
from tests.samples import identity, link, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


def exported(bob: Bob, **selection: Any) -> list[dict[str, Any]]:
    return list(export(bob.ports, Selection(**selection)))


RICH = memory_file(
    3,
    f"{TTL}\n\n> [!quote] Marta: let's go with 10s\n\n[brackets] \U0001f600 עברית",
    kind="decision",
    status="pending",
    tags=("cache", "été"),
    confidence=0.8,
    created="2024-05-08",
    updated="2025-01-01T00:00:00Z",
    valid_from="2024",
    valid_to="2026-12",
    pinned=True,
    via="chat",
    session=f"{EPISODE}#^t3",
    speaker="Marta",
    model="a-model",
    project="api",
    ref="m-3",
    file="old.jsonl",
    sources=(f"{EPISODE}#^t1", f"{EPISODE}#^t2"),
    supersedes=(link(1),),
    conflicts=(link(2),),
    aliases=("ttl",),
)
FILES = {
    "memories/b.md": memory_file(2, TEA, via="shell"),
    "memories/a.md": memory_file(1, "Hector is off."),
    "memories/c.md": RICH,
    "notes/n.md": b"A note.\n",
    **conversation(),
}


def test_memories_come_oldest_first_and_nothing_else_does() -> None:
    assert [line["id"] for line in exported(Bob(FILES), everything=True)] == [identity(3), identity(1), identity(2)]


def test_what_is_as_by_default_is_left_out() -> None:
    (line,) = exported(Bob({"memories/b.md": FILES["memories/b.md"]}))

    assert line == {
        "id": identity(2),
        "text": TEA,
        "kind": "fact",
        "created": "2025-11-20T12:00:00Z",
        "via": "shell",
    }


def test_everything_else_is_in_it() -> None:
    (line,) = exported(Bob({"memories/c.md": RICH}), everything=True)

    assert line["text"].endswith("[brackets] \U0001f600 עברית")
    assert line["session"] == f"{EPISODE}#^t3"
    assert set(line) == {
        *("id", "text", "kind", "status", "confidence", "created", "updated", "valid_from", "valid_to", "pinned"),
        *("via", "session", "speaker", "model", "project", "ref", "file", "tags", "sources", "supersedes", "conflicts"),
        "aliases",
    }


def test_imported_elsewhere_it_gives_the_same_memories() -> None:
    here, there = Bob(FILES), Bob()

    done = there.import_(*exported(here, everything=True), name="all.jsonl")

    assert (done.stored, done.failed) == (3, 0)
    without_paths = [
        sorted(repr(memory).replace(memory.path, "") for memory in bob.memories(everything=True, memories_only=True))
        for bob in (here, there)
    ]
    assert without_paths[0] == without_paths[1]
    assert exported(there, everything=True) == exported(here, everything=True)


def test_imported_here_again_it_stores_nothing_not_even_after_an_edit() -> None:
    bob = Bob(FILES)
    lines = exported(bob, everything=True)
    bob.vault.write("memories/b.md", FILES["memories/b.md"].replace(b"four", b"five"))

    done = bob.import_(*lines, name="all.jsonl")

    assert (done.stored, done.duplicates, done.skipped) == (0, 2, 1)
    assert done.problems == [("all.jsonl:3", "what has its id here has another text")]


def test_one_without_an_id_is_exported_with_an_empty_one() -> None:
    bob = Bob({"memories/tea.md": b"Tea is at four.\r\n\r\nReally.\r\n"})

    assert exported(bob) == [{"id": "", "text": "Tea is at four.\n\nReally.", "kind": "fact"}]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [({}, [1, 2]), ({"statuses": ("pending",)}, [3]), ({"tags": ("cache",), "everything": True}, [3])],
    ids=str,
)
def test_filters_hold(selection: dict[str, Any], expected: list[int]) -> None:
    files = {**FILES, "memories/c.md": RICH.replace(b"supersedes", b"x-supersedes")}

    assert [line["id"] for line in exported(Bob(files), **selection)] == [identity(number) for number in expected]


def test_what_was_forgotten_is_not_in_it() -> None:
    bob = Bob(FILES)
    bob.forget(identity(1))

    assert identity(1) not in [line["id"] for line in exported(bob, everything=True)]


plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
words = st.one_of(
    plain, st.sampled_from(["", "a|b", "[[x]]", "talk-7tx2r9wq#^t1", " x ", "a\nb", "null", "- a", "#b", "]"])
)
bodies = st.one_of(
    plain,
    st.sampled_from(["    code\n\nmore", "---\nid: x\n---\ntext", "\ufeffx", "a  \n", "\n\n a", "# Title", "a\r\nb"]),
).filter(lambda text: bool(text.strip()))
dates = st.sampled_from(["", "2026", "2026-11", "2026-11-18", "2026-11-18T08:38:00Z"])
values = st.recursive(
    words,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(plain, inner, max_size=3)),
    max_leaves=5,
)
memories = st.builds(
    Memory,
    id=st.integers(0, 5).map(identity),
    body=bodies,
    kind=st.sampled_from(["fact", "decision"]),
    status=st.sampled_from(["accepted", "pending", "archived"]),
    confidence=st.one_of(st.just(1.0), st.floats(0, 1)),
    **dict.fromkeys(["created", "updated", "valid_from", "valid_to"], dates),
    tags=st.lists(st.sampled_from(["a", "été", "a/b"]), max_size=2).map(tuple),
    pinned=st.booleans(),
    **dict.fromkeys(["via", "session", "speaker", "model", "project", "ref", "file"], words),
    **dict.fromkeys(
        ["sources", "supersedes", "conflicts", "aliases"], st.lists(words, max_size=2, unique=True).map(tuple)
    ),
)


@given(memories, st.dictionaries(plain.filter(lambda key: key not in ("id", *SCALARS, *LISTS)), values, max_size=3))
@example(Memory(identity(1), "  two spaces", session="a|b", supersedes=("[[x]]",)), {"mood": "", "": {"a": []}})
def test_exported_imported_elsewhere_and_exported_again_it_is_the_same_bytes(
    memory: Memory, extra: dict[str, Any]
) -> None:
    try:
        data = compose({**to_fields(memory), **extra}, memory.body + "\n")
    except FormatError:
        return
    here, there = Bob({"memories/m.md": data}), Bob()
    lines = exported(here, everything=True)
    done = there.import_(*lines, name="all.jsonl")

    assert (len(lines), done.stored, done.problems) == (1, 1, [])
    assert [json.dumps(line) for line in exported(there, everything=True)] == [json.dumps(line) for line in lines]


def test_every_field_of_a_memory_is_in_the_table_that_files_lines_and_the_index_share() -> None:
    others = {"id", "body", "path", "body_hash"}

    assert {field.name for field in fields(Memory)} == {*SCALARS, *LISTS, *others}
