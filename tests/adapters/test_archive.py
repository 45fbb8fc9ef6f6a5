"""An archive that is made beside its place: whole, the same from the same files, over nothing, or not at all."""

from __future__ import annotations

import os
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from smos_cli.adapters import archive as archives
from smos_cli.adapters.archive import archive
from smos_cli.core.manifest import Member
from smos_cli.errors import NotFoundError, StaleError, StorageError
from tests.adapters.disks import small_disk

LONG = "notes/" + "very-" * 40 + "long/ünïcode.md"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out/b.tar.gz"


def made(place: Path, files: dict[str, Path], manifest: bytes = b"{}\n") -> dict[str, Member]:
    with archive(place) as making:
        making.add("config.toml", b"# mine\n")
        for name, file in files.items():
            assert making.take(name, str(file)) == ""
        assert making.finish(manifest) == place.stat().st_size
        return making.members


def write(path: Path, data: bytes, seconds: int = 1_700_000_000) -> Path:
    path.write_bytes(data)
    os.utime(path, (seconds, seconds))
    return path


class TestWhatIsInIt:
    def test_the_manifest_is_first_and_every_file_follows_as_it_is(self, tmp_path: Path, place: Path) -> None:
        file = write(tmp_path / "x", b"Tea.\n")

        members = made(place, {LONG: file})

        assert members == {
            "config.toml": Member(7, sha256(b"# mine\n").hexdigest()),
            LONG: Member(5, sha256(b"Tea.\n").hexdigest()),
        }
        with tarfile.open(place) as read:
            found = read.getmembers()
            assert [one.name for one in found] == ["manifest.json", "config.toml", LONG]
            assert {(one.uid, one.gid, one.uname, one.gname) for one in found} == {(0, 0, "", "")}
            assert [(one.mtime, oct(one.mode)) for one in found] == [
                (0, "0o600"),
                (0, "0o600"),
                (1_700_000_000, "0o644"),
            ]
            opened = read.extractfile(found[2])
            assert opened is not None
            assert opened.read() == b"Tea.\n"

    def test_tar_can_read_it(self, tmp_path: Path, place: Path) -> None:
        made(place, {LONG: write(tmp_path / "x", b"Tea.\n")})

        subprocess.run(["tar", "-xzf", place, "-C", tmp_path], check=True, capture_output=True)

        assert (tmp_path / LONG).read_bytes() == b"Tea.\n"

    def test_the_same_files_make_the_same_bytes(self, tmp_path: Path, place: Path) -> None:
        files = {f"notes/{number}": write(tmp_path / str(number), os.urandom(999)) for number in range(9)}
        other = place.with_name("c.tar.gz")

        made(place, files)
        made(other, files)

        assert place.read_bytes() == other.read_bytes()

    def test_a_file_larger_than_what_is_held_in_memory_is_whole(self, tmp_path: Path, place: Path) -> None:
        data = os.urandom(1000) * 18_000
        members = made(place, {"big": write(tmp_path / "big", data)})

        assert members["big"] == Member(len(data), sha256(data).hexdigest())
        with tarfile.open(place) as read:
            opened = read.extractfile("big")
            assert opened is not None
            assert opened.read() == data

    def test_only_its_owner_can_read_it(self, place: Path) -> None:
        made(place, {})

        assert place.stat().st_mode & 0o777 == 0o600


class TestWhatIsNot:
    def test_a_link_a_pipe_a_folder_and_what_is_gone_are_told(self, tmp_path: Path, place: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to("elsewhere")

        with archive(place) as making:
            reasons = [making.take(name, str(tmp_path / name)) for name in ("link", "pipe", "out", "gone")]
            assert all(reasons)
            assert reasons[1:] == [*["it can't be read: it is not a file"] * 2, "it is gone"]
            assert making.members == {}

    def test_a_large_file_that_becomes_shorter_ends_it(self, tmp_path: Path, place: Path) -> None:
        class Shrinking(archives.Archive):
            def _write(self, data: bytes) -> None:
                os.truncate(big, archives._AT_ONCE + 1)
                super()._write(data)

        big = write(tmp_path / "big", bytes(archives._AT_ONCE * 2))
        making = Shrinking(place, place.parent)

        with pytest.raises(StorageError, match="became shorter"):
            making.take("big", str(big))
        making.close()


class TestItsPlace:
    def test_a_file_that_is_there_is_not_written_over(self, place: Path) -> None:
        place.write_bytes(b"mine")

        with pytest.raises(StaleError), archive(place):
            pass
        assert place.read_bytes() == b"mine"

    def test_nor_is_one_that_comes_meanwhile(self, place: Path) -> None:
        with pytest.raises(StaleError), archive(place) as making:
            place.write_bytes(b"mine")
            making.finish(b"{}")
        assert place.read_bytes() == b"mine"
        assert os.listdir(place.parent) == ["b.tar.gz"]

    def test_its_folder_must_be_there(self, place: Path) -> None:
        with pytest.raises(NotFoundError), archive(place / "deeper.tar.gz"):
            pass

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, StorageError])
    def test_nothing_stays_of_one_that_is_not_finished(self, place: Path, kind: type[BaseException]) -> None:
        with pytest.raises(kind), archive(place) as making:
            making.add("config.toml", os.urandom(100_000))
            raise kind("now")
        assert os.listdir(place.parent) == []

    def test_a_full_disk_is_told_and_leaves_nothing(self, tmp_path: Path, place: Path) -> None:
        with small_disk(place.parent):
            with pytest.raises(StorageError, match="No space left") as caught, archive(place) as making:
                making.add("config.toml", os.urandom(200_000))
                making.finish(b"{}")
            assert "as it was" in caught.value.remedy
            assert os.listdir(place.parent) == []
