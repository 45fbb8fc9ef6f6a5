"""What some embedders want before a question and before a passage, by the names that servers give them.

Their model cards say so; a server sends on what it is given.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Prefixes(NamedTuple):
    """What goes before a question, and before a passage."""

    query: str = ""
    passage: str = ""


_SEARCHING = "Represent this sentence for searching relevant passages: "
_ANSWERING = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
_KNOWN = (
    (r"nomic-embed-text", Prefixes("search_query: ", "search_document: ")),
    (r"e5-.*instruct|qwen3-embedding", Prefixes(_ANSWERING)),
    (r"\be5-(?:small|base|large)", Prefixes("query: ", "passage: ")),
    (r"embedding-?gemma", Prefixes("task: search result | query: ", "title: none | text: ")),
    (r"arctic-embed.*(?:v2|2\.0)|arctic-embed2", Prefixes("query: ")),
    (r"arctic-embed|mxbai-embed-large|bge-(?:small|base|large)-en", Prefixes(_SEARCHING)),
)


def prefixes(model: str) -> Prefixes:
    """Return what a model wants before its texts; nothing for one that is not known to want it."""
    return next((found for pattern, found in _KNOWN if re.search(pattern, model, re.IGNORECASE)), Prefixes())
