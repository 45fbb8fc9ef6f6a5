"""New vectors after another embedder was chosen: ``smos index --embed`` for a persona, in a process of its own.

It goes on after the command that began it, and after its terminal is gone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

from smos_cli.errors import ModelError, StorageError


def embed(personas: Sequence[str], environ: Mapping[str, str], *, wait: bool) -> None:
    """Start it for each persona, or do it for one after the other and wait; ``ModelError`` when it fails."""
    for name in personas:
        # No module of the folder that the user happens to be in (-P).
        words = [sys.executable, "-P", "-m", "smos_cli", "index", "--embed", "--persona", name]
        try:
            if wait:
                nothing = subprocess.DEVNULL
                if subprocess.run(words, env=dict(environ), stdin=nothing, stdout=nothing, check=False).returncode:
                    raise ModelError(f"The vectors of {name} are not all new.", f"Run `smos index --embed -p {name}`.")
            else:
                _start(words, environ)
        except OSError as error:
            raise StorageError(
                f"No process can be started: {error.strerror}.", f"Run `smos index --embed -p {name}`."
            ) from error


def _start(words: Sequence[str], environ: Mapping[str, str]) -> None:
    nothing = subprocess.DEVNULL
    started = subprocess.Popen(
        words, env=dict(environ), stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
    )
    # Nobody waits for it here; without this Python complains that it still runs.
    started.returncode = 0
