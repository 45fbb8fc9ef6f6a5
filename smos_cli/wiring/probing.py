"""Tries an installed model: loads it and has it play its role once, so that what is chosen works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smos_cli.core.models import Said
from smos_cli.errors import ModelError
from smos_cli.wiring.roles import played

if TYPE_CHECKING:
    from smos_cli.core.catalogue import Installed

_TEXT = "The cache TTL is 10 seconds."
_OTHER = "The cache TTL is 60 seconds."


def probe(installed: Installed) -> None:
    """Have a model play its role once; ``ModelError`` when it can't be loaded or answers what it must not."""
    player = played(installed, installed.role)
    if installed.role == "embedder":
        _check_vectors(installed, player.embed([_TEXT, _OTHER]))
    elif installed.role == "reranker":
        player.scores(_TEXT, [_OTHER])
    elif installed.role == "judge":
        player.judge([(_TEXT, _OTHER)])
    else:
        turn = Said(turn="t1", role="user", speaker="Marta", time="2026-11-18T08:38:00Z", text=_TEXT)
        player.extract([turn], lambda _turn: True)


def _check_vectors(installed: Installed, rows: Any) -> None:
    dimensions = int(rows.shape[1])
    if installed.dimensions not in (0, dimensions):
        raise ModelError(
            f"{installed.name} makes vectors of {dimensions} dimensions; it should be {installed.dimensions}.",
            f"Pull it again with `smos models pull {installed.name}`.",
        )
