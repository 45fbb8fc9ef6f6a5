"""What a real disk does to the vault's files when it refuses. What every vault does: tests/contracts/test_vault.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smos_cli.adapters.durable import BULK
from smos_cli.adapters.files import LARGEST, VaultFiles
from smos_cli.adapters.scan import scan
from smos_cli.errors import FormatError, NotFoundError, StaleError, StorageError
from tests.adapters.disks import fill, small_disk, small_files

OLD, LARGE = b"The TTL is 10 s.\n", b"x" * 8192


@contextmanager
def files_in(root: Path, base: str = "") -> Iterator[VaultFiles]:
    yield VaultFiles(root, base, root.parent / "bob.write", lambda: scan(root, base))


@contextmanager
def full(root: Path, how: str) -> Iterator[VaultFiles]:
    """Give a vault with one file in it, in which a file of 8 kB finds no place."""
    with files_in(root) as vault:
        if how == "limit":
            vault.create({"a.md": OLD})
            with small_files():
                yield vault
            return
        with small_disk(root):
            vault.create({"a.md": OLD})
            fill(root)
            yield vault
            (root / "filler").unlink()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bob").mkdir()
    return tmp_path / "bob"


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("how", ["disk", "limit"])
class TestAFullDisk:
    def test_the_old_file_stays_whole_and_no_other_is_left(self, root: Path, how: str) -> None:
        with full(root, how) as vault:
            with pytest.raises(StorageError, match=r"a\.md") as caught:
                vault.replace("a.md", LARGE, vault.read("a.md").etag)

            assert "Free some space" in caught.value.remedy
            assert vault.read("a.md").data == OLD
            assert set(names(root)) - {"filler"} == {"a.md"}

    def test_of_new_files_there_are_all_or_none(self, root: Path, how: str) -> None:
        with full(root, how) as vault:
            with pytest.raises(StorageError):
                vault.create({"b.md": b"", "notes/c.md": LARGE, "d.md": b""})

            assert set(names(root)) - {"filler"} == {"a.md"}

    def test_lines_are_added_whole_or_not_at_all(self, root: Path, how: str) -> None:
        with full(root, how) as vault:
            with pytest.raises(StorageError):
                vault.append("a.md", LARGE + b"\n")
            with pytest.raises(StorageError):
                vault.append("log/b.jsonl", LARGE + b"\n")

            assert vault.read("a.md").data == OLD
            assert set(names(root)) - {"filler"} == {"a.md"}

    def test_the_same_can_be_written_once_there_is_room(self, root: Path, how: str) -> None:
        with full(root, how) as vault:
            with pytest.raises(StorageError):
                vault.create({"notes/c.md": LARGE})
            if how == "disk":
                (root / "filler").unlink()
                vault.create({"notes/c.md": LARGE})
                assert vault.read("notes/c.md").data == LARGE
                fill(root)


class TestReading:
    def test_a_file_over_the_limit_is_refused_before_it_is_read(self, root: Path) -> None:
        with (root / "a.md").open("wb") as file:
            file.truncate(LARGEST + 1)

        with files_in(root) as vault, pytest.raises(FormatError, match="over the limit of 16 MB"):
            vault.read("a.md")

    @pytest.mark.parametrize("link", ["a.md", "folder", "folder/deep"])
    def test_nothing_is_reached_through_a_link(self, root: Path, tmp_path: Path, link: str) -> None:
        outside = tmp_path / "outside"
        (outside / "deep").mkdir(parents=True)
        for path in (outside / "a.md", outside / "deep/a.md"):
            path.write_bytes(OLD)
        (root / link).parent.mkdir(exist_ok=True)
        (root / link).symlink_to(outside / "a.md" if link == "a.md" else outside)
        path = link if link == "a.md" else f"{link}/a.md"

        with files_in(root) as vault:
            for act in (
                lambda: vault.read(path),
                lambda: vault.replace(path, b"mine", ""),
                lambda: vault.create({path.replace("a.md", "new.md") if link != "a.md" else path: b"mine"}),
            ):
                with pytest.raises((StorageError, StaleError)):
                    act()

        assert {file.read_bytes() for file in outside.rglob("*.md")} == {OLD}
        assert names(outside) == ["a.md", "deep/a.md"]


class TestWriting:
    def test_many_files_are_all_there(self, root: Path) -> None:
        with files_in(root) as vault:
            vault.create({f"notes/{number}.md": b"%d" % number for number in range(BULK + 1)})

        assert len(names(root)) == BULK + 1
        assert (root / "notes/7.md").read_bytes() == b"7"

    def test_one_of_many_that_is_there_already_leaves_none_of_them(self, root: Path) -> None:
        with files_in(root) as vault:
            vault.create({"notes/7.md": OLD})
            with pytest.raises(StaleError):
                vault.create({f"notes/{number}.md": b"" for number in range(BULK + 1)})

        assert names(root) == ["notes/7.md"]
        assert (root / "notes/7.md").read_bytes() == OLD

    def test_a_file_that_a_person_makes_at_the_same_moment_is_not_written_over(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fsync = os.fsync

        def meanwhile(descriptor: int) -> None:
            (root / "a.md").write_bytes(b"a person's")
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", meanwhile)
        with files_in(root) as vault, pytest.raises(StaleError):
            vault.create({"a.md": b"smos's"})

        assert (root / "a.md").read_bytes() == b"a person's"
        assert names(root) == ["a.md"]

    def test_who_interrupts_it_finds_nothing_half_done(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(descriptor: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with files_in(root) as vault, pytest.raises(KeyboardInterrupt):
            vault.create({"a.md": OLD, "b.md": OLD})

        assert names(root) == []

    def test_a_new_file_is_readable_as_any_other_and_not_to_be_run(self, root: Path) -> None:
        with files_in(root) as vault:
            vault.create({"a.md": OLD})

        umask = os.umask(0)
        os.umask(umask)
        assert (root / "a.md").stat().st_mode & 0o777 == 0o644 & ~umask

    def test_a_vault_that_vanished_is_not_made_again(self, root: Path) -> None:
        with files_in(root) as vault:
            vault.create({"a.md": OLD})
            etag = vault.read("a.md").etag
            root.rename(root.with_name("elsewhere"))

            with pytest.raises((NotFoundError, StorageError)):
                vault.replace("a.md", b"new", etag)

        assert not root.exists()


class TestScanningUnderTheLock:
    def test_what_another_wrote_before_the_lock_was_had_is_seen(self, root: Path) -> None:
        early = scan(root, "")
        listings = iter([early])
        vault = VaultFiles(root, "", root.parent / "bob.write", lambda: next(listings, None) or scan(root, ""))
        with files_in(root) as other, other.lock():
            other.create({"a.md": OLD})

        with vault.lock():
            assert [stamp.path for stamp in vault.scan().stamps()] == ["a.md"]

    def test_a_listing_that_was_begun_before_the_lock_was_had_is_used_where_nobody_wrote_since(
        self, root: Path
    ) -> None:
        early = scan(root, "")
        lock = root.parent / "bob.write"
        lock.touch()
        os.utime(lock, (0, 0))
        vault = VaultFiles(root, "", lock, lambda: early)

        with vault.lock():
            assert vault.scan() is early

    def test_a_lock_file_that_is_deleted_meanwhile_does_no_harm(self, root: Path) -> None:
        with files_in(root) as vault:
            with vault.lock():
                (root.parent / "bob.write").unlink()
                vault.create({"a.md": OLD})
                assert len(vault.scan().stamps()) == 1
            with vault.lock():
                pass


def test_what_a_writer_that_died_left_over_is_deleted_by_the_next_that_holds_the_lock(root: Path) -> None:
    (root / "memories").mkdir()
    left = root / "memories" / ".smos-0123456789ab.tmp"
    left.write_bytes(OLD)
    with files_in(root) as vault:
        vault.scan()
        assert left.exists()
        with vault.lock():
            vault.scan()
    assert not left.exists()


@pytest.mark.parametrize("folder", ["", ".trash", "audit/one", "ignored"])
def test_what_a_holder_of_the_lock_left_when_it_died_is_deleted_by_whoever_has_it_next(root: Path, folder: str) -> None:
    left = root / folder / ".smos-0123456789ab.tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(OLD)
    lock = root.parent / "bob.write"
    lock.write_bytes(b"\0")  # as a holder leaves it that had no time to clear it

    with files_in(root) as vault, vault.lock():
        assert not left.exists()
    assert lock.stat().st_size == 0


def test_who_holds_the_lock_and_lives_leaves_nothing_to_look_for(root: Path) -> None:
    left = root / ".trash/.smos-0123456789ab.tmp"
    with files_in(root) as vault:
        with vault.lock():
            left.parent.mkdir()
            left.write_bytes(OLD)
        with vault.lock():
            assert left.exists()


def test_a_named_pipe_in_a_files_place_is_an_error_and_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "a.md")
    with files_in(root) as vault, pytest.raises(StorageError):
        vault.read("a.md")
