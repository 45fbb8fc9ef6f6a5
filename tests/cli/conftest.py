"""A home of one's own for every test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.odd import Git
from tests.cli.running import Home
from tests.cli.synced import Pair


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    user = tmp_path_factory.mktemp("first")
    Home(user)("init")
    return user


@pytest.fixture
def smos(first_home: Path, tmp_path: Path) -> Home:
    shutil.copytree(first_home, tmp_path / "user")
    return Home(tmp_path / "user")


@pytest.fixture
def git(smos: Home) -> Git:
    """Runs git in the vault and returns what it printed."""

    def run(*words: str, check: bool = True, **more: str) -> str:
        env = {**smos.env, "GIT_CONFIG_GLOBAL": str(smos.user / ".gitconfig"), **more}
        done = subprocess.run(
            ["git", "-C", smos.vault, *words],
            env=env,
            check=check,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout

    (smos.user / ".gitconfig").write_text("[user]\n\tname = Marta Example\n\temail = marta@example.org\n")
    return run


@pytest.fixture(scope="session")
def first_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    pair = Pair(tmp_path_factory.mktemp("pair") / "pair")
    pair.folder.mkdir()
    pair.begin()
    return pair


@pytest.fixture
def pair(first_pair: Pair, tmp_path: Path) -> Pair:
    return first_pair.copied(tmp_path / "pair")
