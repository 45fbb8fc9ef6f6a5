"""Commits made again: every tree is as it was without what was erased."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.purge import GitPurge
from smos_cli.core import cleaning
from smos_cli.core.changes import Change
from smos_cli.core.ports import no_progress
from tests.adapters.git.erased import HECTOR, IT, TEA, left, trees
from tests.samples import identity, memory_file


def test_names_may_be_longer_ones(tmp_path: Path) -> None:
    vault = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "-b", "main", "--object-format=sha256", str(vault)], check=True)
    with (vault / ".git/config").open("a") as file:
        file.write("[smos]\n\tcreated = true\n")
    history = GitHistory(vault)
    for path, data in ((TEA, memory_file(2, "Tea.")), (HECTOR, memory_file(1, "Hector.")), ("c.md", b"Coffee.\n")):
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_bytes(data)
        history.commit(Change("edit", "edit", (), "shell", "bob", "", (path,)))

    rewritten = GitPurge(vault, no_progress).rewrite(IT)

    assert (rewritten.commits, len(rewritten.tip)) == (2, 64)
    assert [sorted(tree) for tree in trees(vault)] == [[TEA], [TEA], ["c.md", TEA]]
    assert left(vault, b"Hector") == []


_PATHS = st.sampled_from([TEA, HECTOR, "a.md", "notes/b.md"])
_FILES = st.dictionaries(_PATHS, st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(0, 3))), max_size=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_FILES, max_size=6))
def test_after_any_history_every_tree_is_as_it_was_without_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[str, tuple[int, int] | None]]
) -> None:
    vault = tmp_path_factory.mktemp("any")
    history = GitHistory(vault)
    (vault / "PERSONA.md").write_text("Bob.\n")
    history.create()
    for step in steps:
        for path, wanted in step.items():
            (vault / path).parent.mkdir(parents=True, exist_ok=True)
            if wanted is None:
                (vault / path).unlink(missing_ok=True)
            else:
                data = memory_file(wanted[0], f"{wanted[1]}.") if wanted[0] else b"No id.\n"
                (vault / path).write_bytes(data)
        history.commit(Change("edit", "edit", (), "shell", "bob", "", tuple(step)))
    before = trees(vault)
    where = {path for tree in before for path, data in tree.items() if cleaning.id_of(data) == identity(1)}

    GitPurge(vault, no_progress).rewrite(IT)

    def stays(path: str, data: bytes) -> bool:
        found = cleaning.id_of(data)
        return found != identity(1) and (bool(found) or path not in where)

    assert trees(vault) == [{path: data for path, data in tree.items() if stays(path, data)} for tree in before]
