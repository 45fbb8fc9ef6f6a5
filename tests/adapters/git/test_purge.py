"""A history without what was erased: all else is as it was, and every clone makes the same of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.git.purge import GitPurge
from smos_cli.core.episode import Turn
from smos_cli.core.ports import no_progress
from smos_cli.core.purging import Erased, Rewritten
from smos_cli.errors import StorageError
from tests.adapters.git.erased import FOLDER, HECTOR, IT, TALK, TEA, TURN, Put, left, lived
from tests.adapters.git.steps import Git
from tests.samples import episode_file, identity, memory_file


def test_it_is_in_no_object_and_in_no_file_of_git(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)

    rewritten = purge.rewrite(IT)

    assert left(vault, b"Hector", b"hector", identity(1).lower().encode()) == []
    assert rewritten.commits == 6
    assert rewritten.kept == ()
    assert git("fsck", "--strict", "--no-dangling") == ""
    assert git("status", "--short") == ""
    assert git("log", "--format=%s").splitlines() == [
        "remember: (erased)",
        "remember: Coffee.",
        *["remember: (erased)"] * 3,
        "remember: by hand",
        "remember: Tea is at four.",
        "init: Begin the history",
    ]


def test_all_else_of_a_commit_is_as_it_was(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    before = git("log", "--format=%an %ae %at %cn %ce %ct", "--reverse").splitlines()
    old = git("log", "--format=%H", "--reverse").splitlines()

    rewritten = purge.rewrite(IT)

    new = git("log", "--format=%H", "--reverse").splitlines()
    assert git("log", "--format=%an %ae %at %cn %ce %ct", "--reverse").splitlines() == before
    assert [rewritten.of.get(name, name) for name in old] == new
    assert new[:2] == old[:2]
    assert git("show", f"HEAD:{TEA}") == (vault / TEA).read_text()
    assert rewritten.tip == new[-1]
    assert rewritten.tips == {"refs/heads/main": (old[-1], new[-1])}


def test_two_clones_make_the_same_commits(tmp_path: Path, vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    other = tmp_path / "other"
    shutil.copytree(vault, other)
    with (other / ".git/config").open("a") as file:
        file.write("[user]\n\tname = Somebody Else\n[core]\n\tautocrlf = true\n[log]\n\tshowRoot = false\n")

    mine, theirs = purge.rewrite(IT), GitPurge(other, no_progress).rewrite(IT)

    assert mine.of == theirs.of
    assert mine.tip == theirs.tip


def test_repeated_it_changes_nothing(put: Put, purge: GitPurge) -> None:
    lived(put)
    first = purge.rewrite(IT)

    assert purge.rewrite(IT) == Rewritten(tip=first.tip)


def test_what_was_said_in_a_turn_goes_from_every_version_of_the_conversation(
    vault: Path, put: Put, purge: GitPurge, git: Git
) -> None:
    turns = [Turn("Marta", "One."), Turn("Bob", "Hector is off."), Turn("Marta", "Three.")]
    for count in (2, 3):
        put({TALK: episode_file(7, turns[:count])}, f"talk {count}")
    old = git("show", f"HEAD:{TALK}")

    purge.rewrite(TURN)

    assert left(vault, b"Hector") == []
    assert git("show", f"HEAD:{TALK}") == old.replace("Hector is off.", "*(erased)*")
    assert "One." in git("show", f"HEAD~:{TALK}")
    assert not purge.holds(TURN)


def test_of_the_tombstones_and_the_salts_only_its_lines_go(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    salts = f"{identity(1)} {'91' * 16}\n{identity(2)} {'5f' * 16}\n5f0c {'2b' * 16} {HECTOR}\n".encode()
    note = b"forgotten " + identity(1).encode() + b" is how a line begins.\n"
    put({"audit/m/2026-11.salts": salts, ".tombstones": b"forgotten %s 91ab\n" % identity(1).encode(), "n.md": note})
    put({HECTOR: memory_file(1, "Hector.")}, "Hector.", 1)

    purge.rewrite(IT)

    assert git("show", "HEAD:audit/m/2026-11.salts") == f"{identity(2)} {'5f' * 16}\n"
    assert git("show", "HEAD:.tombstones") == ""
    assert git("show", "HEAD:n.md") == note.decode()


def test_branches_merges_tags_and_what_was_fetched_are_rewritten(
    vault: Path, put: Put, purge: GitPurge, git: Git
) -> None:
    lived(put)
    git("switch", "-q", "-c", "side", "HEAD~3")
    put({f"{FOLDER}/side.md": memory_file(4, "Side.")}, "Side.", 4)
    git("switch", "-q", "main")
    git("merge", "-q", "--no-ff", "-m", "Merge side", "side", "-s", "ours")
    git("tag", "-a", "-m", "A tag", "one", "HEAD~2")
    git("tag", "-a", "-m", "Of a tag", "two", "one")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git("notes", "add", "-m", "A note.", "side")

    rewritten = purge.rewrite(IT)

    assert left(vault, b"Hector") == []
    names = ("heads/main", "heads/side", "remotes/origin/main", "tags/one", "tags/two")
    assert sorted(rewritten.tips) == [f"refs/{name}" for name in names]
    assert git("cat-file", "-p", "two").splitlines()[0] == f"object {git('rev-parse', 'one').strip()}"
    assert git("rev-parse", "main^2") == git("rev-parse", "side")
    assert git("rev-parse", "origin/HEAD") == git("rev-parse", "main")
    assert git("notes", "show", "side") == "A note.\n"
    assert git("fsck", "--strict", "--no-dangling") == ""


def test_links_modes_encodings_and_odd_names_stay(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    put({HECTOR: memory_file(1, "Hector is off.")}, "Hector.", 1)
    (vault / "run.sh").write_text("#!/bin/sh\n")
    (vault / "run.sh").chmod(0o755)
    (vault / "link.md").symlink_to(HECTOR)
    odd = os.fsdecode(b'caf\xe9 "and"\ttab.md')
    (vault / odd).write_bytes(b"x\r\n")
    git("add", "--all")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-m", "Ein Käfer")
    tree = [line for line in git("ls-tree", "-r", "HEAD").splitlines() if HECTOR not in line]
    header = git("cat-file", "-p", "HEAD").splitlines()[2:]

    purge.rewrite(IT)

    assert git("ls-tree", "-r", "HEAD").splitlines() == tree
    assert git("cat-file", "-p", "HEAD").splitlines()[2:] == header


def test_a_signature_stays_only_on_what_stays(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    for path in (HECTOR, TEA):
        raw = git("cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN\n abc\n \n end\n\n", 1)
        words = ["git", "-C", str(vault), "hash-object", "-t", "commit", "-w", "--stdin"]
        signed = subprocess.run(words, input=raw.encode(), check=True, capture_output=True).stdout.decode().strip()
        git("reset", "-q", "--soft", signed)
        put({path: memory_file(1, "Hector is off.")}, "Hector.", 1)

    assert purge.survey(IT).signed == 1
    purge.rewrite(IT)

    assert "gpgsig" in git("cat-file", "commit", "HEAD~2")
    assert "gpgsig" not in git("cat-file", "commit", "HEAD~1")


def test_a_commit_that_names_another_names_it_as_it_is_now(put: Put, purge: GitPurge, git: Git) -> None:
    old = put({HECTOR: memory_file(1, "Hector is off.")}, "Hector.", 1)
    git("commit", "-q", "--allow-empty", "-m", f"undo: something\n\nSmos-Undoes: {old}")

    rewritten = purge.rewrite(IT)

    assert f"Smos-Undoes: {rewritten.of[old]}" in git("log", "-1", "--format=%B")


def test_what_the_user_has_staged_stays_but_for_what_is_erased(
    vault: Path, put: Put, purge: GitPurge, git: Git
) -> None:
    put({HECTOR: memory_file(1, "Hector is off."), TEA: memory_file(2, "Tea.")}, "Hector.", 1)
    (vault / TEA).write_bytes(memory_file(2, "Tea is at five."))
    (vault / "copy.md").write_bytes(memory_file(1, "Hector, not committed."))
    git("add", "--all")
    (vault / "copy.md").unlink()
    (vault / HECTOR).unlink()

    purge.rewrite(IT)

    assert git("status", "--short") == f"M  {TEA}\n"
    assert left(vault, b"Hector") == []


def test_nothing_that_git_leaves_lying_about_has_it(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    git("reset", "-q", "--hard", "HEAD~3")
    git("commit", "-q", "--allow-empty", "-m", "Hector by hand")
    git("commit", "-q", "--allow-empty", "--amend", "-m", "By hand")
    git("gc", "-q")
    for name in (
        *("FETCH_HEAD", "fast_import_crash_1", "rr-cache/1/preimage", "MERGE_MSG"),
        *("objects/pack/.tmp-1-pack-2.pack", "objects/pack/tmp_pack_abc", "objects/1a/tmp_obj_abc"),
    ):
        (vault / ".git" / name).parent.mkdir(exist_ok=True, parents=True)
        (vault / ".git" / name).write_text("Hector")

    purge.rewrite(IT)

    assert left(vault, b"Hector") == []
    assert git("log", "-1", "--format=%s") == "By hand\n"


def test_an_object_that_no_commit_has_any_more_is_found_and_goes(
    vault: Path, put: Put, purge: GitPurge, git: Git
) -> None:
    put({HECTOR: memory_file(1, "Hector is off.")}, "Hector.", 1)
    git("reset", "-q", "--hard", "HEAD~1")

    assert purge.survey(IT).versions == 1
    assert not purge.holds(IT)
    purge.rewrite(IT)

    assert purge.survey(IT).versions == 0


@pytest.mark.parametrize("step", ["refs", "sweep"])
def test_a_rewrite_that_was_killed_is_ended_by_the_next(
    vault: Path, put: Put, purge: GitPurge, git: Git, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    lived(put)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"smos_cli.adapters.git.purge.{'_mend_index' if step == 'refs' else 'sweep'}", killed)
    with pytest.raises(KeyboardInterrupt):
        purge.rewrite(IT)
    monkeypatch.undo()

    purge.rewrite(IT)

    assert left(vault, b"Hector") == []
    assert git("fsck", "--strict", "--no-dangling") == ""


def test_before_anything_is_done_it_says_what_there_is(put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    git("remote", "add", "origin", "ssh://marta:secret@host/bob.git")

    survey = purge.survey(IT)

    assert survey.paths == (HECTOR, f"{FOLDER}/moved.md")
    assert (survey.versions, survey.holding, survey.rewritten, survey.commits) == (3, 5, 6, 8)
    assert survey.texts >= {"Hector is off.", "Hector is switched off.", "Why Hector is off.", "hector-is-off", "moved"}
    assert survey.bodies == {identity(1): (f"{FOLDER}/moved.md", memory_file(1, "Hector is switched off."))} or (
        survey.bodies[identity(1)][0] == HECTOR
    )
    assert survey.remotes == (("origin", "ssh://host/bob.git"),)


def test_whether_commits_hold_it_can_be_asked_of_some(put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    tip = git("rev-parse", "HEAD").strip()

    assert purge.holds(IT)
    assert purge.holds(IT, [tip])
    assert not purge.holds(IT, [f"{tip}~7"])
    assert purge.holds(IT, [tip, f"^{tip}~1"])  # by its message alone
    assert not purge.holds(IT, [f"{tip}~1", f"^{tip}~2"])
    assert not purge.holds(Erased(frozenset([identity(9)])))
    assert not purge.holds(Erased())


def test_a_disk_that_refuses_leaves_the_old_history(vault: Path, put: Put, purge: GitPurge, git: Git) -> None:
    lived(put)
    before = git("show-ref")
    shutil.rmtree(vault / ".git/objects/pack", ignore_errors=True)
    (vault / ".git/objects/pack").write_text("No folder.")

    with pytest.raises(StorageError, match="can't be rewritten"):
        purge.rewrite(IT)

    assert git("show-ref") == before


def test_a_repository_without_a_commit_is_no_trouble(vault: Path, purge: GitPurge, git: Git) -> None:
    git("update-ref", "-d", "HEAD")

    assert not purge.holds(IT)
    assert purge.rewrite(IT) == Rewritten()
