"""Adapters that are costly to load, behind stand-ins that load them when they are first asked.

Owns nothing but the moment: each stand-in passes everything on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from smos_cli.adapters.static import DIMENSIONS, MODEL_ID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from smos_cli.adapters.git.history import GitHistory
    from smos_cli.adapters.git.past import GitPast
    from smos_cli.adapters.static.embedder import StaticEmbedder
    from smos_cli.config import Persona
    from smos_cli.core.changes import Change
    from smos_cli.core.history import Outside
    from smos_cli.core.past import Commit, FileChange


class LazyEmbedder:
    """The embedder, loaded when there is something to embed."""

    model_id = MODEL_ID
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._loaded: StaticEmbedder | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._load().embed(texts)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._load().embed_query(text)

    def count_tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self._load().count_tokens(texts)

    def _load(self) -> StaticEmbedder:
        if self._loaded is None:
            from smos_cli.adapters.static.embedder import StaticEmbedder

            self._loaded = StaticEmbedder()
        return self._loaded


class LazyHistory:
    """The git adapter, loaded when there is something to commit."""

    def __init__(self, persona: Persona, episodes: str, *, enabled: bool) -> None:
        self._persona = persona
        self._episodes = episodes
        self._enabled = enabled
        self._git: GitHistory | None = None

    def expect(self) -> None:
        if self._enabled:
            self._history().expect()

    def outside(self) -> Sequence[Outside]:
        return self._history().outside() if self._enabled else ()

    def commit(self, change: Change) -> str | None:
        return self._history().commit(change) if self._enabled else None

    def commit_merge(self, change: Change, other: str) -> str:
        return self._history().commit_merge(change, other)

    def _history(self) -> GitHistory:
        if self._git is None:
            from smos_cli.adapters.git.history import GitHistory

            self._git = GitHistory(self._persona.path, base=self._persona.base, episodes=self._episodes)
        return self._git


class LazyPast:
    """The reading of the history, loaded when somebody asks for it."""

    def __init__(self, persona: Persona, *, recording: bool) -> None:
        self._persona = persona
        self.recording = recording

    def commits(self, start: str = "HEAD", *, under: Sequence[str] = ()) -> Iterator[Commit]:
        return self._git().commits(start, under=under)

    def find(self, revision: str) -> str:
        return self._git().find(revision)

    def until(self, seconds: int) -> str:
        return self._git().until(seconds)

    def files(self, commit: str = "HEAD", *, under: Sequence[str] = ()) -> Mapping[str, str]:
        return self._git().files(commit, under=under)

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes]:
        return self._git().contents(blobs)

    def unrecorded(self) -> Sequence[FileChange]:
        return self._git().unrecorded()

    def _git(self) -> GitPast:
        from smos_cli.adapters.git.past import GitPast

        return GitPast(self._persona.path, recording=self.recording)
