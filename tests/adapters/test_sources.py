"""What is imported from a disk: files that are links, pipes, closed, too large or badly named cost only themselves."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.files import LARGEST
from smos_cli.adapters.sources import MarkdownSource, open_source
from smos_cli.core.ports import Problem
from smos_cli.errors import FormatError, NotFoundError, SmosError, StorageError, UsageError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def found(path: Path) -> list[str | Problem]:
    return list(open_source(str(path)).documents())


def test_markdown_at_any_depth_is_found_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.md", "A.MD", "sub/c.md", "text.txt", ".hidden.md", ".trash/d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")

    assert found(tmp_path) == ["A.MD", "b.md", "sub/c.md"]


def test_a_folder_of_transcripts_alone_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "talks").mkdir()
    (tmp_path / "talks/a.jsonl").write_bytes(b"{}")

    assert found(tmp_path) == [
        Problem(f"{tmp_path.name}/", "there is no Markdown in this folder; import its other files one by one")
    ]
    (tmp_path / "a.md").write_bytes(b"One.")
    assert found(tmp_path) == ["a.md"]


def test_a_single_markdown_file_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"One.")
    (tmp_path / "b.md").write_bytes(b"Two.")
    source = open_source(str(tmp_path / "a.md"))

    assert (source.name, list(source.lines()), list(source.documents())) == ("a.md", [], ["a.md"])
    assert source.read("a.md") == b"One."


def test_a_part_of_a_vault_is_seen_from_the_vault_whose_tombstones_count(tmp_path: Path) -> None:
    for name in ("PERSONA.md", ".tombstones", "episodes/2026/e.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    for part in ("episodes", "episodes/2026/e.md"):
        source = open_source(str(tmp_path / part))
        assert list(source.documents()) == ["episodes/2026/e.md"]
        assert source.read(".tombstones") == b"x"


@posix
def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    (tmp_path / "notes/a.md").symlink_to(tmp_path / "a.md")
    (tmp_path / "notes/all").symlink_to(tmp_path)

    assert sorted(found(tmp_path / "notes")) == [
        Problem("a.md", "it is a link, and links are not followed"),
        Problem("all", "it is a link, and links are not followed"),
    ]


@posix
def test_a_named_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.md")

    with pytest.raises(FormatError, match="not a regular file"):
        open_source(str(tmp_path)).read(*found(tmp_path))  # type: ignore[arg-type]


def test_a_file_that_no_vault_could_hold_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.md").open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(FormatError, match="more than 16 MB"):
        open_source(str(tmp_path)).read("large.md")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_a_name_that_is_not_utf8_is_found_and_refused(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x", encoding="utf-8")
    (path,) = found(tmp_path)

    with pytest.raises(FormatError, match="not UTF-8"):
        open_source(str(tmp_path)).read(str(path))


def test_a_folder_that_can_not_be_looked_into_is_found_and_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.md").write_bytes(b"One.")
    (tmp_path / "c.md").write_bytes(b"Two.")
    source = open_source(str(tmp_path))
    documents = source.documents()
    assert next(documents) == "c.md"

    # Gone once its name was read: to a walk, it is as closed as one without permissions.
    (tmp_path / "a").rename(tmp_path / "z")

    assert list(documents) == ["a/"]
    with pytest.raises(StorageError, match="can't be read"):
        source.read("a/")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.md", "a.md/b.md"])
def test_what_is_not_there_is_not_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"One.")

    with pytest.raises(NotFoundError):
        open_source(str(tmp_path / name))
    with pytest.raises(StorageError):
        MarkdownSource(tmp_path, tmp_path).read(name)


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")

    with pytest.raises(UsageError) as caught:
        open_source(str(tmp_path / "a.pdf"))
    assert isinstance(caught.value, SmosError)
