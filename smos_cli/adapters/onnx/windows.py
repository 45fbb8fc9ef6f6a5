"""Texts as windows of tokens: a model's own tokenizer, with nothing cut off and nothing padded.

Owns where a long text is divided, and the special tokens around a text or a pair. What ``tokenizer.json`` itself says
of truncation and padding is put aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from smos_cli.adapters.onnx.folder import ModelFolder
from smos_cli.adapters.onnx.network import Window

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SLICE = 50_000  # characters that the tokenizer gets at once
_OVERLAP = 4  # a window shares this part of itself with the next, where a sentence cut in two would be misread

Ids = list[int]


class Frame(NamedTuple):
    """The special tokens before the first text, after it, and after the second; and the kinds of both texts' tokens."""

    parts: tuple[tuple[tuple[int, int], ...], ...]
    kinds: tuple[int, ...]

    def around(self, *texts: Sequence[int]) -> Window:
        """Return the window of a text, or of two."""
        ids, types = [], []
        for number, part in enumerate(self.parts):
            ids += [token for token, _ in part]
            types += [kind for _, kind in part]
            if number < len(texts):
                ids += texts[number]
                types += [self.kinds[number]] * len(texts[number])
        return Window(ids, types)

    @property
    def size(self) -> int:
        """How many special tokens there are."""
        return sum(map(len, self.parts))


class Windows:
    """The tokenizer of a model. ``alone`` and ``pair`` say what stands around one text, or around two."""

    def __init__(self, files: ModelFolder) -> None:
        self._files = files
        self._tokenizer = _loaded(files)
        probe = self._probe()
        self.alone = self._frame(probe, None)
        self.pair = self._frame(probe, probe)

    def ids(self, texts: Sequence[str]) -> list[Ids]:
        """Return the token ids of whole texts, of any length, without special tokens."""
        slices = [list(_sliced(text)) for text in texts]
        flat = [part for parts in slices for part in parts]
        found: Iterator[Any] = iter(self._tokenizer.encode_batch_fast(flat, add_special_tokens=False))
        return [[token for _ in parts for token in next(found).ids] for parts in slices]

    def _probe(self) -> Any:
        """Return an encoding that has tokens, whatever vocabulary there is."""
        for text in ("a", *self._tokenizer.get_vocab()):
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            if encoding.ids:
                return encoding
        raise self._files.damaged("tokenizer.json", "it has no words")

    def _frame(self, first: Any, second: Any) -> Frame:
        made = self._tokenizer.post_process(first, second)
        parts: list[list[tuple[int, int]]] = [[]]
        kinds = []
        left = 0  # tokens of a text that are still to come
        for token, kind, is_special in zip(made.ids, made.type_ids, made.special_tokens_mask, strict=True):
            if is_special:
                parts[-1].append((token, kind))
                continue
            if not left:
                parts.append([])
                kinds.append(kind)
                left = len(first.ids)
            left -= 1
        return Frame(tuple(map(tuple, parts)), tuple(kinds))


def even(ids: Ids, room: int) -> list[Ids]:
    """Divide ids into the fewest runs of like length that have room."""
    count = max(1, -(-len(ids) // room))
    return [ids[len(ids) * one // count : len(ids) * (one + 1) // count] for one in range(count)]


def overlapping(ids: Ids, room: int) -> list[Ids]:
    """Return the fewest runs of ids that have room, each of which shares a quarter with the next."""
    if len(ids) <= room:
        return [ids]
    shared = room // _OVERLAP
    count = -(-(len(ids) - shared) // (room - shared))
    starts = (one * (len(ids) - room) // (count - 1) for one in range(count))
    return [ids[start : start + room] for start in starts]


def _loaded(files: ModelFolder) -> Tokenizer:
    from tokenizers import Tokenizer

    path = files.folder / "tokenizer.json"
    if not path.is_file():
        raise files.missing(path.name)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise files.damaged(path.name, str(error)) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _sliced(text: str) -> Iterator[str]:
    """Yield a text in slices that end where a word does, as UTF-8 can hold them."""
    text = text.encode(errors="replace").decode()
    start = 0
    while len(text) - start > _SLICE:
        end = max(text.rfind(space, start + 1, start + _SLICE) for space in " \n\t")
        end = end if end > start else start + _SLICE
        yield text[start:end]
        start = end
    yield text[start:]
