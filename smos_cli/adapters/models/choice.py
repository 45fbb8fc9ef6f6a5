"""Who plays which role, in ``config.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from smos_cli import config as configuration
from smos_cli.adapters.home import HomeFolder
from smos_cli.core.models import ROLES


class HomeRoles:
    """The ``Roles`` port over the settings ``models.ROLE``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._home = HomeFolder(environ)

    def players(self) -> Mapping[str, str]:
        config = configuration.load(self._environ)
        return {role: str(config[f"models.{role}"]) for role in ROLES}

    def lock(self) -> AbstractContextManager[None]:
        return self._home.lock()

    def set(self, players: Mapping[str, str]) -> None:
        self._home.write({f"models.{role}": player or None for role, player in players.items()})
