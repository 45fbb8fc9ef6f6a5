"""The port of a language model, played by a GGUF file: it answers in the JSON it is asked for and in nothing else.

Owns how an answer is made, held to its schema by a grammar, and ended. The file and the library are checked first.
"""

from __future__ import annotations

import ctypes
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smos_cli.adapters.llamacpp.chat import Marks, Part, form, parts
from smos_cli.adapters.llamacpp.gguf import Header
from smos_cli.adapters.llamacpp.grammar import Grammar, StuckError
from smos_cli.adapters.llamacpp.library import library, load, model_file
from smos_cli.adapters.onnx.folder import ModelFolder
from smos_cli.errors import ModelError, StoppedError

if TYPE_CHECKING:
    from smos_cli.adapters.llamacpp.grammar import Logits

LONGEST_CONTEXT = 8_192
"""Tokens read at once, at most: a longer context takes memory that learning has no use for."""
_BATCH = 256
"""Tokens of a prompt between two chances to stop."""
_LONGEST_PIECE = 512
"""Bytes of a token, at most."""


class LlamaWriter:
    """Answers a prompt by the GGUF model of a folder, always with its likeliest words.

    Loads at the first use. ``stop`` is asked between tokens, and ends the answer with a ``StoppedError``. Every
    method raises ``ModelError`` for a model that can't be loaded or that doesn't write.
    """

    def __init__(self, folder: Path, model_id: str, stop: Callable[[], bool] = lambda: False) -> None:
        self.model_id = model_id
        self._folder = folder
        self._stop = stop

    @property
    def context(self) -> int:
        """Return how many tokens prompt and answer have together: the model's own number, up to 8,192."""
        return min(self._file[1].context or LONGEST_CONTEXT, LONGEST_CONTEXT)

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text is."""
        return len(self._tokens(Part(text, is_form=False)))

    def complete(self, system: str, user: str, schema: Mapping[str, Any], max_tokens: int) -> str:
        """Return the answer, JSON of a schema; what there is of it when it takes more tokens than it may.

        Raises ``ModelError`` also when the prompt leaves no room for the answer.
        """
        prompt = self._prompt(system, user)
        if len(prompt) + max_tokens > self.context:
            raise ModelError(
                f"A prompt of {len(prompt)} tokens and an answer of {max_tokens} are too long for {self.model_id}.",
                "Choose a model that reads more at once.",
            )
        try:
            with Grammar(self._llama, schema) as grammar:
                return _answer(self._pieces(prompt, grammar), max_tokens)
        except StuckError as error:
            raise ModelError(f"The model {self.model_id} {error}.", "Choose another model.") from error
        except (RuntimeError, ValueError, AssertionError) as error:
            raise ModelError(f"The model {self.model_id} failed: {error}.", "Choose another model.") from error

    @functools.cached_property
    def _file(self) -> tuple[Path, Header]:
        ModelFolder(self._folder, self.model_id).check_role("extractor")
        path, head = model_file(self._folder)
        if head.is_encoder:
            raise ModelError(
                f"The model {self.model_id} embeds or ranks, and can't write.", "Choose an instruct model."
            )
        return path, head

    @functools.cached_property
    def _llama(self) -> Any:
        return load(self._file[0], self, n_ctx=self.context, n_batch=_BATCH, n_ubatch=_BATCH, seed=1)

    def _prompt(self, system: str, user: str) -> list[int]:
        begin = self._marks.begin
        tokens: list[int] = []
        for number, part in enumerate(parts(self._form, system, user)):
            is_first = number == 0 and not (begin and part.text.startswith(begin))
            tokens += self._tokens(part, is_first=is_first)
        return tokens

    def _tokens(self, part: Part, *, is_first: bool = False) -> list[int]:
        text = part.text.encode(errors="replace")
        found: list[int] = self._llama.tokenize(text, add_bos=is_first, special=part.is_form)
        return found

    @functools.cached_property
    def _form(self) -> str:
        return form(self._llama.metadata.get("tokenizer.chat_template", ""), self._marks)

    @functools.cached_property
    def _marks(self) -> Marks:
        begin, end = self._llama.token_bos(), self._llama.token_eos()
        return Marks(*(self._bytes(token, is_shown=True).decode(errors="replace") for token in (begin, end)))

    def _pieces(self, prompt: list[int], grammar: Grammar) -> Iterator[bytes]:
        """Yield the answer token by token, to the model's end of it."""
        llama = self._llama
        next(llama.generate(prompt, temp=0.0))  # reads the prompt, or what of it differs from the last one
        while (token := grammar.choose(self._logits())) is not None:
            if self._stop():
                raise StoppedError("Stopped in the middle of an answer.", "Run the same command again.")
            yield self._bytes(token)
            llama.eval([token])

    def _logits(self) -> Logits:
        """Return how likely each token comes next."""
        pointer = library().module.llama_get_logits_ith(self._llama.ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),))

    def _bytes(self, token: int, *, is_shown: bool = False) -> bytes:
        """Return the text of a token; of a mark, nothing unless it is to be shown."""
        if token < 0:
            return b""
        module = library().module
        buffer = ctypes.create_string_buffer(_LONGEST_PIECE)
        words = module.llama_model_get_vocab(self._llama.model)
        length = module.llama_token_to_piece(words, token, buffer, _LONGEST_PIECE, 0, is_shown)
        return buffer.raw[: max(length, 0)]


def _answer(pieces: Iterator[bytes], max_tokens: int) -> str:
    """Return an answer up to where its JSON is whole, its end, or its last token."""
    answer = b""
    for piece in islice(pieces, max_tokens):
        answer += piece
        if b"}" in piece and _is_whole(answer):
            break
    return answer.decode(errors="replace")


def _is_whole(answer: bytes) -> bool:
    try:
        json.loads(answer)
    except (ValueError, RecursionError):
        return False
    return True
