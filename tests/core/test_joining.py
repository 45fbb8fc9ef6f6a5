"""Join: the name a persona gets, and that nothing is configured before its vault is in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smos_cli.core.joining import Joined, join
from smos_cli.core.personas import NewPersona, add
from smos_cli.errors import RemoteError, UsageError
from tests.core.test_personas import FakeHome

CARD = b"---\nformat: 1\n---\n\n# Alice\n"


class FakeCloning:
    """The ``Cloning`` port, and the one ``Clone`` it makes; ``places`` are the folders it was moved to."""

    remote = "example.org:bob.git"
    commits = 3

    def __init__(self, card: bytes | None = CARD) -> None:
        self.card = card
        self.places: list[str] = []
        self.cloned = 0

    def checked(self, url: str) -> str:
        if "secret" in url:
            raise UsageError("The URL holds a password.")
        return url

    @contextmanager
    def clone(self, url: str) -> Iterator[FakeCloning]:
        assert url
        self.cloned += 1
        yield self

    def place(self, path: str) -> None:
        self.places.append(path)


@pytest.fixture
def home() -> FakeHome:
    return FakeHome()


def joined(home: FakeHome, url: str, name: str = "", cloning: FakeCloning | None = None) -> Joined:
    return join(home, cloning or FakeCloning(), url, name)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@example.org:marta/bob.git", "bob"),
        ("git@example.org:bob", "bob"),
        ("https://example.org/Team-A.git/", "team-a"),
        ("/srv/vaults/carl", "carl"),
        ("https://example.org/v1.0", "alice"),
    ],
)
def test_the_name_is_the_last_part_of_the_url_or_that_of_the_card(home: FakeHome, url: str, name: str) -> None:
    done = joined(home, url)
    assert done.persona.name == name
    assert home.settings[f"personas.{name}.path"] == f"vaults/{name}"


def test_a_name_that_is_given_comes_first(home: FakeHome) -> None:
    cloning = FakeCloning()
    assert joined(home, "/srv/bob.git", "dora", cloning).persona.name == "dora"
    assert cloning.places == [f"{home.folder}/vaults/dora"]


def test_the_first_persona_is_the_default_one_and_the_second_is_not(home: FakeHome) -> None:
    assert joined(home, "/srv/bob.git").persona.is_default
    assert not joined(home, "/srv/carl.git").persona.is_default


def test_a_name_that_is_taken_is_told_before_anything_is_fetched(home: FakeHome) -> None:
    add(home, NewPersona("bob"))
    cloning = FakeCloning()
    with pytest.raises(UsageError, match="a persona 'bob' already"):
        joined(home, "/srv/bob.git", "", cloning)
    assert cloning.cloned == 0


def test_a_url_that_is_refused_is_told_first(home: FakeHome) -> None:
    add(home, NewPersona("bob"))
    with pytest.raises(UsageError, match="password"):
        joined(home, "https://marta:secret@example.org/bob.git")


@pytest.mark.parametrize("card", [None, b"---\nformat: 7\n---\n", b"---\nformat: [\n---\n"])
def test_what_is_no_vault_is_neither_placed_nor_configured(home: FakeHome, card: bytes | None) -> None:
    cloning = FakeCloning(card)
    with pytest.raises(RemoteError):
        joined(home, "/srv/bob.git", "", cloning)
    assert (cloning.places, home.settings) == ([], {})


def test_without_any_name_one_is_asked_for(home: FakeHome) -> None:
    with pytest.raises(UsageError, match="Neither the URL nor the card"):
        joined(home, "https://example.org/v1.0", "", FakeCloning(b"---\nformat: 1\n---\n"))
