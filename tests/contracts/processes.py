"""A second process, for what only another process can show: it runs a few lines and says when they are done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Other:
    """A Python process that prints lines and waits for one on its standard input where it calls ``input()``."""

    def __init__(self, code: str, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Wait for the next line it prints; empty once it has ended."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def go_on(self) -> None:
        """Give it the line it waits for."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as ``kill -9`` does: it can tidy nothing."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def other_process(code: str, *words: str) -> Iterator[Other]:
    """Run a few lines of Python with ``words`` as ``sys.argv[1:]`` beside this process."""
    other = Other(code, *words)
    try:
        yield other
    finally:
        other.close()
