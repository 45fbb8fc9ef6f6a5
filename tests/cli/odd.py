"""What the tests of a vault whose repository is odd do again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.running import Done, Home

TTL = "The cache TTL is 10 seconds."
TEA = "Tea is at four."

Git = Callable[..., str]
"""Runs git in the vault and returns what it printed."""


def is_kept(smos: Home, done: Done, text: str = TTL) -> bool:
    """Say whether a write was acknowledged, is on disk and is recalled."""
    return done.code == 0 and text in smos.recalled(text) and any(text in f.read_text() for f in memories(smos))


def memories(smos: Home) -> list[Path]:
    return sorted((smos.vault / "memories").rglob("*.md"))


def without_driver(smos: Home) -> None:
    """Let git merge by itself, with conflict markers, as where smos was never installed."""
    attributes = smos.vault / ".git/info/attributes"
    lines = attributes.read_text().splitlines(keepends=True)
    attributes.write_text("".join(line for line in lines if "merge=" not in line))


def problems(smos: Home) -> str:
    return " ".join(smos.findings().values())


def repaired(smos: Home, *words: str) -> list[str]:
    """Repair; return what was done. Nothing may be left wrong."""
    done = smos("doctor", "--repair", "--json", *words)
    assert not [item for item in done.json["findings"] if item["level"] == "problem"]
    return [f"{item['what']} {item['done']}" for item in done.json["repaired"]]


def in_order(smos: Home, git: Git) -> None:
    """Check that the next command works, and leaves nothing behind."""
    smos.remember(TEA)
    assert git("status", "--porcelain") == ""
    git("fsck", "--strict", "--no-dangling")
    assert smos("doctor").out == "Nothing is wrong.\n"
