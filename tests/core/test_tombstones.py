"""The tombstones on disk: nothing that somebody else wrote there is lost."""

from __future__ import annotations

import pytest

from smos_cli.core.tombstones import read_forgotten, write_forgotten
from smos_cli.errors import StaleError
from tests.fakes import FakeVault

KEY = "00" * 16


def test_lines_that_are_not_utf_8_stay_byte_for_byte() -> None:
    vault = FakeVault({".tombstones": b"# caf\xe9\nmasked \xff#t1\nforgotten \xfe\n"})

    write_forgotten(vault, read_forgotten(vault).adding(["erased X"], KEY))

    assert vault.files[".tombstones"].startswith(b"# caf\xe9\nmasked \xff#t1\nforgotten \xfe\n")
    assert vault.files[".tombstones"].endswith(b"\nerased X\n")
    assert read_forgotten(vault).masks == frozenset()


@pytest.mark.parametrize("before", [{}, {".tombstones": b"erased A\n"}])
def test_what_was_written_since_it_was_read_is_not_written_over(before: dict[str, bytes]) -> None:
    vault = FakeVault(before)
    read = read_forgotten(vault)
    vault.write(".tombstones", b"erased B\n")

    with pytest.raises(StaleError):
        write_forgotten(vault, read.adding(["erased C"], KEY).without("A", "").unmasked("x#t1"))

    assert vault.files[".tombstones"] == b"erased B\n"
