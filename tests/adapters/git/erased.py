"""A history that holds what is erased, and the search for what is left of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from smos_cli.core.purging import Erased
from tests.samples import identity, memory_file

FOLDER = "memories/2026/11"
HECTOR = f"{FOLDER}/hector-is-off.md"
TEA = f"{FOLDER}/tea.md"
TALK = "episodes/2026/11/talk.md"
IT = Erased(frozenset([identity(1)]))
TURN = Erased(turns=frozenset([f"{identity(7)}#t2"]))
Put = Callable[..., str]
"""Writes files, deletes those without content, and commits them as a verb does that concerns a memory."""


def lived(put: Put) -> None:
    """The life of a memory among others: it was a file without an id, changed, moved, and was forgotten."""
    put({TEA: memory_file(2, "Tea is at four.")}, "Tea is at four.", 2)
    put({HECTOR: b"Hector is off.\n"}, "by hand")
    put({HECTOR: memory_file(1, "Hector is off.")}, "Hector is off.", 1)
    put({HECTOR: memory_file(1, "Hector is switched off.")}, "Hector is switched off.", 1)
    put({HECTOR: None, f"{FOLDER}/moved.md": memory_file(1, "Hector is switched off.")}, "Hector is switched off.", 1)
    put({f"{FOLDER}/coffee.md": memory_file(3, "Coffee.")}, "Coffee.", 3)
    put({f"{FOLDER}/moved.md": None}, "Hector is switched off.", 1)


def objects(vault: Path) -> Iterator[tuple[str, bytes]]:
    """Every object that is in the repository, reachable or not."""
    words = ["git", "-C", str(vault), "cat-file"]
    listed = subprocess.run([*words, "--batch-all-objects", "--batch-check"], check=True, capture_output=True)
    for line in listed.stdout.decode().splitlines():
        name, kind, _ = line.split()
        yield name, subprocess.run([*words, kind, name], check=True, capture_output=True).stdout


def left(vault: Path, *words: bytes) -> list[str]:
    """The objects and the files of git's folder that hold one of the words."""
    found = [name for name, data in objects(vault) if any(word in data for word in words)]
    for path in (vault / ".git").rglob("*"):
        if path.is_file() and any(word in path.read_bytes() for word in words):
            found.append(str(path))
    return found


def trees(vault: Path) -> list[dict[str, bytes]]:
    def run(*words: str) -> bytes:
        return subprocess.run(["git", "-C", str(vault), *words], check=True, capture_output=True).stdout

    found = []
    for commit in run("rev-list", "--reverse", "HEAD").decode().split():
        rows = [row.split(b"\t") for row in run("ls-tree", "-r", "-z", commit).split(b"\0") if row]
        found.append({path.decode(): run("cat-file", "blob", head.split()[2].decode()) for head, path in rows})
    return found
