"""Progress on a terminal, for work that takes more than half a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from smos_cli.cli.output import Output

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_PATIENCE = 0.5


class Progress:
    """The ``Progress`` port: silent at first, then a bar on stderr, gone when the work is done."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._has_end = False
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is not None and self._has_end != bool(total):
            self.stop()
        if self._bar is None and (time.monotonic() - self._started < _PATIENCE or not self._start(has_end=bool(total))):
            return
        assert self._bar is not None
        if stage not in self._tasks:
            self._tasks[stage] = self._bar.add_task(stage, total=total or None)
        self._bar.update(self._tasks[stage], completed=done, total=total or None)
        if total and done >= total:
            self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._tasks.clear()

    def _start(self, *, has_end: bool) -> bool:
        console: Any = self._output.status_console()
        if console is None:
            return False
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        count = TextColumn("{task.description} {task.completed:.0f}")
        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*(bar if has_end else (count,)), console=console, transient=True)
        self._has_end = has_end
        # First, because an interrupt may come while it starts and has hidden the cursor already.
        self._output.moving(self.stop)
        self._bar.start()
        return True
