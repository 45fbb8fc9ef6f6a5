"""What every vault does: ``adapters.files.VaultFiles`` on a real folder, and ``FakeVault``."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from smos_cli.adapters.files import VaultFiles
from smos_cli.adapters.scan import scan
from smos_cli.core.ports import Vault
from smos_cli.errors import IndexBusyError, NotFoundError, StaleError, StorageError
from tests.contracts.processes import other_process
from tests.fakes import FakeVault

NOTE = "memories/2026/11/cache-ttl-x2c5n6pd.md"
OUTSIDE = ["../other.md", "a/../../other.md", "/etc/passwd", "a//b.md", "", "a/..", "a\0.md"]


def files_in(root: Path) -> VaultFiles:
    return VaultFiles(root, "", root.parent / "write.lock", lambda: scan(root, ""))


@pytest.fixture(params=["files", "fake"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    if request.param == "fake":
        return FakeVault()
    (tmp_path / "bob").mkdir()
    return files_in(tmp_path / "bob")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bob").mkdir()
    return tmp_path / "bob"


class TestReading:
    def test_what_was_created_is_read_back_with_its_stamp(self, vault: Vault) -> None:
        vault.create({NOTE: b"The TTL is 10 s.\r\n\xff\x00"})

        blob = vault.read(NOTE)

        assert blob.data == b"The TTL is 10 s.\r\n\xff\x00"
        assert blob.stamp.path == NOTE
        assert blob.stamp.size == len(blob.data)
        assert blob.stamp == vault.scan().stamps()[0]

    def test_an_etag_is_of_the_content_alone(self, vault: Vault) -> None:
        vault.create({"a.md": b"same", "b.md": b"same", "c.md": b"other"})

        assert vault.read("a.md").etag == vault.read("b.md").etag != vault.read("c.md").etag

    def test_an_empty_file_is_a_file(self, vault: Vault) -> None:
        vault.create({"a.md": b""})

        assert vault.read("a.md").data == b""

    def test_a_file_that_is_not_there_is_not_found(self, vault: Vault) -> None:
        with pytest.raises(NotFoundError):
            vault.read(NOTE)

    def test_behind_a_file_there_is_none(self, vault: Vault) -> None:
        vault.create({"a.md": b""})

        with pytest.raises(NotFoundError):
            vault.read("a.md/b.md")

    @pytest.mark.parametrize("path", OUTSIDE)
    def test_a_path_out_of_the_vault_is_not_found(self, vault: Vault, path: str) -> None:
        vault.create({"a.md": b"a"})
        acts: list[Callable[[], object]] = [
            lambda: vault.read(path),
            lambda: vault.create({path: b"x"}),
            lambda: vault.replace(path, b"x", ""),
            lambda: vault.append(path, b"x\n"),
            lambda: vault.move("a.md", path),
            lambda: vault.move(path, "b.md"),
            lambda: vault.remove(path),
        ]
        for act in acts:
            with pytest.raises(NotFoundError):
                act()


class TestWriting:
    def test_a_file_that_is_there_is_not_created_again(self, vault: Vault) -> None:
        vault.create({NOTE: b"old"})

        with pytest.raises(StaleError):
            vault.create({"new.md": b"new", NOTE: b"new"})

        assert vault.read(NOTE).data == b"old"
        assert vault.names("") == ["memories"]

    def test_many_files_are_created_at_once(self, vault: Vault) -> None:
        files = {f"notes/{number}.md": b"%d" % number for number in range(70)}

        vault.create(files)

        assert {path: vault.read(path).data for path in files} == files

    def test_names_that_begin_alike_do_not_meet(self, vault: Vault) -> None:
        long = "a long title that goes on and on and on, until nobody can tell it from the next one by its"
        files = {f"notes/{long} {number}.md": b"%d" % number for number in range(3)}

        vault.create(files)

        assert [vault.read(path).data for path in files] == [b"0", b"1", b"2"]

    @pytest.mark.parametrize("name", ["\U00020000" * 63, "é" * 120, "x" * 252])
    def test_the_longest_name_a_file_can_have_is_written_and_replaced(self, vault: Vault, name: str) -> None:
        vault.create({f"{name}.md": b"one"})

        vault.replace(f"{name}.md", b"two", vault.read(f"{name}.md").etag)

        assert vault.read(f"{name}.md").data == b"two"

    def test_nothing_at_all_can_be_created(self, vault: Vault) -> None:
        vault.create({})

        assert vault.names("") == []

    def test_a_replaced_file_has_its_new_content_and_stamp(self, vault: Vault) -> None:
        vault.create({NOTE: b"old"})
        before = vault.read(NOTE)

        vault.replace(NOTE, b"new", before.etag)

        assert vault.read(NOTE).data == b"new"
        assert vault.read(NOTE).stamp != before.stamp

    def test_a_file_that_changed_since_is_not_replaced(self, vault: Vault) -> None:
        vault.create({NOTE: b"old"})
        etag = vault.read(NOTE).etag
        vault.replace(NOTE, b"new", etag)

        with pytest.raises(StaleError):
            vault.replace(NOTE, b"third", etag)

        assert vault.read(NOTE).data == b"new"

    def test_lines_are_added_to_a_file_that_is_made_with_the_first(self, vault: Vault) -> None:
        vault.append("audit/m/2026-11.jsonl", b"one\n")
        vault.append("audit/m/2026-11.jsonl", b"two\nthree\n")

        assert vault.read("audit/m/2026-11.jsonl").data == b"one\ntwo\nthree\n"

    @pytest.mark.parametrize("before", [b"", b"half", b"one\nhalf", b"one\n" + b"x" * 9000])
    def test_half_a_line_goes_before_others_are_added(self, vault: Vault, before: bytes) -> None:
        vault.create({"a.jsonl": before})

        vault.append("a.jsonl", b"two\n")

        assert vault.read("a.jsonl").data == before[: before.rfind(b"\n") + 1] + b"two\n"

    def test_a_file_that_is_gone_is_not_replaced(self, vault: Vault) -> None:
        with pytest.raises(NotFoundError):
            vault.replace(NOTE, b"new", "")

        assert vault.names("") == []

    def test_a_moved_file_is_at_its_new_place_alone(self, vault: Vault) -> None:
        vault.create({NOTE: b"text"})

        vault.move(NOTE, ".trash/" + NOTE)

        assert vault.read(".trash/" + NOTE).data == b"text"
        with pytest.raises(NotFoundError):
            vault.read(NOTE)

    def test_nothing_is_moved_over_a_file(self, vault: Vault) -> None:
        vault.create({"a.md": b"a", "b.md": b"b"})

        with pytest.raises(StaleError):
            vault.move("a.md", "b.md")

        assert vault.read("a.md").data + vault.read("b.md").data == b"ab"

    def test_what_is_not_there_is_neither_moved_nor_removed(self, vault: Vault) -> None:
        with pytest.raises(NotFoundError):
            vault.move("a.md", "b.md")
        with pytest.raises(NotFoundError):
            vault.remove("a.md")

    def test_a_removed_file_is_gone(self, vault: Vault) -> None:
        vault.create({NOTE: b"text"})

        vault.remove(NOTE)

        with pytest.raises(NotFoundError):
            vault.read(NOTE)

    def test_a_name_in_any_script_is_kept(self, vault: Vault) -> None:
        names = ["キャッシュ 設定.md", "naïve café.md", "😀 [brackets] & 'quotes'.md", "con.md"]

        vault.create({name: name.encode() for name in names})

        assert [unicodedata.normalize("NFC", name) for name in vault.names("")] == sorted(names)
        assert all(vault.read(name).data == name.encode() for name in names)


class TestNames:
    def test_names_are_those_directly_in_a_folder_sorted(self, vault: Vault) -> None:
        vault.create({"m/b.md": b"", "m/a.md": b"", "m/11/c.md": b"", "other.md": b"", "mm/d.md": b""})

        assert vault.names("m") == ["11", "a.md", "b.md"]

    def test_the_top_is_a_folder_too_and_hides_nothing(self, vault: Vault) -> None:
        vault.create({"a.md": b"", ".trash/b.md": b"", ".tombstones": b""})

        assert vault.names("") == [".tombstones", ".trash", "a.md"]

    def test_a_folder_that_is_not_there_has_no_names(self, vault: Vault) -> None:
        vault.create({"a.md": b""})

        assert list(vault.names("memories/2026")) == []
        assert list(vault.names("a.md/b")) == []


class TestLock:
    def test_it_can_be_held_again_after_it_was_given_back(self, vault: Vault) -> None:
        for _ in range(2):
            with vault.lock():
                pass

    def test_it_is_given_back_after_an_error(self, vault: Vault) -> None:
        with pytest.raises(ZeroDivisionError), vault.lock():
            raise ZeroDivisionError
        with vault.lock():
            pass

    def test_two_never_hold_it_at_once(self, root: Path) -> None:
        code = """
import sys
from pathlib import Path
from tests.contracts.test_vault import files_in
with files_in(Path(sys.argv[1])).lock():
    print("held", flush=True)
    input()
"""
        held = files_in(root)
        held.lock_wait = 0.0
        with other_process(code, str(root)) as other:
            assert other.line() == "held"
            with pytest.raises(IndexBusyError), held.lock():
                pass
            other.kill()
            with held.lock():
                pass

    def test_the_fake_is_held_once_too(self) -> None:
        vault = FakeVault()

        with vault.lock(), pytest.raises(IndexBusyError), vault.lock():
            pass


class TestFilesOnDisk:
    """What only a real folder can show."""

    def test_a_file_that_is_replaced_all_the_time_is_read_as_it_was_at_one_moment(self, root: Path) -> None:
        code = """
import os, sys
target = sys.argv[1]
for letter in "ab" * 100_000:
    with open(target + ".new", "w") as file:
        file.write(letter * 300_000)
    os.replace(target + ".new", target)
    if letter == "a":
        print("replaced", flush=True)
"""
        vault = files_in(root)
        vault.create({"a.md": b"a" * 300_000})
        with other_process(code, str(root / "a.md")) as other:
            for _ in range(60):
                assert other.line() == "replaced"
                blob = vault.read("a.md")
                assert set(blob.data) in ({ord("a")}, {ord("b")})
                assert blob.stamp.size == len(blob.data) == 300_000

    def test_no_temporary_file_is_left(self, root: Path) -> None:
        vault = files_in(root)
        vault.create({"a.md": b"a", "b.md": b"b"})
        vault.replace("a.md", b"c", vault.read("a.md").etag)
        with pytest.raises(StaleError):
            vault.create({"c.md": b"", "a.md": b""})

        assert sorted(path.name for path in root.iterdir()) == ["a.md", "b.md"]

    def test_what_a_killed_writer_left_is_in_nobodys_way(self, root: Path) -> None:
        code = """
import os, sys
from pathlib import Path
from tests.contracts.test_vault import files_in
vault = files_in(Path(sys.argv[1]))
os.fsync = lambda descriptor: (print("writing", flush=True), input())
vault.create({"a.md": b"half"})
"""
        with other_process(code, str(root)) as other:
            assert other.line() == "writing"
            other.kill()
        vault = files_in(root)

        assert list(vault.scan().stamps()) == []
        vault.create({"a.md": b"whole"})
        assert vault.read("a.md").data == b"whole"

    def test_a_replaced_file_keeps_its_permissions(self, root: Path) -> None:
        vault = files_in(root)
        vault.create({"a.md": b"a"})
        (root / "a.md").chmod(0o640)

        vault.replace("a.md", b"b", vault.read("a.md").etag)

        assert (root / "a.md").stat().st_mode & 0o777 == 0o640

    def test_a_link_is_not_followed(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.md").write_text("secret")
        (root / "a.md").symlink_to(tmp_path / "secret.md")
        vault = files_in(root)

        with pytest.raises(StorageError):
            vault.read("a.md")
        with pytest.raises(StaleError):
            vault.create({"a.md": b"mine"})
        assert (tmp_path / "secret.md").read_text() == "secret"

    def test_a_folder_in_the_place_of_a_file_is_an_error(self, root: Path) -> None:
        (root / "a.md").mkdir()
        vault = files_in(root)

        with pytest.raises(StorageError):
            vault.read("a.md")
        with pytest.raises((StorageError, StaleError)):
            vault.create({"a.md/b.md": b"", "a.md/b.md/c.md": b""})

    def test_a_name_that_is_too_long_is_an_error(self, root: Path) -> None:
        with pytest.raises(StorageError):
            files_in(root).create({f"{'x' * 300}.md": b""})

    def test_an_edit_within_a_tick_changes_the_stamp(self, root: Path) -> None:
        vault = files_in(root)
        vault.create({"a.md": b"one"})
        before = vault.read("a.md").stamp
        vault.replace("a.md", b"two", vault.read("a.md").etag)
        os.utime(root / "a.md", ns=(before.mtime_ns, before.mtime_ns))

        after = vault.read("a.md").stamp

        assert (after.size, after.mtime_ns) == (before.size, before.mtime_ns)
        assert after != before
