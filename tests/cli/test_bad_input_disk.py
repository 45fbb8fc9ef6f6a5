"""A disk that is full: a write is whole or not there, and what was there is still recalled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Done, Home

TTL = "The cache TTL is 10 seconds."
LONG = "A long story. " * 5000

FILLER = ".git/filler.bin"
"""What fills the disk, where it is no change of the vault that would be committed first."""
Plain = Callable[..., Done]


def _small_files() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))


# Python cuts a compiled module off where a file may grow no further, and then trips over it.
SMALL_FILES: dict[str, Any] = {"preexec_fn": _small_files, "env": {"PYTHONDONTWRITEBYTECODE": "1"}}


@pytest.fixture
def small_disk(smos: Home) -> Iterator[Callable[[], Plain]]:
    """Fill the disk on which the vault lies; where none can be mounted, files of over 4 kB are refused instead."""
    moved = smos.vault.with_name("moved")
    smos.vault.rename(moved)
    smos.vault.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(smos.vault)]
    mounted = sys.platform == "linux" and os.geteuid() == 0 and not subprocess.run(mount, check=False).returncode
    shutil.copytree(moved, smos.vault, dirs_exist_ok=True)

    def fill() -> Plain:
        if mounted:
            _fill(smos.vault / FILLER)
            return smos
        return lambda *words, **more: smos(*words, **SMALL_FILES, **more)

    yield fill
    if mounted:
        subprocess.run(["umount", "-l", str(smos.vault)], check=True)


def test_a_full_disk_stores_all_of_a_memory_or_nothing(smos: Home, small_disk: Callable[[], Plain]) -> None:
    identity = smos.remember(TTL)
    full = small_disk()
    before = {path.name for path in (smos.vault / "memories").rglob("*")}

    for words in (("remember", LONG), ("edit", identity, "--text", LONG), ("import", "-")):
        line = f'{{"text": "{LONG}"}}\n' if words[0] == "import" else ""
        done = full(*words, code=1, stdin=line)
        assert "No space left on device." in done.err or "File too large." in done.err
        assert "Free some space" in done.err
    assert {path.name for path in (smos.vault / "memories").rglob("*")} == before
    assert smos.recalled("TTL") == [TTL]

    (smos.vault / FILLER).unlink(missing_ok=True)
    smos.remember(LONG)
    assert len(smos.recalled("long story")) == 2


def test_a_memory_for_which_there_is_room_but_not_for_its_commit_is_stored(
    smos: Home, small_disk: Callable[[], Plain]
) -> None:
    smos.remember(TTL)
    small_disk()
    filler = smos.vault / FILLER
    if filler.exists():
        os.truncate(filler, filler.stat().st_size - 8192)
    else:
        (smos.vault / ".git/objects").rename(smos.vault / ".git/elsewhere")

    done = smos("remember", "It fits.")

    assert "warning: The change is saved, but not in the history: " in done.err
    assert set(smos.recalled("fits")) == {TTL, "It fits."}


def test_a_full_disk_under_home_lets_recall_answer_from_the_files(smos: Home) -> None:
    smos.remember(TTL)
    shutil.rmtree(smos.folder / "index")

    done = smos("recall", "TTL", "--json", **SMALL_FILES)

    assert ([hit["text"] for hit in done.json["hits"]], done.json["degraded"]) == ([TTL], True)
    assert "This answer comes from the files alone." in done.err
    assert "can't be " in smos("index", code=1, **SMALL_FILES).err
    assert smos("recall", "TTL", "--json").json["degraded"] is False


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 512):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
