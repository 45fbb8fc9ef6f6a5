"""What killed commands left is taken away; what a living one has in use is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from smos_cli.adapters.git.repository import Repository
from smos_cli.adapters.locks import held
from smos_cli.adapters.repairs import look
from smos_cli.core.repair import Repaired


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    (tmp_path / "bob/.trash/memories").mkdir(parents=True)
    (tmp_path / "bob/.git").mkdir()
    return tmp_path / "bob"


def test_temporary_files_and_half_made_repositories_are_deleted_and_named(tmp_path: Path, vault: Path) -> None:
    for name in (".smos-0a.tmp", ".trash/memories/.smos-0b.tmp", "mine.tmp", ".git/.smos-0c.tmp"):
        (vault / name).touch()
    (vault / ".smos-init-12/.git").mkdir(parents=True)

    done = list(look(vault, tmp_path / "bob.write")())

    assert [one.what.partition(" was left over")[0] for one in done] == [
        ".smos-init-12",
        ".smos-0a.tmp",
        ".trash/memories/.smos-0b.tmp",
    ]
    assert {path.name for path in vault.iterdir()} == {".git", ".trash", "mine.tmp"}
    assert (vault / ".git/.smos-0c.tmp").exists()


def test_what_a_writer_at_work_has_in_use_stays(tmp_path: Path, vault: Path) -> None:
    (vault / ".smos-0a.tmp").touch()
    with held(tmp_path / "bob.write", 1):
        mend = look(vault, tmp_path / "bob.write")

    assert list(mend()) == []
    assert (vault / ".smos-0a.tmp").exists()


def test_a_repository_that_is_not_ours_is_left_alone(tmp_path: Path, vault: Path) -> None:
    (vault / ".git/index.lock").touch()

    assert list[Repaired](look(vault, tmp_path / "bob.write")()) == []
    assert (vault / ".git/index.lock").exists()
    assert not Repository(vault).owned()
