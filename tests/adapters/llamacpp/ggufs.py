"""GGUF files to test with: the small model that babbles, what is made of it, and one that only embeds."""

from __future__ import annotations

import importlib.util
import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

STORIES = Path(__file__).parents[4] / "shared/models/stories260k/stories260K.gguf"

needs_stories = pytest.mark.skipif(
    not STORIES.is_file() and "CI" not in os.environ, reason=f"the model is not at {STORIES}"
)
needs_llama = pytest.mark.skipif(
    "CI" not in os.environ and not (STORIES.is_file() and importlib.util.find_spec("llama_cpp")),
    reason="llama-cpp-python or the model is not there",
)

Value = str | int | float | bool | Sequence[str] | Sequence[int] | Sequence[float]


def folder_of(folder: Path, data: bytes) -> Path:
    """Return a folder that holds these bytes as its model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.gguf").write_bytes(data)
    return folder


def with_values(data: bytes, values: Mapping[str, Value]) -> bytes:
    """Return a file with more values in its header; its tensors stay aligned."""
    tensors, pairs = struct.unpack_from("<QQ", data, 8)
    added = b"".join(_pair(key, value) for key, value in values.items())
    added += _pair("padding", "x" * (-(len(added) + len(_pair("padding", ""))) % 32))
    return data[:8] + struct.pack("<QQ", tensors, pairs + len(values) + 1) + added + data[24:]


def gguf(values: Mapping[str, Value], tensors: Mapping[str, np.ndarray]) -> bytes:
    """Return a file of float32 tensors."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    head += b"".join(_pair(key, value) for key, value in values.items())
    body = b""
    for name, tensor in tensors.items():
        head += _text(name) + struct.pack("<I", tensor.ndim)
        head += b"".join(struct.pack("<Q", length) for length in reversed(tensor.shape))
        head += struct.pack("<IQ", 0, len(body))
        body += _padded(tensor.astype("<f4").tobytes())
    return _padded(head) + body


def tiny_bert(seed: int = 7) -> bytes:
    """Return an encoder of one layer and random weights that knows a few words."""
    width, inner, longest = 16, 32, 32
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *(f"▁{word}" for word in ["we", "use", "uv", "and", "not", "pip", "a", "cat"]),
    ]
    random = np.random.default_rng(seed)
    shapes = {
        "token_embd.weight": (len(words), width),
        "position_embd.weight": (longest, width),
        "token_types.weight": (2, width),
        "token_embd_norm.weight": (width,),
        "token_embd_norm.bias": (width,),
        **{f"blk.0.attn_{name}.weight": (width, width) for name in ("q", "k", "v", "output")},
        **{f"blk.0.attn_{name}.bias": (width,) for name in ("q", "k", "v", "output", "output_norm")},
        **{f"blk.0.{name}_norm.weight": (width,) for name in ("attn_output", "layer_output")},
        "blk.0.layer_output_norm.bias": (width,),
        "blk.0.ffn_up.weight": (inner, width),
        "blk.0.ffn_up.bias": (inner,),
        "blk.0.ffn_down.weight": (width, inner),
        "blk.0.ffn_down.bias": (width,),
    }
    values: dict[str, Value] = {
        "general.architecture": "bert",
        "bert.block_count": 1,
        "bert.context_length": longest,
        "bert.embedding_length": width,
        "bert.feed_forward_length": inner,
        "bert.attention.head_count": 2,
        "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False,
        "bert.pooling_type": 1,
        "tokenizer.ggml.model": "bert",
        "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": [3, 2, 3, 3, 3, *[1] * (len(words) - 5)],
        "tokenizer.ggml.token_type_count": 2,
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.unknown_token_id": 1,
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.eos_token_id": 3,
        "tokenizer.ggml.seperator_token_id": 3,
    }
    tensors = {
        name: random.normal(0, 1 if name == "token_embd.weight" else 0.1, shape) for name, shape in shapes.items()
    }
    return gguf(values, {name: tensor + name.endswith("norm.weight") for name, tensor in tensors.items()})


def _pair(key: str, value: Value) -> bytes:
    kind, data = _value(value)
    return _text(key) + struct.pack("<I", kind) + data


def _value(value: Value) -> tuple[int, bytes]:
    if isinstance(value, str):
        return 8, _text(value)
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    if isinstance(value[0], int):
        return 9, struct.pack(f"<IQ{len(value)}i", 5, len(value), *value)
    kinds_and_data = [_value(entry) for entry in value]
    return 9, struct.pack("<IQ", kinds_and_data[0][0], len(value)) + b"".join(data for _, data in kinds_and_data)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 32)
