"""The first persona, more of them, an adopted folder, the default, letting go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from smos_cli.core.personas import NewPersona, PersonaInfo, add, get, init, remove, use
from smos_cli.errors import NotFoundError, StorageError, UsageError

NOTES = "/home/marta/notes"


class FakeHome:
    """The ``Home`` port over a dict of settings. ``notes`` are the folders of people, with what is in them."""

    folder = "/home/marta/.smos"

    def __init__(self) -> None:
        self.settings: dict[str, object] = {}
        self.vaults: dict[str, set[str]] = {}
        self.repositories: set[str] = set()
        self.notes: dict[str, list[str]] = {NOTES: ["Diary", "Work"]}
        self.service = ""
        self.git = True
        self.full = False
        self.environment = ""
        self.indexes: set[str] = set()
        self.keys: set[str] = set()
        self._held = False

    @contextmanager
    def lock(self) -> Iterator[None]:
        assert not self._held
        self._held = True
        yield
        self._held = False

    def default(self) -> str:
        return str(self.settings.get("default_persona", "bob"))

    def personas(self) -> Mapping[str, PersonaInfo]:
        names = dict.fromkeys(key.split(".")[1] for key in self.settings if key.startswith("personas."))
        return {name: self._persona(name, self.environment or self.default()) for name in names}

    def check_name(self, name: str) -> str:
        if "/" in name or "." in name:
            raise UsageError(f"{name!r} can't be a persona's name.")
        return name

    def write(self, settings: Mapping[str, object]) -> None:
        assert self._held
        if self.full:
            raise StorageError("No space left on device.")
        for key, value in settings.items():
            for known in [known for known in self.settings if known == key or known.startswith(f"{key}.")]:
                del self.settings[known]
            if value is not None:
                self.settings[key] = value

    def remove_index(self, name: str) -> bool:
        had = name in self.indexes
        self.indexes.discard(name)
        return had

    def overlap(self, one: str, other: str) -> bool:
        return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")

    def create_key(self, name: str) -> None:
        self.keys.add(name)

    def create_vault(self, path: str, name: str, *, adopted: bool) -> Sequence[str]:
        wanted = {f"smos/{file}" if adopted else file for file in ("PERSONA.md", "README.md")}
        made = wanted - self.vaults.setdefault(path, set())
        self.vaults[path] |= made
        return sorted(made)

    def create_history(self, path: str, *, adopted: bool) -> bool:
        self.repositories |= {path} if self.git else set()
        return self.git

    def folders(self, path: str) -> Sequence[str]:
        if path not in self.notes:
            raise NotFoundError(f"There is no folder {path}.")
        return self.notes[path]

    def cloud(self, path: str) -> str:
        return self.service

    def _persona(self, name: str, default: object) -> PersonaInfo:
        path = str(self.settings[f"personas.{name}.path"])
        path = path if path.startswith("/") else f"{self.folder}/{path}"
        allowed = self.settings.get(f"personas.{name}.model_folders", [])
        assert isinstance(allowed, list)
        adopted = bool(self.settings.get(f"personas.{name}.adopted"))
        return PersonaInfo(name, path, adopted, tuple(allowed), name == default, path in self.vaults)


@pytest.fixture
def home() -> FakeHome:
    return FakeHome()


class TestInit:
    def test_it_makes_a_vault_with_a_history_and_the_default_persona(self, home: FakeHome) -> None:
        done = init(home, "ann")

        assert done.persona == PersonaInfo("ann", f"{home.folder}/vaults/ann", False, (), True, True)
        assert done.made == ("PERSONA.md", "README.md")
        assert home.repositories == {f"{home.folder}/vaults/ann"}
        assert done.warnings == ()
        assert home.keys == {"ann"}

    def test_again_it_changes_nothing(self, home: FakeHome) -> None:
        init(home, "bob")
        before = dict(home.settings)

        assert init(home, "bob").made == ()
        assert home.settings == before

    def test_again_it_makes_what_is_missing(self, home: FakeHome) -> None:
        path = init(home, "bob").persona.path
        home.vaults[path].discard("README.md")
        home.repositories.clear()

        assert init(home, "bob").made == ("README.md",)
        assert home.repositories == {path}

    def test_again_it_makes_no_repository_in_an_adopted_folder(self, home: FakeHome) -> None:
        add(home, NewPersona("marta", NOTES))

        init(home, "marta")

        assert home.repositories == set()

    def test_another_name_later_is_another_persona(self, home: FakeHome) -> None:
        init(home, "bob")
        init(home, "ann")

        assert {name: persona.is_default for name, persona in home.personas().items()} == {"bob": True, "ann": False}

    def test_without_git_it_says_that_no_history_is_kept(self, home: FakeHome) -> None:
        home.git = False

        assert "No history is kept" in init(home, "bob").warnings[0]
        assert "bob" in home.personas()


class TestAdding:
    def test_a_second_one_has_a_vault_of_its_own_and_is_not_the_default(self, home: FakeHome) -> None:
        init(home, "bob")

        done = add(home, NewPersona("ann"))

        assert (done.persona.path, done.persona.is_default) == (f"{home.folder}/vaults/ann", False)

    def test_the_first_one_is_the_default(self, home: FakeHome) -> None:
        assert add(home, NewPersona("ann")).persona.is_default

    def test_a_name_is_given_once(self, home: FakeHome) -> None:
        init(home, "bob")
        before = dict(home.settings)

        with pytest.raises(UsageError):
            add(home, NewPersona("bob", NOTES))

        assert home.settings == before

    @pytest.mark.parametrize("name", ["../bob", "bob.md"])
    def test_a_name_that_can_not_be_a_folder_is_refused(self, home: FakeHome, name: str) -> None:
        with pytest.raises(UsageError):
            add(home, NewPersona(name))

        assert home.settings == {}

    def test_a_persona_that_can_not_be_configured_is_none(self, home: FakeHome) -> None:
        home.full = True

        with pytest.raises(StorageError):
            add(home, NewPersona("ann"))

        assert home.personas() == {}


class TestAdopting:
    def test_our_files_go_below_smos_and_no_repository_is_made(self, home: FakeHome) -> None:
        done = add(home, NewPersona("marta", NOTES))

        assert (done.persona.path, done.persona.adopted) == (NOTES, True)
        assert done.made == ("smos/PERSONA.md", "smos/README.md")
        assert home.repositories == set()

    def test_a_repository_is_made_where_it_is_asked_for(self, home: FakeHome) -> None:
        add(home, NewPersona("marta", NOTES, git=True))

        assert home.repositories == {NOTES}

    def test_a_repository_that_can_not_be_made_is_a_warning(self, home: FakeHome) -> None:
        home.git = False

        warnings = add(home, NewPersona("marta", NOTES, git=True, model_folders=("Work",))).warnings

        assert len(warnings) == 1
        assert "No history is kept" in warnings[0]

    @pytest.mark.parametrize("path", [NOTES, f"{NOTES}/Work", "/home/marta", FakeHome.folder, f"{FakeHome.folder}/x"])
    def test_a_folder_that_is_anothers_or_the_home_of_smos_is_refused(self, home: FakeHome, path: str) -> None:
        add(home, NewPersona("marta", NOTES))
        home.notes[path] = []
        before = dict(home.settings)

        with pytest.raises(UsageError):
            add(home, NewPersona("ann", path))

        assert home.settings == before

    def test_a_folder_that_is_not_there_is_not_made(self, home: FakeHome) -> None:
        with pytest.raises(NotFoundError):
            add(home, NewPersona("marta", "/nowhere"))

        assert (home.settings, home.vaults) == ({}, {})

    def test_no_model_sees_it_unless_folders_are_allowed(self, home: FakeHome) -> None:
        done = add(home, NewPersona("marta", NOTES))

        assert done.persona.model_folders == ()
        (warning,) = done.warnings
        assert "personas.marta.model_folders" in warning

    def test_folders_that_are_allowed_are_kept(self, home: FakeHome) -> None:
        done = add(home, NewPersona("marta", NOTES, model_folders=("Work",)))

        assert (done.persona.model_folders, done.warnings) == (("Work",), ())

    @pytest.mark.parametrize("git", [False, True])
    def test_a_folder_that_a_service_synchronises_is_warned_of(self, home: FakeHome, git: bool) -> None:
        home.service = "Dropbox"

        (warning,) = add(home, NewPersona("marta", NOTES, git=git, model_folders=("Work",))).warnings

        assert "synchronised by Dropbox" in warning
        assert ("git repository" in warning) == git


class TestChoosing:
    @pytest.fixture
    def home(self) -> FakeHome:
        home = FakeHome()
        for name in ("bob", "ann", "carl"):
            init(home, name)
        return home

    def test_another_default_is_kept(self, home: FakeHome) -> None:
        assert use(home, "ann").is_default
        assert get(home, "").name == "ann"

    @pytest.mark.parametrize("act", [get, use, remove])
    def test_an_unknown_one_is_not_found_and_those_there_are_named(
        self, home: FakeHome, act: Callable[[FakeHome, str], object]
    ) -> None:
        before = dict(home.settings)

        with pytest.raises(NotFoundError) as caught:
            act(home, "dora")

        assert caught.value.remedy == "There are: ann, bob, carl."
        assert home.settings == before

    def test_where_there_is_none_that_is_said(self) -> None:
        with pytest.raises(NotFoundError) as caught:
            get(FakeHome(), "")

        assert caught.value.remedy == "There are: none yet."

    def test_one_that_is_removed_leaves_its_files(self, home: FakeHome) -> None:
        vaults = dict(home.vaults)

        done = remove(home, "ann")

        assert (done.persona.name, done.successor, done.had_index) == ("ann", "", False)
        assert set(home.personas()) == {"bob", "carl"}
        assert home.vaults == vaults

    def test_what_was_derived_from_its_files_goes(self, home: FakeHome) -> None:
        home.indexes = {"ann", "bob"}

        assert remove(home, "ann").had_index
        assert home.indexes == {"bob"}

    def test_when_the_default_is_removed_the_first_of_the_others_takes_its_place(self, home: FakeHome) -> None:
        assert remove(home, "bob").successor == "ann"
        assert get(home, "").name == "ann"

    def test_a_choice_for_one_process_is_not_the_default_that_is_written(self, home: FakeHome) -> None:
        home.environment = "carl"

        assert remove(home, "carl").successor == ""
        assert home.settings["default_persona"] == "bob"

    def test_when_the_last_is_removed_there_is_no_default(self, home: FakeHome) -> None:
        for name in ("bob", "ann", "carl"):
            remove(home, name)

        assert home.settings == {}

    def test_one_that_was_removed_can_be_added_again_with_its_files(self, home: FakeHome) -> None:
        remove(home, "ann")

        assert add(home, NewPersona("ann")).made == ()
