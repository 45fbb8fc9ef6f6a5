"""The user's editor: real programs on a copy of a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from smos_cli.adapters.editor import EditorError, edit_draft

NAME, DATA = "the-ttl-x2c5n6pd.md", "The TTL is 10 s.\r\né".encode()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that drafts lie in."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def program(tmp_path: Path, code: str, name: str = "editor") -> str:
    path = tmp_path / name
    path.write_text(
        f"#!{sys.executable}\nimport os, sys\nfrom pathlib import Path\nfile = Path(sys.argv[-1])\n{code}\n"
    )
    path.chmod(0o755)
    return str(path)


def test_what_is_saved_is_what_became_of_it(tmp_path: Path, temporary: Path) -> None:
    editor = program(tmp_path, "file.write_bytes(file.read_bytes() + b'!')")

    draft = edit_draft({"EDITOR": editor}, NAME, DATA)

    assert draft.data() == DATA + b"!"


def test_an_editor_that_saves_by_renaming_is_one_too(tmp_path: Path, temporary: Path) -> None:
    editor = program(tmp_path, "new = file.with_name('new'); new.write_bytes(b'new'); new.replace(file)")

    assert edit_draft({"EDITOR": editor}, NAME, DATA).data() == b"new"


def test_the_copy_has_the_files_name_and_only_its_owner_can_reach_it(tmp_path: Path, temporary: Path) -> None:
    seen = tmp_path / "seen"
    editor = program(tmp_path, f"Path({str(seen)!r}).write_text(f'{{file.name}} {{file.parent.stat().st_mode:o}}')")

    edit_draft({"EDITOR": editor}, NAME, DATA)

    assert seen.read_text() == f"{NAME} 40700"


def test_one_that_the_disk_refuses_is_an_error_and_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    with pytest.raises(EditorError, match="can't be kept"):
        edit_draft({"EDITOR": program(tmp_path, "")}, "x" * 300, DATA)

    assert list(temporary.iterdir()) == []


def test_nothing_is_left_of_a_draft_that_is_discarded(tmp_path: Path, temporary: Path) -> None:
    draft = edit_draft({"EDITOR": program(tmp_path, "file.with_name('backup~').touch()")}, NAME, DATA)

    draft.discard()

    assert list(temporary.iterdir()) == []


def test_visual_comes_before_editor(tmp_path: Path, temporary: Path) -> None:
    environ = {
        "VISUAL": program(tmp_path, "file.write_bytes(b'visual')", "visual"),
        "EDITOR": program(tmp_path, "file.write_bytes(b'editor')"),
    }

    assert edit_draft(environ, NAME, DATA).data() == b"visual"
    assert edit_draft({**environ, "VISUAL": ""}, NAME, DATA).data() == b"editor"


def test_an_editor_may_have_options_and_a_path_with_spaces(tmp_path: Path, temporary: Path) -> None:
    editor = program(tmp_path, "file.write_text(' '.join(sys.argv[1:-1]))", "my editor")

    draft = edit_draft({"EDITOR": f'"{editor}" --wait -n "two words"'}, NAME, DATA)

    assert draft.data() == b"--wait -n two words"


@pytest.mark.parametrize("environ", [{}, {"EDITOR": ""}])
def test_where_none_is_set_it_is_said_what_to_do(environ: dict[str, str], temporary: Path) -> None:
    with pytest.raises(EditorError) as caught:
        edit_draft(environ, NAME, DATA)

    assert "EDITOR" in caught.value.remedy


@pytest.mark.parametrize("command", ["/nowhere/editor", '"unclosed', "/etc/hostname"])
def test_one_that_can_not_be_run_is_named_and_leaves_nothing(command: str, temporary: Path) -> None:
    with pytest.raises(EditorError, match="can't be run"):
        edit_draft({"EDITOR": command}, NAME, DATA)

    assert list(temporary.iterdir()) == []


def test_one_that_fails_leaves_what_it_wrote_and_says_where(tmp_path: Path, temporary: Path) -> None:
    editor = program(tmp_path, "file.write_bytes(b'half'); sys.exit(3)")

    with pytest.raises(EditorError, match="ended with 3") as caught:
        edit_draft({"EDITOR": editor}, NAME, DATA)

    (draft,) = temporary.rglob(NAME)
    assert str(draft) in caught.value.remedy
    assert draft.read_bytes() == b"half"
