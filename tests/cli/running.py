"""Runs the real command in a home of its own. Owns the environment that tests give it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import smos_cli

COMMAND = (sys.executable, "-m", "smos_cli")
BUSY = 11


class Done(NamedTuple):
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads(self.out)


def environment(user: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of the machine's own user is seen."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(smos_cli.__file__).parents[1]),
        "HOME": str(user),
        "USER": "marta",
        "SMOS_HOME": str(user / "home"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        **more,
    }


class Home:
    """A home with the persona bob, and ``smos`` over it."""

    def __init__(self, user: Path, **env: str) -> None:
        self.user = user
        self.folder = user / "home"
        self.vault = self.folder / "vaults/bob"
        self.env = environment(user, **env)

    def __call__(
        self,
        *words: str | bytes,
        code: int | None = 0,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        **popen: Any,
    ) -> Done:
        """Run one command; it ends with ``code`` (any, if None), and never with a traceback."""
        done = subprocess.run(
            [*COMMAND, *words],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={**self.env, **(env or {})},
            cwd=self.user,
            timeout=60,
            check=False,
            **popen,
        )
        result = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in result.err, result.err
        assert code in (None, result.code), result
        return result

    def copied(self, user: Path) -> Home:
        """Return this home as it is now, at another place."""
        shutil.copytree(self.user, user)
        return Home(user)

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the vault, as another program would."""
        file = self.vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def remember(self, text: str) -> str:
        """Store a memory; return its id."""
        identity: str = self("remember", "--json", "--", text).json["memory"]["id"]
        return identity

    def recalled(self, query: str) -> list[str]:
        """Return the texts of what a query finds."""
        return [hit["text"] for hit in self("recall", "--json", "--", query).json["hits"]]

    def findings(self) -> dict[str, str]:
        """Return what doctor says is wrong, by place."""
        found = self("doctor", "--json", code=None)
        problems = {item["where"]: item["what"] for item in found.json["findings"] if item["level"] == "problem"}
        assert found.code == (1 if problems else 0)
        return problems

    def counts(self, *words: str, code: int | None = 0, stdin: str | bytes = b"") -> dict[str, Any]:
        """Index or import; return the counts, which must add up."""
        counts: dict[str, Any] = self(*(words or ("index",)), "--json", code=code, stdin=stdin).json
        parts = sum(counts[part] for part in ("stored", "duplicates", "skipped", "failed"))
        assert counts["seen"] == parts, counts
        return counts
