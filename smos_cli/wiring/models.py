"""Joins the models' use cases to their adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from smos_cli.adapters.models.background import embed
from smos_cli.adapters.models.choice import HomeRoles
from smos_cli.adapters.models.folder import LocalFolder
from smos_cli.adapters.models.store import ModelStore
from smos_cli.adapters.models.table import table
from smos_cli.core.catalogue import HUB
from smos_cli.core.playing import Company
from smos_cli.core.pulling import Means
from smos_cli.core.shelf import Models

if TYPE_CHECKING:
    from smos_cli.config import Config
    from smos_cli.core.catalogue import Installed, Part, Source
    from smos_cli.core.ports import Progress
    from smos_cli.core.pulling import Wanted


def models(
    config: Config, environ: Mapping[str, str], probe: Callable[[Installed], None], progress: Progress
) -> Models:
    """Return the models of a home. ``probe`` loads one and has it play its role; ``ModelError``."""
    store = ModelStore(config.home / "models")
    means = Means(
        store=store,
        table=table(),
        hub=lambda wanted: _hub(config, wanted),
        folder=LocalFolder,
        address=lambda wanted, part: _address(config, wanted, part),
        progress=progress,
        offline=config["models.offline"],
    )
    company = Company(
        store=store,
        roles=HomeRoles(environ),
        probe=probe,
        check_server=config.server,
        embed=lambda wait: _embed(config, environ, wait=wait),
    )
    return Models(means, company)


def _hub(config: Config, wanted: Wanted) -> Source:
    from smos_cli.adapters.models.hub import Hub, Manner

    manner = Manner(timeout=config["models.timeout_seconds"], accept_unpinned=wanted.accept_unpinned)
    return Hub(_base(config, wanted), manner)


def _address(config: Config, wanted: Wanted, part: Part) -> str:
    from smos_cli.adapters.models.hub import shown

    return f"{shown(_base(config, wanted)).rstrip('/')}/{part.address}"


def _base(config: Config, wanted: Wanted) -> str:
    return wanted.mirror or str(config["models.mirror"]) or HUB


def _embed(config: Config, environ: Mapping[str, str], *, wait: bool) -> Sequence[str]:
    names = [persona.name for persona in config.personas.values() if persona.path.is_dir()]
    embed(names, environ, wait=wait)
    return names
