"""A screen that keeps what is written to it, and what hides and shows its cursor."""

from __future__ import annotations

import io

HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True
