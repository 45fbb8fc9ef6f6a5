"""Lock files of git that a killed git left behind. Owns the judgement whether somebody may still hold one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

_OLD = 600.0
"""Seconds after which a lock is taken for left over where the system does not tell who runs."""


def is_left_over(lock: Path, tree: Path) -> bool:
    """Say whether no process can hold a lock file: none has it open, and no git runs in the working tree.

    Where that can't be seen, a lock of ten minutes is.
    """
    try:
        age = time.time() - lock.stat().st_mtime
    except OSError:
        return False
    if sys.platform != "linux":
        return age > _OLD
    holder = _holder(lock.resolve(), tree.resolve())
    return holder is False or (holder is None and age > _OLD)


def _holder(lock: Path, tree: Path) -> bool | None:
    """Say whether a process holds the lock; None when there is a git that can't be looked into."""
    unknown = False
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        is_git = False
        try:
            is_git = (process / "comm").read_text().startswith("git")
            if is_git and _is_below(os.readlink(process / "cwd"), tree):
                return True
            if any(os.readlink(link) == str(lock) for link in (process / "fd").iterdir()):
                return True
        except PermissionError:
            unknown = unknown or is_git
        except OSError:
            continue
    return None if unknown else False


def _is_below(folder: str, tree: Path) -> bool:
    return Path(folder).is_relative_to(tree)
