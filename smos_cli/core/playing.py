"""Which model plays a role: choosing one, and taking one away.

A model is tried before it is chosen. Who takes away what is in use sets the role back to its embedded default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from smos_cli.core.catalogue import DEFAULT, Installed, Store, check_model_name
from smos_cli.core.models import ROLES
from smos_cli.errors import NotFoundError, StaleError, UsageError


class Roles(Protocol):
    """Who plays what, as configured."""

    def players(self) -> Mapping[str, str]:
        """Return what each role is set to; empty is the embedded default."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the settings against other writers."""

    def set(self, players: Mapping[str, str]) -> None:
        """Write settings; empty takes one out. ``ConfigError``, ``StorageError``."""


class Company(NamedTuple):
    """What choosing works with."""

    store: Store
    roles: Roles
    probe: Callable[[Installed], None]
    """loads a model and has it play its role once; ``ModelError``"""
    check_server: Callable[[str], object]
    """``NotFoundError`` unless a model server of this name is configured"""
    embed: Callable[[bool], Sequence[str]]
    """starts giving every persona vectors of the new embedder, or does it and waits; returns their names"""


class Used(NamedTuple):
    """A choice that was made. ``before`` and ``value`` are settings."""

    role: str
    value: str
    before: str
    personas: tuple[str, ...] = ()
    """who gets new vectors now"""


def use(company: Company, choice: str, role: str = "", *, wait: bool = False) -> Used:
    """Have a model play its role from now on: an installed one, ``SERVER/MODEL``, or the default."""
    if role and role not in ROLES:
        raise UsageError(f"{role!r} is not a role.", f"The roles are {', '.join(ROLES)}.")
    role, value = _chosen(company, choice, role)
    with company.roles.lock():
        before = company.roles.players()[role]
        company.roles.set({role: value})
    changed = role == "embedder" and (value != before or wait)
    return Used(role, value, before, tuple(company.embed(wait)) if changed else ())


def remove(company: Company, name: str, *, force: bool = False) -> tuple[str, ...]:
    """Delete an installed model; return the roles that were set back. ``StaleError`` while it is in use."""
    check_model_name(name)
    with company.roles.lock():
        played = tuple(role for role, player in company.roles.players().items() if player == name)
        if played and not force:
            raise StaleError(
                f"{name} is in use as {' and '.join(played)}.",
                f"Choose another first, such as `smos models use default --role {played[0]}`, or add --force.",
            )
        if played:
            company.roles.set(dict.fromkeys(played, ""))
        gone = company.store.remove(name)
    if not gone:
        raise NotFoundError(f"The model {name} is not installed.", "See what is with `smos models list`.")
    if "embedder" in played:
        company.embed(False)
    return played


def _chosen(company: Company, choice: str, role: str) -> tuple[str, str]:
    """Return the role and the value of its setting, having checked that it can be."""
    if choice == DEFAULT or "/" in choice:
        if not role:
            raise UsageError(f"{choice} could play any role.", f"Add --role: {', '.join(ROLES)}.")
        if choice == DEFAULT:
            return role, ""
        server, _, model = choice.partition("/")
        if not (server and model):
            raise UsageError(f"{choice!r} is not a model of a server.", "Write SERVER/MODEL.")
        company.check_server(server)
        return role, choice
    installed = company.store.find(check_model_name(choice))
    if installed is None:
        raise NotFoundError(f"The model {choice} is not installed.", f"Pull it with `smos models pull {choice}`.")
    if role not in ("", installed.role):
        raise UsageError(f"{choice} plays the role {installed.role}, not {role}.", "Leave --role out.")
    company.probe(installed)
    return installed.role, choice
