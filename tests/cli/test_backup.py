"""``smos backup``: a home in one file and back, whatever was wrong with the one or the other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from smos_cli.adapters.locks import held
from tests.cli.running import COMMAND, Home
from tests.cli.unprivileged import minding_permissions

STALE = 5


@pytest.fixture
def elsewhere(tmp_path: Path) -> Home:
    """A user who has no home of smos yet."""
    (tmp_path / "other").mkdir()
    return Home(tmp_path / "other")


@pytest.fixture
def backup(smos: Home) -> Path:
    smos.remember("The cache TTL is 10 seconds.")
    smos("forget", smos.remember("Tea is at four."))
    smos("backup", "create", "b.tar.gz")
    return smos.user / "b.tar.gz"


def git_in(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in str(path)
    }


class TestThereAndBack:
    def test_all_memories_are_back_with_their_history(self, smos: Home, elsewhere: Home, backup: Path) -> None:
        done = elsewhere("backup", "restore", backup.as_posix())

        assert done.out == f"restored\tbob\t{elsewhere.vault}\n"
        assert tree(elsewhere.vault) == tree(smos.vault)
        assert git_in(elsewhere.vault, "log", "--format=%H") == git_in(smos.vault, "log", "--format=%H")
        assert git_in(elsewhere.vault, "status", "--porcelain") == ""
        assert git_in(elsewhere.vault, "fsck") == ""

    def test_they_are_recalled_and_what_was_forgotten_is_not(self, elsewhere: Home, backup: Path) -> None:
        elsewhere("backup", "restore", str(backup))

        assert elsewhere.recalled("TTL or tea") == ["The cache TTL is 10 seconds."]
        assert [line["text"] for line in elsewhere("restore", "--json").json["trash"]] == ["Tea is at four."]

    def test_life_goes_on_with_a_chain_of_its_own(self, elsewhere: Home, backup: Path) -> None:
        elsewhere("backup", "restore", str(backup))
        elsewhere.remember("Hector is the old build server.")

        assert len(list((elsewhere.vault / "audit").iterdir())) == 2
        elsewhere("audit", "verify")
        assert git_in(elsewhere.vault, "status", "--porcelain") == ""
        assert elsewhere.findings() == {}

    def test_what_was_changed_outside_is_in_the_history_of_the_backup(self, smos: Home, elsewhere: Home) -> None:
        smos.write("memories/tea.md", "Tea is at five.")

        smos("backup", "create", "b.tar.gz")
        elsewhere("backup", "restore", f"{smos.user}/b.tar.gz")

        assert git_in(elsewhere.vault, "show", "HEAD:memories/tea.md") == "Tea is at five."

    def test_neither_index_nor_keys_nor_the_settings_of_git_are_in_it(self, smos: Home) -> None:
        smos.remember("The cache TTL is 10 seconds.")
        git_in(smos.vault, "config", "remote.origin.url", "https://marta:secret@example.org")
        smos("recall", "TTL")
        assert (smos.folder / "keys/audit.key").is_file()

        smos("backup", "create", "b.tar.gz")

        listed = subprocess.run(["tar", "-tzf", smos.user / "b.tar.gz"], capture_output=True, text=True, check=True)
        names = listed.stdout.splitlines()
        assert names[0] == "manifest.json"
        assert [name for name in names if "index" in name or ("key" in name and not name.endswith("key.pub"))] == []
        assert not {"hooks", "keys", "locks", ".git"} & {part for name in names for part in name.split("/")}

    def test_notes_go_back_to_their_folder_after_a_question(self, smos: Home, elsewhere: Home) -> None:
        notes = smos.user / "notes"
        notes.mkdir()
        (notes / "tea.md").write_text("Tea is at four.\n")
        smos("persona", "add", "marta", "--path", "notes", "--yes")
        smos("backup", "create", "b.tar.gz", "--persona", "marta")
        notes.rename(smos.user / "away")

        refused = elsewhere("backup", "restore", f"{smos.user}/b.tar.gz", code=2)
        assert str(notes) in refused.err
        assert "--yes" in refused.err
        elsewhere("backup", "restore", f"{smos.user}/b.tar.gz", "--yes")

        assert elsewhere.recalled("tea") == ["Tea is at four."]
        assert (notes / "tea.md").read_text() == "Tea is at four.\n"

    def test_the_same_backup_under_another_name(self, smos: Home, backup: Path) -> None:
        smos("backup", "restore", str(backup), code=2)
        smos("backup", "restore", str(backup), "--as", "then")

        assert [hit["text"] for hit in smos("recall", "TTL", "-p", "then", "--json").json["hits"]] == [
            "The cache TTL is 10 seconds."
        ]
        assert smos("persona", "list").out.splitlines()[0].startswith("*\tbob")
        for name in ("bob", "then"):
            smos("remember", "Hector is the old build server.", "-p", name)
            smos("audit", "verify", "-p", name)

    def test_a_vault_that_was_lost_is_restored_where_it_was(self, smos: Home, backup: Path) -> None:
        smos.remember("Said after the backup.")
        smos("persona", "remove", "bob", "--yes")
        shutil.rmtree(smos.vault)

        smos("backup", "restore", str(backup))

        assert smos.recalled("TTL or tea or backup") == ["The cache TTL is 10 seconds."]
        smos.remember("Hector is the old build server.")
        smos("audit", "verify")


class TestWhatIsInTheWay:
    def test_a_backup_is_not_written_over(self, smos: Home, backup: Path) -> None:
        before = backup.read_bytes()

        assert "is there already" in smos("backup", "create", "b.tar.gz", code=STALE).err
        assert backup.read_bytes() == before

    def test_nor_is_one_put_into_a_vault(self, smos: Home) -> None:
        smos("backup", "create", f"{smos.vault}/b.tar.gz", code=2)

        assert not (smos.vault / "b.tar.gz").exists()

    def test_nor_into_a_folder_that_is_not_there(self, smos: Home) -> None:
        assert "There is no folder" in smos("backup", "create", "nowhere/b.tar.gz", code=3).err

    def test_nor_where_nothing_may_be_written(self, smos: Home) -> None:
        (smos.user / "shut").mkdir(mode=0o500)

        done = smos("backup", "create", "shut/b.tar.gz", code=1, preexec_fn=minding_permissions())
        assert "Permission denied" in done.err

    def test_a_vault_is_not_written_over(self, elsewhere: Home, backup: Path) -> None:
        elsewhere.write("notes.md", "Mine.")

        assert "not empty" in elsewhere("backup", "restore", str(backup), code=STALE).err
        assert tree(elsewhere.vault) == {"notes.md": b"Mine."}

    @pytest.mark.parametrize(("name", "code"), [("none.tar.gz", 3), (".", 1), ("text", 1)])
    def test_what_is_no_backup_leaves_no_home_behind(self, elsewhere: Home, name: str, code: int) -> None:
        (elsewhere.user / "text").write_text("Not a backup.\n")

        elsewhere("backup", "restore", name, code=code)

        assert not elsewhere.folder.exists()

    def test_a_backup_that_may_not_be_read_is_told(self, elsewhere: Home, backup: Path) -> None:
        backup.chmod(0)

        done = elsewhere("backup", "restore", str(backup), code=1, preexec_fn=minding_permissions())
        assert "Permission denied" in done.err

    def test_a_home_without_personas_has_nothing_to_back_up(self, elsewhere: Home) -> None:
        assert "no persona here" in elsewhere("backup", "create", "b.tar.gz", code=3).err

    def test_an_unknown_persona(self, smos: Home, backup: Path) -> None:
        smos("backup", "create", "c.tar.gz", "--persona", "eve", code=3)
        smos("backup", "restore", "b.tar.gz", "--persona", "eve", code=3)


class TestWhatIsLeftOut:
    def test_a_link_is_told_and_is_no_failure(self, smos: Home) -> None:
        (smos.vault / "photo.png").symlink_to("elsewhere.png")

        done = smos("backup", "create", "b.tar.gz", "--json")

        assert (done.json["skipped"], done.json["failed"]) == (1, 0)
        assert done.json["problems"] == [{"where": "photo.png", "reason": "it is a link, and links are not followed"}]

    def test_a_file_that_can_not_be_read_is_told_and_is_one(self, smos: Home, elsewhere: Home) -> None:
        smos.write("photo.png", "a photo").chmod(0)

        done = smos("backup", "create", "b.tar.gz", "--json", code=1, preexec_fn=minding_permissions())

        assert done.json["problems"] == [{"where": "photo.png", "reason": "it can't be read: Permission denied"}]
        elsewhere("backup", "restore", f"{smos.user}/b.tar.gz")


def started(home: Home, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *words], cwd=home.user, env=home.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for(folder: Path, pattern: str) -> None:
    end = time.monotonic() + 30
    while not list(folder.glob(pattern)):
        assert time.monotonic() < end
        time.sleep(0.01)


class TestOthersAtWork:
    def test_who_writes_to_the_vault_is_waited_for_and_ctrl_c_leaves_nothing(self, smos: Home) -> None:
        (smos.user / "out").mkdir()
        with held(smos.folder / "locks/bob.write", 1):
            backing = started(smos, "backup", "create", "out/b.tar.gz")
            wait_for(smos.user / "out", ".smos-*")
            backing.send_signal(signal.SIGINT)
            assert backing.wait(30) == 130
        assert os.listdir(smos.user / "out") == []

    def test_a_restore_waits_for_who_changes_the_settings(self, elsewhere: Home, backup: Path) -> None:
        with held(elsewhere.folder / "locks/config.lock", 1):
            restoring = started(elsewhere, "backup", "restore", str(backup))
            with pytest.raises(subprocess.TimeoutExpired):
                restoring.wait(0.5)
        assert restoring.wait(30) == 0

    def test_a_restore_that_is_killed_at_any_moment_can_be_made_again(
        self, smos: Home, elsewhere: Home, backup: Path
    ) -> None:
        for delay in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
            restoring = started(elsewhere, "backup", "restore", str(backup))
            try:
                restoring.wait(delay)
            except subprocess.TimeoutExpired:
                restoring.kill()
                restoring.wait(30)
            if (elsewhere.folder / "config.toml").exists():
                break
        else:
            elsewhere("backup", "restore", str(backup))

        assert elsewhere.recalled("TTL") == ["The cache TTL is 10 seconds."]
        assert git_in(elsewhere.vault, "fsck") == ""
        elsewhere.remember("Hector is the old build server.")
        assert [path.name for path in elsewhere.vault.rglob(".smos-*")] == []
