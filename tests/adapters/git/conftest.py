"""A vault, the git beside it, and a user whose configuration is known."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.past import GitPast
from smos_cli.adapters.git.purge import GitPurge
from smos_cli.core.changes import Change
from smos_cli.core.ports import no_progress
from tests.adapters.git.erased import Put
from tests.adapters.git.steps import NOTE, Git
from tests.samples import identity


@pytest.fixture(autouse=True)
def users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    (home / ".gitconfig").write_text("[user]\n\tname = Marta Example\n\temail = marta@example.org\n")
    return home


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "bob"
    (folder / NOTE).parent.mkdir(parents=True)
    (folder / "PERSONA.md").write_text("Bob.\n")
    (folder / ".gitignore").write_text("/episodes/\n")
    (folder / "episodes").mkdir()
    (folder / "episodes/one.md").write_text("a talk\n")
    return folder


@pytest.fixture
def git(vault: Path) -> Git:
    def run(*words: str, check: bool = True) -> str:
        done = subprocess.run(["git", "-C", str(vault), *words], check=check, capture_output=True, text=True)
        return done.stdout

    return run


@pytest.fixture
def history(vault: Path) -> GitHistory:
    history = GitHistory(vault)
    assert history.create()
    return history


@pytest.fixture
def purge(vault: Path, history: GitHistory) -> GitPurge:
    return GitPurge(vault, no_progress)


@pytest.fixture
def put(vault: Path, history: GitHistory) -> Put:
    def commit(files: dict[str, bytes | None], text: str = "", number: int = 0) -> str:
        for path, data in files.items():
            (vault / path).parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                (vault / path).unlink()
            else:
                (vault / path).write_bytes(data)
        ids = (identity(number),) if number else ()
        kept, gone = (tuple(path for path, data in files.items() if (data is None) is lost) for lost in (False, True))
        change = Change("remember", f"remember: {text}", ids, "shell", "bob", f"Why {text}", kept, gone)
        return history.commit(change) or ""

    return commit


@pytest.fixture
def past(vault: Path, history: GitHistory) -> GitPast:
    return GitPast(vault, recording=True)


@pytest.fixture
def blob(git: Git) -> Callable[..., str]:
    return lambda path, commit="HEAD": git("rev-parse", f"{commit}:{path}").strip()
