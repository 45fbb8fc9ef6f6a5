"""What a backup says of itself: read back as it was written, and no name in it leads anywhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.manifest import CONFIG, MOST, Manifest, Member, Part, check_name, manifest_of, text_of
from smos_cli.errors import FormatError

SHA = "0" * 64
PART = Part("bob", "refs/heads/main")
MEMBERS = {CONFIG: Member(60, SHA), PART.bundle: Member(9, SHA), f"{PART.folder}memories/ttl.md": Member(5, SHA)}
MANIFEST = Manifest("2026-11-20T12:00:00Z", "1.0", (PART,), MEMBERS)


def changed(**more: Any) -> bytes:
    return json.dumps({**json.loads(text_of(MANIFEST)), **more}).encode()


def with_files(*names: str) -> bytes:
    files = [{"path": name, "size": 1, "sha256": SHA} for name in (CONFIG, PART.bundle, *names)]
    return changed(files=files)


def test_it_is_read_as_it_was_written() -> None:
    assert manifest_of(text_of(MANIFEST)) == MANIFEST
    assert MANIFEST.size == 74


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), max_size=4))
def test_every_name_that_is_let_in_is_read_as_it_was_written(parts: list[str]) -> None:
    name = "/".join(parts)
    try:
        check_name(name)
    except FormatError:
        return
    members = MEMBERS | {PART.folder + name: Member(0, SHA)}
    assert manifest_of(text_of(Manifest("now", "1", (PART,), members))).members == members


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a//b",
        "./a",
        "a/",
        "a/.",
        "nul\0l",
        ".git/config",
        "notes/.GIT/hooks/post-commit",
        ".git./config",
        ".git /config",
        "GIT~1/config",
        ".g\u200cit/config",
        ".git::$INDEX_ALLOCATION/config",
        "x" * 256,
        "y/" * 2100 + "z",
        "\ud800",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        check_name(name)


@pytest.mark.parametrize("name", [".gitignore", ".github/x", "a b/ü.md", "..md", "git", "new\nline.md", "a:b"])
def test_an_odd_name_of_somebodys_is_let_in(name: str) -> None:
    check_name(name)


def test_a_newer_format_says_so() -> None:
    with pytest.raises(FormatError, match="has the format 2") as caught:
        manifest_of(changed(format=2))
    assert "newer smos" in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b"{",
        b"[" * 100_000,
        changed(format="1"),
        changed(format=0),
        changed(personas=[{"name": "Bob", "head": ""}]),
        changed(personas=[{"name": "../x", "head": ""}]),
        changed(personas=[{"name": "bob", "head": "--upload-pack=x"}]),
        changed(personas=[{"name": "bob", "head": "refs/heads/a b"}]),
        changed(personas=[PART._asdict(), PART._asdict()]),
        changed(files=[{"path": CONFIG, "size": -1, "sha256": SHA}]),
        changed(files=[{"path": CONFIG, "size": True, "sha256": SHA}]),
        changed(files=[{"path": CONFIG, "size": 1, "sha256": "0"}]),
        changed(files=[{"path": 1, "size": 1, "sha256": SHA}]),
        with_files(CONFIG),
        with_files("keys/audit.key"),
        with_files("index/bob.duckdb"),
        with_files("audit/deep/er"),
        with_files("personas/ann/files/x.md"),
        with_files("personas/bob/other"),
        with_files(f"{PART.folder}../../up"),
        changed(files=[{"path": PART.bundle, "size": 1, "sha256": SHA}]),
        changed(files=[{"path": CONFIG, "size": 1, "sha256": SHA}]),
    ],
)
def test_what_is_not_in_order_is_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        manifest_of(text)


def test_more_files_than_can_be_restored_are_not_backed_up() -> None:
    members = dict.fromkeys(map(str, range(MOST + 1)), Member(0, SHA))

    with pytest.raises(FormatError, match="too many"):
        text_of(Manifest("now", "1", (), members))
