"""The extractor that a GGUF file plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from smos_cli.adapters.llamacpp.writer import LlamaWriter
from smos_cli.core.prompting.extractor import LlmExtractor


class LlamaExtractor(LlmExtractor):
    """Finds what is worth keeping by the GGUF model of a folder; loads at the first conversation."""

    def __init__(self, folder: Path, model_id: str, stop: Callable[[], bool] = lambda: False) -> None:
        super().__init__(LlamaWriter(folder, model_id, stop))
