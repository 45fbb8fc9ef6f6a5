"""A session of opencode on the disk becomes what its export is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from smos_cli.adapters.opencode import put_together
from smos_cli.adapters.sources import open_source


def stored(root: Path) -> Path:
    """Make a session with two messages, one of them with two parts; return its file."""
    files = {
        "session/global/ses_1.json": {"id": "ses_1", "title": "Cache"},
        "message/ses_1/msg_1.json": {"id": "msg_1", "role": "user"},
        "message/ses_1/msg_2.json": {"id": "msg_2", "role": "assistant"},
        "part/msg_1/prt_1.json": {"type": "text", "text": "hello"},
        "part/msg_2/prt_2.json": {"type": "tool", "tool": "bash"},
        "part/msg_2/prt_3.json": {"type": "text", "text": "done"},
    }
    for name, value in files.items():
        path = root / "storage" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    return root / "storage/session/global/ses_1.json"


def test_a_session_has_its_messages_and_their_parts(tmp_path: Path) -> None:
    path = stored(tmp_path)

    found = json.loads(put_together(path, path.read_bytes(), Path.read_bytes))

    assert found["info"] == {"id": "ses_1"}
    assert [[part["type"] for part in one["parts"]] for one in found["messages"]] == [["text"], ["tool", "text"]]


def test_it_is_what_an_import_reads(tmp_path: Path) -> None:
    assert b"hello" in (open_source(str(stored(tmp_path))).whole() or b"")


def test_a_part_that_is_damaged_is_left_out(tmp_path: Path) -> None:
    path = stored(tmp_path)
    (tmp_path / "storage/part/msg_2/prt_2.json").write_text("{")

    assert [len(one["parts"]) for one in json.loads(put_together(path, b"", Path.read_bytes))["messages"]] == [1, 1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_part_that_is_no_file_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = stored(tmp_path)
    os.mkfifo(tmp_path / "storage/part/msg_1/prt_0.json")

    assert b"hello" in (open_source(str(path)).whole() or b"")


def test_a_name_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    path = stored(tmp_path)
    (tmp_path / "storage/message/ses_1/msg_1.json").write_text('{"id": "../session/global", "role": "user"}')

    assert json.loads(put_together(path, b"", Path.read_bytes))["messages"][0]["parts"] == []


def test_any_other_file_is_as_it_is(tmp_path: Path) -> None:
    assert put_together(tmp_path / "chat.json", b"[1]", Path.read_bytes) == b"[1]"
