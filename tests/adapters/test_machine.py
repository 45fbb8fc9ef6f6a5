"""What doctor sees outside the vault, on this very machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from smos_cli.adapters.machine import examine, extension_path, load_extension
from smos_cli.core.finding import Finding
from tests.adapters.disks import small_disk
from tests.cli.unprivileged import minding_permissions
from tests.contracts.processes import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/vaults/bob").mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    return tmp_path / "home"


def examined(home: Path, vault: Path | None = None, *, history: tuple[bool, bool] = (True, True)) -> list[Finding]:
    return list(examine(home, vault or home / "vaults/bob", history=history, adopted=vault is not None))


def test_where_nothing_is_wrong_nothing_is_said(home: Path) -> None:
    assert examined(home) == []


def test_a_machine_without_git_is_worth_a_note(home: Path) -> None:
    (finding,) = examined(home, history=(False, False))

    assert (finding.level, finding.where) == ("note", "git")


def test_so_is_a_vault_without_a_repository_of_ours(home: Path) -> None:
    (finding,) = examined(home, history=(True, False))

    assert (finding.level, finding.where) == ("note", str(home / "vaults/bob"))
    assert "smos init" in finding.remedy


def test_in_a_folder_of_somebodys_the_remedy_is_another(home: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes/deep"
    notes.mkdir(parents=True)
    (without,) = examined(home, notes, history=(True, False))
    (tmp_path / "notes/.git").mkdir()
    (within,) = examined(home, notes, history=(True, False))

    assert "git init" in without.remedy
    assert "a repository of yours" in within.remedy


def test_a_home_that_others_can_look_into_is_worth_a_note(home: Path) -> None:
    home.chmod(0o755)

    (finding,) = examined(home)

    assert (finding.level, finding.where, finding.remedy) == ("note", str(home), f"chmod 700 {home}")


def test_a_disk_with_little_space_is_a_problem(home: Path) -> None:
    with small_disk(home / "vaults/bob"):
        (finding,) = examined(home)

    assert (finding.level, finding.where) == ("problem", str(home / "vaults/bob"))
    assert "MB are free" in finding.what


def test_a_vault_that_can_not_be_written_to_is_a_problem(home: Path) -> None:
    (home / "vaults/bob").chmod(0o500)
    code = f"""
from pathlib import Path
from smos_cli.adapters.machine import examine
home = Path({str(home)!r})
print(*[finding.what for finding in examine(home, home / "vaults/bob", history=(True, True), adopted=False)])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, preexec_fn=minding_permissions()
    )

    assert done.stdout == "The vault can't be written to.\n"


def test_what_is_not_there_yet_is_no_finding(tmp_path: Path) -> None:
    assert examined(tmp_path / "gone") == []


def test_the_vector_extension_is_loaded_from_where_it_was_installed_without_the_network() -> None:
    load_extension()

    assert extension_path().is_file()
    assert os.path.commonpath([extension_path(), Path(duckdb.__file__).parents[1]]) == str(
        Path(duckdb.__file__).parents[1]
    )
