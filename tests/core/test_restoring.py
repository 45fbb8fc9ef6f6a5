"""Where a backup goes, and that it goes over nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from smos_cli.core.manifest import CONFIG, Manifest, Member, Part
from smos_cli.core.personas import NewPersona, add
from smos_cli.core.ports import Progress, no_progress
from smos_cli.core.restoring import Backup, Choice, Goal, Meant, Restored, plan, restore
from smos_cli.errors import FormatError, NotFoundError, StaleError, StorageError, UsageError
from tests.core.test_personas import NOTES, FakeHome

VAULTS = f"{FakeHome.folder}/vaults"
BOB = Meant(f"{VAULTS}/bob", False, (), False, False)
ANN = Meant(f"{VAULTS}/ann", False, (), False, True)
MARTA = Meant(NOTES, True, ("Work",), True, False)


class FakeHousehold:
    """The ``Household`` port. ``taken`` are folders with something in them, ``placed`` those of a killed restore."""

    def __init__(self) -> None:
        self.home = FakeHome()
        self.config = b""
        self.taken: set[str] = set()
        self.placed: set[str] = set()
        self.put: dict[str, bool] = {}
        self.meanings = {"bob": BOB, "ann": ANN}

    def is_fresh(self) -> bool:
        return not self.config and not self.home.settings

    def meant(self, config: bytes) -> Mapping[str, Meant]:
        return self.meanings

    def is_free(self, path: str) -> bool:
        return path not in self.taken

    def is_placed(self, path: str, backup: Backup) -> bool:
        return path in self.placed

    @contextmanager
    def placing(
        self, backup: Backup, goals: Sequence[Goal], progress: Progress, *, whole: bool
    ) -> Iterator[Sequence[str]]:
        before = dict(self.put)
        self.put |= {goal.path: goal.placed for goal in goals}
        self.whole = whole
        try:
            yield ["a warning"]
        except BaseException:
            self.put = before
            raise

    def write_config(self, data: bytes) -> None:
        self.config = data
        for name, meant in self.meanings.items():
            self.home.settings[f"personas.{name}.path"] = meant.path.removeprefix(f"{FakeHome.folder}/")
            self.home.settings |= {f"personas.{name}.adopted": True} if meant.adopted else {}


@pytest.fixture
def house() -> FakeHousehold:
    return FakeHousehold()


def backup(*names: str) -> Backup:
    members = {CONFIG: Member(1, "0" * 64)}
    return Backup("/b", Manifest("now", "1", tuple(map(Part, names)), members), b"config")


def restored(house: FakeHousehold, *names: str, **choice: str) -> Restored:
    return restore(house, backup(*(names or ("ann", "bob"))), Choice(**choice), no_progress)


class TestAFreshHome:
    def test_it_takes_everything_with_the_settings_as_they_were(self, house: FakeHousehold) -> None:
        done = restored(house)

        assert [persona.name for persona in done.personas] == ["ann", "bob"]
        assert (house.config, house.whole, set(house.put)) == (b"config", True, {BOB.path, ANN.path})
        assert done.warnings == ("a warning",)

    def test_one_persona_becomes_the_default(self, house: FakeHousehold) -> None:
        restored(house, persona="bob")

        assert house.home.settings == {"default_persona": "bob", "personas.bob.path": "vaults/bob"}
        assert (house.config, house.whole) == (b"", False)

    def test_of_some_the_default_stays_it(self, house: FakeHousehold) -> None:
        house.meanings["ann"] = ANN._replace(path="/elsewhere/ann")

        restored(house, "bob", "ann")

        assert house.home.settings["personas.ann.path"] == "vaults/ann"

    def test_where_the_default_one_is_not_among_them_another_is(self, house: FakeHousehold) -> None:
        house.meanings = {"bob": BOB}

        restored(house, "bob")

        assert house.home.settings["default_persona"] == "bob"

    def test_a_vault_that_was_elsewhere_comes_home(self, house: FakeHousehold) -> None:
        house.meanings["bob"] = BOB._replace(path="/home/marta/.ssh")

        done = restored(house, "bob")

        assert set(house.put) == {f"{VAULTS}/bob"}
        assert house.home.settings["personas.bob.path"] == "vaults/bob"
        assert done.warnings[1:] == (f"The vault of bob is in {VAULTS}/bob now.",)

    def test_notes_go_back_to_their_folder(self, house: FakeHousehold) -> None:
        house.meanings = {"marta": MARTA}

        (goal,) = plan(house, backup("marta"), Choice(persona="marta"))

        assert (goal.path, goal.adopted) == (NOTES, True)
        assert goal.settings == {"path": NOTES, "adopted": True, "model_folders": ["Work"], "git": True}


class TestAHomeWithSettings:
    @pytest.fixture(autouse=True)
    def ann(self, house: FakeHousehold) -> None:
        add(house.home, NewPersona("ann"))

    def test_it_only_gets_what_it_lacks(self, house: FakeHousehold) -> None:
        done = restored(house, persona="bob")

        assert house.home.settings["default_persona"] == "ann"
        assert house.home.settings["personas.bob.path"] == "vaults/bob"
        assert (house.config, house.whole) == (b"", False)
        assert "Only personas" in done.warnings[-1]

    def test_a_name_that_is_taken_is_refused_with_a_way_out(self, house: FakeHousehold) -> None:
        with pytest.raises(UsageError, match="'ann' here already") as caught:
            restored(house)

        assert "--persona ann --as NAME" in caught.value.remedy
        assert house.put == {}

    def test_under_another_name_it_is_let_in(self, house: FakeHousehold) -> None:
        done = restored(house, persona="ann", name="ann-then")

        assert [persona.path for persona in done.personas] == [f"{VAULTS}/ann-then"]
        assert done.warnings[0] == "a warning"


class TestRefusals:
    def test_a_folder_that_has_something_in_it(self, house: FakeHousehold) -> None:
        house.taken.add(BOB.path)

        with pytest.raises(StaleError, match="not empty") as caught:
            restored(house)

        assert "--persona bob --as NAME" in caught.value.remedy
        assert (house.put, house.config) == ({}, b"")

    def test_a_folder_of_notes_that_has_something_in_it(self, house: FakeHousehold) -> None:
        house.meanings = {"marta": MARTA}
        house.taken.add(NOTES)

        with pytest.raises(StaleError) as caught:
            restored(house, "marta")
        assert "--as" not in caught.value.remedy

    def test_what_a_killed_restore_had_put_in_place_is_gone_on_with(self, house: FakeHousehold) -> None:
        house.taken.add(BOB.path)
        house.placed.add(BOB.path)

        restored(house)

        assert house.put == {BOB.path: True, ANN.path: False}

    def test_a_persona_that_is_not_in_it(self, house: FakeHousehold) -> None:
        with pytest.raises(NotFoundError, match="'eve' in the backup"):
            restored(house, persona="eve")

    def test_one_name_for_several(self, house: FakeHousehold) -> None:
        with pytest.raises(UsageError, match="--as is for one"):
            restored(house, name="other")

    def test_a_name_that_no_folder_can_have(self, house: FakeHousehold) -> None:
        with pytest.raises(UsageError):
            restored(house, persona="bob", name="../bob")

    def test_a_persona_without_settings(self, house: FakeHousehold) -> None:
        with pytest.raises(FormatError, match="no persona 'eve'"):
            restored(house, "eve")

    @pytest.mark.parametrize("path", [FakeHome.folder, "/home/marta", f"{FakeHome.folder}/index", f"{VAULTS}/ann/x"])
    def test_notes_that_would_lie_in_home_or_another_vault(self, house: FakeHousehold, path: str) -> None:
        house.meanings = {"ann": ANN, "marta": MARTA._replace(path=path)}

        with pytest.raises(UsageError):
            restored(house, "ann", "marta")

    def test_notes_of_two_that_would_lie_in_one_another(self, house: FakeHousehold) -> None:
        house.meanings = {"marta": MARTA, "ann": MARTA._replace(path=f"{NOTES}/Work")}

        with pytest.raises(UsageError, match="in one another"):
            restored(house, "marta", "ann")

    def test_settings_that_can_not_be_written_take_the_vaults_back(self, house: FakeHousehold) -> None:
        house.home.full = True

        with pytest.raises(StorageError):
            restored(house, persona="bob")

        assert house.put == {}
