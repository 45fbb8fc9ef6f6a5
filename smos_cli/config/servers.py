"""The servers that play a model's role: where each is, and by which reference its key is found.

Owns the rules that keep a key where it belongs: the file holds a reference and never a key, a key goes to the host of
its server alone, and over the network only encrypted. What refuses a value does not repeat it: it may be a key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from smos_cli.errors import UsageError

SERVER_SETTINGS: dict[str, tuple[Any, str]] = {
    "url": ("", "base URL of an OpenAI-compatible server, such as http://127.0.0.1:11434/v1"),
    "key": ("", "where its key is, never the key: env:NAME or keyring:SERVICE/USER; empty: it wants none"),
    "dimensions": (0, "numbers in a vector that its embedder makes; 0: asked of the server"),
    "context": (4_096, "tokens that a prompt and its answer may have together: some servers cut a longer one unasked"),
}
"""Every key of a server, its default and what it does."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_ENVIRONMENT = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_KEYRING = re.compile(r"keyring:[^/\s]+/\S+")
_ISSUED = re.compile(
    r"(?=\S*[0-9])(?:sk|pk|rk|gsk|ghp|gho|ghs|github_pat|hf|xai|r8|nvapi|glpat|pplx|tgp|fw|jina|pa|csk)[-_][A-Za-z0-9_-]{16,}"
)
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+=-]{24,}")


class Server(NamedTuple):
    """A server as configured; ``key`` is a reference, and no key is ever in it."""

    name: str
    url: str
    key: str = ""
    dimensions: int = 0
    context: int = 4_096

    @property
    def host(self) -> str:
        """The host that its key is bound to."""
        return _host(self.url)

    @property
    def on_loopback(self) -> bool:
        """Whether what is sent to it never leaves this machine."""
        return is_loopback(self.host)


def check_server_name(name: str) -> str:
    """Return a server's name; ``UsageError`` unless it can stand before the slash of SERVER/MODEL."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} can't be a server's name.", "Use lower-case letters, digits, - and _, such as local or my-gpu."
        )
    return name


def check_url(key: str, value: str) -> str:
    """Return a server's base URL without a slash at its end; ``UsageError`` unless it is one, free of secrets."""
    if not value:
        return ""
    example = "Write it such as http://127.0.0.1:11434/v1."
    if not value.isascii() or not value.isprintable() or any(sign in value for sign in ' "<>\\^`{|}'):
        raise UsageError(f"The setting {key} has signs in it that a URL can't have.", example)
    if "@" in value or "?" in value or "#" in value:
        message = f"The setting {key} can't hold a user, a password, a query or a fragment."
        raise UsageError(message, f"{example} A key goes by reference into {_beside(key, 'key')}.")
    if any(map(_ISSUED.match, value.split("/"))):
        raise UsageError(
            f"The setting {key} seems to have a key in it: it is not kept.",
            f"{example} A key goes by reference into {_beside(key, 'key')}.",
        )
    if not value.lower().startswith(("http://", "https://")) or not _host(value):
        raise UsageError(f"The setting {key} is not the URL of a server.", example)
    return value.rstrip("/")


def check_key(key: str, value: str) -> str:
    """Return a reference to a key; ``UsageError`` for anything else, which is not repeated."""
    named = value.partition(":")[2]
    well_formed = _ENVIRONMENT.fullmatch(value) or (value.isprintable() and _KEYRING.fullmatch(value))
    if not value or (well_formed and not _is_key(named)):
        return value
    raise UsageError(
        f"The setting {key} is no reference to a key, and may be one itself: it is not kept.",
        "Put the key into the environment or the keyring, and set env:NAME or keyring:SERVICE/USER here.",
    )


def check_server(name: str, values: Mapping[str, Any]) -> Server:
    """Return a server of settings that are right one by one; ``UsageError`` if its key would travel in clear."""
    server = Server(name, values["url"], values["key"], values["dimensions"], values["context"])
    if server.key and travels_in_clear(server.url):
        raise UsageError(
            f"The key of the server {name} would be sent to {server.host} without encryption.",
            f"Use https:// in servers.{name}.url, or reach it by a tunnel on 127.0.0.1.",
        )
    return server


def travels_in_clear(url: str) -> bool:
    """Say whether others can read what is sent to a URL on its way."""
    return url.lower().startswith("http://") and not is_loopback(_host(url))


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its name or address; a name that only resolves to it is not."""
    if host == "localhost":
        return True
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:
        return ""


def _is_key(name: str) -> bool:
    """Say whether what should name a key looks like one."""
    return any(_ISSUED.match(part) or _RANDOM.fullmatch(part) for part in (name, name.rpartition("/")[2]))


def _beside(key: str, other: str) -> str:
    return f"{key.rpartition('.')[0]}.{other}"
