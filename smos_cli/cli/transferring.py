"""Progress of bytes on a terminal: how much of how much came, how fast, and how long it still takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from smos_cli.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_PATIENCE = 0.5
_TICK = 0.1


class Transfer:
    """The ``Progress`` port, counting bytes: a bar on stderr for work of over half a second, gone when it is done."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._next = time.monotonic() + _PATIENCE
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() < self._next and not (self._bar and total and done >= total):
            return
        self._next = time.monotonic() + _TICK
        if self._bar is None and not self._start():
            return
        assert self._bar is not None
        if self._task is None or stage != self._stage:
            self._task, self._stage = self._bar.add_task(stage, total=total or None), stage
        self._bar.update(self._task, completed=done, total=total or None)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def _start(self) -> bool:
        console = self._output.status_console()
        if console is None:
            return False
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Bar(*columns, TimeRemainingColumn(), console=console, transient=True)
        # First, because an interrupt may come while it starts and has hidden the cursor already.
        self._output.moving(self.stop)
        self._bar.start()
        return True
