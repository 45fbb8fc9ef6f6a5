"""Running git: one process with a time limit, none of the caller's ``GIT_*`` and no way to ask a person.

Owns the environment, the limits and the errors of a call. Refuses a shell, and any repository but the one in
the folder itself. git and what it starts have a session of their own: there is no terminal to ask on, an interrupt
meant for smos does not reach them half way, and they end together: by the time limit, or when nobody waits any more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from smos_cli.errors import StorageError

LIMIT = 30.0
"""Seconds a call may take."""
BULK_LIMIT = 600.0
"""Seconds a call may take that carries an import."""
READING = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
"""For calls that only read: not even the index is refreshed, and every object is what it was committed as."""
_GRACE = 3.0

_SETTINGS = (
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "fastimport.unpackLimit=100",
    # What is committed survives a power cut, objects too: 6 ms a commit. An older git than 2.36 passes over it.
    "core.fsync=committed",
    "core.fsyncMethod=batch",
)
_SILENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_NO_LAZY_FETCH": "1",
}
_TRANSPORT = ("GIT_SSH", "GIT_SSL_", "GIT_PROXY_")
"""What a user's environment says of the way to a remote; it names no repository."""


class Git:
    """The git of one folder; its paths are taken literally."""

    def __init__(self, folder: Path, binary: str) -> None:
        self._folder = folder
        settings = [word for setting in (*_SETTINGS, *_case_of(folder)) for word in ("-c", setting)]
        self._words = [binary, "-C", str(folder), "--literal-pathspecs", *settings]

    def start(
        self, *words: str, limit: float = LIMIT, extra: Mapping[str, str] | None = None, network: bool = False
    ) -> Call:
        """Start ``git WORDS``; ``StorageError`` when there is no such program.

        One that uses the ``network`` keeps what the environment says of ssh and proxies.
        """
        return Call([*self._words, *words], self._environment(network=network) | dict(extra or {}), limit)

    def run(
        self,
        *words: str,
        stdin: bytes = b"",
        limit: float = LIMIT,
        extra: Mapping[str, str] | None = None,
        network: bool = False,
    ) -> bytes:
        """Run ``git WORDS`` and return what it printed; ``StorageError`` when it fails."""
        return self.start(*words, limit=limit, extra=extra, network=network).finish(stdin)

    def read(self, *words: str, limit: float = BULK_LIMIT) -> bytes:
        """Run ``git WORDS``, which only reads; as ``run``."""
        return self.run(*words, limit=limit, extra=READING)

    def _environment(self, *, network: bool) -> dict[str, str]:
        # A hook that calls us has GIT_DIR and GIT_INDEX_FILE set, for a repository that need not be ours.
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("GIT_") or (network and key.startswith(_TRANSPORT))
        }
        # Without a ceiling a damaged .git would make git look for another one further up.
        ceiling = str(Path(os.path.realpath(self._folder)).parent)
        return kept | _SILENT | {"GIT_CEILING_DIRECTORIES": ceiling}


class Call:
    """One running git process."""

    def __init__(self, words: list[str], environment: Mapping[str, str], limit: float) -> None:
        self._words = words
        self._limit = limit
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
            )
        except OSError as error:
            raise StorageError(f"git can't be started: {error.strerror}.", "Install git, or repair it.") from error
        self._input = cast(IO[bytes], self._process.stdin)
        self._output = cast(IO[bytes], self._process.stdout)
        self._late = threading.Timer(limit, self._end, (signal.SIGTERM,))
        self._late.daemon = True
        self._late.start()

    @property
    def number(self) -> int:
        """The process id."""
        return self._process.pid

    def write(self, data: bytes, *, last: bool = False) -> None:
        """Give it input; what a dead process no longer reads is dropped, ``finish`` tells why it died."""
        with suppress(BrokenPipeError):
            self._input.write(data)
            if last:
                self._input.close()
        if last:
            self._process.stdin = None

    def lines(self, count: int) -> list[bytes]:
        """Return its next lines of output, empty ones once it is dead."""
        with suppress(BrokenPipeError):
            self._input.flush()
        return [self._output.readline().rstrip(b"\n") for _ in range(count)]

    def read(self, size: int) -> bytes:
        """Return that many of its next bytes of output, fewer only where it ends."""
        with suppress(BrokenPipeError):
            self._input.flush()
        return self._output.read(size)

    def stop(self) -> None:
        """End it at once: nobody wants what it would still say."""
        self._late.cancel()
        self._abandon()
        with suppress(OSError):
            self._input.close()

    def finish(self, data: bytes = b"") -> bytes:
        """Give it the last of its input and return the rest of its output; ``StorageError`` on failure or delay."""
        try:
            # What a hook left running may keep the pipes open after git has ended.
            output, errors = self._process.communicate(data or None, timeout=self._limit + _GRACE)
        except subprocess.TimeoutExpired as late:
            self._abandon()
            raise self._too_long() from late
        except BaseException:
            # An interrupt, for which ``communicate`` has waited a moment: git takes its locks away when it is told to.
            self._end(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
            self._abandon()
            raise
        finally:
            stopped = self._late.finished.is_set()
            self._late.cancel()
        if self._process.returncode == 0:
            return output
        cause = subprocess.CalledProcessError(self._process.returncode, self._words, output, errors)
        if self._process.returncode < 0 and stopped:
            raise self._too_long() from cause
        raise _refused(errors, str(cause)) from cause

    def _end(self, number: int) -> None:
        """End git with all that it started."""
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.terminate()

    def _abandon(self) -> None:
        self._end(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _too_long(self) -> StorageError:
        return StorageError(
            f"git did not end within {self._limit:g} s and was stopped.",
            "Run `git status` in the vault to see whether git or a hook hangs.",
        )


def owned_by_another(told: str) -> tuple[str, str]:
    """Return what git's refusal of another user's repository means, in a sentence, and what to do about it."""
    from shlex import quote

    folder = quote(told.partition("dubious ownership")[2].partition("'")[2].partition("'\n")[0].rstrip("'"))
    return (
        f"The repository in {folder} belongs to another user, so git does not work in it.",
        f"If you trust it: `git config --global --add safe.directory {folder}`.",
    )


def _case_of(folder: Path) -> tuple[str, ...]:
    """Return the setting that keeps apart names that differ by case only, where the disk does, whatever a user set."""
    tells_apart = (folder / ".git").exists() and not (folder / ".GIT").exists()
    return ("core.ignorecase=false",) if tells_apart else ()


def _refused(errors: bytes, otherwise: str) -> StorageError:
    """Return what git's narration comes to, with a remedy."""
    told = _told(errors)
    if "dubious ownership" in told:
        return StorageError(*owned_by_another(told))
    return StorageError(
        f"git failed: {told or otherwise}.",
        "See what stands in the way with `git status` in the vault, or `smos doctor`.",
    )


def _told(errors: bytes) -> str:
    """Return the line of git's narration that says what is wrong."""
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal[:1] or lines[-1:] or [""])[0].rstrip(".")
