"""Transcripts: what was typed, then all that came of it.

A command stands after ``$ `` and goes on in lines that begin with ``> ``. What it wrote to stderr begins with ``! ``,
an exit code other than 0 comes last, as ``[exit 4]``. Lines that begin with ``# `` are prose; output that begins so
has a backslash before it. What differs from run to run is a placeholder: an id or a commit gets its number when it
is first seen, and must be the same wherever it is seen again. Commands run in an empty folder, ``{dir}``, with a home
that is not there yet, ``{home}``.

``python -m tests.cli.transcript FILE...`` writes transcripts anew from what the commands do now.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.running import COMMAND, environment

FOLDER = Path(__file__).parent / "transcripts"
_ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")
_COMMIT = re.compile(r"\b[0-9a-f]{10}(?:[0-9a-f]{30})?\b")
_PLACEHOLDER = re.compile(r"\{(\w+(?:\.\w+)?)\}")
_VARYING = (
    (re.compile(r'(?<="took_ms": )[\d.]+'), "{ms}"),
    (re.compile(r'(?<=size\t)[\d.]+ \w+|(?<=bytes": )\d+'), "{size}"),
    (re.compile(r'[+-]?\b\d\.\d{3,4}\b|(?<="score": )-?[\d.]+|(?<="relevance": )[\d.]+'), "{number}"),
    (re.compile(r'(?<=^smos )[\d.]+|(?<=DuckDB\t)[\d.]+|(?<=duckdb": ")[\d.]+'), "{version}"),
    (re.compile(r'(?<="etag": ")[0-9a-f]{64}'), "{etag}"),
    (re.compile(r"(?<=audit/)[a-z2-7]{26}"), "{machine}"),
    (re.compile(r"(?<=\{machine\}/)[\d-]{7,}(?=\.)"), "{part}"),
    (re.compile(r"(?<=Certificate )[0-9a-f]{16}"), "{hash}"),
    (re.compile(r"\b[\d,]+ objects and [\d,]+ files"), "{many} objects and {many} files"),
    (re.compile(r"/[\w./-]*/(smos-(?:demo|edit))-\w+"), r"{\1}"),
)


def played(text: str, place: Path) -> str:
    """Return a transcript as it reads when its commands run now, in an empty folder."""
    stage = _Stage(place)
    steps = [f"{head}\n{stage.run(command)}".strip() for head, command in _steps(text)]
    return "\n\n".join(steps) + "\n"


def _steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command as its lines, with the prose above it."""
    head: list[str] = []
    command: list[str] = []
    after = False
    for line in text.splitlines():
        if line.startswith("> ") and command and not after:
            command.append(line[2:])
        elif line.startswith(("$ ", "# ")):
            if command:
                yield "\n".join(head), command
                head, command = [], []
            if line.startswith("$ "):
                command, after = [line[2:]], False
            else:
                head.append(line)
        elif command:
            after = True
        else:
            head.append(line)
    if command:
        yield "\n".join(head), command


class _Stage:
    """The folder a transcript runs in, and the names of what was seen there."""

    def __init__(self, place: Path) -> None:
        user, self._dir, programs, temporary = (place / name for name in ("user", "dir", "bin", "tmp"))
        for folder in (user, self._dir, programs, temporary):
            folder.mkdir()
        script = programs / "smos"
        script.write_text('#!/bin/sh\nexec {} "$@"\n'.format(" ".join(f"'{word}'" for word in COMMAND)))
        script.chmod(0o755)
        self._env = environment(user, TMPDIR=str(temporary))
        self._env["PATH"] = f"{programs}:{self._env['PATH']}"
        self._names = {"home": self._env["SMOS_HOME"], "dir": str(self._dir)}
        self._ids = self._commits = 0
        self._days = {_today()}

    def run(self, lines: list[str]) -> str:
        """Run a command; return it with what it wrote."""
        typed = "\n".join(lines)
        names = {**self._names, "month": _today()[:7].replace("-", "/")}
        command = _PLACEHOLDER.sub(lambda match: names.get(match[1], match[0]), typed)
        done = subprocess.run(
            ["sh", "-c", command], cwd=self._dir, env=self._env, capture_output=True, timeout=60, check=False
        )
        self._days.add(_today())
        shown = ["$ " + typed.replace("\n", "\n> ")]
        shown += [f"! {line}".rstrip() for line in self._masked(done.stderr)]
        shown += [f"\\{line}" if line.startswith(("# ", "$ ")) else line for line in self._masked(done.stdout)]
        return "\n".join(shown + ([f"[exit {done.returncode}]"] if done.returncode else []))

    def _masked(self, output: bytes) -> list[str]:
        text = output.decode()
        for identity in _ULID.findall(text):
            if identity not in self._names.values():
                self._ids += 1
                self._names[f"id{self._ids}"] = identity
                self._names[f"id{self._ids}.head"] = identity[:20]
                self._names[f"id{self._ids}.tail"] = identity[-8:].lower()
        for commit in _COMMIT.findall(text):
            if commit[:10] not in self._names.values():
                self._commits += 1
                self._names[f"commit{self._commits}"] = commit[:10]
        text = _COMMIT.sub(lambda match: match[0][:10] + ".full" * (len(match[0]) > 10), text)
        for name, value in self._names.items():
            text = text.replace(f"{value}.full", f"{{{name}.full}}") if name.startswith("commit") else text
            text = text.replace(value, f"{{{name}}}")
        for day in self._days:
            text = re.sub(rf"{day}T\d\d:\d\d:\d\d(Z|\+00:00)", "{now}", text)
            text = text.replace(day, "{today}").replace(day[:7].replace("-", "/"), "{month}")
        for pattern, name in _VARYING:
            text = pattern.sub(name, text)
        return text.splitlines()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _rewrite(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = played(file.read_text(encoding="utf-8"), Path(folder))
    if "\n! Traceback" in text:
        sys.exit(f"{file} is left as it is: a command shows a traceback.\n{text}")
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _rewrite(Path(name))
