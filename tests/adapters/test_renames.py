"""Renames to free names, on systems with one call for it and without."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smos_cli.adapters import durable, renames
from smos_cli.errors import StaleError


@pytest.fixture(params=["one call", "links", "neither"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param != "one call":
        monkeypatch.setattr(renames, "_rename_new", lambda *_: False)
    if request.param == "neither":
        monkeypatch.setattr(os, "link", _refuse)
    (tmp_path / "a.md").write_bytes(b"a")
    return tmp_path


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_file_is_at_its_new_name_alone(folder: Path) -> None:
    durable.move(folder / "a.md", folder / "deep/er/b.md")

    assert not (folder / "a.md").exists()
    assert (folder / "deep/er/b.md").read_bytes() == b"a"


def test_a_file_whose_folder_can_not_be_synced_is_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        durable.move(folder / "a.md", folder / "deep/b.md")

    assert (folder / "a.md").read_bytes() == b"a"
    assert not (folder / "deep/b.md").exists()


@pytest.mark.parametrize("folder", ["one call", "links"], indirect=True)
def test_a_name_that_is_taken_by_then_is_not_written_over(folder: Path) -> None:
    (folder / "b.md").write_bytes(b"a person's")

    for rename in (renames.move_new, renames.move_to_free):
        with pytest.raises(StaleError, match=r"b\.md is there already"):
            rename(folder / "a.md", folder / "b.md")

    assert (folder / "a.md").read_bytes() == b"a"
    assert (folder / "b.md").read_bytes() == b"a person's"


@pytest.mark.parametrize("folder", ["links"], indirect=True)
def test_a_file_whose_old_name_stays_has_no_second_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink = os.unlink
    monkeypatch.setattr(os, "unlink", lambda path: _refuse() if Path(path).name == "a.md" else unlink(path))

    with pytest.raises(PermissionError):
        renames.move_new(folder / "a.md", folder / "b.md")

    assert sorted(os.listdir(folder)) == ["a.md"]


def test_what_is_not_there_can_not_be_moved(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.move(folder / "none.md", folder / "b.md")
