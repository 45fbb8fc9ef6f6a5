"""This machine in home: one key, readable by its owner alone, and how far each chain came."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from smos_cli.adapters.identity import MachineIdentity
from smos_cli.core.auditing import Machine, Mark, Marks
from smos_cli.core.chain import machine_of
from smos_cli.errors import StorageError
from tests.fakes import FakeMachine

ONE, TWO = Mark(1, "a" * 64), Mark(12, "b" * 64)


@pytest.fixture(params=["real", "fake"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return FakeMachine() if request.param == "fake" else MachineIdentity(tmp_path / "home", "bob")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class TestEveryMachine:
    def test_its_name_is_that_of_its_key(self, machine: Machine) -> None:
        assert machine.name() == machine_of(machine.public_key()) == machine.name()
        assert len(machine.public_key()) == 32
        assert machine.known() == machine.name()

    def test_its_signatures_are_genuine_and_no_others(self, machine: Machine) -> None:
        signature = machine.sign(b"data")

        assert len(signature) == 64
        assert machine.genuine(machine.public_key(), b"data", signature)
        assert not machine.genuine(machine.public_key(), b"date", signature)
        assert not machine.genuine(machine.public_key(), b"data", signature[::-1])
        assert not machine.genuine(b"\1" * 32, b"data", signature)

    @pytest.mark.parametrize("signature", [b"", b"x", b"x" * 65])
    def test_what_is_no_signature_is_not_genuine(self, machine: Machine, signature: bytes) -> None:
        assert not machine.genuine(machine.public_key(), b"data", signature)

    def test_marks_are_kept(self, machine: Machine) -> None:
        assert machine.marks() == Marks()
        machine.mark(TWO)
        machine.mark(ONE)
        machine.keep(checkpoint=ONE)
        machine.keep(checkpoint=TWO, lost=ONE)
        machine.keep(lost=TWO)

        assert machine.marks() == Marks(ONE, TWO, (ONE, TWO))


class TestTheKey:
    def test_nobody_else_can_read_it(self, home: Path) -> None:
        MachineIdentity(home, "bob").name()

        assert stat.S_IMODE((home / "keys/audit.key").stat().st_mode) == 0o600
        assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o700

    def test_it_is_the_same_in_every_command(self, home: Path) -> None:
        assert MachineIdentity(home, "bob").name() == MachineIdentity(home, "bob").name()

    def test_each_persona_has_one_that_tells_nothing_of_the_others(self, home: Path) -> None:
        bob, ann = MachineIdentity(home, "bob"), MachineIdentity(home, "ann")

        assert bob.name() != ann.name()
        assert bob.genuine(bob.public_key(), b"data", bob.sign(b"data"))
        assert not bob.genuine(ann.public_key(), b"data", bob.sign(b"data"))

    def test_to_ask_whether_there_is_one_makes_none(self, home: Path) -> None:
        assert MachineIdentity(home, "bob").known() == ""
        assert not home.exists()

    def test_who_only_asks_for_the_name_does_not_load_the_library(self, home: Path) -> None:
        MachineIdentity(home, "bob").name()
        code = (
            "import sys; from pathlib import Path; from smos_cli.adapters.identity import MachineIdentity;"
            f"MachineIdentity(Path({str(home)!r}), 'bob').name(); print('nacl' in sys.modules)"
        )

        assert (
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
        )

    @pytest.mark.parametrize("data", [b"", b"half", b"ed25519 " + b"0" * 64 + b" " + b"a" * 25])
    def test_a_public_half_that_is_damaged_is_made_again(self, home: Path, data: bytes) -> None:
        name = MachineIdentity(home, "bob").name()
        (home / "keys/audit-bob.pub").write_bytes(data)

        assert MachineIdentity(home, "bob").name() == name
        assert (home / "keys/audit-bob.pub").read_bytes() != data

    def test_a_secret_half_that_is_gone_makes_another_machine(self, home: Path) -> None:
        name = MachineIdentity(home, "bob").name()
        (home / "keys/audit.key").unlink()

        machine = MachineIdentity(home, "bob")
        assert machine.name() != name
        assert machine.genuine(MachineIdentity(home, "bob").public_key(), b"data", machine.sign(b"data"))

    def test_one_that_is_damaged_is_told_and_left_alone(self, home: Path) -> None:
        MachineIdentity(home, "bob").name()
        (home / "keys/audit.key").write_bytes(b"half")

        with pytest.raises(StorageError, match="is not a key of smos"):
            MachineIdentity(home, "bob").sign(b"data")
        assert (home / "keys/audit.key").read_bytes() == b"half"

    def test_a_home_that_can_not_be_written_is_told(self, home: Path) -> None:
        home.write_bytes(b"a file")

        with pytest.raises(StorageError, match=r"can't be read or written"):
            MachineIdentity(home, "bob").name()


class TestMarks:
    def test_each_persona_has_its_own(self, home: Path) -> None:
        MachineIdentity(home, "bob").mark(ONE)
        MachineIdentity(home, "ann").keep(checkpoint=TWO)

        assert MachineIdentity(home, "bob").marks() == Marks(head=ONE)
        assert MachineIdentity(home, "ann").marks() == Marks(checkpoint=TWO)

    @pytest.mark.parametrize("data", [b"", b"head", b"head x y\n", b"\xff\xfe", b"head 1" + b" " * 15 + b"a" * 63])
    def test_half_a_mark_is_none(self, home: Path, data: bytes) -> None:
        machine = MachineIdentity(home, "bob")
        machine.mark(ONE)
        (home / "audit/bob.head").write_bytes(data)

        assert machine.marks() == Marks()

    def test_a_hint_that_can_not_be_written_is_no_error(self, home: Path) -> None:
        home.write_bytes(b"a file")

        MachineIdentity(home, "bob").mark(ONE)

    def test_what_must_last_and_can_not_be_written_is(self, home: Path) -> None:
        home.write_bytes(b"a file")

        with pytest.raises(StorageError):
            MachineIdentity(home, "bob").keep(lost=ONE)


def test_with_another_secret_every_chain_begins_anew(home: Path) -> None:
    old = {name: MachineIdentity(home, name).name() for name in ("bob", "work")}
    MachineIdentity(home, "bob").mark(ONE)
    MachineIdentity(home, "work").keep(checkpoint=TWO)
    (home / "keys/audit.key").unlink()

    machines = [MachineIdentity(home, name) for name in old]

    assert {machine.name() for machine in machines}.isdisjoint(old.values())
    assert [machine.marks() for machine in machines] == [Marks(), Marks()]
    assert all(machine.genuine(machine.public_key(), b"data", machine.sign(b"data")) for machine in machines)
