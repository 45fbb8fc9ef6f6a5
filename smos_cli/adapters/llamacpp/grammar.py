"""What a model may write next, so that its answer is JSON of a schema.

Owns the choice of a token. llama.cpp ends the process when it must choose where nothing is allowed, or among numbers
that are none; here that is an error like others.
"""

from __future__ import annotations

import ctypes
import importlib
import json
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from smos_cli.adapters.llamacpp.library import library

if TYPE_CHECKING:
    import numpy.typing as npt

    Logits = npt.NDArray[np.float32]

_DATA = np.dtype([("id", np.intc), ("logit", np.single), ("p", np.single)], align=True)
"""``llama_token_data``"""


_ANY, _PRINTABLE = '[^"\\\\] |', '[^"\\\\\\x7F\\x00-\\x1F] |'
"""What the library lets stand in a string, and what JSON does (RFC 8259, section 7)."""


class StuckError(ValueError):
    """No token can come next; the message says why, as a sentence without its subject."""


class Grammar:
    """Holds one answer of a model to a schema, from its first token to its last."""

    def __init__(self, llama: Any, schema: Mapping[str, Any]) -> None:
        """``ValueError`` for a schema that has no grammar."""
        self._module = library().module
        self._words = self._module.llama_model_get_vocab(llama.model)
        rules = importlib.import_module("llama_cpp.llama_grammar").json_schema_to_gbnf(json.dumps(schema))
        rules = rules.replace(_ANY, _PRINTABLE)
        self._sampler = self._module.llama_sampler_init_grammar(self._words, rules.encode(), b"root")
        if not self._sampler:
            raise ValueError("the schema has no grammar")

    def __enter__(self) -> Grammar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._module.llama_sampler_free(self._sampler)
        self._sampler = None

    def choose(self, logits: Logits) -> int | None:
        """Return the likeliest token that may come next, None at the model's end; ``StuckError`` when there is none."""
        best = int(logits.argmax())
        if not np.isfinite(logits[best]):
            raise StuckError("computes no numbers: it is broken")
        if not np.isfinite(self._allowed(np.array([best]), logits)[0]):  # nearly always it is; all cost a thousandfold
            every = self._allowed(np.arange(len(logits)), logits)
            best = int(every.argmax())
            if not np.isfinite(every[best]):
                raise StuckError("has no words for what it must answer")
        if self._module.llama_vocab_is_eog(self._words, best):
            return None
        self._module.llama_sampler_accept(self._sampler, best)
        return best

    def _allowed(self, tokens: npt.NDArray[np.int64], logits: Logits) -> Logits:
        """Return the logits of tokens, minus infinity for each that may not come next."""
        data = np.zeros(len(tokens), _DATA)
        data["id"], data["logit"] = tokens, logits[tokens]
        pointer = data.ctypes.data_as(self._module.llama_token_data_p)
        candidates = self._module.llama_token_data_array(data=pointer, size=len(tokens), selected=-1, sorted=False)
        self._module.llama_sampler_apply(self._sampler, ctypes.byref(candidates))
        return np.where(np.isnan(data["logit"]), -np.inf, data["logit"]).astype(np.float32)
