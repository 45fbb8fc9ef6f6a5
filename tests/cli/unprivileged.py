"""Runs a command for which permission bits count, whoever runs the tests. Root is told apart by two capabilities."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def minding_permissions() -> Callable[[], None] | None:
    """Return what a child process has to do before it starts, or None where permission bits count anyway."""
    if os.geteuid() != 0:
        return None
    if sys.platform != "linux":
        return lambda: os.setuid(65534)
    libc = ctypes.CDLL(None, use_errno=True)

    def drop() -> None:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "a capability can't be dropped")

    return drop
