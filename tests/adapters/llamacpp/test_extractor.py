"""A GGUF model reads a conversation: one that babbles finds nothing in it, and says so in the form it was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.llamacpp.extractor import LlamaExtractor
from smos_cli.core.models import Said
from smos_cli.core.prompting.writer import UnusableOutputError
from smos_cli.errors import ModelError, StoppedError
from tests.adapters.llamacpp.ggufs import STORIES, folder_of, needs_llama, tiny_bert

pytestmark = needs_llama
TIME = "2026-11-18T08:38:00Z"
TURNS = [
    Said("t1", "user", "Marta", TIME, "We moved the API from Flask to FastAPI yesterday. " * 5),
    Said("t2", "assistant", "assistant", TIME, "Great! Should I update the README?\n\n```\npip install fastapi\n```"),
    Said("t3", "user", "Marta", TIME, "Yes please. I prefer short READMEs."),
]


def _extractor() -> LlamaExtractor:
    return LlamaExtractor(STORIES.parent, "stories@1")


def test_the_id_names_the_weights_and_the_prompt() -> None:
    assert _extractor().model_id == "stories@1+prompt-1"


def test_babble_gives_no_candidate_and_no_traceback() -> None:
    conversation = [turn._replace(turn=f"t{number}") for number, turn in enumerate(TURNS * 8, 1)]
    texts = {turn.turn: " ".join(turn.text.split()) for turn in conversation}
    try:
        found = _extractor().extract(conversation, lambda turn: True)
    except UnusableOutputError as error:
        found = error.candidates
    assert all(candidate.quote in texts[candidate.turn] for candidate in found)
    assert len(found) <= 1


def test_reading_can_be_stopped() -> None:
    with pytest.raises(StoppedError):
        LlamaExtractor(STORIES.parent, "stories@1", lambda: True).extract(TURNS, lambda turn: True)


def test_an_embedder_is_no_extractor(tmp_path: Path) -> None:
    extractor = LlamaExtractor(folder_of(tmp_path, tiny_bert()), "bert@1")
    with pytest.raises(ModelError, match="can't write"):
        extractor.extract(TURNS, lambda turn: True)
    assert extractor.extract([], lambda turn: True) == []
