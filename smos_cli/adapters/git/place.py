"""Which remote is meant: a name in git's configuration, a URL or a path.

Owns what may be spoken to. Refuses a URL that names a program or holds a password, a repository that smos did not
make, and one that lacks part of its history.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.git.settings import TRUE, configured
from smos_cli.adapters.git.wire import PROTOCOLS, hidden
from smos_cli.errors import RemoteError, UsageError

DEFAULT = "origin"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PROGRAM = re.compile(r"[A-Za-z0-9+.-]*::")
_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/@:]*:(?:(?!\d*/)[^@]*|[^/@]*)@")
_TOKEN = re.compile(r"https?://(gh[a-z]_|github_pat_|glpat-)[^/@]*@")


class Place(NamedTuple):
    """Where a remote is: its name in git's configuration (empty: none), and its URL."""

    name: str
    url: str
    is_first: bool = False
    """there is no ``origin`` yet: this becomes it, once it has answered"""


def place_of(repository: Repository, where: str) -> Place:
    """Return the remote that a name, URL or path means; ``RemoteError`` where there is none, or no syncing."""
    _check_ours(repository)
    settings = configured(repository.git())
    _check_whole(repository, settings)
    return _place(where, settings)


def checked_url(url: str) -> str:
    """Return a URL or path that may be given to git; ``UsageError`` for what names a program or holds a password."""
    scheme = _SCHEME.match(url)
    if _PASSWORD.match(url) or _TOKEN.match(url):
        raise UsageError(
            "The URL holds a password, which git would write into its configuration.",
            "Leave it out of the URL, and give it to a credential helper: `git help credentials`.",
        )
    if url.startswith("-") or _PROGRAM.match(url) or not url.isprintable() or not url.strip():
        raise UsageError(
            f"{hidden(url)!r} is not the URL of a remote.", "Give one such as git@host:bob.git, or a path."
        )
    if scheme and scheme[1].lower() not in PROTOCOLS:
        raise UsageError(f"{scheme[1]} is no protocol that is spoken here.", f"There are: {', '.join(PROTOCOLS)}.")
    return url if scheme or _is_remote_path(url) else os.path.abspath(os.path.expanduser(url))


def _is_remote_path(url: str) -> bool:
    """Say whether a text is ``host:path``, as git reads it: with a colon before the first slash."""
    head = url.partition("/")[0]
    return ":" in head and not (os.name == "nt" and len(head.partition(":")[0]) == 1)


def _place(where: str, settings: Mapping[str, str]) -> Place:
    name = where or DEFAULT
    if url := settings.get(f"remote.{name}.url"):
        checked_url(settings.get(f"remote.{name}.pushurl", url))
        checked_url(url)
        return Place(name, url)
    if not where:
        raise RemoteError(
            "There is no remote to sync with yet.", "Name one: `smos sync URL`; it is kept as `origin` then."
        )
    if re.fullmatch(r"[\w.-]+", where) and not where.startswith("-") and not Path(where).exists():
        known = sorted(key.split(".")[1] for key in settings if re.fullmatch(r"remote\.[^.]+\.url", key))
        raise RemoteError(
            f"There is no remote {where!r}.", f"There are: {', '.join(known)}." if known else "Give a URL or a path."
        )
    return Place("", checked_url(where), is_first=f"remote.{DEFAULT}.url" not in settings)


def _check_ours(repository: Repository) -> None:
    if not repository.available():
        raise RemoteError("git is not there, so nothing can be synced.", "Install git.")
    if not repository.owned():
        raise RemoteError(
            f"{repository.vault} has no repository that smos made, so it is not synced by smos.",
            "Sync it as you do with the folder itself; `smos doctor` says why there is no history.",
        )


def _check_whole(repository: Repository, settings: Mapping[str, str]) -> None:
    """Raise ``RemoteError`` for a repository that lacks files or history."""
    promised = any(re.fullmatch(r"remote\..*\.promisor", key) for key in settings)
    if settings.get("core.bare", "").lower() in TRUE:
        raise RemoteError(
            f"The repository of {repository.vault} is bare: it has no files.",
            "Set it right: `git config core.bare false`.",
        )
    if (repository.folder / "shallow").exists():
        raise RemoteError(
            f"The repository of {repository.vault} is shallow: it lacks the beginning of its history.",
            "Get the rest with `git fetch --unshallow`, then sync again.",
        )
    if promised or "extensions.partialclone" in settings:
        raise RemoteError(
            f"The repository of {repository.vault} is partial: it lacks what some of its files were.",
            "Clone it whole, with `smos join URL`.",
        )
