"""``smos sync`` between two homes, by a real repository: what travels, what clashes, what is forgotten and erased."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, Home
from tests.cli.synced import Pair, memory_file


def test_what_one_remembers_the_other_recalls(pair: Pair) -> None:
    pair.ann.remember("Marta drinks green tea.")
    assert pair.ann("sync", "--json").json["sent"] == 2
    synced = pair.ben("sync", "--json").json
    assert synced == {
        "schema": 1,
        "remote": "origin",
        "sent": 0,
        "received": 2,
        "merged": 0,
        "conflicts": [],
        "put_away": [],
        "erased": [],
        "rewritten": False,
        "offline": False,
    }
    assert pair.ben.recalled("green tea")[0] == "Marta drinks green tea."
    assert len(pair.trees()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_a_home_that_a_join_makes_is_for_its_owner_alone(pair: Pair) -> None:
    assert pair.ben.folder.stat().st_mode & 0o077 == 0


def test_syncing_again_does_nothing(pair: Pair) -> None:
    pair.ann.remember("Marta drinks green tea.")
    pair.sync()
    before = pair.git("rev-parse", "main", at=pair.remote)
    assert pair.ann("sync").out == pair.ben("sync").out == "origin\tsent 0\treceived 0\tmerged 0\n"
    assert pair.git("rev-parse", "main", at=pair.remote) == before


def test_what_was_changed_by_hand_is_committed_and_travels(pair: Pair) -> None:
    file = memory_file(pair.ann)
    file.write_bytes(file.read_bytes() + b"\nIt stands in the cellar.\n")
    pair.ann.write("notes/plan.md", "# Plan\n\nPaint the cellar.\n")
    pair.ann.write("notes/paint.sh", "#!/bin/sh\n").chmod(0o755)
    pair.sync()
    assert os.access(pair.ben.vault / "notes/paint.sh", os.X_OK)
    assert len(pair.trees()) == 1
    assert b"in the cellar" in memory_file(pair.ben).read_bytes()
    assert (pair.ben.vault / "notes/plan.md").read_text() == "# Plan\n\nPaint the cellar.\n"


def test_what_could_not_be_committed_is_no_success(pair: Pair) -> None:
    hook = pair.ann.vault / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    pair.ann.write("notes/plan.md", "Harbour.\n")

    done = pair.ann("sync", code=1)

    assert "not in the history" in done.err
    assert pair.ann("diff", "--json").json["files"][0]["path"] == "notes/plan.md"


def test_two_changes_of_one_memory_are_both_kept_and_told(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("edit", identity, "--text", "The build server is called Achilles.")
    pair.ben("edit", identity, "--text", "The build server is called Paris.")
    pair.ann("sync")
    synced = pair.ben("sync", "--json").json
    assert synced["merged"] == 1
    assert [conflict["id"] for conflict in synced["conflicts"]] == [identity]
    pair.sync()
    texts = {memory["text"] for memory in pair.ann("list", "--json").json["memories"]}
    assert texts == {"The build server is called Achilles.", "The build server is called Paris."}
    assert len(pair.trees()) == 1


def test_what_to_do_with_two_versions_is_told_beside_them(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("edit", identity, "--text", "The build server is called Achilles.")
    pair.ben("edit", identity, "--text", "The build server is called Paris.")
    pair.ann("sync")
    told = pair.ben("sync")
    assert f"conflict\t{identity}\tmemories/" in told.out
    assert "make one of them right, then forget the other" in told.err


def test_changes_of_different_parts_become_one_memory(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("edit", identity, "--tag", "build")
    file = memory_file(pair.ben)
    file.write_bytes(file.read_bytes().rstrip() + b"\n\nIt stands in the cellar.\n")
    pair.sync()
    merged = memory_file(pair.ann).read_bytes()
    assert b"build" in merged.split(b"---")[1]
    assert b"in the cellar" in merged
    assert len(pair.trees()) == 1


def test_what_was_forgotten_elsewhere_goes_to_the_trash_and_can_be_restored(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("forget", identity)
    pair.ann("sync")
    assert pair.ben("sync", "--json").json["put_away"] == [identity]
    assert pair.ben.recalled("build server") == []
    pair.ben("restore", identity)
    pair.sync()
    assert pair.ann.recalled("build server") == ["The build server is called Hector."]


@pytest.mark.parametrize("first", ["ann", "ben"])
def test_forget_wins_against_an_edit_which_is_in_the_trash(pair: Pair, first: str) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("forget", identity)
    pair.ben("edit", identity, "--text", "The build server is called Paris.")
    homes = [pair.ann, pair.ben] if first == "ann" else [pair.ben, pair.ann]
    for home in (*homes, *homes):
        home("sync")
    assert pair.ann("list", "--json").json["memories"] == []
    assert len(pair.trees()) == 1
    trashed = {memory["text"] for memory in pair.ben("restore", "--json").json["trash"]}
    assert "The build server is called Paris." in trashed


def test_what_was_erased_elsewhere_leaves_the_history_here(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("erase", identity, "--yes")
    pair.ben.remember("Marta drinks green tea.")
    pair.ann("sync")
    synced = pair.ben("sync", "--json").json
    assert synced["rewritten"] is True
    pair.sync()
    for home in (pair.ann, pair.ben):
        assert "Hector" not in every_object(pair, home.vault)
        assert home.recalled("build server Hector") in ([], ["Marta drinks green tea."])
    assert "Hector" not in pair.git("log", "-p", "main", at=pair.remote)
    assert len(pair.trees()) == 1


def test_an_old_history_that_comes_back_is_rewritten(pair: Pair) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    old = pair.git("rev-parse", "main", at=pair.remote).strip()
    pair.ann("erase", identity, "--yes")
    pair.ann("sync")
    pair.git("update-ref", "refs/heads/main", old, at=pair.remote)
    pair.ann.remember("Marta drinks green tea.")
    assert pair.ann("sync", "--json").json["rewritten"] is True
    assert "Hector" not in every_object(pair, pair.ann.vault)
    assert "Hector" not in pair.git("log", "-p", "main", at=pair.remote)


def test_a_remote_that_lets_no_history_be_replaced_is_told_after_an_erasure(pair: Pair) -> None:
    pair.git("config", "receive.denyNonFastForwards", "true", at=pair.remote)
    pair.ann("erase", pair.ann("list", "--json").json["memories"][0]["id"], "--yes")
    assert "receive.denyNonFastForwards" in pair.ann("sync", code=1).err


def every_object(pair: Pair, vault: Path) -> str:
    return pair.git("cat-file", "--batch", "--batch-all-objects", "--unordered", at=vault)


def test_two_vaults_that_were_made_apart_become_one(pair: Pair, tmp_path: Path) -> None:
    cleo = Home(tmp_path / "cleo")
    cleo.user.mkdir()
    cleo("init", "bob")
    cleo.remember("Cleo has a cat.")
    cleo("sync", str(pair.remote))
    pair.sync()
    texts = {memory["text"] for memory in pair.ann("list", "--json").json["memories"]}
    assert texts == {"Cleo has a cat.", "The build server is called Hector."}


def test_bytes_stay_where_git_would_change_line_ends(pair: Pair) -> None:
    for home in (pair.ann, pair.ben):
        pair.git("config", "core.autocrlf", "true", at=home.vault)
        pair.git("config", "core.eol", "crlf", at=home.vault)
    pair.ann.write("notes/both.md", b"one\r\ntwo\nthree")
    pair.sync()
    assert (pair.ben.vault / "notes/both.md").read_bytes() == b"one\r\ntwo\nthree"
    assert len(pair.trees()) == 1


def test_conversations_travel_only_where_they_are_in_the_history(pair: Pair) -> None:
    (pair.ann.user / "talk.jsonl").write_text(
        '{"session": "talk", "id": "t1", "speaker": "Marta", "time": "2026-11-18T08:38:00Z", "text": "Lunch?"}\n'
    )
    pair.ann("import", "talk.jsonl")
    pair.sync()
    assert not list((pair.ben.vault / "episodes").rglob("*.md"))
    pair.ann("config", "set", "vault.episodes", "versioned")
    pair.sync()
    (talk,) = (pair.ben.vault / "episodes").rglob("*.md")
    # Ben keeps his to himself, and yet what comes does not write over it.
    for vault, word in ((pair.ann.vault, "Soup"), (pair.ben.vault, "Bread")):
        file = vault / talk.relative_to(pair.ben.vault)
        file.write_bytes(file.read_bytes().replace(b"Lunch?", f"Lunch? {word}.".encode()))
    pair.sync()
    held = b"".join(file.read_bytes() for file in (pair.ben.vault / "episodes").rglob("*.md"))
    assert (b"Soup" in held, b"Bread" in held, b"<<<<" in held) == (True, True, False)


@pytest.mark.parametrize("seed", range(60 if os.environ.get("SMOS_LONG") else 2))
def test_a_sync_that_is_killed_is_ended_by_the_next_one(pair: Pair, seed: int) -> None:
    identity = pair.ann("list", "--json").json["memories"][0]["id"]
    pair.ann("edit", identity, "--text", "The build server is called Achilles.")
    pair.ben("edit", identity, "--text", "The build server is called Paris.")
    pair.ann("sync")
    chance = random.Random(seed)
    for _ in range(4):
        process = subprocess.Popen([*COMMAND, "sync"], env=pair.ben.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(0.15 + chance.random() * 0.5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    deadline = time.monotonic() + 20
    # What git was at when its parent died may still hold its lock for a moment.
    while pair.ben("sync", code=None).code and time.monotonic() < deadline:
        pass
    pair.sync()
    assert len(pair.trees()) == 1
    assert pair.ann("audit", "verify").code == pair.ben("audit", "verify").code == 0
    texts = [memory["text"] for memory in pair.ann("list", "--json").json["memories"]]
    assert sorted(texts) == ["The build server is called Achilles.", "The build server is called Paris."]
