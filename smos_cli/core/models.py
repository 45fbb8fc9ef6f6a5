"""The roles that models play: embedder, reranker, judge and extractor.

Owns what each role gives, whoever plays it, and the shapes that cross. No implementation lives here: the embedded
defaults and the models a user installs are adapters. A model that can't be loaded, or answers what it must not, is a
``ModelError``; one that is not there is a ``NotFoundError``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

ROLES = ("embedder", "reranker", "judge", "extractor")

Vectors = Any
"""A float32 array of numpy's, [texts, dimensions]; the core passes it on and never looks into it."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is the cosine of what they mean."""

    @property
    def model_id(self) -> str:
        """What names the weights and every setting that changes a vector: part of the key of what is stored."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 a passage, whatever its length; zeros for one of nothing."""

    def embed_query(self, text: str) -> Vectors:
        """Return the row, [dimensions], of a question: some models read one differently from a passage."""


class Reranker(Protocol):
    """Says how well texts answer a question, having read both at once."""

    @property
    def model_id(self) -> str:
        """What names the weights."""

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Return a logit a text, in their order: 0 is even odds that it answers."""


class Judgement(NamedTuple):
    """What a premise makes of a hypothesis, as chances that add up to 1."""

    entailment: float
    neutral: float
    contradiction: float


class Judged(NamedTuple):
    """A pair read in both directions: the first as the premise of the second, and the reverse."""

    forward: Judgement
    backward: Judgement

    @property
    def contradiction(self) -> float:
        """How sure it is that both can't hold: the mean of both directions, since contradicting is mutual."""
        return (self.forward.contradiction + self.backward.contradiction) / 2


class Judge(Protocol):
    """Says entailment, neutral or contradiction of pairs of statements."""

    @property
    def model_id(self) -> str:
        """What names the weights, or the rules with their version."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Judged]:
        """Judge each pair in both directions; a statement of any length is read whole."""


class Said(NamedTuple):
    """A turn of a conversation as an extractor reads it."""

    turn: str
    """such as ``t12``"""
    role: str
    """``user``, ``assistant``, ``tool`` or ``system``: a person is a user, whatever the name"""
    speaker: str
    time: str
    """ISO-8601, empty when unknown"""
    text: str


class Candidate(NamedTuple):
    """What an extractor would remember of a turn: a statement that stands by itself."""

    text: str
    quote: str
    """words of the turn that it came from, to the letter but for white space"""
    turn: str
    speaker: str
    role: str
    """who said it, as in ``Said``"""
    kind: str = "fact"
    tags: tuple[str, ...] = ()
    valid_from: str = ""
    """the day it is about, resolved against the turn's time; ISO-8601 or empty"""
    valid_to: str = ""
    confidence: float = 1.0
    confirmed: str = ""
    """the turn in which the user took up what somebody else said; empty where nobody did"""


class Extractor(Protocol):
    """Finds what is worth keeping in a conversation."""

    @property
    def model_id(self) -> str:
        """Its name and version: what one version has read, it does not read again."""

    def extract(self, turns: Sequence[Said], wanted: Callable[[str], bool]) -> Sequence[Candidate]:
        """Return candidates of the turns that are wanted, in their order; the others are read as what came before."""
