"""What a server's refusal means, and what its user can do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from smos_cli.config.servers import Server
from smos_cli.errors import ModelError

if TYPE_CHECKING:
    import httpx

_PASSING = frozenset([408, 429, 500, 502, 503, 504, 529])
_LONGEST_WORDS = 200
_OTHER_MODEL = "Choose another model with `smos config set models.ROLE SERVER/MODEL`."
_TOO_LONG = re.compile(
    r"too (?:large|long|big|many (?:tokens|inputs))|context (?:length|size|window)|maximum context|token limit"
    r"|max(?:imum)?[ _](?:allowed )?(?:batch|input|number of)|must have less than|exceeds? the (?:max|avail)"
    r"|physical batch",
    re.IGNORECASE,
)
_NOT_TAKEN = re.compile(r"validation error|response_format|json_schema|unsupported|not supported", re.IGNORECASE)
"""what some servers say with status 500 of a request that they will never take"""
_NO_MONEY = re.compile(r"insufficient_quota|insufficient (?:balance|credit|funds)|billing", re.IGNORECASE)


class PassingError(ModelError):
    """What may be otherwise in a moment; ``after`` is the wait that the server asks for, in seconds."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message, f"Try again {f'in {after:.0f} seconds' if after else 'later'}.")
        self.after = after


class TooLongError(ModelError):
    """The server takes less at once."""


class RefusedError(ModelError):
    """The server won't have the request as it is; ``words`` says what of it, as far as it tells."""

    def __init__(self, message: str, remedy: str, words: str) -> None:
        super().__init__(message, remedy)
        self.words = words


def refusal(server: Server, status: int, words: str, after: float = 0.0) -> ModelError:
    """Return the error that a status is, with a server's own words."""
    name = f"The server {server.name}"
    said = f": {words}" if words else ""
    if status in (401, 403):
        # With 401 some services repeat the two ends of the key.
        return _no_entry(server, name, said if status == 403 else "")
    if status == 402 or (status == 429 and _NO_MONEY.search(words)):
        return ModelError(f"{name} wants to be paid first{said}.", "Look at the account that its key belongs to.")
    if status == 413 or (status in (400, 422, 500) and _TOO_LONG.search(words)):
        remedy = f"Set servers.{server.name}.context to the tokens that it reads at once, or choose another model."
        return TooLongError(f"{name} takes less text at once than it was given{said}.", remedy)
    if status in _PASSING and not (status == 500 and _NOT_TAKEN.search(words)):
        return PassingError(_busy(name, status, said), after)
    return _lasting(server, status, words)


def _lasting(server: Server, status: int, words: str) -> ModelError:
    """Return the error of a refusal that the next try would meet as well."""
    name = f"The server {server.name}"
    said = f": {words}" if words else ""
    if status in (400, 422, 500):
        return RefusedError(f"{name} refuses the request{said}.", _OTHER_MODEL, words)
    if status in (404, 405):
        url = f"the URL {server.url} (most end in /v1) and the model's name"
        return ModelError(f"{name} has no such model, or plays no such role{said}.", f"Check {url}.")
    return ModelError(f"{name} answers with status {status}{said}.", f"Check servers.{server.name}.url.")


def unreached(server: Server, error: httpx.TransportError) -> ModelError:
    """Return the error that a failing connection is."""
    import httpx

    name = f"The server {server.name}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return _unconnected(server, name, error)
    if isinstance(error, httpx.TimeoutException):
        return silent(server, "said nothing for too long")
    if isinstance(error, httpx.ProxyError | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return ModelError(f"{name} can't be asked ({type(error).__name__}).", f"Check {server.url} and HTTPS_PROXY.")
    return PassingError(f"{name} broke off in the middle.")


def _unconnected(server: Server, name: str, error: httpx.TransportError) -> ModelError:
    import httpx

    if "CERTIFICATE" in str(error):
        return ModelError(f"{name} has a certificate that is not trusted.", "Set SSL_CERT_FILE to one that vouches.")
    if server.on_loopback:
        return ModelError(f"{name} is not running at {server.url}.", "Start it, or choose another model.")
    if isinstance(error, httpx.ConnectTimeout):
        return ModelError(f"{name} can't be reached at {server.url}.", "Check the URL and the network.")
    return PassingError(f"{name} can't be reached at {server.url}.")


def silent(server: Server, what: str) -> ModelError:
    """Return the error that a server is which takes more time than it is given."""
    return ModelError(
        f"The server {server.name} {what}.", "Allow more time with `smos config set models.timeout_seconds SECONDS`."
    )


def redirected(server: Server, location: str) -> ModelError:
    """Return the error that a redirect is: a key goes nowhere but where its user has sent it."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(location).hostname or "another path"
    except ValueError:
        host = "nowhere"
    return ModelError(
        f"The server {server.name} points to {plain(host)} instead of answering.",
        f"If that is right, set servers.{server.name}.url to where it points.",
    )


def words_of(data: bytes, hide: Callable[[str], str]) -> str:
    """Return what a refusal says for itself, without what must be hidden, in one short line of printable signs."""
    try:
        said = _message(json.loads(data))
    except (ValueError, RecursionError):
        text = data.decode("utf-8", "replace").strip()
        said = "" if text.startswith("<") else text
    return plain(hide(said))


def plain(text: str) -> str:
    """Return a foreign text as one short line that does nothing to a terminal."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:2_000]).split()).rstrip(".")
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."


def _no_entry(server: Server, name: str, said: str) -> ModelError:
    if server.key:
        return ModelError(f"{name} refuses the key of {server.key}{said}.", "Put a valid key there.")
    remedy = f"Say where its key is: `smos config set servers.{server.name}.key env:NAME`."
    return ModelError(f"{name} wants a key{said}.", remedy)


def _busy(name: str, status: int, said: str) -> str:
    return f"{name} has too much to do{said}." if status == 429 else f"{name} fails with status {status}{said}."


def _message(value: Any) -> str:
    """Return the text in ``{"error": {"message"}}`` and the other shapes in which servers refuse."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return _message(value[0]) if value else ""
    if isinstance(value, Mapping):
        code = value.get("code")
        for key in ("error", "message", "detail", "msg"):
            if text := _message(value.get(key)):
                return f"{text} ({code})" if isinstance(code, str) and code not in text else text
    return ""
