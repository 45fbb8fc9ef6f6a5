"""Everything that can be done with models: holds what that takes; the only thing a door receives for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smos_cli.core import playing, pulling
from smos_cli.core.catalogue import Installed, Listed
from smos_cli.core.playing import Company, Used
from smos_cli.core.ports import Problem
from smos_cli.core.pulling import Means, Pulled, Wanted
from smos_cli.errors import NotFoundError


class Shown(NamedTuple):
    """A model as it is listed: of the table, installed, or both. ``roles`` is what it plays now."""

    name: str
    listed: Listed | None
    installed: Installed | None
    roles: tuple[str, ...]

    @property
    def model(self) -> Listed | Installed:
        """What is known of it: of what is here, if it is."""
        model = self.installed or self.listed
        assert model is not None
        return model

    @property
    def model_is_free(self) -> bool:
        """Whether its licence is not known to forbid commercial use."""
        return self.listed is None or self.listed.commercial


class Listing(NamedTuple):
    """All models, those of the table first; who plays what; and what in the models' folder is none."""

    models: tuple[Shown, ...]
    players: Mapping[str, str]
    problems: tuple[Problem, ...]


class Verified(NamedTuple):
    """What checking came to: models, files and bytes that were read, and what was not as it came."""

    models: tuple[str, ...]
    files: int
    size: int
    differences: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a home."""

    means: Means
    company: Company

    def list(self, role: str = "") -> Listing:
        """Return every model of the table and every installed one, or those of a role."""
        installed, problems = self.means.store.all()
        players = self.company.roles.players()
        here = {model.name: model for model in installed}
        table = {item.name: item for item in self.means.table}
        shown = (
            Shown(
                name, table.get(name), here.get(name), tuple(one for one, player in players.items() if player == name)
            )
            for name in (*table, *(name for name in here if name not in table))
        )
        return Listing(tuple(item for item in shown if role in ("", item.model.role)), players, tuple(problems))

    def info(self, name: str) -> Shown:
        """Return what is known of one model; ``NotFoundError``."""
        self.means.store.find(name)  # what is there and is no model says so itself
        for item in self.list().models:
            if item.name == name:
                return item
        raise NotFoundError(f"There is no model {name!r}.", "See them with `smos models list`.")

    def pull(self, wanted: Wanted, agree: Callable[[Listed], bool]) -> Pulled | None:
        """See ``core.pulling.pull``."""
        return pulling.pull(self.means, wanted, agree)

    def use(self, choice: str, role: str = "", *, wait: bool = False) -> Used:
        """See ``core.playing.use``."""
        return playing.use(self.company, choice, role, wait=wait)

    def remove(self, name: str, *, force: bool = False) -> tuple[str, ...]:
        """See ``core.playing.remove``."""
        return playing.remove(self.company, name, force=force)

    def verify(self, name: str = "") -> Verified:
        """Read all files of a model, or of every one, and compare them with what came; ``NotFoundError``."""
        models, problems = self._installed(name)
        differences = list(problems)
        total, base = sum(model.size for model in models), 0
        for model in models:
            at = base
            differences += self.means.store.differences(model, lambda read, at=at: self._tell(at + read, total))  # type: ignore[misc]
            base += model.size
        return Verified(
            tuple(model.name for model in models), sum(len(model.parts) for model in models), total, tuple(differences)
        )

    def _tell(self, done: int, total: int) -> None:
        self.means.progress("verifying", done, total)

    def _installed(self, name: str) -> tuple[Sequence[Installed], Sequence[Problem]]:
        if not name:
            return self.means.store.all()
        found = self.means.store.find(name)
        if found is None:
            raise NotFoundError(f"The model {name} is not installed.", f"Pull it with `smos models pull {name}`.")
        return (found,), ()
