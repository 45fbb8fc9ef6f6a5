"""A home of one's own for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Home


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    user = tmp_path_factory.mktemp("first")
    Home(user)("init")
    return user


@pytest.fixture
def smos(first_home: Path, tmp_path: Path) -> Home:
    shutil.copytree(first_home, tmp_path / "user")
    return Home(tmp_path / "user")
