"""Objects come out of a pack as they went in, whole or as a difference to another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.adapters.git.call import Git as Running
from smos_cli.adapters.git.history import GitHistory
from smos_cli.adapters.git.objects import Objects
from smos_cli.adapters.git.pack import Pack, delta
from smos_cli.errors import StorageError
from tests.adapters.git.steps import Git

_BYTES = st.binary(max_size=300)


def applied(old: bytes, change: bytes) -> bytes:
    """What git makes of a delta (gitformat-pack)."""
    place, made = 0, b""
    for expected in (len(old), None):
        size = shift = 0
        while True:
            byte = change[place]
            size, shift, place = size | (byte & 0x7F) << shift, shift + 7, place + 1
            if not byte & 0x80:
                break
        assert expected in (None, size)
    while place < len(change):
        command, place = change[place], place + 1
        if command & 0x80:
            assert command == 0xBF
            begin = int.from_bytes(change[place : place + 4], "little")
            length = int.from_bytes(change[place + 4 : place + 6], "little")
            made, place = made + old[begin : begin + length], place + 6
        else:
            made, place = made + change[place : place + command], place + command
    assert len(made) == size
    return made


@given(
    begin=st.binary(max_size=300), old=st.binary(max_size=300), new=st.binary(max_size=300), end=st.binary(max_size=9)
)
def test_a_difference_makes_the_new_one_of_the_old(begin: bytes, old: bytes, new: bytes, end: bytes) -> None:
    one, other = begin + old + end, begin + new + end

    assert applied(one, delta(one, other)) == other


def test_long_pieces_are_copied_in_several() -> None:
    old = bytes(range(256)) * 1000

    change = delta(old, old[:150_000] + b"x" * 300 + old[150_000:])

    assert applied(old, change) == old[:150_000] + b"x" * 300 + old[150_000:]
    assert len(change) < 400


def test_git_takes_them_in(vault: Path, history: GitHistory, git: Git) -> None:
    running = Running(vault, "git")
    versions = [b"".join(b"line %d\n" % line for line in range(number, number + 500)) for number in range(100)]
    with Pack(running, vault / ".git", 40) as pack:
        names = [pack.add(b"blob", data, versions[max(0, number - 1)]) for number, data in enumerate(versions)]
        assert pack.add(b"blob", b"") == b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        pack.store()

    with Objects(running) as objects:
        assert [item.data for item in objects.stream(names)] == versions
    assert "dangling" in git("fsck", "--strict")
    assert not list((vault / ".git/objects/pack").glob("tmp_*"))


def test_an_object_that_is_not_there_is_an_error(vault: Path, history: GitHistory) -> None:
    with Objects(Running(vault, "git")) as objects, pytest.raises(StorageError, match="lacks the object"):
        objects.read(b"0" * 40)
