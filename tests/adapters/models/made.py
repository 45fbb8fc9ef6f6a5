"""Small files that pass for models: a GGUF header, a graph's first bytes, a tokenizer."""

from __future__ import annotations

import json
import struct
from pathlib import Path

TOKENIZER = b'{"version": "1.0", "model": {"type": "WordPiece", "vocab": {}}}'
GRAPH = b"\x08\x08\x12\x07pytorch"
JUDGE = {
    "architectures": ["DebertaV2ForSequenceClassification"],
    "id2label": {"0": "contradiction", "1": "entailment", "2": "neutral"},
    "max_position_embeddings": 512,
    "hidden_size": 384,
}
RERANKER = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}
POOLING = {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True}


def gguf(keys: dict[str, str | int | list[int]] | None = None, *, version: int = 3) -> bytes:
    """Return a GGUF file with these keys and one tensor of nothing."""
    keys = {"general.architecture": "llama", "llama.context_length": 2048} if keys is None else keys
    data = b"GGUF" + struct.pack("<IQQ", version, 1, len(keys))
    for key, value in keys.items():
        data += _text(key)
        if isinstance(value, str):
            data += struct.pack("<I", 8) + _text(value)
        elif isinstance(value, int):
            data += struct.pack("<II", 4, value)
        else:
            data += struct.pack("<IIQ", 9, 4, len(value)) + struct.pack(f"<{len(value)}I", *value)
    return data + b"\0" * 64


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def onnx(folder: Path, config: dict[str, object] | None = None, **more: bytes) -> Path:
    """Make a folder with an ONNX model's files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(GRAPH)
    (folder / "tokenizer.json").write_bytes(TOKENIZER)
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    for name, data in more.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder
