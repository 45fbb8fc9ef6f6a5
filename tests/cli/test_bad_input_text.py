"""Words that are not what was expected: texts, ids, names of personas, lines to import."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.running import Home

STRANGE = {
    "emoji": "Ship it 🚀👩‍👩‍👧 on Friday.",
    "CJK": "缓存的有效期是十秒。",
    "right-to-left": "مدة صلاحية الذاكرة المؤقتة عشر ثوان.",
    "brackets for Rich": "[bold red]Not red[/bold red] and [link=x]no link[/] [/nothing] :smile:",
    "combining": "Ça coûte e\u0301normément.",
    "YAML": "--- not: [frontmatter, 'at all'] # nor a comment",
    "a fence": "---\nid: 1\n---\nNot frontmatter.",
    "an option": "--kind is an option",
    "a directional override": "user\u202egnp.exe",
    "lines": "First line.\n\nSecond paragraph.\n\n> [!quote] Third",
}
"""Texts that are stored as they are."""


@pytest.fixture(scope="module")
def told(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every strange text as it is after it was remembered, by what it was given as."""
    user = tmp_path_factory.mktemp("strange") / "user"
    shutil.copytree(first_home, user)
    smos = Home(user)
    ids = {smos.remember(text): text for text in STRANGE.values()}
    lines = [json.loads(line) for line in smos("export").out.splitlines()]
    assert len(ids) == len(lines) == len(STRANGE)
    return {ids[line["id"]]: line["text"] for line in lines}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_text_comes_back_as_it_was_given(text: str, told: dict[str, str]) -> None:
    assert told[text] == text


def test_a_text_from_standard_input_is_the_same_as_from_an_argument(smos: Home) -> None:
    smos.remember(STRANGE["lines"])
    lines = STRANGE["lines"].replace("\n", "\r\n")

    assert smos("remember", "--json", "-", stdin=f"\ufeff\n{lines}\r\n").json["outcome"] == "duplicate"


def test_terminal_escapes_are_stored_and_shown_as_signs(smos: Home) -> None:
    text = "A \x1b[31mred\x1b[0m \x1b]0;title\x07 bell\x9b2J."
    identity = smos.remember(text)

    for words in (("recall", "bell"), ("list",), ("show", identity)):
        shown = smos(*words).out
        assert "␛[31mred␛[0m ␛]0;title␇ bell\\x9b2J" in shown
    assert smos("recall", "bell", "--json").json["hits"][0]["text"] == text
    assert not {"\x1b", "\x07", "\x9b"} & set(smos("recall", "bell", "--json").out)


@pytest.mark.parametrize("text", ["", "  \n\t ", "\ufeff"], ids=["nothing", "white space", "a byte order mark"])
def test_a_text_without_a_word_is_refused(text: str, smos: Home) -> None:
    assert "There is no text to remember." in smos("remember", "-", code=2, stdin=text).err
    assert smos("list").out == ""


def test_a_nul_byte_is_refused(smos: Home) -> None:
    assert "The text holds a NUL byte." in smos("remember", "-", code=2, stdin="A\0B").err
    assert smos("list").out == ""


def test_bytes_that_are_not_utf8_are_refused(smos: Home) -> None:
    assert "The text is not UTF-8 (byte 3)." in smos("remember", "-", code=2, stdin=b"caf\xe9").err
    assert "The argument 'caf\\xe9' is not UTF-8." in smos("remember", b"caf\xe9", code=2).err
    assert "is not UTF-8" in smos("show", b"\xff", code=2).err
    assert "is not UTF-8" in smos("-p", b"\xff", "list", code=2).err
    assert smos("list").out == ""


def test_a_text_of_a_megabyte_is_stored_and_one_of_more_refused(smos: Home) -> None:
    text = "The cache TTL is 10 seconds. " * 34_000

    identity = smos("remember", "--json", "-", stdin=text).json["memory"]["id"]
    assert smos("show", identity, "--json").json["body"] == text.strip()
    assert "cache TTL" in smos("recall", "cache TTL").out
    refused = smos("remember", "-", code=2, stdin=f"{text}{text}").err
    assert "over the limit of 1,000,000." in refused


def test_a_part_of_an_id_that_names_two_is_ambiguous_and_nothing_happens(smos: Home) -> None:
    ids = {smos.remember("One."), smos.remember("Two.")}
    common = "".join(a for a, b in zip(*sorted(ids), strict=True) if a == b)[:4]

    for words in (("show", common), ("forget", common), ("edit", common, "--tag", "x"), ("erase", common, "--yes")):
        error = smos(*words, code=4).err
        assert f"'{common}' could be 2 memories: " in error
        assert all(identity in error for identity in ids)
    assert {memory["id"] for memory in smos("list", "--json").json["memories"]} == ids
    failure = json.loads(smos("show", common, "--json", code=4).err)["error"]
    assert failure["code"] == "ambiguous"


def test_an_unknown_persona_is_not_found_and_the_nearest_is_named(smos: Home) -> None:
    smos("persona", "add", "marta")

    for words in (("-p", "matra", "list"), ("list", "--persona=matra"), ("persona", "show", "matra")):
        error = smos(*words, code=3).err
        assert error.startswith("smos: There is no persona 'matra'.\n")
        assert "marta" in error
    assert "'matra'" in smos("list", code=3, env={"SMOS_PERSONA": "matra"}).err


@pytest.mark.parametrize("name", ["a/b", "..", ".", "../bob", "Bob", "a b", "", "a" * 33, "con", "lpt1", "-x", "é"])
def test_a_name_that_is_no_folder_everywhere_is_refused_for_a_persona(name: str, smos: Home) -> None:
    error = smos("persona", "add", "--", name, code=2).err

    assert f"{name!r} can't be a persona's name." in error
    assert sorted(path.name for path in (smos.folder / "vaults").iterdir()) == ["bob"]


def test_a_persona_name_that_is_no_name_in_an_option_or_the_environment_is_refused(smos: Home) -> None:
    assert "can't be a persona's name" in smos("-p", "../bob", "list", code=2).err
    assert "can't be a persona's name" in smos("list", code=2, env={"SMOS_PERSONA": "a/b"}).err


def test_one_bad_line_among_a_thousand_is_named_and_the_others_are_stored(smos: Home, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"Fact number {number}."}) for number in range(1000)]
    lines[700] = '{"text": "Fact number 700.",'
    (tmp_path / "facts.jsonl").write_text("\n".join(lines), encoding="utf-8")

    counts = smos.counts("import", str(tmp_path / "facts.jsonl"), code=1)

    assert (counts["seen"], counts["stored"], counts["failed"]) == (1000, 999, 1)
    assert [problem["where"] for problem in counts["problems"]] == ["facts.jsonl:701"]
    assert len(smos("list").out.splitlines()) == 999
    assert smos.counts("import", str(tmp_path / "facts.jsonl"), code=1)["duplicates"] == 999


BAD_LINES = {
    "no JSON": b"not JSON",
    "no object": b"[1, 2]",
    "no text": b'{"id": "x"}',
    "a text that is none": b'{"text": 7}',
    "an empty text": b'{"text": " "}',
    "a NUL": b'{"text": "A\\u0000B"}',
    "half a surrogate pair": b'{"text": "A\\ud800B"}',
    "no UTF-8": b'{"text": "caf\xe9"}',
    "nested too deep": b'{"text": ' + b"[" * 100_000,
    "a number too long": b'{"text": "x", "confidence": ' + b"1" * 5000 + b"}",
    "no number": b'{"text": "x", "confidence": NaN}',
    "no date": b'{"text": "x", "created": "yesterday"}',
    "no kind": b'{"text": "x", "kind": "two words"}',
    "no status": b'{"text": "x", "status": "open"}',
    "no tags": b'{"text": "x", "tags": [1]}',
    "a tag of two words": b'{"text": "x", "tags": ["two words"]}',
    "a turn without a text": b'{"session": "s", "speaker": "Ann"}',
    "a turn without a date": b'{"session": "s", "speaker": "Ann", "text": "x", "time": "noon"}',
    "a session that is none": b'{"session": [], "speaker": "Ann", "text": "x"}',
    "conflict markers": b'{"text": "<<<<<<< a\\n=======\\n>>>>>>> b"}',
    "half a surrogate pair in an id": b'{"text": "x", "id": "\\udfff"}',
    "half a surrogate pair in a project": b'{"text": "x", "project": "\\udfff"}',
    "half a surrogate pair in a session": b'{"session": "\\udfff", "speaker": "Ann", "text": "x"}',
    "half a surrogate pair in a speaker": b'{"session": "s", "speaker": "\\udfff", "text": "x"}',
}


def test_every_bad_line_is_named_with_a_reason_and_the_good_one_stored(smos: Home) -> None:
    lines = b"\n".join([*BAD_LINES.values(), b'{"text": "A good one."}', b""])

    counts = smos.counts("import", "-", code=1, stdin=lines)

    assert {problem["where"]: bool(problem["reason"]) for problem in counts["problems"]} == {
        f"stdin:{number}": True for number in range(1, len(BAD_LINES) + 1)
    }
    assert (counts["stored"], counts["failed"]) == (1, len(BAD_LINES))
    assert smos.recalled("good") == ["A good one."]


def test_a_transcript_without_times_is_stored_once(smos: Home) -> None:
    turns = [json.dumps({"session": "s", "speaker": "Ann", "text": f"Turn {number}."}) for number in range(3)]
    assert smos.counts("import", "-", stdin="\n".join(turns[:2]))["stored"] == 2
    episode = next(smos.vault.glob("episodes/*/*/*.md"))

    # As if it had been imported in another month: then its id and its folder are of another time.
    elsewhere = smos.write(f"episodes/2020/01/{episode.name}", episode.read_bytes().replace(b"id: 01", b"id: 00"))
    episode.unlink()
    counts = smos.counts("import", "-", stdin="\n".join(turns))

    assert (counts["duplicates"], counts["stored"]) == (2, 1)
    assert list(smos.vault.glob("episodes/*/*/*.md")) == [elsewhere]
