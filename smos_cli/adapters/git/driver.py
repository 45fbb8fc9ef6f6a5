"""The merge driver: what ``git merge`` calls for a file that both sides changed, and how git comes to know it.

Owns the exchange with git: three temporary files and a path in, the merged file in the place of ours out. What a clash
leaves over is written beside it. Where anything fails, both texts are in the file and git is told of a conflict.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters import durable
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.layout import CARD, TOMBSTONES, TRASH
from smos_cli.core.merging import Merged, Side, merge
from smos_cli.errors import SmosError, StaleError, StorageError

ATTRIBUTES = "* merge=smos"
"""The line of ``info/attributes`` that gives every file to the driver."""
FAILED = 5
"""The exit code after which both texts are in the file; with any other one nobody has touched it."""
_NAME = "smos: by key and paragraph, both sides of a clash are kept"
_HEAD = re.compile(r"GITHEAD_([0-9a-f]{40,64})")


class Task(NamedTuple):
    """One file to be merged: git's temporary files of the base and both sides, and its path in the repository."""

    base: Path
    ours: Path
    theirs: Path
    path: str


def install(vault: Path) -> bool:
    """Tell a repository that smos made to merge by this driver; say whether it was told anything new.

    Safe to repeat. ``StorageError`` when that can't be written.
    """
    repository = Repository(vault)
    if not repository.is_used():
        return False
    # What the shell of git finds in a vault must not be run: no module of it (-P), and no program by a mere name.
    program = shlex.join([sys.executable, "-P", "-m", "smos_cli"]).replace("%", "%%")
    # Where smos can't be run any more, git would take our side alone for the file.
    instead = f"{{ [ $? -eq {FAILED} ] && exit {FAILED}; git merge-file -q -L ours -L base -L theirs %A %O %B; }}"
    driver = f"{program} merge-driver %O %A %B %P || {instead}"
    # A merge of merge bases is nothing that anybody reads: it takes their own base.
    wanted = {"name": _NAME, "driver": driver, "recursive": "binary"}
    git = repository.git()
    known = git.run("config", "--local", "--null", "--list").decode("utf-8", "surrogateescape").split("\0")
    missing = {key: value for key, value in wanted.items() if f"merge.smos.{key}\n{value}" not in known}
    for key, value in missing.items():
        git.run("config", "--local", "--replace-all", f"merge.smos.{key}", value)
    return _told_of_files(repository) or bool(missing)


def drive(folder: Path, task: Task, environ: Mapping[str, str]) -> list[str]:
    """Merge a file in the work tree at ``folder``; return what a person should know.

    ``SmosError`` when it can't be done: then the file has both texts, between conflict markers.
    """
    try:
        return _drive(folder, task, environ)
    except (SmosError, OSError) as error:
        _leave_both(task)
        if isinstance(error, SmosError):
            raise
        raise StorageError(f"{task.path} can't be merged: {error.strerror}.", "Settle it by hand.") from error


def _drive(folder: Path, task: Task, environ: Mapping[str, str]) -> list[str]:
    texts = base, ours, _ = [path.read_bytes() for path in (task.base, task.ours, task.theirs)]
    prefix = "" if (folder / CARD).exists() or not (folder / "smos" / CARD).exists() else "smos/"
    times = _times(folder, environ)
    graves = _graves(folder, prefix + TOMBSTONES) if task.path != prefix + TOMBSTONES else {}
    trees = [{task.path: text, **graves} for text in texts]
    # git gives an empty file for none.
    merged = merge(trees[0] if base else graves, Side(trees[1], *times[0]), Side(trees[2], *times[1]), prefix=prefix)
    if task.path not in merged.files:
        raise StorageError(f"{task.path} can't be merged.", "Settle it by hand.")
    _write_copies(folder, task.path, merged, prefix)
    if merged.files[task.path] != ours:
        task.ours.write_bytes(merged.files[task.path])
    return [
        f"{clash.path}: both sides changed {clash.why}; the other version is {clash.copy or 'in the trash'}."
        for clash in merged.clashes
    ]


def _write_copies(folder: Path, path: str, merged: Merged, prefix: str) -> None:
    """Write what the merge made beside the file, and to the trash what it put away; what is there already stays."""
    new = {one: data for one, data in merged.files.items() if one not in (path, prefix + TOMBSTONES)}
    for name, data in {**new, **{f"{prefix}{TRASH}{one}": data for one, data in merged.put_away.items()}}.items():
        parent = (folder / name).parent
        if Path(os.path.realpath(parent)) != Path(os.path.realpath(folder), *name.split("/")[:-1]):
            raise StorageError(f"{name} would lie behind a link.", "Make its folder a folder of the vault.")
        try:
            durable.create({folder / name: data})
        except StaleError:
            if (folder / name).read_bytes() != data and name in new:
                raise


def _times(folder: Path, environ: Mapping[str, str]) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return the commit times and hashes of both sides; nothing of either where git does not say who they are.

    Then the sides are ordered by what they hold.
    """
    unknown = (0, ""), (0, "")
    heads = [found[1] for name in environ if (found := _HEAD.fullmatch(name))]
    if len(heads) != 1:
        return unknown
    words = ("log", "--no-walk=unsorted", "--no-show-signature", "--format=%ct %H", "HEAD", heads[0])
    try:
        lines = Repository(folder).git().run(*words).decode().split("\n")
        ours, theirs = (line.split(" ") for line in lines if line)
    except (SmosError, ValueError):
        return unknown
    return (int(ours[0]), ours[1]), (int(theirs[0]), theirs[1])


def _graves(folder: Path, path: str) -> dict[str, bytes]:
    """Return the tombstones as they lie in the work tree."""
    try:
        return {path: (folder / path).read_bytes()}
    except OSError:
        return {}


def _leave_both(task: Task) -> None:
    """Write both texts into our file, as git does where it knows no better."""
    ours, theirs = task.ours.read_bytes(), task.theirs.read_bytes()
    if ours != theirs:
        ends = [text if text.endswith(b"\n") or not text else text + b"\n" for text in (ours, theirs)]
        task.ours.write_bytes(b"<<<<<<< ours\n" + ends[0] + b"=======\n" + ends[1] + b">>>>>>> theirs\n")


def _told_of_files(repository: Repository) -> bool:
    """Add the line that names the driver for every file, unless it is there."""
    path = repository.folder / "info" / "attributes"
    try:
        path.parent.mkdir(exist_ok=True)
        text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
        if ATTRIBUTES in text.splitlines():
            return False
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{'' if text.endswith(chr(10)) or not text else chr(10)}{ATTRIBUTES}\n")
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.", "Make it writable.") from error
    return True
