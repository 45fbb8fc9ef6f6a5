"""Restoring a backup: back to where everything was, and over nothing that is there.

Owns where each persona goes and what is refused. A fresh home takes the settings as they were; one that has settings
only gets the personas that it lacks. A vault of its own always goes below home, whatever the backup says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from smos_cli.core.manifest import Manifest, Part
from smos_cli.core.personas import Home, PersonaInfo, check_apart
from smos_cli.core.ports import Progress
from smos_cli.errors import FormatError, NotFoundError, StaleError, UsageError


class Backup(NamedTuple):
    """A backup that was read from end to end, and is what its manifest says."""

    file: str
    manifest: Manifest
    config: bytes


class Meant(NamedTuple):
    """A persona as the settings in a backup have it, for a home: its path is absolute."""

    path: str
    adopted: bool
    model_folders: tuple[str, ...]
    git: bool
    is_default: bool


class Goal(NamedTuple):
    """A persona that is to be restored: under which name, and to which folder."""

    part: Part
    name: str
    path: str
    adopted: bool
    settings: Mapping[str, object]
    is_default: bool = False
    moved: bool = False
    """its vault was elsewhere"""
    placed: bool = False
    """a restore of the same backup had got so far when it was killed"""


class Household(Protocol):
    """A home that takes in a backup. Raises ``StorageError`` when a disk refuses."""

    @property
    def home(self) -> Home:
        """Its settings and vaults."""

    def is_fresh(self) -> bool:
        """Say whether there are no settings yet."""

    def meant(self, config: bytes) -> Mapping[str, Meant]:
        """Return the personas that settings would make here; ``ConfigError``."""

    def is_free(self, path: str) -> bool:
        """Say whether a folder is not there or empty."""

    def is_placed(self, path: str, backup: Backup) -> bool:
        """Say whether a folder is what a restore of this backup put there before it was killed."""

    def placing(
        self, backup: Backup, goals: Sequence[Goal], progress: Progress, *, whole: bool
    ) -> AbstractContextManager[Sequence[str]]:
        """Put vaults where they go, and of a ``whole`` home its state; yield warnings.

        If the block fails everything is taken back. ``FormatError`` for a history that is damaged.
        """

    def write_config(self, data: bytes) -> None:
        """Write the settings of a fresh home."""


class Choice(NamedTuple):
    """What of a backup is wanted: all of it unless a persona is named, under its name unless another is given."""

    persona: str = ""
    name: str = ""

    @property
    def whole(self) -> bool:
        """Whether everything is wanted as it was."""
        return not (self.persona or self.name)


class Restored(NamedTuple):
    """The personas that are back, and what their owner should know."""

    personas: tuple[PersonaInfo, ...]
    warnings: tuple[str, ...]


def plan(house: Household, backup: Backup, choice: Choice) -> list[Goal]:
    """Return where a backup would go; refuse what would write over something. Nothing is written."""
    meant = house.meant(backup.config)
    known = house.home.personas()
    goals = [_goal(house, part, meant, choice) for part in _chosen(backup.manifest, choice)]
    for goal in goals:
        if goal.name in known:
            raise UsageError(
                f"There is a persona {goal.name!r} here already.",
                f"Restore another with --persona NAME, or this one with --persona {goal.part.name} --as NAME.",
            )
    _check_apart(house.home, goals)
    return [_checked(house, backup, goal) for goal in goals]


def restore(house: Household, backup: Backup, choice: Choice, progress: Progress) -> Restored:
    """Put a backup back; all of what was chosen, or nothing."""
    home = house.home
    with home.lock():
        goals = plan(house, backup, choice)
        fresh = house.is_fresh()
        whole = fresh and choice.whole
        with house.placing(backup, goals, progress, whole=whole) as warnings:
            if whole:
                house.write_config(backup.config)
            if settings := _settings(goals, home.personas(), whole=whole):
                home.write(settings)
    known = home.personas()
    told = [*warnings, *(f"The vault of {goal.name} is in {goal.path} now." for goal in goals if goal.moved)]
    if not fresh:
        told.append("Only personas were restored: the settings of this home are as they were.")
    return Restored(tuple(known[goal.name] for goal in goals), tuple(told))


def _chosen(manifest: Manifest, choice: Choice) -> list[Part]:
    names = [part.name for part in manifest.parts]
    if choice.persona and choice.persona not in names:
        raise NotFoundError(
            f"There is no persona {choice.persona!r} in the backup.", f"There are: {', '.join(names) or 'none'}."
        )
    parts = [part for part in manifest.parts if choice.persona in ("", part.name)]
    if choice.name and len(parts) != 1:
        raise UsageError("--as is for one persona, and the backup has more.", "Say which one with --persona NAME.")
    return parts


def _goal(house: Household, part: Part, meant: Mapping[str, Meant], choice: Choice) -> Goal:
    if part.name not in meant:
        raise FormatError(
            f"The settings in the backup have no persona {part.name!r}.", "Use another backup; nothing was changed."
        )
    was = meant[part.name]
    name = house.home.check_name(choice.name or part.name)
    if was.adopted:
        settings = {"path": was.path, "adopted": True, "model_folders": list(was.model_folders), "git": was.git}
        return Goal(part, name, was.path, adopted=True, settings=settings, is_default=was.is_default)
    path = f"{house.home.folder}/vaults/{name}"
    moved = was.path != path and not choice.name
    return Goal(
        part, name, path, adopted=False, settings={"path": f"vaults/{name}"}, is_default=was.is_default
    )._replace(moved=moved)


def _check_apart(home: Home, goals: Sequence[Goal]) -> None:
    """Raise ``UsageError`` unless every vault shares nothing with another."""
    for place, goal in enumerate(goals):
        check_apart(home, goal.name, goal.path)
        for other in goals[:place]:
            if home.overlap(goal.path, other.path):
                raise UsageError(
                    f"The vaults of {other.name} and {goal.name} would lie in one another.",
                    "Restore one of them, with --persona NAME.",
                )


def _checked(house: Household, backup: Backup, goal: Goal) -> Goal:
    if house.is_free(goal.path):
        return goal
    if house.is_placed(goal.path, backup):
        return goal._replace(placed=True)
    raise StaleError(
        f"{goal.path} is there and not empty, and nothing is written over it.",
        f"Move it away, or restore under another name: --persona {goal.part.name} --as NAME."
        if not goal.adopted
        else "Move it away, or restore another persona with --persona NAME.",
    )


def _settings(goals: Sequence[Goal], known: Mapping[str, PersonaInfo], *, whole: bool) -> dict[str, object]:
    """Return what is to be set beside the settings that were taken as they are."""
    default = next((goal for goal in goals if goal.is_default), None)
    if whole:
        settings: dict[str, object] = {
            f"personas.{goal.name}.path": goal.settings["path"] for goal in goals if goal.moved
        }
    else:
        settings = {f"personas.{goal.name}.{key}": value for goal in goals for key, value in goal.settings.items()}
    # One persona's backup has nothing to say of a default one that it has not.
    if goals and (not known or (whole and not default)):
        settings["default_persona"] = (default or goals[0]).name
    return settings
