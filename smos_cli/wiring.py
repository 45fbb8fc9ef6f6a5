"""Joins the core to its adapters. The only module that knows both; holds no rule."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from smos_cli import config as configuration
from smos_cli.adapters.prefetch import Prefetch
from smos_cli.adapters.scan import Apart, Listing, scan
from smos_cli.adapters.static import DIMENSIONS, MODEL_ID
from smos_cli.adapters.vouch import Place, ask, identity, place_in
from smos_cli.config import Config, Persona

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from smos_cli.adapters.crew import Crew
    from smos_cli.adapters.git import GitHistory
    from smos_cli.adapters.home import HomeFolder
    from smos_cli.adapters.observed import Observed
    from smos_cli.adapters.static.embedder import StaticEmbedder
    from smos_cli.adapters.watch import Watch
    from smos_cli.core.changes import Change
    from smos_cli.core.doctor import Finding
    from smos_cli.core.ports import Draft, Outside, Progress
    from smos_cli.core.toolkit import Toolkit
    from smos_cli.errors import SmosError

_LEASE = 2.0
"""Seconds without a question after which a long-lived door closes the index."""


class Wiring:
    """One process's configuration, and what it makes of it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._config: Config | None = None
        self._prefetched: dict[str, Callable[[], Listing]] = {}
        self._watches: dict[str, Watch | Observed] = {}

    @property
    def config(self) -> Config:
        """The configuration, read once."""
        if self._config is None:
            self._config = configuration.load(self.environ)
        return self._config

    def survey(self) -> Sequence[SmosError]:
        """Go on with what is right in the configuration; return what is wrong in it."""
        self._config, wrong = configuration.survey(self.environ)
        return wrong

    def prefetch(self, name: str) -> None:
        """Start listing a persona's vault while this process goes on starting, unless a watcher knows it."""
        persona = self.config.persona(name)
        vouched = self._vouched(persona)
        under_way = Prefetch(lambda apart: _scan(persona, apart)).result if vouched is None else lambda: vouched
        self._prefetched[persona.name] = under_way

    def toolkit(self, name: str, progress: Progress, *, long_lived: bool = False, reason: str = "") -> Toolkit:
        """Return the toolkit of a persona; ``NotFoundError`` for an unknown one.

        That of a ``long_lived`` door keeps the index open between questions, until somebody else wants it.
        """
        from smos_cli.adapters.duck.index import DuckIndex
        from smos_cli.adapters.files import VaultFiles
        from smos_cli.adapters.sources import open_source
        from smos_cli.core.ports import Ports
        from smos_cli.core.toolkit import Special, Toolkit

        persona = self.config.persona(name)
        folder = self.config.home / "index"
        embedder = _Embedder()
        lease = _LEASE if long_lived else 0.0
        index = DuckIndex(folder, persona.name, embedder, self.config["index.wait_seconds"], lease=lease)
        index.method = self.config["index.vectors"]
        ports = Ports(
            vault=VaultFiles(
                persona.path,
                persona.base,
                self.config.home / "locks" / f"{persona.name}.write",
                self._scanner(persona),
            ),
            index=index,
            history=_History(persona, enabled=self.config["vault.autocommit"] and persona.has_history),
            clock=lambda: time.time_ns() // 1_000_000,
            entropy=os.urandom,
            timer=time.perf_counter,
            progress=progress,
            count_tokens=embedder.count_tokens,
            persona=persona.name,
            episodes=self.config["vault.episodes"],
            budget=self.config["recall.budget"],
            standing_share=self.config["recall.standing_share"],
            model_folders=persona.model_folders if persona.adopted else None,
            actor=self.environ.get("USER") or self.environ.get("USERNAME") or "",
            reason=reason,
        )
        special = Special(
            editor=self._edit,
            source=open_source,
            examine=lambda: _examine(self.config, persona),
            watcher=lambda: self._watching(persona),
            crew=_crew,
        )
        return Toolkit(ports, special)

    def home(self) -> HomeFolder:
        """Return the home folder; this process reads its configuration afresh afterwards."""
        from smos_cli.adapters.home import HomeFolder

        self._config = None
        return HomeFolder(self.environ)

    def _scanner(self, persona: Persona) -> Callable[[], Listing]:
        def once() -> Listing:
            under_way = self._prefetched.pop(persona.name, None)
            if under_way:
                return under_way()
            return self._vouched(persona) or _scan(persona)

        return once

    def _vouched(self, persona: Persona) -> Listing | None:
        """Return what a watcher says that the vault holds, in this process or another; None where none is sure."""
        watch = self._watches.get(persona.name)
        return watch.listing() if watch else ask(self._place(persona), identity(persona.path, persona.base))

    def _place(self, persona: Persona) -> Place:
        return place_in(self.config.home / "locks", persona.name)

    @contextmanager
    def _watching(self, persona: Persona) -> Iterator[Watch | Observed]:
        from smos_cli.adapters.ignore import ignored
        from smos_cli.adapters.watching import watching

        path, base = persona.path, persona.base
        with watching(path, base, lambda: ignored(path, base), self._place(persona)) as watch:
            self._watches[persona.name] = watch
            try:
                yield watch
            finally:
                del self._watches[persona.name]

    def _edit(self, name: str, data: bytes) -> Draft:
        from smos_cli.adapters.editor import edit_draft

        return edit_draft(self.environ, name, data)


def _scan(persona: Persona, apart: Apart | None = None) -> Listing:
    from smos_cli.adapters.ignore import ignored

    return scan(persona.path, persona.base, ignored(persona.path, persona.base), apart)


class _Embedder:
    """The embedder, loaded when there is something to embed."""

    model_id = MODEL_ID
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._loaded: StaticEmbedder | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._load().embed(texts)

    def count_tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return self._load().count_tokens(texts)

    def _load(self) -> StaticEmbedder:
        if self._loaded is None:
            from smos_cli.adapters.static.embedder import StaticEmbedder

            self._loaded = StaticEmbedder()
        return self._loaded


class _History:
    """The git adapter, loaded when there is something to commit."""

    def __init__(self, persona: Persona, *, enabled: bool) -> None:
        self._persona = persona
        self._enabled = enabled

        self._git: GitHistory | None = None

    def expect(self) -> None:
        if self._enabled:
            self._history().expect()

    def outside(self) -> Sequence[Outside]:
        return self._history().outside() if self._enabled else ()

    def commit(self, change: Change) -> str | None:
        return self._history().commit(change) if self._enabled else None

    def _history(self) -> GitHistory:
        if self._git is None:
            from smos_cli.adapters.git import GitHistory

            self._git = GitHistory(self._persona.path)
        return self._git


def _crew(count: int, work: Callable[[range], Iterator[bytes]]) -> AbstractContextManager[Crew]:
    from smos_cli.adapters.crew import crew

    return crew(count, work)


def _examine(config: Config, persona: Persona) -> Iterable[Finding]:
    from smos_cli.adapters.git import GitHistory
    from smos_cli.adapters.machine import examine

    history = GitHistory(persona.path)
    state = (history.available(), history.owned())
    return examine(config.home, persona.path, history=state, adopted=persona.adopted)
