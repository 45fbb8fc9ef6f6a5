"""A vault whose disk is full, read-only, unreadable, gone, or changing all the time: nothing that was there is lost."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.running import Done, Home
from tests.cli.unprivileged import minding_permissions

TTL = "The cache TTL is 10 seconds."

Plain = Callable[..., Done]


@pytest.fixture
def plain(smos: Home) -> Plain:
    """``smos`` as a user for whom permissions count."""
    return lambda *words, **more: smos(*words, preexec_fn=minding_permissions(), **more)


@pytest.fixture
def locked() -> Iterator[Callable[[Path, int], None]]:
    """Change a mode until the end of the test."""
    changed: list[tuple[Path, int]] = []

    def lock(path: Path, mode: int) -> None:
        changed.append((path, path.stat().st_mode))
        path.chmod(mode)

    yield lock
    for path, mode in reversed(changed):
        path.chmod(mode)


def texts(done: Done) -> set[str]:
    return {hit["text"] for hit in done.json["hits"]}


def test_an_unreadable_file_is_named_and_what_the_index_had_of_it_stays(
    smos: Home, plain: Plain, locked: Callable[[Path, int], None]
) -> None:
    file = smos.write("notes/pager.md", "Ann has the pager.")
    smos.remember(TTL)
    smos("index")
    locked(file, 0)
    os.utime(file)

    counts = plain("index", "--json", code=1).json
    found = plain("doctor", "--json", code=1).json["findings"]
    recalled = plain("recall", "pager", "--json")

    assert (counts["failed"], counts["removed"]) == (1, 0)
    assert [(item["where"], item["what"]) for item in found] == [
        ("notes/pager.md", "notes/pager.md could not be read or written: Permission denied.")
    ]
    assert texts(recalled) == {"Ann has the pager.", TTL}
    assert "1 file could not be read" in recalled.err


def test_an_unreadable_folder_is_named_and_what_the_index_had_of_it_stays(
    smos: Home, plain: Plain, locked: Callable[[Path, int], None]
) -> None:
    smos.write("notes/ops/pager.md", "Ann has the pager.")
    smos("index")
    locked(smos.vault / "notes", 0)

    counts = plain("index", "--json", code=1).json
    found = plain("doctor", "--json", code=1).json["findings"]

    assert (counts["failed"], counts["removed"]) == (1, 0)
    assert [(item["where"], item["what"]) for item in found] == [
        ("notes/", "The folder can't be read: Permission denied.")
    ]
    assert texts(plain("recall", "pager", "--json")) == {"Ann has the pager."}


def test_a_vault_that_is_gone_is_said_so_and_its_index_is_left_as_it_is(smos: Home) -> None:
    smos.remember(TTL)
    smos("index")
    away = smos.vault.with_name("away")
    smos.vault.rename(away)
    before = _stamps(smos.folder / "index")

    for words in (("recall", "TTL"), ("index",), ("index", "--rebuild"), ("list",), ("remember", "More.")):
        assert "can't be opened: No such file or directory." in smos(*words, code=1).err
    assert "can't be opened" in smos("doctor", code=1).out
    assert not smos.vault.exists()
    smos.vault.write_text("not a folder")
    assert "Not a directory." in smos("recall", "TTL", code=1).err
    smos.vault.unlink()

    away.rename(smos.vault)
    counts = smos.counts()
    assert (counts["stored"], counts["removed"]) == (0, 0)
    assert _stamps(smos.folder / "index") == before
    assert smos.recalled("TTL") == [TTL]


def test_an_empty_mount_point_in_its_place_does_not_empty_the_index(smos: Home) -> None:
    smos.remember(TTL)
    smos("index")
    away = smos.vault.with_name("away")
    smos.vault.rename(away)
    smos.vault.mkdir()

    for words in (("recall", "TTL"), ("index",), ("index", "--rebuild"), ("list",)):
        assert "may not be the vault; the index was left as it is." in smos(*words, code=1).err
    smos("remember", "Not onto an empty mount point.", code=1)
    assert list(smos.vault.iterdir()) == []

    smos.vault.rmdir()
    away.rename(smos.vault)
    counts = smos.counts()
    assert (counts["stored"], counts["removed"]) == (0, 0)
    assert smos.recalled("TTL") == [TTL]


def test_a_read_only_vault_is_read_and_not_written(
    smos: Home, plain: Plain, locked: Callable[[Path, int], None]
) -> None:
    identity = smos.remember(TTL)
    before = _stamps(smos.vault)
    for folder, _, files in os.walk(smos.vault):
        for name in files:
            locked(Path(folder, name), 0o444)
        locked(Path(folder), 0o555)

    for words in (("remember", "More."), ("forget", identity), ("edit", identity, "--tag", "x"), ("pin", identity)):
        error = plain(*words, code=1).err
        assert "Permission denied." in error
        assert "Change the permissions of the file or its folder." in error
    assert texts(plain("recall", "TTL", "--json")) == {TTL}
    found = plain("doctor", "--json", code=1).json["findings"]
    assert "The vault can't be written to." in [item["what"] for item in found]
    assert _stamps(smos.vault) == before


def test_files_that_are_replaced_and_deleted_all_the_time_never_stop_an_index(smos: Home) -> None:
    smos.remember(TTL)
    names = [f"notes/{number}.md" for number in range(40)]
    for name in names:
        smos.write(name, "A note. " * 40)
    stop = threading.Event()
    hammer = threading.Thread(target=_hammer, args=(smos.vault, names, stop))
    hammer.start()
    try:
        for number in range(12):
            words = [("index", "--rebuild"), ("index",), ("recall", "TTL", "--json")][number % 3]
            done = smos(*words, code=None)
            assert done.code in (0, 1), done
            if words[0] == "recall":
                assert TTL in texts(done)
    finally:
        stop.set()
        hammer.join()

    smos("index")
    assert smos.counts()["seen"] == len(list(smos.vault.rglob("*.md")))
    assert smos("doctor").out == "Nothing is wrong.\n"


def test_an_edit_of_the_same_size_within_a_tick_of_the_clock_is_seen(smos: Home) -> None:
    file = smos.write("notes/ttl.md", "The TTL is 10 seconds.")
    stamp = file.stat()
    smos("index")

    file.write_text("The TTL is 20 seconds.")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert smos.recalled("TTL") == ["The TTL is 20 seconds."]

    fresh = smos.write("notes/new.md", "The TTL is 30 seconds.")
    os.utime(fresh, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    fresh.replace(file)
    assert smos.recalled("TTL") == ["The TTL is 30 seconds."]


def test_home_may_lie_on_a_path_with_spaces_and_accents(tmp_path: Path) -> None:
    user = tmp_path / "Mes données ✓ 'été'"
    user.mkdir()
    smos = Home(user)

    identity = smos.remember(TTL)
    assert smos.recalled("TTL") == [TTL]
    smos("edit", identity, "--tag", "cache")
    smos("forget", identity)
    smos("restore", identity)
    assert smos("doctor").out == "Nothing is wrong.\n"
    assert subprocess.run(["git", "-C", smos.vault, "status", "--short"], capture_output=True, check=True).stdout == b""


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".lock", ".turn", ".write")
    }


def _hammer(vault: Path, names: list[str], stop: threading.Event) -> None:
    turn = 0
    while not stop.is_set():
        for name in names:
            turn += 1
            beside = vault / ".beside.md"
            beside.write_text("A note, once more. " * (turn % 50 + 1))
            beside.replace(vault / name)
            if turn % 7 == 0:
                (vault / name).unlink()


def test_a_folder_of_the_index_that_cant_be_read_leaves_recall_the_files(smos: Home) -> None:
    smos.remember("The cache TTL is 10 seconds.")
    smos("index")
    (smos.folder / "index").chmod(0)
    try:
        done = smos("recall", "TTL", "--json", preexec_fn=minding_permissions())
        problem = smos("doctor", code=1, preexec_fn=minding_permissions()).out
    finally:
        (smos.folder / "index").chmod(0o755)

    assert (len(done.json["hits"]), done.json["degraded"]) == (1, True)
    assert "can't be read: Permission denied." in problem
