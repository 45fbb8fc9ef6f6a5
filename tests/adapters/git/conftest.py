"""A vault, the git beside it, and a user whose configuration is known."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.git import GitHistory
from tests.adapters.git.steps import NOTE, Git


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
