"""Measures the models of a home; ``python -m smos_cli.wiring.benching NAME ROLE [DATA]`` is the process of one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smos_cli.adapters.models import bench, evaluating
from smos_cli.adapters.models.store import ModelStore
from smos_cli.config import load
from smos_cli.core.benching import Benched
from smos_cli.core.catalogue import DEFAULT
from smos_cli.errors import NotFoundError, SmosError
from smos_cli.wiring.roles import played

if TYPE_CHECKING:
    from smos_cli.config import Config

_EMBEDDED = ("embedder", "judge", "extractor")
"""The roles that are played without a model."""


def benched(config: Config, environ: Mapping[str, str], names: Sequence[str], data: Path | None) -> Iterator[Benched]:
    """Yield what measuring each model came to: the embedded ones and those installed, or those named."""
    if data and not data.is_dir():
        raise NotFoundError(f"There is no folder {data}.", "Give the folder of the data.")
    if data:
        evaluating.read(data)  # what is wrong with it is told once
    store = ModelStore(config.home / "models")
    wanted = [(DEFAULT, role) for role in _EMBEDDED if not names or DEFAULT in names]
    installed = [store.installed(name) for name in names if name != DEFAULT] if names else store.all()[0]
    wanted += [(model.name, model.role) for model in installed]
    for name, role in wanted:
        words = ["-m", "smos_cli.wiring.benching", name, role, *([str(data)] if data else [])]
        try:
            yield Benched(name, role, bench.child(words, environ))
        except SmosError as error:
            yield Benched(name, role, None, f"{error.message} {error.remedy}".rstrip())


def _maker(name: str, role: str) -> Callable[[], Any]:
    """Return what makes a model's adapter."""
    if name == DEFAULT:
        return lambda: _embedded(role)
    return lambda: played(ModelStore(load(os.environ).home / "models").installed(name), role)


def _embedded(role: str) -> Any:
    if role == "embedder":
        from smos_cli.adapters.static.embedder import StaticEmbedder

        return StaticEmbedder()
    if role == "judge":
        from smos_cli.adapters.rules.judge import RulesJudge

        return RulesJudge()
    from smos_cli.adapters.rules.extractor import RulesExtractor

    return RulesExtractor()


if __name__ == "__main__":
    given = sys.argv[1:]
    folder = Path(given[2]) if len(given) > 2 else None
    sys.stdout.write(bench.told(_maker(given[0], given[1]), given[1], folder) + "\n")
