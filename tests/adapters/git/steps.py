"""What the tests of the history do again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from smos_cli.core.changes import Change

NOTE = "memories/2026/11/cache-ttl-x2c5n6pd.md"

Git = Callable[..., str]
"""Runs git in the vault and returns what it printed."""


def remember(*written: str, removed: tuple[str, ...] = ()) -> Change:
    return Change(
        "remember", "remember: The TTL", ("01KB8F3K2M7Q0ZT4V9X2C5N6PD",), "shell", "bob", "", written, removed
    )


def write(vault: Path, path: str = NOTE, text: str = "The TTL is 10 s.\n") -> str:
    (vault / path).parent.mkdir(parents=True, exist_ok=True)
    (vault / path).write_text(text)
    return path


def without_driver(vault: Path) -> None:
    """Let git merge by itself, with conflict markers, as where smos was never installed."""
    attributes = vault / ".git/info/attributes"
    lines = attributes.read_text().splitlines(keepends=True)
    attributes.write_text("".join(line for line in lines if "merge=" not in line))


def hook(vault: Path, name: str, script: str) -> None:
    folder = vault / ".git/hooks"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
