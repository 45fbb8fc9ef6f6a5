"""Joins the core to its adapters. The only package that knows both; holds no rule."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from smos_cli import config as configuration
from smos_cli.adapters.deferred import LazyEmbedder, LazyHistory, LazyPast
from smos_cli.adapters.prefetch import Prefetch
from smos_cli.adapters.scan import Apart, Listing, scan
from smos_cli.adapters.vouch import Place, ask, identity, place_in
from smos_cli.config import Config, Persona
from smos_cli.wiring.roles import Roles
from smos_cli.wiring.vaults import examine, lock_of, look, meet, origin, purge, queue, remains

if TYPE_CHECKING:
    from pathlib import Path

    from smos_cli.adapters.copying import HomeCopies
    from smos_cli.adapters.crew import Crew
    from smos_cli.adapters.git.clone import HomeCloning
    from smos_cli.adapters.home import HomeFolder
    from smos_cli.adapters.observed import Observed
    from smos_cli.adapters.restoring import HomeRestoring
    from smos_cli.adapters.watch import Watch
    from smos_cli.core.benching import Benched
    from smos_cli.core.drafts import Draft
    from smos_cli.core.ports import Progress
    from smos_cli.core.shelf import Models
    from smos_cli.core.toolkit import Special, Toolkit
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
        self._histories: dict[str, LazyHistory] = {}
        self._players: Roles | None = None

    @property
    def config(self) -> Config:
        """The configuration, read once."""
        if self._config is None:
            self._config = configuration.load(self.environ)
        return self._config

    @property
    def _roles(self) -> Roles:
        """The models of this process: one, so that they share one budget."""
        if self._players is None or self._players.config is not self.config:
            self._players = Roles(self.config, self.environ)
        return self._players

    def survey(self) -> Sequence[SmosError]:
        """Go on with what is right in the configuration; return what is wrong in it."""
        self._config, wrong = configuration.survey(self.environ)
        return wrong

    def prefetch(self, name: str, *, to_change: bool = False) -> None:
        """Start listing a persona's vault while this process goes on starting, unless a watcher knows it.

        For a verb that is going to change it, start asking git what others changed.
        """
        persona = self.config.persona(name)
        vouched = self._vouched(persona)
        under_way = Prefetch(lambda apart: _scan(persona, apart)).result if vouched is None else lambda: vouched
        self._prefetched[persona.name] = under_way
        if to_change:
            self._history(persona).expect()

    def toolkit(self, name: str, progress: Progress, *, long_lived: bool = False, reason: str = "") -> Toolkit:
        """Return the toolkit of a persona; ``NotFoundError`` for an unknown one.

        That of a ``long_lived`` door keeps the index open between questions, until somebody else wants it.
        """
        from smos_cli.adapters.duck.index import DuckIndex
        from smos_cli.adapters.files import VaultFiles
        from smos_cli.adapters.identity import MachineIdentity
        from smos_cli.core.ports import Ports
        from smos_cli.core.toolkit import Toolkit

        persona = self.config.persona(name)
        folder = self.config.home / "index"
        embedder = self._roles.embedder()
        lease = _LEASE if long_lived else 0.0
        index = DuckIndex(folder, persona.name, embedder, self.config["index.wait_seconds"], lease=lease)
        index.method = self.config["index.vectors"]
        index.spaces.others = self._roles.embedder_of
        ports = Ports(
            vault=VaultFiles(persona.path, persona.base, lock_of(self.config, persona), self._scanner(persona)),
            index=index,
            history=self._history(persona),
            machine=MachineIdentity(self.config.home, persona.name),
            past=LazyPast(persona, recording=self.config["vault.autocommit"] and persona.has_history),
            clock=lambda: time.time_ns() // 1_000_000,
            entropy=os.urandom,
            timer=time.perf_counter,
            progress=progress,
            count_tokens=LazyEmbedder().count_tokens,
            reranker=self._roles.reranker if self.config["models.reranker"] else None,
            persona=persona.name,
            episodes=self.config["vault.episodes"],
            budget=self.config["recall.budget"],
            standing_share=self.config["recall.standing_share"],
            model_folders=persona.model_folders if persona.adopted else None,
            actor=_user(self.environ),
            reason=reason,
        )
        return Toolkit(ports, self._special(persona, progress))

    def home(self) -> HomeFolder:
        """Return the home folder; this process reads its configuration afresh afterwards."""
        from smos_cli.adapters.home import HomeFolder

        self._config = None
        return HomeFolder(self.environ)

    def merge_file(self, base: str, ours: str, theirs: str, path: str) -> Sequence[str]:
        """Merge a file of the work tree in the current folder, as git's merge driver; return what is to be told."""
        from pathlib import Path

        from smos_cli.adapters.git.driver import Task, drive

        return drive(Path.cwd(), Task(Path(base), Path(ours), Path(theirs), path), self.environ)

    def models(self, progress: Progress) -> Models:
        """Return the models of the home: those that can be had, and those that are here."""
        from smos_cli.wiring.models import models
        from smos_cli.wiring.probing import probe

        return models(self.config, self.environ, probe, progress)

    def benched(self, names: Sequence[str], data: Path | None) -> Iterator[Benched]:
        """Yield what measuring models came to: those named, else the embedded and the installed ones."""
        from smos_cli.wiring.benching import benched

        return benched(self.config, self.environ, names, data)

    def copies(self) -> HomeCopies:
        """Return the home as a backup sees it."""
        from smos_cli.adapters.copying import HomeCopies

        return HomeCopies(self.environ)

    def restoring(self) -> HomeRestoring:
        """Return the home that a backup is restored to; this process reads its configuration afresh afterwards."""
        from smos_cli.adapters.restoring import HomeRestoring

        self._config = None
        return HomeRestoring(self.environ)

    def cloning(self, progress: Progress) -> HomeCloning:
        """Return what copies vaults into the home; this process reads its configuration afresh afterwards."""
        from smos_cli.adapters.git.clone import HomeCloning

        config, self._config = self.config, None
        return HomeCloning(config.home, config["sync.timeout_seconds"], progress)

    def _special(self, persona: Persona, progress: Progress) -> Special:
        from smos_cli.adapters.sources import open_source
        from smos_cli.core.toolkit import Special

        return Special(
            editor=self._edit,
            keep=_keep,
            source=open_source,
            examine=lambda: (*examine(self.config, persona), *self._roles.findings()),
            look=lambda: look(self.config, persona),
            watcher=lambda: self._watching(persona),
            crew=_crew,
            purge=lambda: purge(persona, progress),
            remains=lambda: remains(self.config.home, persona, progress),
            meet=lambda where: meet(persona, where, self.config["sync.timeout_seconds"], progress),
            origins=lambda path, data: origin(persona, path, data),
            queue=lambda: queue(self.config.home),
            extractor=self._roles.extractor,
        )

    def _scanner(self, persona: Persona) -> Callable[[], Listing]:
        def once() -> Listing:
            under_way = self._prefetched.pop(persona.name, None)
            if under_way:
                return under_way()
            return self._vouched(persona) or _scan(persona)

        return once

    def _history(self, persona: Persona) -> LazyHistory:
        if persona.name not in self._histories:
            enabled = self.config["vault.autocommit"] and persona.has_history
            made = LazyHistory(persona, self.config["vault.episodes"], enabled=enabled)
            self._histories[persona.name] = made
        return self._histories[persona.name]

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


def _user(environ: Mapping[str, str]) -> str:
    """Return the user's name: from the environment, else from the system, else nothing."""
    if named := environ.get("USER") or environ.get("LOGNAME") or environ.get("USERNAME"):
        return named
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return ""


def _keep(name: str, data: bytes) -> Draft:
    from smos_cli.adapters.editor import keep_draft

    return keep_draft(name, data)


def _scan(persona: Persona, apart: Apart | None = None) -> Listing:
    from smos_cli.adapters.ignore import ignored

    return scan(persona.path, persona.base, ignored(persona.path, persona.base), apart)


def _crew(count: int, work: Callable[[range], Iterator[bytes]]) -> AbstractContextManager[Crew]:
    from smos_cli.adapters.crew import crew

    return crew(count, work)
