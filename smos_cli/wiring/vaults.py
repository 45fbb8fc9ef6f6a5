"""What one use case each needs of a persona's vault or home: made when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from smos_cli.config import Config, Persona

if TYPE_CHECKING:
    from pathlib import Path

    from smos_cli.adapters.git.purge import GitPurge
    from smos_cli.adapters.remains import Everywhere
    from smos_cli.adapters.state import StateQueue
    from smos_cli.core.finding import Finding
    from smos_cli.core.mending import Torn
    from smos_cli.core.ports import Progress
    from smos_cli.core.remote import Meet
    from smos_cli.core.repair import Mend


def purge(persona: Persona, progress: Progress) -> GitPurge:
    from smos_cli.adapters.git.purge import GitPurge

    return GitPurge(persona.path, progress)


def meet(persona: Persona, where: str, patience: float, progress: Progress) -> Meet:
    from smos_cli.adapters.git.remote import meet
    from smos_cli.adapters.git.repository import Repository

    return meet(Repository(persona.path), where, patience, progress)


def origin(persona: Persona, path: str, data: bytes) -> Torn | None:
    from smos_cli.adapters.git.conflicts import origin

    return origin(persona.path, path, data) if persona.has_history else None


def remains(home: Path, persona: Persona, progress: Progress) -> Everywhere:
    from smos_cli.adapters.remains import Everywhere

    return Everywhere(persona.path, home, progress)


def examine(config: Config, persona: Persona) -> Iterable[Finding]:
    from smos_cli.adapters.git.repository import Repository
    from smos_cli.adapters.machine import examine

    repository = Repository(persona.path)
    state = (repository.available(), repository.owned())
    yield from examine(config.home, persona.path, history=state, adopted=persona.adopted)
    if all(state):
        from smos_cli.adapters.git.health import examine_repository

        yield from examine_repository(repository)


def look(config: Config, persona: Persona) -> Mend:
    from smos_cli.adapters.repairs import look

    return look(persona.path, lock_of(config, persona))


def queue(home: Path) -> StateQueue:
    import random

    from smos_cli.adapters.state import StateQueue

    return StateQueue(home, lambda: time.time_ns() // 1_000_000, random.random)


def lock_of(config: Config, persona: Persona) -> Path:
    """Return the file whose lock is held by who writes to a vault."""
    return config.home / "locks" / f"{persona.name}.write"
