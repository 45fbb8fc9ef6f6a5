"""Join: a persona over a copy of a vault that is elsewhere.

Owns the order: the copy is made and looked into beside, moved into place when it is whole, and configured last.
Refuses what is no vault, a name that is taken, and to write over anything.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from smos_cli.core.card import check_card
from smos_cli.core.personas import Home, PersonaInfo
from smos_cli.errors import UsageError

_HEADING = re.compile(rb"^#[ \t]+(.+?)[ \t]*\r?$", re.MULTILINE)


class Clone(Protocol):
    """A whole copy of a vault, in a folder that nobody else sees."""

    remote: str
    """where it came from, as people are told: without a password"""
    commits: int
    card: bytes | None
    """what its ``PERSONA.md`` holds"""

    def place(self, path: str) -> None:
        """Move it to where it belongs; ``UsageError`` when something is there."""


class Cloning(Protocol):
    """Makes copies. ``RemoteError`` when the remote refuses or has what no vault has, ``OfflineError``."""

    def checked(self, url: str) -> str:
        """Return a URL that may be spoken to, a path in full; ``UsageError``."""

    def clone(self, url: str) -> AbstractContextManager[Clone]:
        """Copy a vault, to be placed while the block runs; what was not placed is deleted."""


class Joined(NamedTuple):
    """The persona that was made, where its vault came from, and how long its history is."""

    persona: PersonaInfo
    remote: str
    commits: int


def join(home: Home, cloning: Cloning, url: str, name: str = "") -> Joined:
    """Make a persona of the vault at a URL, by the last part of the URL or its card unless a name is given."""
    url = cloning.checked(url)
    wanted = name or _by_url(home, url)
    if wanted:
        _check_free(home, wanted)
    with cloning.clone(url) as clone:
        check_card(clone.card)
        wanted = wanted or _by_card(home, clone.card or b"")
        with home.lock():
            _check_free(home, wanted)
            clone.place(f"{home.folder}/vaults/{wanted}")
            known = home.personas()
            home.write(({} if known else {"default_persona": wanted}) | {f"personas.{wanted}.path": f"vaults/{wanted}"})
            home.create_key(wanted)
            return Joined(home.personas()[wanted], clone.remote, clone.commits)


def _check_free(home: Home, name: str) -> None:
    if home.check_name(name) in home.personas():
        raise UsageError(f"There is a persona {name!r} already.", "Give another name with --persona.")


def _by_url(home: Home, url: str) -> str:
    """Return the last part of a URL if it can be a name, else nothing."""
    last = re.split(r"[/\\:]", url.rstrip("/\\"))[-1].removesuffix(".git")
    return _name(home, last)


def _by_card(home: Home, card: bytes) -> str:
    heading = _HEADING.search(card)
    name = _name(home, heading[1].decode("utf-8", "replace")) if heading else ""
    if not name:
        raise UsageError("Neither the URL nor the card there has a name for the persona.", "Give one with --persona.")
    return name


def _name(home: Home, text: str) -> str:
    try:
        return home.check_name(text.strip().lower())
    except UsageError:
        return ""
