"""Files in a vault that are not what they should be: named, counted, left as they are, and no harm to the others."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.running import Home

ID = "01KB8F3K2M7Q0ZT4V9X2C5N6P"
GOOD = "The cache TTL is 10 seconds."


def memory(text: str, *lines: str) -> bytes:
    return "\n".join(["---", *lines, "---", f"{text}\n"]).encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "not-utf8.md": (memory("A caf", f"id: {ID}A")[:-1] + b"\xe9\n", "The file is not UTF-8 at byte 44, on line 4."),
    "utf16.md": ("A memory.".encode("utf-16"), "NUL byte"),
    "nul.md": (b"A\0memory.", "The file holds a NUL byte on line 1."),
    "broken-yaml.md": (memory("A memory.", "tags: [one, two"), "The frontmatter is not valid YAML on line 2"),
    "yaml-list.md": (memory("A memory.", "- one", "- two"), "The frontmatter is a list, not keys with values."),
    "duplicate-keys.md": (
        memory("A memory.", "tags: [a]", "tags: [b]"),
        "The frontmatter has the key 'tags' again on line 3.",
    ),
    "no-ulid.md": (memory("A memory.", "id: 4711"), "The id '4711' is not a ULID."),
    "unknown-status.md": (memory("A memory.", "status: open"), "The status 'open' is unknown."),
    "no-date.md": (memory("A memory.", "created: some day"), "The value of created, 'some day', is not a date."),
    "no-month.md": (memory("A memory.", "valid_to: 2026-13-01"), "'2026-13-01', is not a date."),
    "empty.md": (b"", "It has no text."),
    "only-frontmatter.md": (memory("", f"id: {ID}B"), "It has no text."),
    # One that is whole is merged anew by the index.
    "conflict.md": (
        b"<<<<<<< half settled\n<<<<<<< ours\nThe TTL is 10.\n=======\nThe TTL is 60.\n>>>>>>> theirs\n",
        "The file holds git's conflict markers from line 2.",
    ),
    "deep.md": (memory("A memory.", "tags: " + "[" * 30_000), "deep"),
    "long-frontmatter.md": (memory("A memory.", "file: " + "x" * 70_000), "The frontmatter is larger than"),
}
"""Below ``memories/``: what is in the file, and what is said of it."""

ACCEPTED: dict[str, tuple[bytes, str]] = {
    "bom.md": (b"\xef\xbb\xbf" + memory("Bombs are defused at noon.", f"id: {ID}C"), "Bombs are defused at noon."),
    "crlf.md": (
        memory("Crates come on Fridays.", f"id: {ID}D").replace(b"\n", b"\r\n"),
        "Crates come on Fridays.",
    ),
    "no-frontmatter.md": (b"Nobody waters the ficus.", "Nobody waters the ficus."),
    "unknown-keys.md": (memory("Keys hang in the hall.", "version: 1.10", "owner: ~"), "Keys hang in the hall."),
    "CON.md": (b"Conrad has the van.", "Conrad has the van."),
    "NUL.md": (b"Nullification is on page 7.", "Nullification is on page 7."),
    "Twin.md": (memory("Tina is the elder twin.", f"id: {ID}F"), "Tina is the elder twin."),
    "twin.md": (b"Tara is the younger twin.", "Tara is the younger twin."),
}
"""Below ``memories/``: what is in the file, and what is recalled of it."""


class Looked(NamedTuple):
    """A vault full of such files, after ``index`` and ``doctor``."""

    smos: Home
    before: dict[str, str]
    counts: dict[str, Any]
    problems: dict[str, str]
    notes: dict[str, str]
    recalled: dict[str, str]


@pytest.fixture(scope="module")
def looked(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Looked:
    user = tmp_path_factory.mktemp("bad files") / "user"
    shutil.copytree(first_home, user)
    smos = Home(user)
    smos.write("good.md", GOOD)
    for name, (data, _) in {**REFUSED, **ACCEPTED}.items():
        smos.write(f"memories/{name}", data)
    for name in ("one", "two"):
        smos.write(f"memories/same-id-{name}.md", memory(f"Number {name}.", f"id: {ID}E"))
    for form in ("NFC", "NFD"):
        smos.write(f"notes/{unicodedata.normalize(form, 'café')}.md", f"Coffee in the form {form}.")
    with (smos.vault / "notes/large.md").open("wb") as file:
        file.truncate(50_000_000)
    _strange_entries(smos.vault, user)
    before = _digests(smos.vault)
    counts = smos.counts(code=1)
    found = smos("doctor", "--json", code=1).json["findings"]
    problems, notes = (
        {item["where"]: item["what"] for item in found if item["level"] == level} for level in ("problem", "note")
    )
    queries = "".join(f"{text}\n" for _, text in ACCEPTED.values())
    answers = [json.loads(line) for line in smos("recall", "--batch", "-", stdin=queries).out.splitlines()]
    recalled = {answer["query"]: answer["hits"][0]["text"] for answer in answers}
    return Looked(smos, before, counts, problems, notes, recalled)


def _digests(vault: Path) -> dict[str, str]:
    return {
        os.fsencode(path).hex(): sha256(path.read_bytes()).hexdigest()
        for path in vault.rglob("*.md")
        if path.is_file() and not path.is_symlink()
    }


def _strange_entries(vault: Path, outside: Path) -> None:
    """Make what is no file, or not one of the vault."""
    (outside / "secret.md").write_text("The secret is 4711.")
    (vault / "out.md").symlink_to(outside / "secret.md")
    (vault / "out").symlink_to(outside)
    (vault / "loop").symlink_to(vault / "loop")
    (vault / "loop.md").symlink_to("loop.md")
    (vault / "up").symlink_to(vault)
    (vault / "gone.md").symlink_to("nowhere.md")
    (vault / "folder.md").mkdir()
    os.mkfifo(vault / "pipe.md")
    if sys.platform != "darwin":  # where every name is UTF-8
        Path(os.fsdecode(os.fsencode(vault) + b"/notes/caf\xe9.md")).write_text("Not a UTF-8 name.")


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_breaks_the_format_is_named_with_the_reason(name: str, looked: Looked) -> None:
    assert REFUSED[name][1] in looked.problems[f"memories/{name}"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_that_is_only_unusual_is_recalled(name: str, looked: Looked) -> None:
    assert f"memories/{name}" not in looked.problems
    assert looked.recalled[ACCEPTED[name][1]] == ACCEPTED[name][1]


def test_nothing_is_written_to_any_of_them(looked: Looked) -> None:
    assert _digests(looked.smos.vault) == looked.before


def test_the_good_file_beside_them_is_recalled(looked: Looked) -> None:
    assert looked.smos.recalled("cache TTL")[0] == GOOD


def test_the_index_counts_every_file_and_says_why_one_failed_or_was_passed_over(looked: Looked) -> None:
    reasons = {problem["where"]: problem["reason"] for problem in looked.counts["problems"]}

    assert looked.counts["failed"] == len(REFUSED) + 1
    assert looked.counts["skipped"] == len(reasons) - looked.counts["failed"]
    assert set(reasons) <= set(looked.problems)


def test_two_files_with_one_id_are_both_kept_and_named(looked: Looked) -> None:
    assert f"The id {ID}E is also in memories/same-id-two.md." in looked.problems["memories/same-id-one.md"]
    assert looked.smos("show", f"{ID}E", code=4).err.startswith("smos: ")


def test_a_file_of_50_mb_is_named_and_not_read(looked: Looked) -> None:
    assert "50 MB, over the limit" in looked.problems["notes/large.md"]


@pytest.mark.parametrize("name", ["out.md", "out", "loop.md", "loop", "up", "gone.md"])
def test_a_link_is_named_and_not_followed(name: str, looked: Looked) -> None:
    assert looked.problems[name] == "It is a link, and links are not followed."


def test_what_a_link_leads_to_is_not_recalled(looked: Looked) -> None:
    assert not any("4711" in text for text in looked.smos.recalled("secret 4711"))


def test_a_pipe_or_a_folder_with_the_name_of_a_note_is_not_opened(looked: Looked) -> None:
    assert looked.smos("show", "pipe.md", code=3)
    assert looked.smos("show", "folder.md", code=3)


@pytest.mark.skipif(sys.platform == "darwin", reason="every name is UTF-8 there")
def test_a_name_that_is_not_utf8_is_named_readably(looked: Looked) -> None:
    assert looked.problems["notes/caf\\xe9.md"] == "Its name is not UTF-8."


def test_names_that_differ_by_case_or_by_form_are_pointed_out(looked: Looked) -> None:
    assert "memories/twin.md only by case" in looked.notes["memories/Twin.md"]
    assert any("caf" in where and "only by case or accents" in what for where, what in looked.notes.items())
    texts = looked.smos.recalled("coffee in the form")

    assert {"Coffee in the form NFC.", "Coffee in the form NFD."} <= set(texts)
