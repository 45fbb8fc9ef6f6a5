"""``python -m smos_cli.cli.reference [--check]``: writes the reference material, or says what of it is out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import smos_cli
from smos_cli.cli.output import Output
from smos_cli.cli.reference.bash import bash
from smos_cli.cli.reference.fish import fish
from smos_cli.cli.reference.manual import manual
from smos_cli.cli.reference.surface import Command, surface
from smos_cli.cli.reference.zsh import zsh

FILES: dict[str, Callable[[Command], str]] = {
    "man/smos.1": manual,
    "completions/smos.bash": bash,
    "completions/smos.zsh": zsh,
    "completions/smos.fish": fish,
}
"""Path in the repository to what renders it."""


def main(arguments: Sequence[str], output: Output, root: Path) -> int:
    """Write every file below a folder, or with ``--check`` only compare; return 1 when one differed."""
    if arguments not in ([], ["--check"]):
        output.note("usage: python -m smos_cli.cli.reference [--check]")
        return 2
    commands = surface()
    differing = {
        path: data for path, render in FILES.items() if (data := render(commands).encode()) != _bytes(root / path)
    }
    if arguments:
        for path in differing:
            output.note(f"{path} is out of date: run python -m smos_cli.cli.reference")
        return 1 if differing else 0
    for path, data in differing.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(data)
        output.line(path)
    return 0


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Output(sys.stdout, sys.stderr), Path(smos_cli.__file__).parents[1]))
