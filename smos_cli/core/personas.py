"""Personas: making the first one, adding, adopting a folder, choosing the default, letting go.

Owns what adopting may do to a folder that is somebody's: add ``smos/``, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class Home(Protocol):
    """The home folder. Raises ``StorageError`` when the disk refuses."""

    folder: str

    def personas(self) -> Mapping[str, PersonaInfo]:
        """Return every configured persona by name."""

    def check_name(self, name: str) -> str:
        """Return a name that every system can have a folder of; ``UsageError`` for others."""

    def set(self, key: str, value: object) -> None:
        """Write one setting, by its dotted name; None removes it."""

    def create_vault(self, path: str, name: str, *, adopted: bool) -> Sequence[str]:
        """Copy the template to where it belongs in a folder; return what was made."""

    def create_history(self, path: str) -> bool:
        """Make the folder a git repository; False when there is no git or it is in another repository."""

    def folders(self, path: str) -> Sequence[str]:
        """Return the folders directly in a folder; ``NotFoundError`` when it is not there."""

    def cloud(self, path: str) -> str:
        """Return the name of the service that synchronises a folder, or an empty text."""


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


def init(home: Home, name: str) -> Added:
    """Make home with a first persona; run again, it makes what is missing and changes nothing."""
    known = home.personas()
    if name in known:
        persona = known[name]
        made = home.create_vault(persona.path, name, adopted=persona.adopted)
        if not persona.adopted:
            home.create_history(persona.path)
        return Added(persona, tuple(made))
    return add(home, NewPersona(name))


def add(home: Home, new: NewPersona) -> Added:
    """Add a persona with a vault of its own, or one over an existing folder."""
    name = home.check_name(new.name)
    known = home.personas()
    if name in known:
        raise UsageError(f"There is a persona {name!r} already.", f"See it with `smos persona show {name}`.")
    warnings: list[str] = []
    if new.path:
        home.folders(new.path)
        home.set(f"personas.{name}.path", new.path)
        home.set(f"personas.{name}.adopted", True)
        home.set(f"personas.{name}.model_folders", list(new.model_folders))
        warnings += _cautions(home, new)
    else:
        home.set(f"personas.{name}.path", f"vaults/{name}")
    if not known:
        home.set("default_persona", name)
    persona = home.personas()[name]
    made = home.create_vault(persona.path, name, adopted=persona.adopted)
    if (new.git or not new.path) and not home.create_history(persona.path):
        warnings.append("No history is kept: git is not there, or the folder belongs to another repository.")
    return Added(persona._replace(there=True), tuple(made), tuple(warnings))


def use(home: Home, name: str) -> PersonaInfo:
    """Make a persona the default one."""
    persona = get(home, name)
    home.set("default_persona", name)
    return persona._replace(is_default=True)


def remove(home: Home, name: str) -> PersonaInfo:
    """Forget that a persona is configured. Its folder and all its files stay where they are."""
    persona = get(home, name)
    home.set(f"personas.{name}", None)
    if persona.is_default:
        others = sorted(home.personas())
        home.set("default_persona", others[0] if others else None)
    return persona


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
        found.append(f"No model sees these notes; allow folders with personas.{new.name}.model_folders.")
    return found
