"""Which paths of a vault are left out: .smosignore and the note app's own excluded files."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.ignore import ignored
from smos_cli.errors import FormatError, StorageError
from tests.cli.running import environment

ALL = [
    "a.md",
    "drafts/",
    "drafts/b.md",
    "work/",
    "work/private/",
    "work/private/c.md",
    "work/drafts/",
    "work/drafts/d.md",
    "work/picture.excalidraw.md",
    "é[1].md",
    "#1.md",
    "!2.md",
]


def left_out(vault: Path, base: str = "") -> set[str]:
    """Return what is not listed: what is ignored, and all below it."""
    test = ignored(vault, base)
    if test is None:
        return set()
    folders = {path for path in ALL if path.endswith("/") and test(path)}
    return {path for path in ALL if test(path) or any(path.startswith(folder) for folder in folders)}


def obsidian(vault: Path, *filters: object) -> None:
    (vault / ".obsidian").mkdir()
    (vault / ".obsidian/app.json").write_text(json.dumps({"userIgnoreFilters": list(filters)}))


@pytest.mark.parametrize("text", [None, "", "\n \n", "# drafts/\n"])
def test_where_nothing_is_excluded_there_is_no_test(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / ".smosignore").write_text(text)

    assert ignored(tmp_path, "") is None


CASES = [
    ("drafts/\n", {"drafts/", "drafts/b.md", "work/drafts/", "work/drafts/d.md"}),
    ("/drafts\n", {"drafts/", "drafts/b.md"}),
    ("work/private/", {"work/private/", "work/private/c.md"}),
    ("*.excalidraw.md\r\n", {"work/picture.excalidraw.md"}),
    ("work/**/d.md\n", {"work/drafts/d.md"}),
    ("work/*\n!work/drafts/\n", {"work/private/", "work/private/c.md", "work/picture.excalidraw.md"}),
    ("\\#1.md\n\\!2.md\n", {"#1.md", "!2.md"}),
    ("é\\[1\\].md\n", {"é[1].md"}),
    ("\ufeffa.md\n", {"a.md"}),
]


class TestSmosignore:
    @pytest.mark.parametrize(("text", "expected"), CASES)
    def test_patterns_mean_what_they_mean_to_git(self, tmp_path: Path, text: str, expected: set[str]) -> None:
        (tmp_path / ".smosignore").write_text(text, newline="")

        assert left_out(tmp_path) == expected

    @pytest.mark.parametrize(("text", "expected"), CASES)
    def test_git_says_the_same(self, tmp_path: Path, text: str, expected: set[str]) -> None:
        env = environment(tmp_path)
        subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, env=env, check=True)
        (tmp_path / ".gitignore").write_text(text.replace("\r\n", "\n"))
        files = [path for path in ALL if not path.endswith("/")]
        for path in files:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()

        asked = "\0".join(files).encode()
        done = subprocess.run(
            ["git", "check-ignore", "-z", "--stdin"], cwd=tmp_path, env=env, input=asked, capture_output=True
        )

        assert set(done.stdout.decode().split("\0")) - {""} == {path for path in expected if not path.endswith("/")}

    def test_the_one_in_smos_counts_from_there_and_the_one_at_the_top_from_the_top(self, tmp_path: Path) -> None:
        (tmp_path / "smos").mkdir()
        (tmp_path / "smos/.smosignore").write_text("/memories/private/\n")
        (tmp_path / ".smosignore").write_text("/Diary/\n")
        test = ignored(tmp_path, "smos/")

        assert test is not None
        assert test("smos/memories/private/a.md")
        assert test("Diary/a.md")
        assert not test("memories/private/a.md")
        assert not test("smos/Diary/a.md")

    @pytest.mark.parametrize("line", ["!", "trailing\\"])
    def test_a_line_that_is_no_pattern_is_named(self, tmp_path: Path, line: str) -> None:
        (tmp_path / ".smosignore").write_text(f"drafts/\n{line}\n")

        with pytest.raises(FormatError, match="Line 2 of"):
            ignored(tmp_path, "")

    def test_what_can_not_be_read_is_an_error_and_not_a_vault_without_one(self, tmp_path: Path) -> None:
        (tmp_path / ".smosignore").mkdir()
        with pytest.raises(StorageError):
            ignored(tmp_path, "")

        (tmp_path / ".smosignore").rmdir()
        (tmp_path / ".smosignore").write_bytes(b"\xff\xfe")
        with pytest.raises(FormatError):
            ignored(tmp_path, "")


class TestObsidian:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("drafts/", {"drafts/", "drafts/b.md"}),
            ("Work/Dra", {"work/drafts/", "work/drafts/d.md"}),
            ("/a.md", {"a.md"}),
            ("é[1].md", {"é[1].md"}),
            ("/private|excalidraw/", {"work/private/", "work/private/c.md", "work/picture.excalidraw.md"}),
            ("/^work/", {path for path in ALL if path.startswith("work/")}),
            ("", set()),
        ],
    )
    def test_a_path_is_a_beginning_and_between_slashes_a_regex(
        self, tmp_path: Path, text: str, expected: set[str]
    ) -> None:
        obsidian(tmp_path, text)

        assert left_out(tmp_path) == expected

    def test_both_kinds_of_exclusion_hold_at_once(self, tmp_path: Path) -> None:
        obsidian(tmp_path, "drafts/", "a.md")
        (tmp_path / ".smosignore").write_text("!a.md\n/wor*/\n")

        assert left_out(tmp_path) >= {"a.md", "drafts/b.md", "work/drafts/d.md"}

    @pytest.mark.parametrize("data", [b"{", b"[]", b'{"userIgnoreFilters": 5}', b'{"userIgnoreFilters": [5]}', b"\xff"])
    def test_settings_that_can_not_be_understood_are_an_error(self, tmp_path: Path, data: bytes) -> None:
        obsidian(tmp_path)
        (tmp_path / ".obsidian/app.json").write_bytes(data)

        with pytest.raises(FormatError):
            ignored(tmp_path, "")

    def test_so_is_a_regex_that_is_none_here(self, tmp_path: Path) -> None:
        obsidian(tmp_path, "/(?<name>x)/")

        with pytest.raises(FormatError):
            ignored(tmp_path, "")

    @pytest.mark.parametrize("data", [b"{}", b'{"userIgnoreFilters": null}', b'{"userIgnoreFilters": []}'])
    def test_settings_without_any_exclude_nothing(self, tmp_path: Path, data: bytes) -> None:
        obsidian(tmp_path)
        (tmp_path / ".obsidian/app.json").write_bytes(data)

        assert ignored(tmp_path, "") is None


@pytest.mark.parametrize("line", ["*a" * 12 + "b", "x/" + "a*" * 5])
def test_a_pattern_that_could_take_hours_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / ".smosignore").write_text(f"{line}\n")
    with pytest.raises(FormatError):
        ignored(tmp_path, "")


@pytest.mark.parametrize("regex", ["/(a+)+$/", "/(a|a)*b/", "/.*.*.*.*.*x/"])
def test_so_is_a_regex(tmp_path: Path, regex: str) -> None:
    obsidian(tmp_path, regex)
    with pytest.raises(FormatError):
        ignored(tmp_path, "")


def test_a_named_pipe_is_no_list_of_exclusions_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".smosignore")
    with pytest.raises(StorageError):
        ignored(tmp_path, "")
