"""Every verb does what its transcript shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.cli.verbs import VERBS
from tests.cli.transcript import FOLDER, played

TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_the_commands_do_what_the_transcript_shows(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert played(text, tmp_path) == text


def test_every_verb_is_in_a_transcript() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in TRANSCRIPTS)

    assert [verb for verb in VERBS if f"$ smos {verb}" not in text] == []
