"""Renames to names that nothing has: a file that came meanwhile is never written over.

Owns the calls of each system for that. Makes nothing durable.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from smos_cli.errors import StaleError

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_NEW_ONLY = {"linux": ("renameat2", 1), "darwin": ("renameatx_np", 4)}
"""By system: the rename that refuses a name that is taken, and the flag that says so."""
_HERE = {"linux": -100, "darwin": -2}


def move_to_free(temporary: Path, target: Path) -> None:
    """Give what was written its name, which nothing may have; ``StaleError`` if something has it by now."""
    try:
        os.link(temporary, target, follow_symlinks=False)
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A disk without hard links: a rename, which may write over a file of this instant, is the best it has.
        os.rename(temporary, target)
        return
    # It has its name: a second one that stays goes with what dead writers left over.
    discard(temporary)


def move_new(source: Path, target: Path) -> None:
    """Rename a file to a name that nothing has, at once where the system has a call for that."""
    try:
        if _rename_new(source, target):
            return
    except FileExistsError as error:
        raise _taken(target) from error
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.rename(source, target)
        return
    try:
        os.unlink(source)
    except BaseException:
        discard(target)
        raise


def discard(path: Path) -> None:
    """Delete what is of no use any more; where that fails, the next writer deletes it as left over."""
    with suppress(OSError):
        os.unlink(path)


def _rename_new(source: Path, target: Path) -> bool:
    """Rename in one step, or raise ``FileExistsError``; False where this system or disk can't."""
    if sys.platform not in _NEW_ONLY:
        return False
    import ctypes

    name, flag = _NEW_ONLY[sys.platform]
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    here = _HERE[sys.platform]
    if call is None:
        return False
    if call(here, os.fsencode(source), here, os.fsencode(target), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, *_NO_LINKS):
        return False
    raise OSError(number, os.strerror(number), os.fspath(source), None, os.fspath(target))


def _taken(target: Path) -> StaleError:
    return StaleError(f"{target.name} is there already.", "Look at it, then try again.")
