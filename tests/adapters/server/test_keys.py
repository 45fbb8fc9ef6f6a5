"""Where a key is found, and that nothing else sees it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from smos_cli.adapters.server.keys import Key, key_of
from smos_cli.config.servers import Server
from smos_cli.errors import ModelError

URL = "https://api.example.org/v1"
KEY = "a-key-of-marta"


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(f"locked, and would have told {KEY}")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def own_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def found(reference: str) -> Key:
    return key_of(Server("cloud", URL, reference), {"MY_KEY": KEY})


def refused(reference: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        found(reference)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("reference", ["env:MY_KEY", "keyring:smos/marta", "keyring:smos/marta@example.org/work"])
def test_a_key_is_found_by_its_reference(reference: str) -> None:
    ring = Ring()
    ring.set_password("smos", "marta", KEY)
    ring.set_password("smos", "marta@example.org/work", f"{KEY}\n")
    keyring.set_keyring(ring)

    assert found(reference).headers() == {"Authorization": f"Bearer {KEY}"}


def test_a_server_without_a_reference_gets_no_key() -> None:
    key = found("")

    assert not key
    assert key.headers() == {}
    assert key.hidden_in("a text") == "a text"


def test_a_key_does_not_show_itself() -> None:
    key = found("env:MY_KEY")

    assert repr(key) == "Key('env:MY_KEY')"
    assert KEY not in f"{key} {key!r} {[key]}"
    assert key.hidden_in(f"you sent {KEY}!") == "you sent ***!"


@pytest.mark.parametrize("backend", [Ring(), null.Keyring()])
def test_a_keyring_without_it_is_said_how_to_fill(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)

    error = refused("keyring:smos/marta")
    assert error.message == "The keyring has no key for smos/marta."
    assert error.remedy == "Put it there with `keyring set smos marta`."


@pytest.mark.parametrize("backend", [Ring(locked=True), fail.Keyring()])
def test_a_keyring_that_can_not_be_read_is_said_so(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)

    error = refused("keyring:smos/marta")
    assert "The keyring can't be read" in error.message
    assert KEY not in error.message


@pytest.mark.parametrize("backend", ["nowhere.Keyring", "keyring.backends.null.Nothing", "nonsense"])
def test_a_keyring_that_the_environment_names_and_is_none_is_said_so(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)

    assert "The keyring can't be read" in refused("keyring:smos/marta").message


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert "pip install 'smos-cli[keyring]'" in refused("keyring:smos/marta").remedy
    assert found("env:MY_KEY")
