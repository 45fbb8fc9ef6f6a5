"""Personas: making the first one, adding, adopting a folder, choosing the default, letting go.

Owns what adopting may do to a folder that is somebody's: add ``smos/``, and nothing else. Refuses a vault that shares
a file with another persona's or with home. A persona is configured last, in one write, when its vault is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from smos_cli.errors import NotFoundError, UsageError


class PersonaInfo(NamedTuple):
    """A persona as configured; ``path`` is the vault's folder, absolute."""

    name: str
    path: str
    adopted: bool
    model_folders: tuple[str, ...]
    is_default: bool
    there: bool
    """the folder is there now"""


class Folders(Protocol):
    """What is asked of folders outside of any vault. Raises ``StorageError`` when the disk refuses."""

    def create_vault(self, path: str, name: str, *, adopted: bool) -> Sequence[str]:
        """Copy the template to where it belongs in a folder; return what was made."""

    def create_history(self, path: str, *, adopted: bool) -> bool:
        """Make the folder a git repository; False when there is no git or it is in another repository."""

    def folders(self, path: str) -> Sequence[str]:
        """Return the folders directly in a folder; ``NotFoundError`` when it is not there."""

    def cloud(self, path: str) -> str:
        """Return the name of the service that synchronises a folder, or an empty text."""

    def overlap(self, one: str, other: str) -> bool:
        """Say whether two folders, wherever links lead, are one or one lies in the other."""


class Home(Folders, Protocol):
    """The home folder. Raises ``StorageError`` when the disk refuses, ``ConfigError`` for a broken config.toml."""

    folder: str

    def lock(self) -> AbstractContextManager[None]:
        """Keep other processes from changing the settings; ``IndexBusyError`` when one holds them for long."""

    def personas(self) -> Mapping[str, PersonaInfo]:
        """Return every configured persona by name."""

    def default(self) -> str:
        """Return the default persona's name as it is written, whatever the environment says."""

    def check_name(self, name: str) -> str:
        """Return a name that every system can have a folder of; ``UsageError`` for others."""

    def write(self, settings: Mapping[str, object]) -> None:
        """Write settings by their dotted names, all or none, while the lock is held; None removes one."""

    def create_key(self, name: str) -> None:
        """Make the key that signs a persona's audit chain, unless there is one."""

    def remove_index(self, name: str) -> bool:
        """Delete what is kept in home of a persona's vault; say whether there was any. ``IndexBusyError``."""


@dataclass(frozen=True, slots=True)
class NewPersona:
    """What to add: a name, and for an existing folder of notes where it is and what is allowed there."""

    name: str
    path: str = ""
    git: bool = False
    model_folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """The persona, what was made in its folder, and what its owner should know."""

    persona: PersonaInfo
    made: tuple[str, ...]
    warnings: tuple[str, ...] = ()


class Removed(NamedTuple):
    """A persona as it was, the default one that took its place (if it was), and whether its index was deleted."""

    persona: PersonaInfo
    successor: str
    had_index: bool


def init(home: Home, name: str) -> Added:
    """Make home with a first persona; run again, it makes what is missing and changes nothing."""
    with home.lock():
        known = home.personas()
        added = _completed(home, known[name]) if name in known else _add(home, NewPersona(name), known)
        home.create_key(name)
        return added


def add(home: Home, new: NewPersona) -> Added:
    """Add a persona with a vault of its own, or one over an existing folder."""
    with home.lock():
        return _add(home, new, home.personas())


def check_apart(home: Home, name: str, path: str) -> None:
    """Raise ``UsageError`` unless a folder shares nothing with home or another persona's vault."""
    if path != _own_vault(home, name) and home.overlap(path, home.folder):
        raise UsageError(
            f"{path} is the home of smos, or lies in it or around it.", f"Give a folder apart from {home.folder}."
        )
    for other in home.personas().values():
        if other.name != name and home.overlap(path, other.path):
            raise UsageError(
                f"{path} is the vault of {other.name}, or lies in it or around it.",
                f"Nothing may be seen across personas: give a folder apart from {other.path}.",
            )


def _completed(home: Home, persona: PersonaInfo) -> Added:
    """Make what is missing of a persona."""
    made = home.create_vault(persona.path, persona.name, adopted=persona.adopted)
    if not persona.adopted:
        home.create_history(persona.path, adopted=False)
    return Added(persona, tuple(made))


def _add(home: Home, new: NewPersona, known: Mapping[str, PersonaInfo]) -> Added:
    name = home.check_name(new.name)
    if name in known:
        raise UsageError(f"There is a persona {name!r} already.", f"See it with `smos persona show {name}`.")
    adopted, path = bool(new.path), new.path or _own_vault(home, name)
    if adopted:
        home.folders(path)
    check_apart(home, name, path)
    warnings = _cautions(home, new) if adopted else []
    made = home.create_vault(path, name, adopted=adopted)
    git = (new.git or not adopted) and home.create_history(path, adopted=adopted)
    if not git and (new.git or not adopted):
        warnings.append("No history is kept: git is not there, or the folder belongs to another repository.")
    table = {"path": path, "adopted": True, "model_folders": list(new.model_folders), "git": git}
    settings = table if adopted else {"path": f"vaults/{name}"}
    home.write(
        ({} if known else {"default_persona": name})
        | {f"personas.{name}.{key}": value for key, value in settings.items()}
    )
    return Added(home.personas()[name], tuple(made), tuple(warnings))


def _own_vault(home: Home, name: str) -> str:
    return f"{home.folder}/vaults/{name}"


def use(home: Home, name: str) -> PersonaInfo:
    """Make a persona the default one."""
    with home.lock():
        persona = get(home, name)
        home.write({"default_persona": name})
    return persona._replace(is_default=True)


def remove(home: Home, name: str) -> Removed:
    """Forget that a persona is configured, and delete its index. Its folder and all its files stay where they are."""
    with home.lock():
        persona = get(home, name)
        others = sorted(home.personas().keys() - {name})
        had_index = home.remove_index(name)
        changes: dict[str, object] = {f"personas.{name}": None}
        was_default = home.default() == name
        if was_default:
            changes["default_persona"] = others[0] if others else None
        home.write(changes)
    return Removed(persona, others[0] if was_default and others else "", had_index)


def get(home: Home, name: str) -> PersonaInfo:
    """Return a persona by name, the default one for an empty name; ``NotFoundError``."""
    known = home.personas()
    for persona in known.values():
        if persona.name == name or (not name and persona.is_default):
            return persona
    raise NotFoundError(f"There is no persona {name!r}.", f"There are: {', '.join(sorted(known)) or 'none yet'}.")


def _cautions(home: Home, new: NewPersona) -> list[str]:
    found = []
    if service := home.cloud(new.path):
        found.append(
            f"{new.path} is synchronised by {service}: edits on two machines at once may become copies."
            + (" A git repository inside may be damaged by it." if new.git else "")
        )
    if not new.model_folders:
        found.append(
            "No model will see these notes until you allow folders: "
            f"smos config set personas.{new.name}.model_folders FOLDER"
        )
    return found
