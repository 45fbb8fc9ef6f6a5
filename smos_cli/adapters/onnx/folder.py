"""What the files of an ONNX model say of it: which graph, which role, how long a text, how to pool, which labels.

Reads JSON and names alone; the graph itself is for ``network``, the tokenizer for ``windows``. Whatever is missing,
damaged or contradicts itself is a ``ModelError`` that names the model and the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.core.catalogue import MANIFEST
from smos_cli.errors import ModelError

LONGEST, USUAL = 512, 256
"""Tokens: the most that is run at once, since memory grows with the square; what is taken where no file says."""

_GRAPHS = ("model.onnx", "model_quantized.onnx", "model_int8.onnx")
_OWN_PROMPTS = "smos.json"
_HAS_OFFSET = ("roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl", "xmod")
"""Kinds of model whose positions begin after the padding's."""
_E5 = re.compile(r"(?:^|[-/])e5-", re.IGNORECASE)
_POOLINGS = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_lasttoken": "last",
    # Its length differs from the mean's, its direction does not.
    "pooling_mode_mean_sqrt_len_tokens": "mean",
}


class Prompts(NamedTuple):
    """What an embedder wants before a question, and before a passage."""

    query: str = ""
    passage: str = ""


class ModelFolder:
    """The folder of one model; ``model_id`` begins with the name that the user knows it by."""

    def __init__(self, folder: Path, model_id: str) -> None:
        self.folder = folder
        self.name = model_id.partition("@")[0]

    def json(self, path: str) -> Mapping[str, Any]:
        """Return the object in a file, empty when the file is not there."""
        try:
            found = json.loads((self.folder / path).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self.damaged(path, "it is no JSON" if isinstance(error, ValueError) else str(error)) from error
        if not isinstance(found, dict):
            raise self.damaged(path, "it is no JSON object")
        return found

    def graph(self) -> Path:
        """Return the graph: the only one, or of several the first of ``model``, ``model_quantized``, ``model_int8``.

        They lie in the folder or in ``onnx/`` of it; the folder comes first.
        """
        places = (self.folder, self.folder / "onnx")
        found = [path for place in places for path in sorted(place.glob("*.onnx"))]
        if not found:
            raise ModelError(f"The model {self.name} has no .onnx file in {self.folder}.", self._again)
        usual = (place / name for place in places for name in _GRAPHS)
        chosen = found[0] if len(found) == 1 else next((path for path in usual if path in found), None)
        if chosen is None:
            names = ", ".join(path.name for path in found)
            raise ModelError(f"The model {self.name} has several graphs: {names}.", f"Name one of them {_GRAPHS[0]}.")
        return chosen

    def check_role(self, role: str) -> None:
        """Refuse a model that was installed for another role."""
        said = self.json(MANIFEST).get("role", role)
        if said != role:
            raise self.other_role(role, f"it is installed as {_with_article(str(said))}")

    def dimensions(self) -> int:
        """Return the dimensions that the manifest gives, 0 where it gives none."""
        found = self.json(MANIFEST).get("dimensions")
        return found if isinstance(found, int) else 0

    def longest(self) -> int:
        """Return how many tokens are read at once, special ones included: the least that any file gives."""
        config = self.json("config.json")
        limits = [
            _count(self.json("sentence_bert_config.json").get("max_seq_length")),
            _count(self.json("tokenizer_config.json").get("model_max_length")),
            _count(config.get("max_position_embeddings")),
        ]
        if limits[-1] and config.get("model_type") in _HAS_OFFSET:
            limits[-1] -= _count(config.get("pad_token_id", 1)) + 1
        return min((limit for limit in limits if limit > 0), default=USUAL)

    def prompts(self) -> Prompts:
        """Return the prompts: those of sentence-transformers, over them the manifest's, over them ``smos.json``'s.

        The models of the E5 family say theirs only in their description, so that they are known by their name.
        """
        said: dict[str, Any] = {}
        for path in ("config_sentence_transformers.json", MANIFEST, _OWN_PROMPTS):
            prompts = self.json(path).get("prompts")
            said |= prompts if isinstance(prompts, dict) else {}
        query = _first(said, "query", "search_query")
        passage = _first(said, "passage", "document", "search_document")
        if not (query or passage) and self._is_e5():
            return Prompts("query: ", "passage: ")
        return Prompts(query, passage)

    def pooling(self) -> str:
        """Return how a token matrix becomes a vector: ``mean``, ``cls``, ``max`` or ``last``."""
        self._check_layers()
        path = "1_Pooling/config.json"
        said = self.json(path)
        named = said.get("pooling_mode")
        chosen = [kind for key, kind in _POOLINGS.items() if said.get(key) is True]
        chosen += [named] if isinstance(named, str) else []
        unknown = [key for key, on in said.items() if key.startswith("pooling_mode_") and on and key not in _POOLINGS]
        if unknown or len(chosen) > 1 or not set(chosen) <= set(_POOLINGS.values()):
            wanted = ", ".join([*unknown, *chosen])
            raise ModelError(f"The model {self.name} pools in a way that smos does not know: {wanted}.", _ANOTHER)
        return chosen[0] if chosen else "mean"

    def labels(self) -> tuple[str, ...]:
        """Return what the model's outputs are called, in their order, in lower case; none where no file says."""
        config = self.json("config.json")
        by_number, by_name = config.get("id2label"), config.get("label2id")
        try:
            if isinstance(by_number, dict):
                ordered = sorted((int(number), str(name)) for number, name in by_number.items())
            elif isinstance(by_name, dict):
                ordered = sorted((int(number), str(name)) for name, number in by_name.items())
            else:
                return ()
        except (ValueError, TypeError) as error:
            raise self.damaged("config.json", "its labels have no numbers") from error
        return tuple(name.strip().lower() for _, name in ordered)

    def pad_token(self) -> int:
        """Return the id that fills up a graph of fixed length."""
        found = self.json("config.json").get("pad_token_id")
        return found if isinstance(found, int) else 0

    def damaged(self, path: str, why: str) -> ModelError:
        """Return that a file of the model can't be read."""
        return ModelError(f"The model {self.name} can't be loaded: {path} can't be read ({_brief(why)}).", self._again)

    def missing(self, path: str) -> ModelError:
        """Return that a file of the model is not there."""
        return ModelError(f"The model {self.name} can't be loaded: there is no {path} in {self.folder}.", self._again)

    def other_role(self, role: str, why: str) -> ModelError:
        """Return that the model can't play a role."""
        return ModelError(
            f"The model {self.name} is no {role}: {why}.", f"Choose one: `smos models list --role {role}`."
        )

    def wrong(self, why: str) -> ModelError:
        """Return that the model answers what it must not, or asks for what it can't have."""
        return ModelError(f"The model {self.name} can't be used: {_brief(why)}.", _ANOTHER)

    @property
    def _again(self) -> str:
        return f"Get it again: `smos models pull {self.name}`."

    def _is_e5(self) -> bool:
        named = self.json(MANIFEST).get("source"), self.json("config.json").get("_name_or_path"), self.name
        return any(isinstance(name, str) and _E5.search(name) for name in named)

    def _check_layers(self) -> None:
        """Refuse a model with layers after its pooling that its graph does not hold."""
        try:
            layers = json.loads((self.folder / "modules.json").read_bytes())
            kinds = [str(layer["type"]).rpartition(".")[2] for layer in layers]
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
            raise self.damaged("modules.json", "it is no list of layers") from error
        if more := [kind for kind in kinds if kind not in ("Transformer", "Pooling", "Normalize")]:
            raise self.wrong(f"its graph gives tokens, but there is a layer {more[0]} after them")


_ANOTHER = "Choose another: `smos models list`."
_LONGEST_REASON = 160


def _brief(why: str) -> str:
    """Return the end of a library's message, in one line: what comes before are its codes and paths."""
    line = " ".join(re.sub(r"\[ONNXRuntimeError\] : \d+ : \w+ : ", "", why).split()).rstrip(".")
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."


def _with_article(role: str) -> str:
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"


def _count(value: Any) -> int:
    """Return a count, 0 for what is none; some files write "without limit" as 10 to the 30th."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 < value < 1_000_000 else 0


def _first(said: Mapping[str, Any], *names: str) -> str:
    return next((said[name] for name in names if isinstance(said.get(name), str)), "")
