"""Where a server's key is found: a variable of the environment, or the system's keyring.

Owns the key from its finding to the header that it travels in. No error, repr or log has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from smos_cli.config.servers import Server, travels_in_clear
from smos_cli.errors import ModelError

_MASK = "***"


class Key:
    """A key that shows itself to nobody but the request it is for; false where there is none."""

    __slots__ = ("_value", "reference")

    def __init__(self, reference: str, value: str) -> None:
        self.reference = reference
        self._value = value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return f"Key({self.reference!r})"

    def headers(self) -> dict[str, str]:
        """Return what a request to its server carries."""
        return {"Authorization": f"Bearer {self._value}"} if self._value else {}

    def hidden_in(self, text: str) -> str:
        """Return a text without the key, such as an answer that repeats it."""
        return text.replace(self._value, _MASK) if self._value else text


def key_of(server: Server, environ: Mapping[str, str]) -> Key:
    """Find the key of a server; ``ModelError`` where its reference leads nowhere, or its URL would expose it."""
    kind, _, named = server.key.partition(":")
    if not kind:
        return Key("", "")
    if travels_in_clear(server.url):
        raise ModelError(
            f"The key of the server {server.name} would be sent to {server.host} without encryption.",
            f"Use https:// in servers.{server.name}.url.",
        )
    value = _of_environment(named, environ) if kind == "env" else _of_keyring(named)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ModelError(
            f"What {server.key} holds is not a key: it has signs that no header can have.",
            "Put the key alone there, in one line.",
        )
    return Key(server.key, value)


def _of_environment(name: str, environ: Mapping[str, str]) -> str:
    if value := environ.get(name, "").strip():
        return value
    raise ModelError(
        f"The environment has no {name}, which should hold a server's key.",
        f"Set it (export {name}=...), or keep the key in the keyring.",
    )


def _of_keyring(named: str) -> str:
    service, _, user = named.partition("/")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ModelError(
            "A key is in the keyring, and the library that reads it is not installed.",
            "Install it with `pip install 'smos-cli[keyring]'`, or give the key by env:NAME.",
        ) from error
    try:
        value = keyring.get_password(service, user)
    except (KeyringError, ImportError, AttributeError, ValueError, RuntimeError, OSError) as error:
        raise ModelError(
            f"The keyring can't be read ({type(error).__name__}).", "Unlock it, or give the key by env:NAME."
        ) from error
    if value and value.strip():
        return value.strip()
    raise ModelError(
        f"The keyring has no key for {service}/{user}.", f"Put it there with `keyring set {service} {user}`."
    )
