"""Git over the network: nobody is asked anything, silence has a limit, and a failure says what it means.

Owns the process that talks to a remote, with all its children, and the words in which its failures are told.
Refuses a prompt on any way, and to show a password that stands in a URL.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, NamedTuple

from smos_cli.adapters.git.call import Git, owned_by_another
from smos_cli.core.ports import Progress
from smos_cli.errors import OfflineError, RemoteError, SmosError, StorageError

PROTOCOLS = ("file", "git", "http", "https", "ssh")
"""What a URL may begin with: none of them lets the remote, or the URL, choose a program."""
_GRACE = 3.0
_SETTINGS = ("transfer.fsckObjects=true", "fetch.fsckObjects=true", "core.askPass=", "protocol.version=2")
_ONLY = {"GIT_ALLOW_PROTOCOL": ":".join(PROTOCOLS), "SSH_ASKPASS": ""}
_COUNTED = re.compile(rb"\((\d+)/(\d+)\)[^(]*$")
_PASSWORD = re.compile(
    # A password may hold a slash, which git does not understand, and an error tells; a port is none.
    r"(?<=://)[^/@\s:]*:(?!\d*/)[^@\s]*@|(?<=://)[^/@\s:]*:[^/@\s]*@|(?<=http://)[^/@\s]*@|(?<=https://)[^/@\s]*@"
)
_UNREACHED = re.compile(
    r"could not resolve|couldn't resolve|connection refused|timed out|unreachable|no route to host|failed to connect"
    r"|couldn't connect|connection reset|connection closed|temporary failure|early eof|hung up unexpectedly"
    r"|operation too slow|name or service not known|unable to look up",
    re.IGNORECASE,
)
_UNKNOWN_TO_US = re.compile(
    r"terminal prompts disabled|could not read (username|password)|authentication failed|permission denied"
    r"|host key verification failed|could not read from remote repository: auth|access denied",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"object [0-9a-f]{40,64}: (\w+: .*)")
_NO_SPACE = re.compile(r"^(?!remote:).*no space left on device", re.IGNORECASE | re.MULTILINE)
_OTHER_HASHES = re.compile("mismatched algorithms|does not support this repository's hash algorithm")
_NOT_THERE = re.compile(r"does not appear to be a git repository|repository .*not found|no such file|does not exist")


class Answer(NamedTuple):
    """How a call ended."""

    code: int
    output: bytes
    errors: str


class Wire(Git):
    """The git of one folder, for calls that reach a remote; ``patience``: seconds it may say nothing, 0: any."""

    def __init__(self, folder: Path, binary: str, patience: float, progress: Progress) -> None:
        super().__init__(folder, binary)
        self._words += [word for setting in _SETTINGS for word in ("-c", setting)]
        self._patience = patience
        self._progress = progress

    def talk(self, stage: str, *words: str) -> Answer:
        """Run ``git WORDS``; ``OfflineError`` when it says nothing for too long. It never outlives this call."""
        process = None
        try:
            with _interrupted_later():
                process = self._start(words)
            return self._listen(process, stage)
        finally:
            if process:
                _end(process)

    def _start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                [*self._words, *words],
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                env=self._environment(),
                # Without a terminal of its own, ssh and its like find none to ask a person at.
                start_new_session=True,
            )
        except OSError as error:
            raise StorageError(f"git can't be started: {error.strerror}.", "Install git, or repair it.") from error

    def _listen(self, process: subprocess.Popen[bytes], stage: str) -> Answer:
        heard: Queue[tuple[int, bytes]] = Queue()
        pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]
        for number, pipe in enumerate(pipes):
            Thread(target=_relay, args=(pipe, number, heard), daemon=True).start()
        said = [b"", b""]
        still_open = len(pipes)
        while still_open:
            try:
                number, data = heard.get(timeout=self._patience or None)
            except Empty as silence:
                raise self._silent() from silence
            still_open -= not data
            said[number] += data
            if counted := _COUNTED.search(data):
                self._progress(stage, int(counted[1]), int(counted[2]))
        try:
            return Answer(process.wait(self._patience or None), said[0], hidden(said[1].decode("utf-8", "replace")))
        except subprocess.TimeoutExpired as silence:
            raise self._silent() from silence

    def _silent(self) -> OfflineError:
        return OfflineError(
            f"The remote said nothing for {self._patience:g} s and was given up.",
            "Try again later; `smos config set sync.timeout_seconds N` waits longer.",
        )

    def _environment(self, *, network: bool = True) -> dict[str, str]:
        return super()._environment(network=network) | _ONLY


def hidden(text: str) -> str:
    """Return a text without the passwords that stand in URLs in it."""
    return _PASSWORD.sub("", text)


def told(errors: str) -> str:
    """Return the line of git's narration that says what is wrong, without its mark."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", errors) if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:"))] or lines[-1:]
    return telling[0].removeprefix("fatal: ").removeprefix("error: ").rstrip(".") if telling else "it did not say why"


def failure(errors: str, where: str) -> SmosError:
    """Return what a failed call means; ``where`` is how the remote is named to people."""
    if _UNKNOWN_TO_US.search(errors):
        return RemoteError(
            f"{where} does not let us in, and smos never asks for a password: {told(errors)}.",
            "Give git what it needs: load a key into ssh-agent, or set up a credential helper; "
            "then try `git ls-remote` by hand.",
        )
    if found := _failure_here(errors, where):
        return found
    if unfit := _UNFIT.search(errors):
        return RemoteError(
            f"{where} holds what git takes from nobody: {unfit[1].rstrip('.')}.",
            "Remove that there, or look into it with git; the vault here is as it was.",
        )
    if _NOT_THERE.search(errors):
        return RemoteError(f"There is no repository at {where}: {told(errors)}.", "Look at the URL or path.")
    if unreached := _UNREACHED.search(errors):
        return OfflineError(f"{where} can't be reached ({unreached[0].lower()}).", "Try again later.")
    return RemoteError(f"git could not reach {where}: {told(errors)}.", "See what `git ls-remote` says of it.")


def _failure_here(errors: str, where: str) -> SmosError | None:
    """Return what failed for a reason that lies in a repository or disk of this machine, if that is so."""
    if "dubious ownership" in errors:
        return RemoteError(*owned_by_another(errors))
    if _NO_SPACE.search(errors):
        return StorageError("git could not write what it fetched: the vault's disk is full.", "Free some space on it.")
    if _OTHER_HASHES.search(errors):
        return RemoteError(
            f"{where} names its commits by another hash than the vault here, so git can't bring them together.",
            "Sync by a repository of the same kind; `git rev-parse --show-object-format` in each tells which it is.",
        )
    return None


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Let a Ctrl-C wait for the end of the block: amid the start of a process, nobody could end that process."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    noted: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if noted:
        raise KeyboardInterrupt


def _relay(pipe: IO[bytes], number: int, heard: Queue[tuple[int, bytes]]) -> None:
    with suppress(OSError, ValueError):
        while data := os.read(pipe.fileno(), 65536):
            heard.put((number, data))
    heard.put((number, b""))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process with the children it started, if it has not ended."""
    for sign in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if process.poll() is not None:
            break
        with suppress(OSError):
            os.killpg(process.pid, sign) if hasattr(os, "killpg") else process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
