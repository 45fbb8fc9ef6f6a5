"""The header of a GGUF file: what a model says of itself, and whether the file is whole.

Owns what is checked before llama.cpp sees a file: that every length and every tensor lies within it, and what
llama.cpp would end the process over. Format: ggml's ``docs/gguf.md``, versions 2 and 3.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from smos_cli.errors import ModelError

Scalar: TypeAlias = str | int | float | bool

_NUMBERS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18), 42: (64, 18),
}  # fmt: skip
"""Elements of a block, and its bytes, by the number of ggml's type; one that is not here is left to llama.cpp."""
_SHORT = "it ends in the middle of its header"
_MOST_DIMENSIONS = 4
_LIMITS = {"block_count": 513, "expert_count": 1025, "context_length": 1 << 28}
_ENCODERS = ("bert", "t5encoder", "eurobert", "gemma-embedding", "clip")
_TOKENS, _ALIGNMENT = "tokenizer.ggml.tokens", "general.alignment"
_RANKING = 4


class Header(NamedTuple):
    """What a model says of itself: every key that has one value, and how many words it knows."""

    values: Mapping[str, Scalar]
    words: int

    @property
    def architecture(self) -> str:
        """Name the family, such as ``llama``."""
        return str(self.values.get("general.architecture", ""))

    @property
    def pooling(self) -> int:
        """Return how the tokens' vectors become one, by llama.cpp's number; -1 where the file doesn't say."""
        return self._number("pooling_type", -1)

    @property
    def context(self) -> int:
        """Return how many tokens it was trained to read at once, 0 where the file doesn't say."""
        return self._number("context_length", 0)

    @property
    def dimensions(self) -> int:
        """Return the length of its vectors, 0 where the file doesn't say, or the library would read past their end."""
        length = self._number("embedding_length", 0)
        return length if self._number("embedding_length_out", length) == length else 0

    @property
    def is_ranker(self) -> bool:
        """Say whether it scores pairs, and neither writes nor embeds."""
        return self.pooling == _RANKING

    @property
    def is_encoder(self) -> bool:
        """Say whether it embeds or ranks, and so can't write."""
        causal = self.values.get(f"{self.architecture}.attention.causal", True)
        return self.pooling > 0 or not causal or any(name in self.architecture for name in _ENCODERS)

    def _number(self, key: str, otherwise: int) -> int:
        value = self.values.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) else otherwise


def header(path: Path) -> Header:
    """Return the header of a file that is whole; ``ModelError`` says what is wrong with one that is not."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(data)
    except struct.error as error:
        raise broken(path, _SHORT) from error
    except (OSError, ValueError) as error:
        raise broken(path, str(error)) from error


def broken(path: Path, reason: str) -> ModelError:
    """Return the error of a file that is no usable model."""
    return ModelError(f"The model {path} can't be loaded: {reason}.", "Pull it again with `smos models pull`.")


def _read(data: mmap.mmap) -> Header:
    if data[:4] != b"GGUF":
        raise ValueError("it is not a GGUF file")
    version, tensors, pairs = struct.unpack_from("<IQQ", data, 4)
    if version not in (2, 3):
        raise ValueError("it is of a version of GGUF other than 2 and 3")
    reader = _Reader(data)
    values: dict[str, Scalar] = {}
    words = 0
    for _ in range(pairs):
        key = reader.text()
        kind = reader.number("<I")
        if kind == _ARRAY:
            entries = reader.array()
            words = _distinct(entries) if key == _TOKENS else words
        else:
            values[key] = reader.scalar(kind)
    _check_numbers(values)
    reader.check_tensors(tensors, values.get(_ALIGNMENT, 32))
    return Header(values, words)


def _check_numbers(values: Mapping[str, Scalar]) -> None:
    """Refuse what no model has: llama.cpp takes it, and aborts later."""
    family = f"{values.get('general.architecture', '')}."
    for key, value in values.items():
        if (
            key.startswith(family)
            and isinstance(value, int)
            and value >= _LIMITS.get(key.removeprefix(family), 1 << 31)
        ):
            raise ValueError(f"its {key} is {value}")


def _distinct(entries: Sequence[bytes]) -> int:
    """Return how many words there are; llama.cpp reads each to its first zero, and aborts when two are the same."""
    filled = [word.partition(b"\0")[0] for word in entries if word[:1] not in (b"", b"\0")]
    if len(set(filled)) < len(filled):
        raise ValueError("two of its tokens are the same")
    return len(entries)


class _Reader:
    """Reads on from a place in a file; ``struct.error`` or ``ValueError`` where that leads out of it."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 24

    def number(self, form: str) -> int:
        """Return a number of a form of ``struct``'s."""
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return value  # type: ignore[no-any-return]

    def raw(self) -> bytes:
        """Return a string as it is stored."""
        length = self.number("<Q")
        start = self._at
        self._skip(length)
        return self._data[start : self._at]

    def text(self) -> str:
        """Return a string, whatever it holds."""
        return self.raw().decode(errors="replace")

    def scalar(self, kind: int) -> Scalar:
        """Return the one value of a key."""
        return self.text() if kind == _STRING else self.number(_form(kind))

    def array(self) -> Sequence[bytes]:
        """Pass over the values of a key, and return those that are strings."""
        kind, count = self.number("<I"), self.number("<Q")
        if kind == _STRING:
            return [self.raw() for _ in range(count)]
        self._skip(count * struct.calcsize(_form(kind)))
        return ()

    def check_tensors(self, count: int, alignment: Scalar) -> None:
        """Refuse a file that ends before its last tensor does."""
        if not isinstance(alignment, int) or alignment < 1:
            raise ValueError("its alignment is none")
        if not count:  # a vocabulary alone
            return
        end = max([self._tensor() for _ in range(count)])
        start = math.ceil(self._at / alignment) * alignment
        if start + end > len(self._data):
            raise ValueError(f"it ends after {len(self._data)} of {start + end} bytes")

    def _tensor(self) -> int:
        """Return where the next tensor's data end, counted from where all data begin."""
        self.raw()
        dimensions = self.number("<I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError(f"a tensor has {dimensions} dimensions")
        elements = math.prod(self.number("<Q") for _ in range(dimensions))
        block, size = _BLOCKS.get(self.number("<I"), (1, 0))
        return self.number("<Q") + elements // block * size

    def _skip(self, length: int) -> None:
        self._at += length
        if self._at > len(self._data):
            raise ValueError(_SHORT)


def _form(kind: int) -> str:
    form = _NUMBERS.get(kind)
    if form is None:
        raise ValueError(f"a value is of the unknown type {kind}")
    return form
