"""What the user's git configuration asks of a commit: identity, hooks, signing and content filters.

Owns the reading of it, in one call of git. Changes none of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.git.call import Git

_HOOKS = frozenset({"pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"})
_FILTERS = (b"filter", b"ident", b"working-tree-encoding")
TRUE = frozenset({"true", "yes", "on", "1"})
_DEFAULT = {"name": "smos", "email": "smos@localhost"}


class Settings:
    """The configuration in force in one vault."""

    def __init__(self, git: Git, vault: Path) -> None:
        self._vault = vault
        self._values = configured(git)

    def person(self, role: str) -> tuple[str, str]:
        """Return name and email of the ``author`` or ``committer``: the user's, else our own."""
        return self._part(role, "name"), self._part(role, "email")

    def environment(self) -> Mapping[str, str]:
        """Return the two people as git's environment variables."""
        return {
            f"GIT_{role.upper()}_{part.upper()}": self._part(role, part)
            for role in ("author", "committer")
            for part in ("name", "email")
        }

    def is_true(self, key: str) -> bool:
        """Say whether a setting is on."""
        return self._values.get(key, "").lower() in TRUE

    def needs_porcelain(self, paths: Iterable[str]) -> bool:
        """Say whether only ``git commit`` itself would do what the user has set up."""
        return self._has_hooks() or self.transforms(paths)

    def transforms(self, paths: Iterable[str]) -> bool:
        """Say whether a commit is signed, or what it holds is not the files byte by byte."""
        return self.signs() or self._has_filters(paths)

    def signs(self) -> bool:
        """Say whether the user signs commits."""
        return self.is_true("commit.gpgsign")

    def _part(self, role: str, part: str) -> str:
        value = self._values.get(f"{role}.{part}") or self._values.get(f"user.{part}") or ""
        return (
            "".join(letter for letter in value if letter.isprintable() and letter not in "<>").strip() or _DEFAULT[part]
        )

    def _has_hooks(self) -> bool:
        folder = self._vault / Path(self._values.get("core.hookspath") or ".git/hooks").expanduser()
        with suppress(OSError):
            if any(path.name in _HOOKS and os.access(path, os.X_OK) for path in folder.iterdir()):
                return True
        return any(key.startswith("hook.") and value in _HOOKS for key, value in self._values.items())

    def _has_filters(self, paths: Iterable[str]) -> bool:
        folders = {""}
        for path in paths:
            folder = path.rpartition("/")[0]
            while folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        files = [self._vault / folder / ".gitattributes" for folder in folders]
        files += [self._vault / ".git/info/attributes", self._users_attributes()]
        return any(map(_names_filter, files))

    def _users_attributes(self) -> Path:
        configured = self._values.get("core.attributesfile")
        base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
        return Path(configured or f"{base}/git/attributes").expanduser()


def configured(git: Git) -> dict[str, str]:
    """Return git's configuration; a key without a value is true, the last one of a name counts."""
    values = {}
    for entry in os.fsdecode(git.run("config", "--null", "--list")).split("\0"):
        key, separator, value = entry.partition("\n")
        values[key] = value if separator else "true"
    return values


def _names_filter(attributes: Path) -> bool:
    try:
        lines = attributes.read_bytes().splitlines()
    except OSError:
        return False
    words = (word for line in lines if not line.lstrip().startswith(b"#") for word in line.split()[1:])
    return any(word.startswith(_FILTERS) for word in words)
