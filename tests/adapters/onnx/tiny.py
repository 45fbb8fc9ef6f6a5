"""Tiny models of every role, made by hand: each word adds its own numbers, so that the right answer is known.

A folder gets what a real model's has: ``model.onnx``, ``tokenizer.json`` and the JSON files that describe it.
BERT-shaped graphs ask for ``token_type_ids`` and can tell premise from hypothesis; DeBERTa-shaped ones do neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = (*SPECIAL, "cache", "warm", "cold", "not", "yes", "no", "the", "is", "query", "passage", ":", "filler")
NLI = ("contradiction", "entailment", "neutral")
Table = Mapping[str, Sequence[float]]

CONTRADICTS = {"not": (6, 0, 0), "yes": (0, 6, 0), "filler": (0, 0, 0.1)}
"""For ``NLI``: "not" anywhere contradicts, "yes" entails, filler is neutral."""


def embedder(
    folder: Path, *, pooled: bool = False, bert: bool = True, dimensions: int = 6, longest: int = 16, **files: Any
) -> Path:
    """Write an embedder with random weights, that gives tokens or one vector a text. ``files``: JSON by path."""
    table = np.random.default_rng(7).normal(size=(len(WORDS), dimensions)).astype(np.float32)
    _write_graph(folder, table, bert=bert, kind="mean" if pooled else "tokens")
    described = {"sentence_bert_config.json": {"max_seq_length": longest}, **files}
    return _write_files(folder, described)


def classifier(
    folder: Path,
    labels: Sequence[str],
    first: Table,
    second: Table | None = None,
    *,
    longest: int = 16,
    **files: Any,
) -> Path:
    """Write a cross-encoder: the words of the first text add ``first``, those of the second ``second``.

    Without ``second`` it is DeBERTa-shaped, and both add ``first``.
    """
    table = np.concatenate([_table(one, len(labels)) for one in (first, second) if one is not None])
    _write_graph(folder, table, bert=second is not None, kind="sum")
    config = {"id2label": dict(enumerate(labels)), "max_position_embeddings": longest}
    return _write_files(folder, {"config.json": config, **files})


def judge(folder: Path, **options: Any) -> Path:
    """Write a DeBERTa-shaped judge that goes by ``CONTRADICTS``."""
    return classifier(folder, NLI, CONTRADICTS, **options)


def reranker(folder: Path, **options: Any) -> Path:
    """Write a BERT-shaped reranker: "warm" in the text answers, "cold" does not; the question alone says nothing."""
    return classifier(folder, ["LABEL_0"], {}, {"warm": (3,), "cold": (-3,)}, **options)


def tokenizer() -> Tokenizer:
    """Return a tokenizer of ``WORDS`` that truncates and pads, as shipped ones may."""
    made = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    special = [(word, WORDS.index(word)) for word in ("[CLS]", "[SEP]")]
    made.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", special)
    made.enable_truncation(4)
    made.enable_padding(length=8)
    return made


def vector(folder: Path, word: str) -> np.ndarray[Any, Any]:
    """Return the numbers that a word adds in the graph of a folder, when it is of the first text."""
    from onnx import load

    table = numpy_helper.to_array(load(str(folder / "model.onnx")).graph.initializer[0])
    return np.asarray(table[WORDS.index(word)])


def _table(words: Table, columns: int) -> np.ndarray[Any, Any]:
    table = np.zeros((len(WORDS), columns), np.float32)
    for word, numbers in words.items():
        table[WORDS.index(word)] = numbers
    return table


def _write_graph(folder: Path, table: np.ndarray[Any, Any], *, bert: bool, kind: str) -> None:
    """Write a graph that looks words up in a table; the rows after the vocabulary are the second text's."""
    folder.mkdir(parents=True, exist_ok=True)
    with_second = len(table) > len(WORDS)
    tensors = {
        "table": table,
        "words": np.array(len(WORDS) if with_second else 0, np.int64),
        "tokens_axis": np.array([1], np.int64),
        "last_axis": np.array([2], np.int64),
    }
    nodes = [
        *(
            [("Mul", ["token_type_ids", "words"], "shift"), ("Add", ["input_ids", "shift"], "places")]
            if bert
            else [("Identity", ["input_ids"], "places")]
        ),
        ("Gather", ["table", "places"], "looked_up"),
        ("Unsqueeze", ["attention_mask", "last_axis"], "mask"),
        ("Cast", ["mask"], "weights"),
        ("Mul", ["looked_up", "weights"], "last_hidden_state"),
        ("ReduceSum", ["last_hidden_state", "tokens_axis"], "logits"),
        ("ReduceSum", ["weights", "tokens_axis"], "count"),
        ("Div", ["logits", "count"], "sentence_embedding"),
    ]
    options: dict[str, dict[str, Any]] = {"Cast": {"to": TensorProto.FLOAT}, "ReduceSum": {"keepdims": 0}}
    made = [helper.make_node(op, given, [out], **options.get(op, {})) for op, given, out in nodes]
    asked = ["input_ids", "attention_mask", *(["token_type_ids"] if bert else [])]
    output = {"tokens": "last_hidden_state", "sum": "logits", "mean": "sentence_embedding"}[kind]
    shape = ["batch", *(["sequence"] if kind == "tokens" else []), table.shape[1]]
    graph = helper.make_graph(
        made,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in asked],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(folder / "model.onnx")
    )


def _write_files(folder: Path, files: Mapping[str, Any]) -> Path:
    tokenizer().save(str(folder / "tokenizer.json"))
    for path, value in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(value if isinstance(value, str) else json.dumps(value))
    return folder
