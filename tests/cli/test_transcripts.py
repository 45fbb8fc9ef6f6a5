"""Every verb does what its transcript shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from smos_cli.cli.verbs import VERBS
from tests.cli.transcript import FOLDER, played

TRANSCRIPTS = {file.stem: file for file in sorted(FOLDER.glob("*.txt"))}


@pytest.fixture(scope="module")
def playing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[str]]]:
    """Play the transcripts that are asked for, side by side: nearly all of their time is other processes'."""
    names = [item.callspec.params["name"] for item in request.session.items if "playing" in item.fixturenames]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {
            name: pool.submit(played, TRANSCRIPTS[name].read_text(encoding="utf-8"), tmp_path_factory.mktemp(name))
            for name in names
        }


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_the_commands_do_what_the_transcript_shows(name: str, playing: dict[str, Future[str]]) -> None:
    assert playing[name].result() == TRANSCRIPTS[name].read_text(encoding="utf-8")


def test_every_verb_is_in_a_transcript() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in TRANSCRIPTS.values())

    assert [verb for verb in VERBS if f"$ smos {verb}" not in text] == []
