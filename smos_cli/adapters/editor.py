"""The user's editor, on a copy of a file: what is saved there is a draft until it has been checked."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from smos_cli.errors import SmosError


class EditorError(SmosError):
    """The editor could not be run, or said that it failed."""

    code = "editor"


class DraftFile:
    """The ``Draft`` port: a file in a folder of its own that only its owner can read."""

    def __init__(self, name: str, data: bytes) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="smos-edit-"))
        self._file = self._folder / name
        try:
            self._file.write_bytes(data)
        except OSError:
            self.discard()
            raise
        self.path = str(self._file)

    def data(self) -> bytes:
        return self._file.read_bytes()

    def discard(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def keep_draft(name: str, data: bytes) -> DraftFile:
    """Keep a draft, such as of what could not be written to the vault; ``EditorError`` when the disk refuses it."""
    try:
        return DraftFile(name, data)
    except OSError as error:
        raise EditorError(f"A draft can't be kept: {error.strerror}.", "Free some space.") from error


def edit_draft(environ: Mapping[str, str], name: str, data: bytes) -> DraftFile:
    """Open a copy in ``$VISUAL`` or ``$EDITOR`` and wait; ``EditorError`` when that fails."""
    command = environ.get("VISUAL") or environ.get("EDITOR")
    if not command:
        raise EditorError("No editor is set.", "Set EDITOR, or use --text, --tag, --untag or --kind.")
    draft = keep_draft(name, data)
    try:
        done = subprocess.run([*shlex.split(command), draft.path], check=False)
    except (OSError, ValueError) as error:
        draft.discard()
        raise EditorError(
            f"The editor {command!r} can't be run: {getattr(error, 'strerror', None) or error}.",
            "Set EDITOR to one that can.",
        ) from error
    if done.returncode:
        raise EditorError(
            f"The editor {command!r} ended with {done.returncode}, so nothing was changed.",
            f"What it wrote is in {draft.path}.",
        )
    return draft
