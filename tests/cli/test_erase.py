"""What is erased is in no file of home, whatever happens on the way, and a certificate of that can be checked."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, Home, environment
from tests.cli.synced import Pair

WORDS = "Hector is switched off"
NOT_FOUND = 3
INTERRUPTED = 130


def git(home: Home, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        ["git", "-C", str(home.vault), *words], capture_output=True, env=environment(home.user), check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout.decode("utf-8", "replace")


def traces(home: Home, words: str = WORDS) -> list[str]:
    """Return where some words are: among the objects of the history, or in files of home."""
    objects = git(home, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    found = ["objects"] if words in objects else []
    for path in home.folder.rglob("*"):
        if path.is_file() and "objects" not in path.parts and words.encode() in path.read_bytes():
            found.append(str(path))
    return found


def said(home: Home) -> str:
    """Import a conversation, and a memory that came from its second turn; return the memory's id."""
    turns = [
        {"session": "talk", "id": str(number), "speaker": "Marta", "time": f"2026-11-18T08:3{number}:00Z", "text": text}
        for number, text in enumerate(["The limiter resets.", f"{WORDS}.", "Good."], 1)
    ]
    home("import", "-", stdin="\n".join(map(json.dumps, turns)))
    (episode,) = (home.vault / "episodes").rglob("*.md")
    home("import", "-", stdin=json.dumps({"text": "The old server is gone.", "session": f"{episode.stem}#^t2"}))
    (identity,) = [one["id"] for one in home("list", "--json").json["memories"] if "is gone" in one["text"]]
    return str(identity)


def test_nothing_of_it_is_left_and_everything_else_is(smos: Home) -> None:
    tea = smos.remember("Tea is at four.")
    identity = smos.remember(f"{WORDS}.")
    smos("edit", identity, "--text", f"{WORDS} today.", "--reason", f"{WORDS} since today")
    smos("forget", identity)

    done = smos("erase", identity, "--yes", "--json").json

    assert traces(smos) == []
    assert done["erased"] == [identity]
    assert done["history"]["versions"] == 2
    assert smos.recalled("Hector") in ([], ["Tea is at four."])
    assert smos("show", tea, "--json").json["text"] == "Tea is at four."
    assert git(smos, "fsck", "--strict") == ""
    assert git(smos, "status", "--porcelain") == ""
    smos("audit", "verify")
    smos("restore", identity, code=NOT_FOUND)
    smos("restore", identity, "--at", "HEAD~2", code=NOT_FOUND)
    line = json.dumps({"id": identity, "text": f"{WORDS} again."})
    assert smos("import", "-", "--json", stdin=line).json["skipped"] == 1


def test_the_turn_it_came_from_is_taken_out_of_the_conversation(smos: Home) -> None:
    smos("config", "set", "vault.episodes", "versioned")
    identity = said(smos)
    (episode,) = (smos.vault / "episodes").rglob("*.md")

    smos("erase", identity, "--yes")

    assert traces(smos) == []
    assert "*(erased)*" in episode.read_text()
    assert "The limiter resets." in episode.read_text()
    assert git(smos, "status", "--porcelain") == ""
    smos("audit", "verify")


def test_what_is_shown_first_names_files_commits_and_remotes(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    git(smos, "remote", "add", "origin", "ssh://host.example/bob.git")

    shown = smos("erase", identity, code=2).err

    for said in ("1 version in 1 commit", "remote origin (ssh://host.example/bob.git)", "smos sync origin", "backups"):
        assert said in shown
    assert smos.recalled("Hector")[0] == f"{WORDS}."


def test_with_the_history_kept_only_commits_hold_it_until_the_next_erasure(smos: Home) -> None:
    identity, other = smos.remember(f"{WORDS}."), smos.remember("Tea is at four.")

    done = smos("erase", identity, "--yes", "--keep-history", "--json")

    assert done.json["certificate"] is None
    assert "still hold it" in done.err
    assert not [place for place in traces(smos) if place != "objects" and ".git" not in place]
    assert WORDS in git(smos, "log", "-p")
    smos("erase", other, "--yes")
    assert traces(smos) == []


def test_a_file_for_the_certificate_is_never_written_over(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    (smos.user / "gone.json").write_text("Mine.")

    smos("erase", identity, "--yes", "--certificate", "gone.json", code=2)

    assert (smos.user / "gone.json").read_text() == "Mine."
    assert smos.recalled("Hector")[0] == f"{WORDS}."


def test_a_place_where_no_certificate_can_be_written_is_refused_before_anything_is_erased(smos: Home) -> None:
    identity = smos("remember", WORDS, "--json").json["memory"]["id"]

    told = smos("erase", identity, "--yes", "--certificate", "nowhere/gone.json", code=2)

    assert "nowhere/gone.json" in told.err
    assert smos("show", identity).out.endswith(f"{WORDS}\n")


def test_what_is_staged_stays_staged(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    smos.write("notes/a.md", "Staged.\n")
    git(smos, "add", "notes/a.md")
    smos.write("notes/a.md", "Changed.\n")

    smos("erase", identity, "--yes")

    assert git(smos, "diff", "--cached", "--name-only") == "notes/a.md\n"
    assert git(smos, "show", ":notes/a.md") == "Staged.\n"
    assert traces(smos) == []


def test_a_merge_under_way_is_a_reason_to_refuse_and_nothing_is_changed(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    (smos.vault / ".git/MERGE_HEAD").write_text(git(smos, "rev-parse", "HEAD"))

    refused = smos("erase", identity, "--yes", "--json", code=1)

    assert "merge is under way" in json.loads(refused.err)["error"]["message"]
    assert smos.recalled("Hector")[0] == f"{WORDS}."


def test_a_certificate_is_genuine_until_it_is_back(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    certificate = smos("erase", identity, "--yes", "--certificate", "gone.json", "--json").json["certificate"]

    checked = smos("audit", "check", "gone.json", "--json").json

    assert (checked["valid"], checked["problems"], checked["certificate"]) == (True, [], certificate)
    assert certificate["also_in"] == []
    assert certificate["tip"] == git(smos, "rev-parse", "HEAD").strip()
    smos.write("memories/back.md", f"---\nid: {identity}\n---\n{WORDS}.\n")
    git(smos, "add", "memories/back.md")
    git(smos, "-c", "user.name=Eve", "-c", "user.email=eve@example.org", "commit", "-q", "-m", "Back")
    problems = smos("audit", "check", "gone.json", "--json", code=1).json["problems"]
    assert problems == [f"memories/back.md is of {identity}.", "The history holds something of it."]


def test_an_object_that_nothing_reaches_makes_a_certificate_false(smos: Home, tmp_path: Path) -> None:
    identity = smos.remember(f"{WORDS}.")
    copy = tmp_path / "copy.md"
    copy.write_bytes((smos.vault / smos("show", identity, "--json").json["path"]).read_bytes())
    smos("erase", identity, "--yes", "--certificate", tmp_path / "proof.json")
    smos("audit", "check", tmp_path / "proof.json")

    git(smos, "hash-object", "-w", str(copy))

    smos("audit", "check", tmp_path / "proof.json", code=1)
    smos("erase", identity, "--yes")
    smos("audit", "check", tmp_path / "proof.json")
    assert traces(smos) == []


def test_nothing_is_left_of_a_version_without_an_id(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    file = smos.vault / smos("show", identity, "--json").json["path"]
    whole = file.read_bytes()
    for data in (f"{WORDS} for good.\n".encode(), whole):
        file.write_bytes(data)
        smos.remember(f"Tea is at {len(data)}.")

    smos("erase", identity, "--yes")

    assert traces(smos) == []
    assert traces(smos, file.stem) == []
    assert git(smos, "status", "--porcelain") == ""
    smos("audit", "verify")


def test_a_turn_that_was_erased_on_one_machine_leaves_the_history_of_another_when_it_syncs(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "pair")
    pair.begin()
    for home in (pair.ann, pair.ben):
        home("config", "set", "vault.episodes", "versioned")
    identity = said(pair.ann)
    pair.sync()
    pair.ben.remember("Ben has tea.")
    pair.ben("forget", identity)

    pair.ann("erase", identity, "--yes", "--certificate", "gone.json")
    pair.sync()

    assert len(pair.trees()) == 1
    assert pair.ann.recalled("tea")[0] == "Ben has tea."
    for home in (pair.ann, pair.ben):
        assert [*traces(home), *traces(home, "old server is gone")] == []
        home("audit", "verify")
        home("audit", "check", str(pair.ann.user / "gone.json"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seed", range(2))
def test_an_erasure_that_is_killed_at_any_moment_is_ended_by_the_same_command(smos: Home, seed: int) -> None:
    smos.remember("Tea is at four.")
    identity = smos.remember(f"{WORDS}.")
    smos("edit", identity, "--text", f"{WORDS} today.")
    words = [*COMMAND, "erase", identity, "--yes"]
    silent = subprocess.DEVNULL
    with subprocess.Popen(words, env=smos.env, cwd=smos.user, stdout=silent, stderr=silent) as running:
        time.sleep(random.Random(seed).uniform(0.2, 1.2))  # the moment is what is tested
        running.kill()
    wait_for_git(smos.vault)

    done = smos("erase", identity, "--yes", code=None)

    assert done.code in (0, NOT_FOUND), done
    assert traces(smos) == []
    assert git(smos, "fsck", "--strict", "--no-dangling") == ""
    smos("audit", "verify")
    assert smos.counts()["failed"] == 0
    smos.remember("It goes on.")
    assert git(smos, "status", "--porcelain") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT")
def test_an_erasure_that_is_interrupted_says_how_to_end_it(smos: Home) -> None:
    identity = smos.remember(f"{WORDS}.")
    tombstones = smos.vault / ".tombstones"
    words = [*COMMAND, "erase", identity, "--yes"]
    with subprocess.Popen(words, env=smos.env, cwd=smos.user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as one:
        while one.poll() is None and not tombstones.exists():
            time.sleep(0.001)
        one.send_signal(signal.SIGINT)
        told = one.communicate()[1].decode()

    assert one.returncode == INTERRUPTED
    assert told.endswith("The erasure may have begun: the same command ends it.\nStopped.\n")
    wait_for_git(smos.vault)
    smos("erase", identity, "--yes")
    assert traces(smos) == []


def wait_for_git(vault: Path) -> None:
    """Wait until a git that was left alone has ended: it holds a lock as long as it writes."""
    deadline = time.monotonic() + 10
    while (vault / ".git/index.lock").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
