"""The header of a GGUF file: what llama.cpp's format says of a model before its weights.

Read as ggml's docs/gguf.md has it: magic, version, counts, then keys with typed values, little-endian. Refuses what
can't be one, or was cut off; the weights are the library's to check.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO, Any, NamedTuple

from smos_cli.errors import ModelError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MOST_KEYS = 100_000
_LONGEST = 1 << 20
_DEEPEST = 4


class Header(NamedTuple):
    """What a header tells."""

    architecture: str
    context: int
    dimensions: int
    pools: bool
    """it makes one vector of a text: an embedder"""


def header(path: Path) -> Header:
    """Read a file's header; ``OSError``, ``ModelError`` when it is no GGUF file or is cut off."""
    with path.open("rb") as file:
        try:
            return _header(file)
        except (struct.error, ValueError, UnicodeDecodeError, MemoryError) as error:
            raise ModelError(f"{path.name} is no whole GGUF file.", "Get the file again.") from error


def _header(file: IO[bytes]) -> Header:
    if file.read(4) != _MAGIC:
        raise ValueError
    (version,) = _unpacked(file, "I")
    tensors, count = _unpacked(file, "QQ")
    if version not in _VERSIONS or count > _MOST_KEYS or tensors < 1:
        raise ValueError
    found: dict[str, Any] = {}
    for _ in range(count):
        key = _text(file)
        (kind,) = _unpacked(file, "I")
        found[key] = _value(file, kind, 0)
    architecture = str(found.get("general.architecture", ""))
    return Header(
        architecture,
        _count(found.get(f"{architecture}.context_length")),
        _count(found.get(f"{architecture}.embedding_length")),
        bool(_count(found.get(f"{architecture}.pooling_type"))),
    )


def _value(file: IO[bytes], kind: int, depth: int) -> Any:
    """Read a value; of an array nothing is kept."""
    if kind in _NUMBERS:
        return _unpacked(file, _NUMBERS[kind])[0]
    if kind == _STRING:
        return _text(file)
    if kind != _ARRAY or depth >= _DEEPEST:
        raise ValueError
    inner, count = _unpacked(file, "IQ")
    if inner in _NUMBERS:
        _skip(file, count * struct.calcsize(f"<{_NUMBERS[inner]}"))
        return None
    for _ in range(count):
        _value(file, inner, depth + 1)
    return None


def _text(file: IO[bytes]) -> str:
    (length,) = _unpacked(file, "Q")
    if length > _LONGEST:
        raise ValueError
    data = file.read(length)
    if len(data) != length:
        raise ValueError
    return data.decode("utf-8", "replace")


def _skip(file: IO[bytes], size: int) -> None:
    """Pass over bytes that have to be there."""
    if size > os.fstat(file.fileno()).st_size - file.tell():
        raise ValueError
    file.seek(size, os.SEEK_CUR)


def _unpacked(file: IO[bytes], form: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
