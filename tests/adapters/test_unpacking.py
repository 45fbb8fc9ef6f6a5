"""Archives that are damaged, or made to do harm: each is refused, and nothing is written where it should not be."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from smos_cli.adapters.archive import archive
from smos_cli.adapters.unpacking import BackupFile
from smos_cli.core.manifest import CONFIG, LARGEST, MANIFEST, Manifest, Member, Part, text_of
from smos_cli.errors import FormatError, NotFoundError, SmosError, StorageError
from tests.adapters.disks import small_disk

PART = Part("bob")
TTL = f"{PART.folder}memories/ttl.md"
FILES = {CONFIG: b"[personas.bob]\n", TTL: b"The TTL is 10 s.\n", f"{PART.folder}notes/" + "long/" * 60 + "ü.md": b""}


def manifest(files: dict[str, bytes]) -> bytes:
    members = {name: Member(len(data), sha256(data).hexdigest()) for name, data in files.items()}
    return text_of(Manifest("2026-11-20T12:00:00Z", "1", (PART,), members))


def packed(place: Path, members: list[tuple[tarfile.TarInfo, bytes]], manifest: bytes, end: bytes = b"") -> Path:
    """Write an archive by the standard library's own hand, which does whatever it is told."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as out:
        for info, data in [(named(MANIFEST, len(manifest)), manifest), *members]:
            out.addfile(info, io.BytesIO(data))
    place.write_bytes(gzip.compress(stream.getvalue() + end))
    return place


def named(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info


def plain(files: dict[str, bytes]) -> list[tuple[tarfile.TarInfo, bytes]]:
    return [(named(name, len(data)), data) for name, data in files.items()]


def nothing(_done: int, _total: int) -> None:
    pass


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "b.tar.gz"


@pytest.fixture
def good(place: Path, tmp_path: Path) -> Path:
    with archive(place) as making:
        for name, data in FILES.items():
            source = tmp_path / "source"
            source.write_bytes(data)
            os.utime(source, (1_700_000_000, 1_700_000_000))
            assert making.take(name, str(source)) == ""
        making.finish(manifest(FILES))
    return place


def refused(place: Path, error: type[SmosError] = FormatError) -> str:
    """Return what is said of an archive, which neither a check nor an unpacking takes."""
    target = place.with_name("target")
    with pytest.raises(error) as caught:
        BackupFile(place).check(nothing)
    with pytest.raises(error):
        BackupFile(place).unpack(lambda name: target / name, nothing)
    outside = {path.name for path in place.parent.iterdir()} - {place.name, "target", "source"}
    assert outside == set()
    return caught.value.message


class TestOneThatIsWhole:
    def test_it_is_unpacked_byte_by_byte_with_its_times(self, good: Path, tmp_path: Path) -> None:
        found = BackupFile(good).unpack(lambda name: tmp_path / "to" / name, nothing)

        assert found.members.keys() == FILES.keys()
        assert {name: (tmp_path / "to" / name).read_bytes() for name in FILES} == FILES
        assert {(tmp_path / "to" / name).stat().st_mtime for name in FILES} == {1_700_000_000}

    def test_what_has_no_place_is_only_checked(self, good: Path, tmp_path: Path) -> None:
        BackupFile(good).unpack(lambda name: tmp_path / "ttl" if name == TTL else None, nothing)

        assert sorted(os.listdir(tmp_path)) == ["b.tar.gz", "source", "ttl"]

    def test_one_file_can_be_read(self, good: Path) -> None:
        assert BackupFile(good).read(CONFIG) == FILES[CONFIG]

    def test_it_may_have_been_packed_anew_by_another_program(self, place: Path) -> None:
        packed(place, plain(FILES), manifest(FILES))

        assert BackupFile(place).check(nothing).members.keys() == FILES.keys()


class TestDamage:
    def test_every_cut_is_found(self, good: Path) -> None:
        data = good.read_bytes()
        for size in (0, 1, 9, 100, len(data) // 2, len(data) - 9, len(data) - 1):
            good.write_bytes(data[:size])
            refused(good)

    def test_every_archive_with_a_cut_inside_is_found(self, good: Path) -> None:
        data = gzip.decompress(good.read_bytes())
        for size in (511, 512, 1000, len(data) - 1024, len(data) - 512 - 1):
            good.write_bytes(gzip.compress(data[:size]))
            refused(good)

    def test_every_changed_byte_is_found(self, good: Path) -> None:
        data = good.read_bytes()
        chosen = random.Random(7)
        in_headers_of_gzip = 0
        for place in chosen.sample(range(10, len(data)), 60):
            good.write_bytes(data[:place] + bytes([data[place] ^ (1 << chosen.randrange(8))]) + data[place + 1 :])
            try:
                refused(good)
            except pytest.fail.Exception:
                assert {name: BackupFile(good).read(name) for name in FILES} == FILES
                in_headers_of_gzip += 1
        assert in_headers_of_gzip < 3

    def test_a_changed_byte_that_the_packing_does_not_know_of_is_found(self, place: Path) -> None:
        packed(place, plain({**FILES, TTL: b"The TTL is 99 s.\n"}), manifest(FILES))

        assert "is not what it was" in refused(place)

    def test_a_file_that_is_missing_is_found(self, place: Path) -> None:
        packed(place, plain(FILES)[:-1], manifest(FILES))

        assert "is missing" in refused(place)

    @pytest.mark.parametrize("data", [b"", b"Not a backup.\n", bytes(1024), gzip.compress(b"x" * 5000)], ids=len)
    def test_what_is_no_backup_at_all_is_said_to_be_none(self, place: Path, data: bytes) -> None:
        place.write_bytes(data)

        refused(place)

    def test_one_without_a_manifest_is_no_backup(self, place: Path) -> None:
        with tarfile.open(place, "w:gz") as out:
            out.addfile(named(CONFIG, 1), io.BytesIO(b"x"))

        assert "is no backup" in refused(place)

    def test_what_follows_the_end_is_refused(self, place: Path) -> None:
        packed(place, plain(FILES), manifest(FILES), end=b"more")

        assert "follows" in refused(place)

    def test_a_folder_and_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="Is a directory"):
            BackupFile(tmp_path).check(nothing)
        with pytest.raises(NotFoundError):
            BackupFile(tmp_path / "none").check(nothing)

    def test_a_pipe_is_not_waited_for(self, place: Path) -> None:
        os.mkfifo(place)

        with pytest.raises(FormatError):
            BackupFile(place).check(nothing)


def linked(name: str, to: str, kind: bytes) -> tarfile.TarInfo:
    info = named(name, kind=kind)
    info.linkname = to
    return info


class TestHarm:
    @pytest.mark.parametrize(
        "info",
        [
            linked(TTL, "/etc/passwd", tarfile.SYMTYPE),
            linked(TTL, CONFIG, tarfile.LNKTYPE),
            named(TTL, kind=tarfile.CHRTYPE),
            named(TTL, kind=tarfile.BLKTYPE),
            named(TTL, kind=tarfile.FIFOTYPE),
            named(TTL, kind=tarfile.DIRTYPE),
            named(TTL, kind=tarfile.CONTTYPE),
            named(TTL, kind=tarfile.GNUTYPE_SPARSE),
            named(TTL, kind=b"Z"),
        ],
        ids=lambda info: info.type.decode(),
    )
    def test_only_plain_files_are_taken(self, place: Path, info: tarfile.TarInfo) -> None:
        files = {CONFIG: FILES[CONFIG], TTL: b""}
        packed(place, [*plain({CONFIG: FILES[CONFIG]}), (info, b"")], manifest(files))

        refused(place)

    @pytest.mark.parametrize("name", ["../x", "/tmp/x", "personas/bob/files/../../../x", ".git/config", "other"])
    def test_a_name_that_the_manifest_has_not_is_refused(self, place: Path, name: str) -> None:
        packed(place, [*plain(FILES), (named(name, 1), b"x")], manifest(FILES))

        assert "not in its manifest" in refused(place)

    @pytest.mark.parametrize("name", ["../x", "/tmp/x", f"{PART.folder}../../../x", f"{PART.folder}.git/config"])
    def test_and_so_is_one_that_it_has(self, place: Path, name: str) -> None:
        text = manifest(FILES).replace(b'"memories/ttl.md"', b"").replace(TTL.encode(), name.encode())
        packed(place, plain({**{key: FILES[key] for key in FILES if key != TTL}, name: FILES[TTL]}), text)

        refused(place)

    def test_a_name_that_comes_twice_is_refused(self, place: Path) -> None:
        packed(place, [*plain(FILES), *plain({TTL: FILES[TTL]})], manifest(FILES))

        assert "comes twice" in refused(place)

    def test_names_that_a_disk_takes_for_one_are_refused_there(self, place: Path, tmp_path: Path) -> None:
        files = {CONFIG: b"", f"{PART.folder}Tea.md": b"one", f"{PART.folder}tea.md": b"two"}
        packed(place, plain(files), manifest(files))

        with pytest.raises(FormatError, match="on this disk"):
            BackupFile(place).unpack(lambda name: tmp_path / "to" / name.lower(), nothing)
        BackupFile(place).unpack(lambda name: tmp_path / "exact" / name, nothing)

    def test_a_file_cannot_be_a_folder_too(self, place: Path) -> None:
        files = {CONFIG: b"", f"{PART.folder}a": b"", f"{PART.folder}a/b": b""}
        packed(place, plain(files), manifest(files))

        with pytest.raises(FormatError):
            BackupFile(place).unpack(lambda name: place.parent / "to" / name, nothing)

    def test_a_link_that_waits_in_the_folder_is_not_followed(self, good: Path, tmp_path: Path) -> None:
        (tmp_path / "ttl").symlink_to(tmp_path / "victim")

        with pytest.raises(FormatError):
            BackupFile(good).unpack(lambda name: tmp_path / "ttl" if name == TTL else None, nothing)
        assert not (tmp_path / "victim").exists()

    @pytest.mark.parametrize("size", [10**10, 8**11, 2**62])
    def test_a_size_that_is_claimed_is_not_believed(self, place: Path, size: int) -> None:
        header = named(TTL, size).tobuf(tarfile.PAX_FORMAT)
        start = b"".join(
            named(name, len(data)).tobuf() + data + bytes(-len(data) % 512)
            for name, data in ((MANIFEST, manifest(FILES)), (CONFIG, FILES[CONFIG]))
        )
        place.write_bytes(gzip.compress(start + header + bytes(4096)))

        assert "not as long" in refused(place)

    def test_a_bomb_is_stopped_by_the_manifest(self, place: Path, tmp_path: Path) -> None:
        bomb = named(TTL, 300_000_000).tobuf(tarfile.PAX_FORMAT)
        text = manifest({CONFIG: FILES[CONFIG], TTL: b"x"})
        start = named(MANIFEST, len(text)).tobuf() + text + bytes(-len(text) % 512)
        start += named(CONFIG, len(FILES[CONFIG])).tobuf() + FILES[CONFIG].ljust(512, b"\0")
        with place.open("wb") as out:
            out.write(gzip.compress(start + bomb))
            out.write(gzip.compress(bytes(30_000_000)) * 10)

        assert "not as long" in refused(place)

    def test_a_manifest_that_is_too_large_is_not_read(self, place: Path) -> None:
        place.write_bytes(gzip.compress(named(MANIFEST, LARGEST + 1).tobuf(tarfile.PAX_FORMAT) + bytes(2048)))

        assert "too large" in refused(place)

    def test_the_end_may_not_go_on_for_ever(self, place: Path) -> None:
        packed(place, plain(FILES), manifest(FILES), end=bytes(5_000_000))

        refused(place)

    @pytest.mark.parametrize(
        "records",
        [
            b"7 path=\n",
            b"99999 path=x\n",
            b"-1 path=x\n",
            b"path=x\n",
            b"11 size=-1x\n",
            b"12 size=1e30\n",
            b"9 \xff=\xff\xff\n ",
            b"24 GNU.sparse.major=1\n\n",
            b"12 path=../x\n",
        ],
    )
    def test_a_long_header_that_is_not_in_order_is_refused(self, place: Path, records: bytes) -> None:
        start = named(MANIFEST, len(manifest(FILES))).tobuf() + manifest(FILES)
        start += bytes(-len(manifest(FILES)) % 512)
        long = named("x", len(records), tarfile.XHDTYPE).tobuf() + records.ljust(512, b"\0")
        member = named(CONFIG, len(FILES[CONFIG])).tobuf() + FILES[CONFIG].ljust(512, b"\0")
        place.write_bytes(gzip.compress(start + long + member + bytes(1024)))

        refused(place)

    def test_a_long_header_that_is_too_long_is_not_read(self, place: Path) -> None:
        start = named(MANIFEST, len(manifest(FILES))).tobuf() + manifest(FILES)
        start += bytes(-len(manifest(FILES)) % 512)
        place.write_bytes(gzip.compress(start + named("x", 10**9, tarfile.XHDTYPE).tobuf() + bytes(4096)))

        refused(place)


@pytest.mark.parametrize("change", [lambda data: data[: len(data) // 2], lambda data: bytes(len(data))])
def test_the_headers_hold_against_anything(good: Path, change: Callable[[bytes], bytes]) -> None:
    data = gzip.decompress(good.read_bytes())
    chosen = random.Random(3)
    for _ in range(200):
        place = chosen.randrange(0, len(data) - 512)
        block = chosen.randbytes(chosen.choice((1, 2, 12, 512)))
        good.write_bytes(gzip.compress(data[:place] + block + data[place + len(block) :], 1))
        try:
            BackupFile(good).check(nothing)
        except SmosError:
            continue
        # What is not hashed is what nobody reads: owner, mode, padding.
        assert BackupFile(good).read(TTL) == FILES[TTL]
    good.write_bytes(gzip.compress(change(data)))
    refused(good)


def test_a_full_disk_is_told(good: Path, tmp_path: Path) -> None:
    files = {CONFIG: os.urandom(200_000)}
    packed(good, plain(files), manifest(files))
    (tmp_path / "disk").mkdir()
    with small_disk(tmp_path / "disk"), pytest.raises(StorageError, match="No space left"):
        BackupFile(good).unpack(lambda name: tmp_path / "disk" / name, nothing)
