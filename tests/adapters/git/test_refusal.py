"""Where a history must not be rewritten: the reason is said, and nothing is done."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.purge import GitPurge
from smos_cli.core.ports import no_progress
from smos_cli.core.purging import Rewritten
from smos_cli.errors import StorageError
from tests.adapters.git.erased import HECTOR, IT, Put
from tests.samples import memory_file


def _in_another(vault: Path) -> None:
    shutil.rmtree(vault / ".git")
    subprocess.run(["git", "init", "-q", str(vault.parent)], check=True)


def _file(name: str, text: str = "") -> Callable[[Path], None]:
    def write(vault: Path) -> None:
        (vault / ".git" / name).parent.mkdir(parents=True, exist_ok=True)
        (vault / ".git" / name).write_text(text)

    return write


def _config(line: str) -> Callable[[Path], None]:
    def write(vault: Path) -> None:
        with (vault / ".git/config").open("a") as file:
            file.write(line)

    return write


def _users_own(vault: Path) -> None:
    shutil.rmtree(vault / ".git")
    subprocess.run(["git", "init", "-q", str(vault)], check=True)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_users_own, "did not make"),
        (_in_another, "did not make"),
        (_file("worktrees/other/HEAD"), "linked worktrees"),
        (_file("refs/stash", "0" * 40), "stashed"),
        (_file("packed-refs", f"{'0' * 40} refs/stash\n"), "stashed"),
        (_file("objects/info/alternates", "/elsewhere\n"), "alternates"),
        (_file("shallow", "0" * 40), "only a part"),
        (_config("[extensions]\n\tpartialClone = origin\n"), "only a part"),
        (_file("objects/pack/pack-1.promisor"), "only a part"),
        (_file("objects/pack/pack-1.keep"), "keep packs"),
        (_config("[extensions]\n\tpreciousObjects = true\n"), "keep packs"),
        (_config("[core]\n\tworktree = /elsewhere\n"), "another folder"),
        (_file("MERGE_HEAD"), "merge is under way"),
        (_file("rebase-merge/done"), "rebase is under way"),
        (_file("BISECT_LOG"), "bisect is under way"),
        (_file("HEAD", "0" * 40), "No branch"),
        (_file("index.lock"), "index.lock"),
    ],
)
def test_where_it_must_not_be_rewritten_the_reason_is_said_and_nothing_is_done(
    vault: Path, put: Put, purge: GitPurge, make: Callable[[Path], None], said: str
) -> None:
    put({HECTOR: memory_file(1, "Hector is off.")}, "Hector.", 1)
    make(vault)
    before = {path: path.read_bytes() for path in vault.rglob("*") if path.is_file() and path.name != "smos.lock"}

    refused = purge.refusal()

    assert refused
    assert said in refused[0]
    if "did not make" in said:
        assert purge.rewrite(IT) == Rewritten()
    else:
        with pytest.raises(StorageError, match=said):
            purge.rewrite(IT)
    now = {path: path.read_bytes() for path in vault.rglob("*") if path.is_file() and path.name != "smos.lock"}
    assert now == before


def test_a_vault_without_a_history_has_nothing_to_be_rewritten(tmp_path: Path) -> None:
    purge = GitPurge(tmp_path, no_progress)

    assert purge.refusal() is None
    assert not purge.holds(IT)
    assert purge.survey(IT).commits == 0
    assert purge.rewrite(IT) == Rewritten()


def test_where_git_is_missing_a_history_can_not_be_rewritten(vault: Path, history: GitHistory) -> None:
    refused = GitPurge(vault, no_progress, "no-such-git").refusal()

    assert refused
    assert "git is missing" in refused[0]
