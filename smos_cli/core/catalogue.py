"""Models that can be had and models that are here: their shapes, and what pulling asks of the disk and the network.

Owns the names that a model and its files may have: nothing in a table or a folder leads out of the model's own folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from smos_cli.core.ports import Problem
from smos_cli.errors import ModelError, UsageError

HUB = "https://huggingface.co"
"""the host that the table's sources are on"""
MANIFEST = "model.json"
"""the file in a model's folder that says what it is; ours, whoever made the rest"""
DEFAULT = "default"
"""the word for what plays a role when no model was chosen"""
PLAYED_BY = {"onnx": ("embedder", "reranker", "judge"), "gguf": ("embedder", "extractor")}
"""The roles that models of a format can play."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_PIECE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+ -]{0,127}")
_DEEPEST = 3
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])(?:\..*)?", re.IGNORECASE)


class Part(NamedTuple):
    """A file of a model."""

    path: str
    """in the model's folder, with ``/``"""
    size: int = 0
    """bytes; 0 when unknown"""
    sha256: str = ""
    """hex; empty when unknown"""
    address: str = ""
    """where it lies on the hub, without the host"""


class Listed(NamedTuple):
    """A model that the table recommends."""

    name: str
    role: str
    format: str
    about: str
    source: str
    revision: str
    licence: str
    commercial: bool
    """False: its licence forbids commercial use"""
    context: int
    """tokens that it reads at once"""
    languages: str
    dimensions: int
    size: int
    """bytes, roughly where that of a file is unknown"""
    parts: tuple[Part, ...]

    @property
    def pinned(self) -> bool:
        """Whether the hash of every file is known beforehand."""
        return all(part.sha256 for part in self.parts)


class Installed(NamedTuple):
    """A model that is here, whole; its files were right when they came."""

    name: str
    role: str
    format: str
    folder: Path
    model_id: str
    """its name, and a digest of its files' digests"""
    dimensions: int = 0
    """of an embedder, where its files say so; else 0"""
    context: int = 0
    source: str = ""
    revision: str = ""
    licence: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def size(self) -> int:
        """What its files take, in bytes."""
        return sum(part.size for part in self.parts)


class Described(NamedTuple):
    """What a folder's own files say of the model in them."""

    format: str
    role: str
    """empty when they don't say"""
    dimensions: int
    context: int
    parts: tuple[Part, ...]


class Stage(Protocol):
    """A model's files while they gather; nobody sees them as installed before ``commit``."""

    def whole(self, part: Part) -> Part | None:
        """Return a file that is here already, and right, with its size and sha256; None when it is not."""

    def begun(self, part: Part) -> int:
        """Return how many bytes of a file are here already."""

    def partial(self, part: Part) -> Path:
        """Return the file that takes its bytes as they come."""

    def finish(self, part: Part) -> None:
        """Keep what the partial file holds as the file, durably: it is right."""

    def require(self, size: int) -> None:
        """See that so many more bytes fit; ``StorageError`` says how many are missing."""

    def commit(self, model: Installed) -> Installed:
        """Install what gathered, all at once; ``ModelError`` when the files make no model."""


class Store(Protocol):
    """The models that are here. ``StorageError`` when the disk refuses."""

    def find(self, name: str) -> Installed | None:
        """Return a model, None when it is not there; ``ModelError`` when what is there is none."""

    def all(self) -> tuple[Sequence[Installed], Sequence[Problem]]:
        """Return every model, sorted by name, and what in the folder is none."""

    def staging(self, name: str) -> AbstractContextManager[Stage]:
        """Gather a model's files, from where the last try ended; ``IndexBusyError`` while somebody else does."""

    def remove(self, name: str) -> bool:
        """Delete a model and what was begun of it; False when there was nothing."""

    def differences(self, model: Installed, told: Callable[[int], None]) -> Sequence[Problem]:
        """Return what is not as it came, having read all of it; ``told`` hears the bytes that were read."""


class Source(Protocol):
    """Where a model's files come from. ``ModelError``, ``OfflineError``, ``StorageError``."""

    def lacks(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Return the files that it is known not to have."""

    def bring(self, part: Part, stage: Stage, told: Callable[[int], None]) -> Part:
        """Bring one file; return it with its size and sha256. ``told`` hears how many bytes of it are there."""


def check_model_name(name: str) -> str:
    """Return the name of a model; ``UsageError`` unless every system can have a folder of it."""
    if not _NAME.fullmatch(name) or name == DEFAULT or _DEVICES.fullmatch(name):
        raise UsageError(
            f"{name!r} can't be a model's name.", "Use lower-case letters, digits, '.', '_' and '-', such as my-model."
        )
    return name


def check_path(path: str) -> str:
    """Return the path of a file in a model's folder; ``ModelError`` for one that leads elsewhere or can't be."""
    pieces = path.split("/")
    good = all(_PIECE.fullmatch(piece) and not _DEVICES.fullmatch(piece) for piece in pieces)
    if not good or len(pieces) > _DEEPEST or any(piece[-1] in ". " for piece in pieces) or path.lower() == MANIFEST:
        raise ModelError(
            f"A model can't have a file named {path!r}.", "Rename it with plain letters, at most three levels deep."
        )
    return path
