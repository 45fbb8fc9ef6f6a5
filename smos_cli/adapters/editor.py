"""The user's editor, on one file."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from smos_cli.errors import SmosError


class EditorError(SmosError):
    """The editor could not be run, or said that it failed."""

    code = "editor"


def run_editor(environ: Mapping[str, str], path: Path) -> None:
    """Open a file in ``$VISUAL`` or ``$EDITOR`` and wait; ``EditorError`` when that fails."""
    command = environ.get("VISUAL") or environ.get("EDITOR")
    if not command:
        raise EditorError("No editor is set.", "Set EDITOR, or use --text, --tag, --untag or --kind.")
    try:
        done = subprocess.run([*shlex.split(command), str(path)], check=False)
    except (OSError, ValueError) as error:
        raise EditorError(
            f"The editor {command!r} can't be run: {getattr(error, 'strerror', None) or error}.",
            "Set EDITOR to one that can.",
        ) from error
    if done.returncode:
        raise EditorError(f"The editor {command!r} ended with {done.returncode}.", "What it saved is kept as it is.")
