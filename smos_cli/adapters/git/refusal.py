"""When a history can't be rewritten: whose repository it is, what else depends on it, and what is half done in it.

Looks at files alone: git is not run in a repository that somebody else made.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from smos_cli.adapters.git.repository import UNDER_WAY, Repository, settings_in

Refusal = tuple[str, str]
"""A sentence, and what to do about it."""
_KEEP = "or erase the rest with --keep-history"


def refusal(vault: Path, binary: str) -> Refusal | None:
    """Return why the history of a vault can't be rewritten; None when it can be, or there is none."""
    repository = Repository(vault, binary)
    real = Path(os.path.realpath(vault))
    around = next((folder for folder in (real, *real.parents) if os.path.lexists(folder / ".git")), None)
    if around is None:
        return None
    if around != real or not repository.owned():
        return (
            f"{around} is a git repository that smos did not make, so smos does not rewrite its history.",
            f"Rewrite it yourself (see `git filter-repo --invert-paths`), {_KEEP}.",
        )
    if not repository.available():
        return (
            f"{vault} has a history, and git is missing, so what it holds can't be erased.",
            f"Install git, {_KEEP}.",
        )
    found = (test(vault, vault / ".git") for test in (_shared, _partial, _busy))
    return next((one for one in found if one), None)


def _shared(vault: Path, folder: Path) -> Refusal | None:
    """Others work with the same objects, or the repository has more than the vault."""
    settings = _settings(folder)
    if "core.worktree" in settings or "core.bare=true" in settings:
        return (
            f"The repository in {vault} is set up for another folder than the vault.",
            f"Remove core.worktree and core.bare from {folder}/config, {_KEEP}.",
        )
    if _has_any(folder / "worktrees"):
        return (
            f"{vault} has linked worktrees, whose files and index hold the history too.",
            f"Remove them with `git worktree remove`, {_KEEP}.",
        )
    if (folder / "objects/info/alternates").exists():
        return (
            f"{vault} has objects in another repository (alternates), which can't be deleted from here.",
            f"Run `git repack -a -d` and delete {folder}/objects/info/alternates, {_KEEP}.",
        )
    return stashed(vault) if _ref(folder, "refs/stash") else None


def stashed(vault: Path) -> Refusal:
    """Return the refusal where there is a stash, which in some repositories only git itself can tell."""
    return (
        f"There are stashed changes in {vault}, which a rewritten history would lose.",
        f"Apply them with `git stash pop` or drop them, {_KEEP}.",
    )


def _partial(vault: Path, folder: Path) -> Refusal | None:
    """Not all of the history is here, or git was told never to delete any of it."""
    settings = _settings(folder)
    if (folder / "shallow").exists() or "extensions.partialclone" in settings or _has_any(folder, "promisor"):
        return (
            f"{vault} has only a part of its history, and the rest would bring back what is erased.",
            f"Fetch all of it (`git fetch --unshallow`, or clone it anew), {_KEEP}.",
        )
    if _has_any(folder, "keep") or "extensions.preciousobjects=true" in settings:
        return (
            f"Git is told to keep packs of {vault} for ever.",
            f"Delete the .keep files in {folder}/objects/pack, or extensions.preciousObjects, {_KEEP}.",
        )
    return None


def _busy(vault: Path, folder: Path) -> Refusal | None:
    for name, command in {**UNDER_WAY, "BISECT_LOG": "bisect"}.items():
        if (folder / name).exists():
            how = "reset" if command == "bisect" else "--continue` or `git " + command + " --abort"
            return (f"A {command} is under way in {vault}.", f"End it with `git {command} {how}`, then erase.")
    with suppress(OSError):
        if not (folder / "HEAD").read_text("utf-8", "replace").startswith("ref: refs/heads/"):
            return (f"No branch is checked out in {vault}.", "Go back to one with `git switch main`, then erase.")
    if (folder / "index.lock").exists():
        return (
            f"Another git command holds {folder}/index.lock.",
            "Wait for it; if no git command runs there, delete that lock.",
        )
    return None


def _has_any(folder: Path, ending: str = "") -> bool:
    """Say whether a folder has anything in it, or git's packs a file with an ending."""
    return any((folder / "objects/pack").glob(f"*.{ending}") if ending else folder.glob("*"))


def _ref(folder: Path, name: str) -> bool:
    if (folder / name).exists():
        return True
    with suppress(OSError):
        lines = (folder / "packed-refs").read_text("utf-8", "replace").splitlines()
        return any(line.endswith(f" {name}") for line in lines)
    return False


def _settings(folder: Path) -> set[str]:
    """Return the settings of a repository's own file, as ``section.key`` and ``section.key=value`` in lower case."""
    found: set[str] = set()
    with suppress(OSError):
        for key, value in settings_in((folder / "config").read_text("utf-8", "replace").splitlines()):
            found |= {key, f"{key}={value}"}
    return found
